"""The board of an assessment: one query for all its rows, filtered and dressed here so that the template only prints.

A board of 250 rows spends its time in the template, so what can be is made once a page, not once a row.
"""

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _

from companies.models.company import plain
from ecoeficiencia.badges import badge as badge_of
from ecoeficiencia.templatetags.eco import badge, level

from .forms.board import PENDING, BoardFilter
from .models import Fulfilment

State, Work = Fulfilment.State, Fulfilment.Work
WAITS = {
    "empresa": {
        State.OPEN: "",
        State.SUBMITTED: _("Espera al monitor"),
        State.RETURNED: _("Le toca corregir"),
        State.ACCEPTED: _("Cerrado"),
        State.CLAIMED_NA: _("Espera al monitor"),
        State.NOT_APPLICABLE: _("Cerrado"),
    },
}
WAITS["monitor"] = WAITS["empresa"] | {
    State.SUBMITTED: _("Espera su revisión"),
    State.CLAIMED_NA: _("Espera su revisión"),
    State.RETURNED: _("Espera a la empresa"),
}
WAITS["panel"] = WAITS["monitor"] | {
    State.SUBMITTED: _("Espera al monitor"),
    State.CLAIMED_NA: _("Espera al monitor"),
}
TOGETHER = {PENDING: Fulfilment.EDITABLE, State.SUBMITTED: (State.SUBMITTED, State.CLAIMED_NA)}
TABS = (("", _("Todos")), (PENDING, _("Por resolver")), (State.RETURNED, _("Observados")),
        (State.SUBMITTED, _("En revisión")), (State.ACCEPTED, _("Aceptados")))  # fmt: skip
BOX = '<input class="check" type="checkbox" name="pk" value="{}" aria-label="{}">'
NO_BOX = mark_safe("<span></span>")
COLUMNS = (
    "pk", "state", "work", "site", "site__name", "requirement__code", "requirement__title", "requirement__aspect",
    "requirement__criticality",
)  # fmt: skip


class Board:
    """The rows of `assessment` that the address asks for, grouped by aspect, for one door.

    choosing: the states in which rows can be chosen, to act on several at once.
    """

    def __init__(self, assessment, data, door, choosing=()):
        self.assessment, self.data, self.door, self.choosing = assessment, data, door, choosing
        self.progress = list(assessment.by_aspect.select_related("aspect"))
        self.codes = {progress.aspect_id: progress.aspect.code for progress in self.progress}
        self.all = self._rows(with_text=bool(data.get("q")))
        sites = sorted({(row["site"], row["site__name"]) for row in self.all if row["site"]})
        self.form = BoardFilter(data, aspects=[p.aspect for p in self.progress], sites=sites)
        self.form.is_valid()

    def _rows(self, with_text):
        columns = (*COLUMNS, "requirement__text") if with_text else COLUMNS
        rows = self.assessment.fulfilments.filter(closed_on=None)
        return list(rows.values(*columns, files=Count("links")).order_by("requirement__number", "site"))

    @cached_property
    def shown(self):
        return [row for row in self.all if self._asked_for(row)]

    def _asked_for(self, row):
        ask = self.form.cleaned_data.get
        words = plain(ask("q") or "").split()
        return (
            self._in_state(row, ask("estado"))
            and (not ask("aspecto") or self.codes.get(row["requirement__aspect"]) == ask("aspecto"))
            and (not ask("sede") or str(row["site"] or "org") == ask("sede"))
            and (not ask("avance") or str(row["work"]) == ask("avance"))
            and (not words or self._says(row, words))
        )

    @staticmethod
    def _in_state(row, state):
        """A state of the address may stand for several: what waits for the company, what waits for the monitor."""
        return not state or row["state"] in TOGETHER.get(state, (state,))

    @staticmethod
    def _says(row, words):
        text = plain(f"{row['requirement__code']} {row['requirement__title']} {row['requirement__text']}")
        return all(word in text for word in words)

    @cached_property
    def groups(self):
        """(progress of the aspect, its rows dressed for the page), in the order of the standard."""
        labels = dict(State.choices) | {State.CLAIMED_NA: _("Por confirmar")}
        badges = {value: badge(*badge_of("fulfilment", value), label) for value, label in labels.items()}
        levels = {value: level(value, label) for value, label in Work.choices}
        waits = {state: str(words) for state, words in WAITS[self.door].items()}
        address = reverse(f"{self.door}:fulfilment", args=[0])
        by_aspect = {}
        for row in self.shown:
            by_aspect.setdefault(row["requirement__aspect"], []).append(
                {
                    "pick": self._box(row) if row["state"] in self.choosing else NO_BOX,
                    "url": address.replace("/0/", f"/{row['pk']}/"),
                    "code": row["requirement__code"],
                    "title": row["requirement__title"],
                    "major": row["requirement__criticality"] == "mayor",
                    "site": row["site__name"],
                    "files": row["files"],
                    "level": levels[row["work"]],
                    "badge": badges[row["state"]],
                    "wait": waits[row["state"]],
                }
            )
        return [(p, by_aspect[p.aspect_id]) for p in self.progress if p.aspect_id in by_aspect]

    @staticmethod
    def _box(row):
        name = " · ".join(filter(None, (row["requirement__code"], row["site__name"])))
        return format_html(BOX, row["pk"], said("Seleccionar %(row)s") % {"row": name})

    @cached_property
    def can_choose(self):
        """Whether any row shown can be chosen."""
        return any(row["state"] in self.choosing for row in self.shown)

    @cached_property
    def tabs(self):
        """(words, count over all rows, address, whether it is the present one); other filters are kept."""
        chosen = self.form.cleaned_data.get("estado", "")
        tabs = []
        for state, words in TABS:
            query = self.data.copy()
            query.pop("estado", None)
            if state:
                query["estado"] = state
            count = sum(self._in_state(row, state) for row in self.all)
            tabs.append((words, count, f"?{query.urlencode()}", state == chosen))
        return tabs

    @cached_property
    def next_pending(self):
        """The address of the row to do next: what was observed first, then what was begun, then the rest."""
        pending = [row for row in self.all if row["state"] in Fulfilment.EDITABLE]
        first = min(pending, key=lambda row: (row["state"] != State.RETURNED, -row["work"]), default=None)
        return reverse(f"{self.door}:fulfilment", args=[first["pk"]]) if first else ""
