import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.jobs import handles, when_given_up
from ecoeficiencia.models import Blob

from . import digests, held
from .mail import account_mail, digest_mail, invitation_mail, mail_of
from .models import Delivery, Digest, FormDraft, Invitation, Notice, Seal, SiteDocument, User
from .sending import Refused, hand_over, is_still_due, mark_good, mark_refused, skip

logger = logging.getLogger(__name__)

DONE_MEANWHILE = _("Lo que recordaba ya estaba hecho.")


@handles("companies.deliver")
def deliver(delivery):
    """Send the mail of one notice. Marked as sent after the server took it; any other failure is tried again."""
    row = Delivery.objects.select_related("notice__user", "notice__company").get(pk=delivery)
    mine = Delivery.objects.filter(pk=row.pk)
    if row.state not in (Delivery.State.PENDING, Delivery.State.FAILED):  # failed: its dead job was revived
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


@when_given_up("companies.deliver")
def deliver_given_up(error, delivery):
    """Nobody will try again by themselves: the outbox says so, with the reason, and staff may."""
    Delivery.objects.filter(pk=delivery, state=Delivery.State.PENDING).update(
        state=Delivery.State.FAILED, error=error[:500]
    )


@handles("companies.digest")
def send_digest(digest):
    """Send one digest with what is still worth telling; nothing left, nothing sent."""
    row = Digest.objects.select_related("user").get(pk=digest)
    if row.state not in (Delivery.State.PENDING, Delivery.State.FAILED):
        return
    told = row.deliveries.filter(state__in=[Delivery.State.WAITING, Delivery.State.FAILED])
    rows = list(told.select_related("notice__company", "notice__user"))
    stale = [delivery.pk for delivery in rows if not is_still_due(delivery.notice)]
    notices = [delivery.notice for delivery in rows if delivery.pk not in stale]
    state, error = _send(row, notices) if notices else (Delivery.State.SKIPPED, "")
    sent_at = timezone.now() if state == Delivery.State.SENT else None
    told.exclude(pk__in=stale).update(state=state, error=error, sent_at=sent_at)
    skip(Delivery.objects.filter(pk__in=stale), str(DONE_MEANWHILE))
    Digest.objects.filter(pk=row.pk).update(state=state, sent_at=sent_at)


def _send(digest, notices):
    try:
        hand_over(digest_mail(digest, notices))
    except Refused as error:
        mark_refused(digest.user)
        return Delivery.State.FAILED, str(error)[:500]
    mark_good(digest.user)
    return Delivery.State.SENT, ""


@when_given_up("companies.digest")
def digest_given_up(error, digest):
    """Each mail it gathered may be sent by itself."""
    states = Delivery.State
    waiting = Delivery.objects.filter(digest=digest, state=states.WAITING)
    waiting.update(state=states.FAILED, error=error[:500])
    Digest.objects.filter(pk=digest, state=states.PENDING).update(state=states.FAILED)


@handles("companies.invite")
def invite(invitation):
    """Mail an invitation. Each attempt makes a new link, so the last mail that arrives holds the one that works."""
    row = Invitation.objects.select_related("company", "body", "invited_by").get(pk=invitation)
    if row.accepted_at is None and row.expires_at > timezone.now():
        try:
            hand_over(invitation_mail(row, row.new_link()))
        except Refused as error:
            row.tell_not_arrived(str(error))


@when_given_up("companies.invite")
def invite_given_up(error, invitation):
    Invitation.objects.select_related("company", "body", "invited_by").get(pk=invitation).tell_not_arrived(error)


@handles("companies.account", secret=True)
def send_account_mail(key, to, subject, body, until=None):
    """A code or a link that a person waits for. Once it would no longer open anything it is not sent."""
    if until and timezone.now() > datetime.fromisoformat(until):
        logger.warning("mail %s not sent: it came too late", key)
        return
    try:
        hand_over(account_mail(key, to, subject, body))
    except Refused as error:
        logger.warning("mail %s refused: %s", key, error)


@handles("companies.warn_of_failures")
def warn_of_failures(email):
    """Tell the owner of an account, if there is one, that somebody is trying passwords."""
    Notice.tell(
        User.objects.filter(email__iexact=email, is_active=True),
        key=f"failures:{timezone.localdate()}",
        kind="account",
        title=_("Muchos intentos fallidos de ingresar a su cuenta"),
        body=str(
            _(
                "Hoy se escribió mal su contraseña muchas veces. Si fue usted, no tiene que hacer nada. Si no, nadie "
                "ha entrado: los intentos se vuelven cada vez más lentos. Active la verificación en dos pasos."
            )
        ),
        url="/cuenta/",
    )


@handles("files.held")
def tell_held(blob):
    """The antivirus holds a file: whoever can send another copy hears of it. Safe to run twice."""
    row = Blob.objects.get(pk=blob)
    if row.is_held:
        held.tell(row)


@shared_task
def seal_history():
    """Every minute. Safe to run twice: links follow one another, and an event has one."""
    for _batch in range(10):
        if not Seal.objects.seal():
            break


@shared_task
def forget_drafts():
    """Every hour: what was typed a month ago into a form and never saved. Safe to run twice."""
    FormDraft.objects.forget_old(timezone.now())


@shared_task
def take_site_files():
    """Every ten minutes: licences that a server of the release before brought during an upgrade. Safe to run twice."""
    for document in SiteDocument.objects.of_the_release_before().select_related("company"):
        document.take_files()


@shared_task
def gather_digests():
    """Every quarter of an hour. Safe to run twice: one digest a person and period."""
    digests.gather(timezone.now())
