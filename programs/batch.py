"""Applications decided, or given to somebody, together. Each goes through its own method in its own transaction."""

import re
from dataclasses import dataclass, field

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecoeficiencia.lifecycle import IllegalMove

from .models import Application

MOST = 100
# "12" on the list; "12-3" when it was shown at version 3, so that what changed meanwhile is not decided unseen.
CHOSEN = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,9}))?")
LABELS = {
    "admit": gettext_lazy("Se admite"),
    "wait": gettext_lazy("Pasa a lista de espera"),
    "reject": gettext_lazy("No se admite"),
}
DONE = {
    "admit": gettext_lazy("Admitida"),
    "wait": gettext_lazy("En lista de espera"),
    "reject": gettext_lazy("No admitida"),
}


@dataclass
class Choice:
    row: Application
    act: str = ""
    refusals: list = field(default_factory=list)
    done: bool = False

    @property
    def sent(self):
        return f"{self.row.pk}-{self.row.version}"

    @property
    def label(self):
        return (DONE if self.done else LABELS).get(self.act, "")


class Batch:
    """The applications among `rows` that `asked` names, in the order in which they were handed in."""

    def __init__(self, rows, asked):
        found = [match for match in map(CHOSEN.fullmatch, asked[:MOST]) if match]
        self.versions = {int(match[1]): int(match[2]) if match[2] else None for match in found}
        self.rows = rows

    @cached_property
    def choices(self):
        rows = self.rows.filter(pk__in=self.versions).select_related("company__activity", "edition__program")
        return [Choice(row) for row in rows.order_by("submitted_at", "pk")]

    @property
    def others(self):
        return len(self.versions) - len(self.choices)

    @property
    def ready(self):
        return [choice for choice in self.choices if choice.act and not choice.refusals]

    @property
    def refused(self):
        return [choice for choice in self.choices if choice.refusals]

    @property
    def done(self):
        return [choice for choice in self.choices if choice.done]

    @property
    def is_whole(self):
        return len(self.done) == len(self.versions)

    def foresee(self, outcome, *, on):
        """Say of each what would happen and why not, the places of each edition given out in order of arrival."""
        free = {}
        for choice in self.choices:
            edition = choice.row.edition
            if edition.pk not in free:
                free[edition.pk] = None if edition.quota is None else edition.quota - edition.places_taken()
            self._foresee_one(choice, outcome, free, on)

    def _foresee_one(self, choice, outcome, free, on):
        row = choice.row
        if outcome == "reject":
            choice.act = "reject"
            choice.refusals = sentences(row.missing_to_reject(on)) if row.may_be_rejected else [where(row)]
            return
        choice.act = "admit"
        if not row.may_be_admitted:
            choice.refusals = [where(row)]
            return
        missing = [item for item in row.missing_to_admit(on) if item.key != "quota"]
        choice.refusals = sentences(missing)
        left = free[row.edition_id]
        if choice.refusals or left is None:
            return
        free[row.edition_id] = left - 1
        if left <= 0:
            choice.act = "wait"
            choice.refusals = [] if row.can_move(row.State.WAITING) else [_("Ya está en lista de espera.")]

    def decide(self, outcome, *, by, grounds, on):
        """Decide each as it was shown; return how many. What is refused says why and stays as it was."""
        for choice in self.choices:
            row, shown = choice.row, self.versions[choice.row.pk]
            row.version = row.version if shown is None else shown
            try:
                choice.act = self._decide_one(row, outcome, by=by, grounds=grounds, on=on)
                choice.done = True
            except IllegalMove as refusal:
                choice.refusals = [str(refusal)]
        return len(self.done)

    def _decide_one(self, row, outcome, **facts):
        if outcome == "reject":
            if not row.may_be_rejected:
                raise IllegalMove(where(row))
            row.reject(**facts)
            return "reject"
        if not row.may_be_admitted:
            raise IllegalMove(where(row))
        missing = row.missing_to_admit(facts["on"])
        if [item.key for item in missing] == ["quota"] and row.can_move(row.State.WAITING):
            row.wait(**facts)
            return "wait"
        row.admit(**facts)
        return "admit"

    def assign(self, reviewer, *, by):
        """Give each to `reviewer`; return how many."""
        for choice in self.choices:
            try:
                choice.row.assign_reviewer(reviewer, by=by)
                choice.done = True
            except IllegalMove as refusal:
                choice.refusals = [str(refusal)]
        return len(self.done)


def sentences(missing):
    return [f"{str(item).rstrip('.')}." for item in missing]


def where(row):
    """Who decided it meanwhile, or where it stands."""
    state = {"state": row.get_state_display(), "who": row.decided_by}
    if row.decided_by and not row.in_review:
        return _("Ya la decidió %(who)s: está en «%(state)s».") % state
    return _("Está en «%(state)s»: no se decide ahora.") % state
