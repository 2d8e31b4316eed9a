from smtplib import SMTPRecipientsRefused

from django.utils import timezone

from ecoeficiencia.jobs import handles

from .mail import mail_of
from .models import Delivery


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
