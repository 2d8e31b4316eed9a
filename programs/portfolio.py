"""A monitor's companies: how far each is, how long it has been silent, what it waits for."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils import timezone

from companies.models import Event

from .models import Participation

SILENT_AFTER = 15  # calendar days without anything done by the company


@dataclass(frozen=True)
class Accompanied:
    """One company of a portfolio on a day."""

    row: Participation
    silence: int  # calendar days
    gate: date | None

    @property
    def is_silent(self):
        return self.silence > SILENT_AFTER and self.row.state == Participation.State.IMPLEMENTING

    @property
    def left(self):
        """Applicable rows not accepted yet."""
        return self.row.assessment.applicable - self.row.assessment.accepted if self.row.assessment else 0


def portfolio(user, on):
    """The companies `user` monitors on day `on`, the longest silence first. Its query count does not grow."""
    rows = list(
        Participation.objects.monitored_by(user)
        .in_course()
        .with_attendance()
        .select_related("company", "edition__program", "assessment")
    )
    heard = last_heard([row.company_id for row in rows], user)
    found = [_accompanied(row, heard.get(row.company_id), on) for row in rows]
    return sorted(found, key=lambda a: (not a.row.is_proposed_ready, -a.silence, str(a.row.company)))


def last_heard(companies, user):
    """When somebody of each company last did something, by company."""
    events = Event.objects.filter(company__in=companies, actor__memberships__company__in=companies).exclude(actor=user)
    return dict(events.order_by().values_list("company").annotate(last=Max("at")))


def _accompanied(row, heard, on):
    since = timezone.localdate(heard or row.state_since)
    return Accompanied(row, max((on - since).days, 0), gate_of(row))


def gate_of(row):
    """The day by which the company should have left its stage, as the edition or its own deadline says."""
    states, edition = Participation.State, row.edition
    if row.state in (states.LETTER_ISSUED, states.LETTER_SIGNED):
        return edition.implementation_starts_on
    if row.state == states.IMPLEMENTING:
        return edition.implementation_ends_on
    if row.state in (states.READY, states.PREAUDIT, states.CORRECTING):
        return row.due_on or edition.preaudit_ends_on
    return row.due_on or edition.external_ends_on
