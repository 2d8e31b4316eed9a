"""States are data: one table of moves, one of turns, one writer.

A model lists in MOVES what may follow each state and in TURN whose turn each state is. Buttons, inboxes,
reminders and the diagrams in docs/states.md all come from those two tables.
"""

from dataclasses import dataclass, replace
from datetime import date

from django.apps import apps
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .changes import STAMPS, differences, in_force


class Party(models.TextChoices):
    COMPANY = "company", _("la empresa")
    MONITOR = "monitor", _("el monitor")
    AUDITOR = "auditor", _("el equipo auditor")
    BODY = "body", _("el organismo de certificación")
    STAFF = "staff", _("PROMPERÚ")
    NOBODY = "nobody", _("nadie")


class IllegalMove(Exception):
    """The state does not admit this move, or somebody moved first. The message is shown to the person."""


class Overtaken(IllegalMove):
    """Somebody acted on `record` after this person's page was opened: what it offered is over."""

    def __init__(self, message, record):
        super().__init__(message)
        self.record = record


class Closed(IllegalMove):
    """What this person changes may not be edited now: it was handed in, meanwhile or before."""


@dataclass(frozen=True)
class Missing:
    """One unmet (or met, for the full checklist) condition of a gate: a sentence, who owes it, since when.

    inside: the same in the words of who reviews, where the sentence speaks to who owes it. warns: whether it is met
    with something that a person should look at.
    """

    sentence: str
    owner: str = Party.COMPANY
    since: date | None = None
    detail: str = ""
    url: str = ""
    key: str = ""
    done: bool = False
    waiting: bool = False
    waived: bool = False
    waivable: bool = False
    inside: str = ""
    warns: bool = False

    def told_inside(self):
        """The same as who reviews reads it: what was found, not what to do about it."""
        if not self.inside:
            return self
        return replace(self, detail=self.inside) if self.done else replace(self, sentence=self.inside, detail="")

    @property
    def owner_label(self):
        return Party(self.owner).label

    def __str__(self):
        return str(self.sentence)


class StatefulQuerySet(models.QuerySet):
    def in_turn_of(self, party):
        """Rows whose state waits for `party`."""
        return self.filter(state__in=[state for state, turn in self.model.TURN.items() if turn == party])


class Stateful(models.Model):
    """A record with a life cycle. `version` makes two people who decide at once conflict visibly."""

    MOVES: dict[str, tuple[str, ...]] = {}
    TURN: dict[str, str] = {}

    state_since = models.DateTimeField(_("en este estado desde"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    @property
    def turn(self):
        return Party(self.TURN[self.state])

    def can_move(self, to):
        return to in self.MOVES.get(self.state, ())

    def event_company(self):
        """The company whose history this record belongs to, or None."""
        return getattr(self, "company", None)

    def move(self, to, *, by, note="", **stamps):
        """Bring the record to state `to` and write the event, in one transaction.

        by: the person who acts, or None for the system. stamps: further fields set in the same UPDATE.
        Raises Overtaken when MOVES does not admit it or when the row changed since it was read.
        """
        if not self.can_move(to):
            raise Overtaken(
                _("«%(object)s» está en «%(state)s» y no puede pasar a «%(to)s».")
                % {"object": self, "state": self.get_state_display(), "to": self._state_label(to)},
                self,
            )
        old, now = self.state, timezone.now()
        before = {f: getattr(self, self._meta.get_field(f).attname) for f in stamps if not f.endswith(STAMPS)}
        with transaction.atomic():
            moved = (
                type(self)
                ._base_manager.filter(pk=self.pk, state=old, version=self.version)
                .update(state=to, state_since=now, version=F("version") + 1, **stamps)
            )
            if moved != 1:
                raise self.overtaken()
            self.state, self.state_since, self.version = to, now, self.version + 1
            for field, value in stamps.items():
                setattr(self, field, value)
            event = apps.get_model("companies", "Event")
            event.record(self, by=by, verb="move", old=old, new=to, note=note, changes=differences(self, before))

    def overtaken(self):
        """That somebody changed the record after it was read: to raise, or to show with both texts."""
        sentence = _("Otra persona cambió «%(object)s» antes que usted.")
        return Overtaken(sentence % {"object": self}, self)

    def save_edit(self, *, by, fields, note="", verb="edit"):
        """Save edited `fields` unless somebody else saved since this copy was read; write what changed.

        verb: what the history calls it. Raises Overtaken on a conflict: nothing is overwritten.
        """
        values = {name: getattr(self, name) for name in fields}
        with transaction.atomic():
            before = in_force(self, fields)
            saved = (
                type(self)
                ._base_manager.filter(pk=self.pk, version=self.version)
                .update(version=F("version") + 1, **values)
            )
            if saved != 1:
                raise Overtaken(_("Otra persona guardó antes que usted. Compare y elija."), self)
            self.version += 1
            apps.get_model("companies", "Event").record_edit(self, by=by, before=before, note=note, verb=verb)

    def _state_label(self, state):
        return dict(self._meta.get_field("state").flatchoices).get(state, state)


def stateful_models():
    """Every concrete model with a life cycle, in a stable order."""
    return sorted(
        (m for m in apps.get_models() if issubclass(m, Stateful) and m.MOVES), key=lambda m: m._meta.label_lower
    )
