"""The mails that carry notices: one text and one HTML part, one identifier whatever is sent twice."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from .calendar import invitation_file, method_of
from .kinds import kind_of
from .models import BrokenTemplate, Duty, MailTemplate, Notice, User
from .models.template import fill_in

# Control characters, and the marks that make a name read backwards or hide part of it.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def plain(text):
    return UNSEEN.sub("", str(text))


def one_line(text):
    """Fit for a header."""
    return " ".join(plain(text).split())


def values_of(notice):
    """What each placeholder of a template becomes for this notice."""
    return {
        "titulo": plain(notice.title),
        "texto": plain(notice.body),
        "empresa": plain(notice.company or ""),
        "persona": one_line(notice.user),
        "fecha": f"{timezone.localtime(notice.created_at):%d/%m/%Y}",
        "enlace": settings.SITE_URL + notice.url if notice.url else "",
    }


def words_of(notice, template=None):
    """(subject, body) of the mail of a notice; raises BrokenTemplate when `template` cannot be used."""
    source = template or kind_of(notice.kind)
    values = values_of(notice)
    return one_line(fill_in(source.subject, values)), fill_in(source.body, values).strip()


def words_of_delivery(delivery):
    """What PROMPERÚ wrote for this mail, or the template's words, or the default ones: a mail never lacks words."""
    if delivery.subject:
        return one_line(delivery.subject), plain(delivery.body)
    template = MailTemplate.objects.current(delivery.notice.kind)
    try:
        return words_of(delivery.notice, template)
    except BrokenTemplate as error:
        _tell_of_broken(template, error)
        return words_of(delivery.notice)


def _tell_of_broken(template, error):
    Notice.tell(
        User.objects.with_duty(Duty.COORDINATOR),
        key=f"template:{template.pk}:broken",
        kind="template",
        title=_("No se pudo usar la plantilla «%(kind)s»") % {"kind": kind_of(template.kind).label},
        body=_("Los correos salen con el texto original. %(error)s") % {"error": error},
        url=f"/panel/plantillas/{template.kind}/",
    )


def mail_of(delivery):
    """The message of one delivery. Built anew for each attempt, always under the same Message-ID."""
    subject, body = words_of_delivery(delivery)
    return _message(delivery.notice, subject, body, delivery.message_id)


def sample_mail(notice, subject, body, to):
    """A test of a template, to whoever is writing it."""
    return _message(notice, _("Prueba: %(subject)s") % {"subject": subject}, body, None, to)


def _message(notice, subject, body, message_id, to=None):
    context = {
        "notice": notice,
        "user": one_line(to or notice.user),
        "subject": subject,
        "text": body,
        "link": settings.SITE_URL + notice.url if notice.url else "",
        "company": plain(notice.company) if notice.company else "",
        "preferences": settings.SITE_URL + "/avisos/preferencias/",
        "help_email": settings.HELP_EMAIL,
    }
    message = EmailMultiAlternatives(
        # A line break in a title must not become a header.
        subject=one_line(f"{subject} · {_('Ecoeficiencia Perú')}"),
        body=render_to_string("email/notice.txt", context),
        to=[(to or notice.user).email],
        headers=_identifier(message_id),
    )
    message.attach_alternative(render_to_string("email/notice.html", context), "text/html")
    if notice.calendar:
        kind = f"text/calendar; method={method_of(notice.calendar)}"
        message.attach("fecha.ics", invitation_file(notice), kind)
    return message


def _identifier(message_id):
    """The same for each attempt of one mail, so that a mail server may know it for one."""
    host = urlsplit(settings.SITE_URL).hostname
    return {"Message-ID": f"<{message_id}@{host}>"} if message_id else {}


def digest_mail(digest, notices):
    """The message of one digest: what it gathers, each with its link."""
    rows = [
        {"title": plain(n.title), "body": plain(n.body), "link": settings.SITE_URL + n.url if n.url else ""}
        for n in notices
    ]
    context = {
        "rows": rows,
        "user": one_line(digest.user),
        "preferences": settings.SITE_URL + "/avisos/preferencias/",
        "help_email": settings.HELP_EMAIL,
    }
    message = EmailMultiAlternatives(
        subject=one_line(_("Resumen de avisos: %(n)s · Ecoeficiencia Perú") % {"n": len(rows)}),
        body=render_to_string("email/digest.txt", context),
        to=[digest.user.email],
        headers=_identifier(digest.message_id),
    )
    message.attach_alternative(render_to_string("email/digest.html", context), "text/html")
    return message


def invitation_mail(invitation, path):
    """The message that carries the single-use link; it goes to an address, there may be no account behind it."""
    context = {"invitation": invitation, "link": settings.SITE_URL + path, "help_email": settings.HELP_EMAIL}
    subject = _("%(host)s le invita a trabajar en el programa Ecoeficiencia Perú") % {"host": invitation.host}
    body = render_to_string("email/invitation.txt", context)
    return EmailMultiAlternatives(subject=one_line(subject), body=body, to=[invitation.email])


def account_mail(key, to, subject, body):
    """The message that carries a code or a link to one's account, as allauth's templates word it."""
    return EmailMultiAlternatives(subject=one_line(subject), body=body, to=[to], headers=_identifier(key))
