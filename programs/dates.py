"""The days a company should have before its eyes: deadlines, workshops, papers that expire."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import SiteDocument

from .models import Application, Paper, Session
from .models.readiness import address

SHOWN = 5
DOCUMENTS_AHEAD = timedelta(days=90)


@dataclass(frozen=True)
class UpcomingDate:
    on: date
    title: str
    detail: str = ""
    url: str = ""


def upcoming(facts, on: date) -> list[UpcomingDate]:
    """The next days of a company from day `on`, soonest first, SHOWN at most."""
    rows = [*_deadlines(facts), *_documents(facts.company, on), *_papers(facts.application, on)]
    if facts.participation:
        rows += [*_sessions(facts.participation, on), *_milestones(facts.participation.edition)]
    return sorted((row for row in rows if row.on >= on), key=lambda row: row.on)[:SHOWN]


def _deadlines(facts):
    row, part = facts.application, facts.participation
    if row and row.state == Application.State.OBSERVED and row.due_on:
        yield UpcomingDate(row.due_on, _("Subsanar la postulación"), _("Vence a las 23:59"))
    if facts.appeal_until:
        url = address("empresa:application_appeal", row.pk)
        yield UpcomingDate(facts.appeal_until, _("Pedir que se reconsidere"), _("Vence a las 23:59"), url)
    if row and row.state == Application.State.DRAFT:
        yield UpcomingDate(row.edition.closes_on, _("Cierra la convocatoria"), str(row.edition))
    if part and part.due_on and not part.is_over:
        yield UpcomingDate(part.due_on, part.get_state_display(), _("Vence a las 23:59"))


def _sessions(participation, on):
    ahead = Session.objects.standing().filter(workshop__edition=participation.edition_id, starts_at__date__gte=on)
    for session in ahead.select_related("workshop").order_by("starts_at")[:SHOWN]:
        at = timezone.localtime(session.starts_at)
        where = session.place or session.get_mode_display().lower()
        yield UpcomingDate(
            at.date(),
            _("Taller %(n)d: %(name)s") % {"n": session.workshop.number, "name": session.workshop.name},
            f"{at:%H:%M}, {where}",
            address("empresa:workshops", participation.company_id),
        )


def _milestones(edition):
    if edition.preaudit_starts_on:
        yield UpcomingDate(edition.preaudit_starts_on, _("Empiezan las preauditorías"), str(edition))
    if edition.external_starts_on:
        yield UpcomingDate(edition.external_starts_on, _("Empiezan las auditorías externas"), str(edition))


def _documents(company, on):
    rows = SiteDocument.objects.newest().filter(
        company=company, site__in_scope=True, site__closed_on=None, valid_until__range=(on, on + DOCUMENTS_AHEAD)
    )
    for row in rows.select_related("site"):
        title = _("Vence %(document)s, %(site)s") % {"document": row.get_kind_display(), "site": row.site}
        yield UpcomingDate(
            row.valid_until, title, _("Inicie la renovación con tiempo"), address("empresa:profile", company)
        )


def _papers(application, on):
    """What the application shows of its edition's catalogue and will not last."""
    if application is None or application.state not in Application.IN_COURSE:
        return
    for row in Paper.objects.ending(on, on + DOCUMENTS_AHEAD).filter(application=application):
        yield UpcomingDate(row.valid_until, _("Vence: %(document)s") % {"document": row}, *_renewal(row))


def _renewal(paper):
    """What to do about it, and where."""
    return _("Inicie la renovación con tiempo"), paper.address
