"""The mail that carries a notice: one text and one HTML part, one identifier whatever is sent twice."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _


def mail_of(delivery):
    """The message of one delivery. Built anew for each attempt, always under the same Message-ID."""
    notice = delivery.notice
    context = {
        "notice": notice,
        "user": notice.user,
        "link": settings.SITE_URL + notice.url if notice.url else "",
        "site_url": settings.SITE_URL,
        "help_email": settings.HELP_EMAIL,
    }
    message = EmailMultiAlternatives(
        # A line break in a title must not become a header.
        subject=" ".join(f"{notice.title} · {_('Ecoeficiencia Perú')}".split()),
        body=render_to_string("email/notice.txt", context),
        to=[notice.user.email],
        headers={"Message-ID": f"<{delivery.message_id}@{urlsplit(settings.SITE_URL).hostname}>"},
    )
    message.attach_alternative(render_to_string("email/notice.html", context), "text/html")
    return message


def invitation_mail(invitation, path):
    """The message that carries the single-use link; it goes to an address, there may be no account behind it."""
    context = {"invitation": invitation, "link": settings.SITE_URL + path, "help_email": settings.HELP_EMAIL}
    subject = _("%(company)s le invita a trabajar en el programa Ecoeficiencia Perú") % {"company": invitation.company}
    body = render_to_string("email/invitation.txt", context)
    return EmailMultiAlternatives(subject=" ".join(subject.split()), body=body, to=[invitation.email])
