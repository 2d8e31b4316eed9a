"""Whom an audit tells what. Each function writes its notices in the caller's transaction."""

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.calendar import entry
from companies.models import Duty, Notice, User


def tell_company(audit, fact, *, title, body="", url="", kind="audit", calendar=None):
    company = audit.participation.company
    url = url or reverse("empresa:audit", args=[audit.pk])
    _tell(audit, company.people(), fact, title, body, url, kind=kind, calendar=calendar)


def tell_staff(audit, fact, *, title, body=""):
    _tell(audit, User.objects.with_duty(Duty.COORDINATOR), fact, title, body, reverse("panel:audit", args=[audit.pk]))


def tell_team(audit, fact, *, title, body="", url="", calendar=None):
    team = [member.user for member in audit.team.present().select_related("user")]
    _tell(audit, team, fact, title, body, url or reverse("auditoria:audit", args=[audit.pk]), calendar=calendar)


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


def audit_days(audit):
    """The agreed days, for the calendar."""
    summary = _("Auditoría de %(company)s") % {"company": audit.participation.company}
    return entry(f"audit-{audit.pk}", summary, audit.starts_on, audit.ends_on)


def correction_day(audit):
    """The last day to answer, for the calendar."""
    summary = _("Vence el plazo para responder las no conformidades")
    return entry(f"audit-{audit.pk}-answer", summary, audit.correction_due_on)


def _tell(audit, users, fact, title, body, url, *, kind="audit", calendar=None):
    company = audit.participation.company
    key = f"audit:{audit.pk}:{fact}"
    Notice.tell(users, key=key, kind=kind, title=title, body=body, url=url, company=company, calendar=calendar)


def tell_named(audit, member):
    title = _("Le nombraron para auditar a %(company)s") % {"company": audit.participation.company}
    body = _("Antes de ver la auditoría, declare si está libre de conflicto de interés.")
    url = reverse("auditoria:declare", args=[audit.pk])
    _tell(audit, [member.user], f"named:{member.pk}", title, body, url)
