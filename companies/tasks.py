from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.jobs import handles

from . import digests
from .mail import digest_mail, invitation_mail, mail_of
from .models import Delivery, Digest, Invitation
from .sending import Refused, hand_over, is_still_due, mark_good, mark_refused, skip

DONE_MEANWHILE = _("Lo que recordaba ya estaba hecho.")


@handles("companies.deliver")
def deliver(delivery):
    """Send the mail of one notice. Marked as sent after the server took it; any other failure is tried again."""
    row = Delivery.objects.select_related("notice__user", "notice__company").get(pk=delivery)
    mine = Delivery.objects.filter(pk=row.pk)
    if row.state != Delivery.State.PENDING:
        return
    if not is_still_due(row.notice):
        skip(mine, str(DONE_MEANWHILE))
        return
    try:
        hand_over(mail_of(row))
    except Refused as error:
        mine.update(state=Delivery.State.FAILED, error=str(error)[:500])
        mark_refused(row.notice.user)
        return
    mine.update(state=Delivery.State.SENT, sent_at=timezone.now(), error="")
    mark_good(row.notice.user)


@handles("companies.digest")
def send_digest(digest):
    """Send one digest with what is still worth telling; nothing left, nothing sent."""
    row = Digest.objects.select_related("user").get(pk=digest)
    if row.state != Delivery.State.PENDING:
        return
    rows = list(row.deliveries.filter(state=Delivery.State.WAITING).select_related("notice__company", "notice__user"))
    stale = [delivery.pk for delivery in rows if not is_still_due(delivery.notice)]
    skip(Delivery.objects.filter(pk__in=stale), str(DONE_MEANWHILE))
    told = row.deliveries.filter(state=Delivery.State.WAITING)
    notices = [delivery.notice for delivery in rows if delivery.pk not in stale]
    state, error = Delivery.State.SKIPPED, ""
    if notices:
        state, error = _send(row, notices)
    sent_at = timezone.now() if state == Delivery.State.SENT else None
    told.update(state=state, error=error, sent_at=sent_at)
    Digest.objects.filter(pk=row.pk).update(state=state, sent_at=sent_at)


def _send(digest, notices):
    try:
        hand_over(digest_mail(digest, notices))
    except Refused as error:
        mark_refused(digest.user)
        return Delivery.State.FAILED, str(error)[:500]
    mark_good(digest.user)
    return Delivery.State.SENT, ""


@handles("companies.invite")
def invite(invitation):
    """Mail an invitation. Each attempt makes a new link, so the last mail that arrives holds the one that works."""
    row = Invitation.objects.select_related("company", "invited_by").get(pk=invitation)
    if row.accepted_at is None and row.expires_at > timezone.now():
        invitation_mail(row, row.new_link()).send()


@shared_task
def gather_digests():
    """Every quarter of an hour. Safe to run twice: one digest a person and period."""
    digests.gather(timezone.now())
