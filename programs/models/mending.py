"""What the company does with an observation: put each point right or say why it stands, and hand it in again."""

import hashlib
import json
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.models import Event
from ecoeficiencia.lifecycle import IllegalMove, Missing, Overtaken
from ecoeficiencia.workdays import decreed_days
from ecoeficiencia.writing import due_in_workdays

from ..comparison import about, compare, readable
from ..snapshot import snapshot
from .submission import refuse, unmet

WORDS_NEEDED = gettext_lazy(
    "Nada de este punto cambió desde la observación. Corríjalo, o explique aquí por qué lo da por subsanado: PROMPERÚ "
    "lo leerá junto al punto."
)


@dataclass(frozen=True)
class Mending:
    """What goes back to PROMPERÚ: each observed point with what changed of it, and what else changed.

    seen: tells this content from any other, so that what a person confirms is what is handed in.
    """

    points: list
    others: list
    seen: str


class Mended:
    """An application's half that answers an observation."""

    def mending(self, on):
        """What the company changed since it handed in last, point by point."""
        items = self.items.select_related("site", "entry").filter(verdict="observed")
        now, last = snapshot(self, on), self.revisions.last()
        changes = readable(compare(last.data, now)) if last else []
        points = [(item, about(changes, item, [entry.title for entry in self.proofs_of(item)])) for item in items]
        told = [change for _item, found in points for change in found]
        facts = json.dumps([now, [[item.pk, item.version] for item, _found in points]], sort_keys=True)
        seen = hashlib.sha256(facts.encode()).hexdigest()
        return Mending(points, [change for change in changes if change not in told], seen)

    def is_lapsed(self, on):
        """Whether the company did not mend what was observed in time."""
        return self.state == self.State.OBSERVED and self.due_on is not None and on > self.due_on

    def missing_to_mend(self, on, checklist=None, mending=None):
        """What keeps the mended application from being handed in again. checklist, mending: if already made."""
        if self.is_lapsed(on):
            sentence = _("El plazo para subsanar venció el %(day)s. Pida una prórroga a PROMPERÚ.")
            return [
                Missing(sentence % {"day": f"{self.due_on:%d/%m/%Y}"}, key="deadline", owner="staff", since=self.due_on)
            ]
        mending = self.mending(on) if mending is None else mending
        todo = [line for item, changes in mending.points if (line := self._unanswered(item, changes))]
        named = {item.key for item in todo}
        short = unmet(self.checklist(on) if checklist is None else checklist)
        return [self._with_link(i) for i in todo] + [i for i in short if i.key not in named]

    def _unanswered(self, item, changes):
        """Why an observed item is not answered yet, or None. What was changed and changed back needs words, too."""
        facts = {"key": item.missing_key, "since": timezone.localdate(self.state_since)}
        if item.is_to_mend:
            sentence = _("Falta subsanar: %(item)s.") % {"item": item.title}
            return Missing(sentence, detail=item.reason, **facts)
        if not (item.answer or changes):
            sentence = _("Falta subsanar o explicar: %(item)s.") % {"item": item.title}
            return Missing(sentence, detail=str(WORDS_NEEDED), **facts)
        return None

    def due_in_words(self, on):
        """How much of the company's term to mend is left on day `on`; "" without one."""
        return due_in_workdays(self.due_on, on, decreed_days(self.company.seat)) if self.due_on else ""

    def needs_words(self, item, on):
        """Whether nothing of `item` changed since it was observed: then only words can answer it."""
        return not next((changes for point, changes in self.mending(on).points if point == item), [])

    def mark_mended(self, item, *, by, answer="", seen=None, on=None):
        """Note that the company put an observed item right, or why it stands. It travels with the next hand-in.

        seen: the item's version on the person's page. Raises IllegalMove when neither anything changed nor words say
        why; Overtaken, of the item when a colleague wrote meanwhile, else of the application.
        """
        with transaction.atomic():
            self.hold()
            if not answer and self.needs_words(item, on or timezone.localdate()):
                self._refuse_closed(item)
                raise IllegalMove(str(WORDS_NEEDED))
            self._answer(item, seen, answer=answer, mended_at=timezone.now())
            Event.record(self, by=by, verb="mend", note=f"{item.title}. {answer}".strip())

    def take_back(self, item, *, by, answer="", seen=None):
        """Undo that a point was marked, before it is handed in. Its words stay, to go on from.

        Raises Overtaken, of the item when it is not marked any more, else of the application.
        """
        with transaction.atomic():
            self.hold()
            if item.mended_at is None:
                self._refuse_closed(item)
                sentence = _("«%(item)s» ya no estaba marcado como subsanado.") % {"item": item.title}
                raise Overtaken(sentence, item)
            self._answer(item, seen, answer=answer, mended_at=None)
            Event.record(self, by=by, verb="unmend", note=item.title)

    def _answer(self, item, seen, **values):
        """Write the company's answer to `item` as it was `seen`, unless it is closed or a colleague wrote first."""
        version = item.version if seen is None else seen
        open_now = {"verdict": item.Verdict.OBSERVED, "application__state": self.State.OBSERVED}
        if self.items.filter(pk=item.pk, version=version, **open_now).update(version=F("version") + 1, **values) != 1:
            self._refuse_closed(item)
            raise Overtaken(_("Otra persona respondió «%(item)s» antes que usted.") % {"item": item.title}, item)
        for name, value in values.items():
            setattr(item, name, value)
        item.version = version + 1

    def _refuse_closed(self, item):
        """Raise Overtaken, of the application, unless `item` is observed and waits for the company's answer."""
        now = type(self).objects.only("state", "number").get(pk=self.pk)
        if now.state == self.State.MENDED:
            raise Overtaken(_("La subsanación ya se presentó. PROMPERÚ la está revisando."), self)
        if now.state != self.State.OBSERVED:
            raise Overtaken(now.lock_sentence(), self)
        if not self.items.filter(pk=item.pk, verdict=item.Verdict.OBSERVED).exists():
            raise Overtaken(_("Solo se reabre lo observado; lo demás queda como está."), self)

    def mend(self, *, by, on, seen=None):
        """Hand the mended items in again; only those go back to the reviewer, with what was asked for since.

        seen: what the person read before confirming (`Mending.seen`). Raises IllegalMove when it may not, Overtaken
        when it is not what there is any more.
        """
        with transaction.atomic():
            self.hold()
            if self.state == self.State.OBSERVED:
                mending = self.mending(on)
                refuse(self.missing_to_mend(on, mending=mending))
                if seen is not None and seen != mending.seen:
                    raise Overtaken(_("Algo cambió después de que leyó el resumen. Léalo otra vez."), self)
            self.move(self.State.MENDED, by=by, due_on=None, due_from=None)
            mended = self.items.filter(verdict="observed").exclude(mended_at=None).update(verdict="pending")
            self._add_items(on)
            self._hand_in(by, on, self.checklist(on))
            points = ngettext("%d punto subsanado", "%d puntos subsanados", mended) % mended
            self._tell_reviewers(_("Postulación subsanada"), points)
            self._tell_company(_("Recibimos su subsanación"), points)

    def _add_items(self, on):
        """What was handed in or asked for only now is reviewed as well: the paper that proves an observed point."""
        known = {item.missing_key for item in self.items.all()}
        new = [item.key for item in self.checklist(on) if item.key not in known]
        self.items.bulk_create([self._item(key) for key in new])
