"""Handing mails to the mail server: what counts as sent, as refused for good, as no longer worth sending."""

import logging
from smtplib import (
    SMTPConnectError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from ecoeficiencia.jobs import Away

from .models import Delivery, Duty, Notice, User

logger = logging.getLogger(__name__)

_still_due = {}


def still_due(kind):
    """Register `function(notice) -> bool` for a kind: whether what it tells of still waits when its mail leaves."""

    def register(function):
        _still_due[kind] = function
        return function

    return register


def is_still_due(notice):
    return _still_due.get(notice.kind, lambda _notice: True)(notice)


class Refused(Exception):
    """The address will not do, now or later."""


def hand_over(message):
    """Give one message to the server.

    Raises Refused for an address that will not do, Away when the server asks to come back or does not answer, and
    whatever else is wrong, which is tried again a few times.
    """
    (address,) = message.to
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(_("La dirección no está bien escrita.")) from None
    try:
        sent = message.send()
    except SMTPRecipientsRefused as error:
        if any(code < 500 for code, _reason in error.recipients.values()):
            raise Away(str(error)) from error
        raise Refused(str(error)) from None
    except OSError as error:
        if _comes_back(error):
            raise Away(f"{type(error).__name__}: {error}") from error
        raise
    if sent != 1:
        raise RuntimeError("The mail server did not take the message.")
    logger.info("mail %s handed over", message.extra_headers.get("Message-ID", "without id"))


def _comes_back(error):
    """Whether the mail server said «later» (4xx), or said nothing."""
    if isinstance(error, SMTPServerDisconnected | SMTPConnectError):
        return True
    if isinstance(error, SMTPResponseException):
        return error.smtp_code < 500
    return not isinstance(error, SMTPException)


def mark_refused(user):
    """The address of `user` is bad: once per address, PROMPERÚ is told."""
    User.objects.filter(pk=user.pk).update(mail_refused_at=timezone.now())
    Notice.tell(
        User.objects.with_duty(Duty.COORDINATOR).exclude(pk=user.pk),
        key=f"bounce:{user.pk}:{' '.join(user.email.split())}"[:200],
        kind="bounce",
        title=_("No llega el correo de %(person)s") % {"person": " ".join(str(user).split())},
        body=_("El servidor rechazó %(email)s. Pida a la persona otra dirección; sus avisos siguen en el sistema.")
        % {"email": " ".join(user.email.split())},
        url="/panel/correos/?estado=failed",
    )


def mark_good(user):
    User.objects.filter(pk=user.pk).exclude(mail_refused_at=None).update(mail_refused_at=None)


def skip(deliveries, reason):
    deliveries.update(state=Delivery.State.SKIPPED, error=reason)
