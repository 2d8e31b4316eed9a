"""Whom an audit tells what. Each function writes its notices in the caller's transaction."""

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Duty, Notice, User


def tell_company(audit, fact, *, title, body="", url=""):
    company = audit.participation.company
    _tell(audit, company.people(), fact, title, body, url or reverse("empresa:audit", args=[audit.pk]))


def tell_staff(audit, fact, *, title, body=""):
    _tell(audit, User.objects.with_duty(Duty.COORDINATOR), fact, title, body, reverse("panel:audit", args=[audit.pk]))


def tell_team(audit, fact, *, title, body="", url=""):
    team = [member.user for member in audit.team.present().select_related("user")]
    _tell(audit, team, fact, title, body, url or reverse("auditoria:audit", args=[audit.pk]))


def tell_namer(audit, fact, *, title, body=""):
    """Tell those who name the auditor: PROMPERÚ for its pre-audit, the body's managers for theirs."""
    if audit.is_preaudit:
        return tell_staff(audit, fact, title=title, body=body)
    people = audit.body.people.in_force(timezone.localdate()).filter(role="manager").select_related("user")
    try:
        url = reverse("auditoria:request", args=[audit.pk])
    except NoReverseMatch:
        url = reverse("auditoria:home")
    _tell(audit, [person.user for person in people], fact, title, body, url)


def _tell(audit, users, fact, title, body, url):
    company = audit.participation.company
    Notice.tell(
        users, key=f"audit:{audit.pk}:{fact}", kind="audit", title=title[:200], body=body, url=url, company=company
    )


def tell_named(audit, member):
    title = _("Le nombraron para auditar a %(company)s") % {"company": audit.participation.company}
    body = _("Antes de ver la auditoría, declare si está libre de conflicto de interés.")
    url = reverse("auditoria:declare", args=[audit.pk])
    _tell(audit, [member.user], f"named:{member.pk}", title, body, url)
