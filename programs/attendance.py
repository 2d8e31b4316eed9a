"""The attendance sheet of a session: who could have come, who came; and a company's own record of its workshops."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Event, Membership
from ecoeficiencia.lifecycle import IllegalMove

from .models import Attendance, Participation

NAME_LENGTH = 150


@dataclass(frozen=True)
class Line:
    """One box of the sheet. value: what the form posts; attendance: the row it stands for, when ticked."""

    value: str
    name: str
    detail: str = ""
    attendance: int | None = None


@dataclass
class Company:
    participation: Participation
    lines: list[Line] = field(default_factory=list)

    @property
    def present(self):
        return sum(line.attendance is not None for line in self.lines)


def sheet(session) -> list[Company]:
    """Every company of the session's edition with its members and whoever else came. Four queries, however many."""
    rows = Participation.objects.filter(edition=session.workshop.edition_id).exclude(state__in=Participation.EXITS)
    rows = list(rows.select_related("company"))
    members, came = _members(rows, session), defaultdict(list)
    for attendance in session.attendances.order_by("person"):
        came[attendance.participation_id].append(attendance)
    return [_lines(row, members[row.company_id], came[row.pk]) for row in rows]


def record(session, *, ticked, known, added, by):
    """Bring the attendance of `session` to what the sheet says; saving twice changes nothing. Returns (new, removed).

    ticked: the values of the boxes ticked. known: the pks of the rows the sheet showed as ticked, so that what
    somebody else wrote meanwhile stays. added: [(participation pk, name)]. Raises IllegalMove before the session, or
    when it was cancelled.
    """
    if session.cancelled_at:
        raise IllegalMove(session.no_longer())
    if not session.has_begun(timezone.now()):
        raise IllegalMove(session.not_yet())
    with transaction.atomic():
        companies = sheet(session)
        gone = [
            line.attendance
            for company in companies
            for line in company.lines
            if line.attendance in known and line.value not in ticked
        ]
        removed = list(Attendance.objects.filter(pk__in=gone, session=session).select_related("participation__company"))
        new = _new(session, companies, ticked, added, by)
        Attendance.objects.filter(pk__in=[row.pk for row in removed]).delete()
        Attendance.objects.bulk_create(new, ignore_conflicts=True)
        _write_down(session, new, "attend", by)
        _write_down(session, removed, "unattend", by)
    return len(new), len(removed)


def _members(rows, session):
    day = timezone.localdate(session.starts_at)
    found = Membership.objects.in_force(day).filter(company__in=[row.company_id for row in rows], user__is_active=True)
    members = defaultdict(list)
    for member in found.select_related("user").order_by("user__last_name", "pk"):
        members[member.company_id].append(member)
    return members


def _lines(row, members, came):
    company, left = Company(row), list(came)
    for member in members:
        own = next(
            (a for a in left if a.user_id == member.user_id or (not a.user_id and a.person == str(member.user))), None
        )
        if own:
            left.remove(own)
        company.lines.append(
            Line(f"m{row.pk}-{member.user_id}", str(member.user), member.get_role_display(), own.pk if own else None)
        )
    company.lines += [Line(f"p{a.pk}", a.person, a.get_source_display(), a.pk) for a in left]
    return company


def _new(session, companies, ticked, added, by):
    new, names = [], {c.participation.pk: {line.name.casefold() for line in c.lines} for c in companies}
    for company in companies:
        for line in company.lines:
            if line.attendance is None and line.value in ticked:
                user = int(line.value.rpartition("-")[2])
                new.append(_row(session, company.participation, line.name, by, user))
    for pk, name in added:
        name = " ".join(name.split())[:NAME_LENGTH]
        company = next((c for c in companies if c.participation.pk == pk), None)
        if company and name and name.casefold() not in names[pk]:
            names[pk].add(name.casefold())
            new.append(_row(session, company.participation, name, by))
    return new


def _row(session, participation, person, by, user=None):
    return Attendance(
        session=session, participation=participation, person=person[:NAME_LENGTH], user_id=user, recorded_by=by
    )


def _write_down(session, rows, verb, by):
    """One line of history a company, with the names."""
    by_company = defaultdict(list)
    for row in rows:
        by_company[row.participation.company].append(row.person)
    for company, people in by_company.items():
        note = _("%(session)s: %(people)s") % {"session": session.workshop, "people": ", ".join(sorted(people))}
        Event.record(session, by=by, verb=verb, note=note, company=company)


@dataclass(frozen=True)
class Record:
    """One workshop as a company sees it: its sessions and the people of the company who were there."""

    workshop: object
    sessions: list
    people: list
    following: object

    @property
    def attended(self):
        return bool(self.people)

    @property
    def is_given(self):
        """Whether it has a date, or had one; a session that was cancelled is none."""
        return any(not session.cancelled_at for session in self.sessions)


def record_of(participation, now) -> list[Record]:
    """The workshops of the participation's edition with its own attendance. Three queries."""
    people = defaultdict(list)
    for row in participation.attendances.select_related("session").order_by("person"):
        if row.person not in people[row.session.workshop_id]:
            people[row.session.workshop_id].append(row.person)
    return [
        Record(
            workshop,
            list(workshop.sessions.all()),
            people[workshop.pk],
            next((s for s in workshop.sessions.all() if s.starts_at > now and not s.cancelled_at), None),
        )
        for workshop in participation.edition.workshops.prefetch_related("sessions")
    ]
