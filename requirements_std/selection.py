"""Rows chosen together on a list. Each goes through its own method, alone; what is refused says why and stays."""

import re
from dataclasses import dataclass, field

from django.db.models import prefetch_related_objects
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.lifecycle import IllegalMove

from .models import Fulfilment

State = Fulfilment.State
# "12" on the list; "12-3" when it was shown at version 3, so that what changed meanwhile is not decided unseen.
CHOSEN = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,9}))?")


def why_not_accepted(row):
    """Why the monitor cannot accept `row` with others; empty when it can."""
    if row.state == State.CLAIMED_NA and row.closed_on is None:
        return [_("La empresa dice que no aplica. Decídalo en su página.")]
    if not row.can_move(State.ACCEPTED):
        return [_("Está en «%(state)s»: ya no espera su revisión.") % {"state": row.get_state_display()}]
    return []


def why_not_submitted(row):
    """What keeps the company from handing `row` in; empty when nothing does."""
    if not row.can_move(State.SUBMITTED):
        return [_("Está en «%(state)s»: no se puede presentar.") % {"state": row.get_state_display()}]
    return row.missing_to_submit()


def why_not_attached(row):
    """Why `row` takes no evidence now; empty when it does."""
    if not row.is_editable:
        return [_("Está en «%(state)s»: lo presentado ya no se cambia.") % {"state": row.get_state_display()}]
    return []


@dataclass
class Choice:
    row: Fulfilment
    refusals: list = field(default_factory=list)
    done: bool = False

    @property
    def sent(self):
        return f"{self.row.pk}-{self.row.version}"


class Selection:
    """The rows of `rows` that `asked` names. What it names besides is not told, only counted in `others`."""

    def __init__(self, rows, asked):
        found = [match for match in map(CHOSEN.fullmatch, asked) if match]
        self.versions = {int(match[1]): int(match[2]) if match[2] else None for match in found}
        self.rows = rows

    @cached_property
    def choices(self):
        return [Choice(row) for row in self.rows.filter(pk__in=self.versions).for_selection()]

    @property
    def others(self):
        return len(self.versions) - len(self.choices)

    @property
    def ready(self):
        return [choice for choice in self.choices if not choice.refusals]

    @property
    def refused(self):
        return [choice for choice in self.choices if choice.refusals]

    @property
    def done(self):
        return [choice for choice in self.choices if choice.done]

    @property
    def is_whole(self):
        """Whether all that was asked was done."""
        return len(self.done) == len(self.versions)

    def foresee(self, why_not):
        """Say of each row, before anything is done, whether it will be refused. Costs the same for any number."""
        prefetch_related_objects([choice.row for choice in self.choices], "links")
        for choice in self.choices:
            choice.refusals = why_not(choice.row)

    def do(self, act, why_not):
        """Do `act` to each row as it was shown, in its own transaction; return how many were done."""
        for choice in self.choices:
            choice.refusals = why_not(choice.row)
            if choice.refusals:
                continue
            shown = self.versions[choice.row.pk]
            choice.row.version = choice.row.version if shown is None else shown
            try:
                act(choice.row)
                choice.done = True
            except IllegalMove as refused:
                choice.refusals = [str(refused)]
        return len(self.done)

    @property
    def named(self):
        """The rows done in one phrase: by name while they are few."""
        names = [str(choice.row) for choice in self.done]
        return ", ".join(names[:12]) + ("…" if len(names) > 12 else "")
