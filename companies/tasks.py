from smtplib import SMTPRecipientsRefused

from django.utils import timezone

from ecoeficiencia.jobs import handles

from .mail import invitation_mail, mail_of
from .models import Delivery, Invitation


@handles("companies.deliver")
def deliver(delivery):
    """Send the mail of one notice. Marked as sent after the server took it; any other failure is tried again."""
    row = Delivery.objects.select_related("notice__user").get(pk=delivery)
    if row.state != Delivery.State.PENDING:
        return
    try:
        sent = mail_of(row).send()
    except SMTPRecipientsRefused as error:
        if any(code < 500 for code, _reason in error.recipients.values()):
            raise
        Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.FAILED, error=str(error)[:500])
        return
    if sent != 1:
        raise RuntimeError(f"The mail server did not take delivery {row.pk}.")
    Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.SENT, sent_at=timezone.now(), error="")


@handles("companies.invite")
def invite(invitation):
    """Mail an invitation. Each attempt makes a new link, so the last mail that arrives holds the one that works."""
    row = Invitation.objects.select_related("company", "invited_by").get(pk=invitation)
    if row.accepted_at is None and row.expires_at > timezone.now():
        invitation_mail(row, row.new_link()).send()
