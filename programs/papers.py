"""The papers an application must show besides those of each site's own page: one slot for each entry of the edition's
catalogue, of the company or of each site in the scope, and what was handed in for it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecoeficiencia.lifecycle import Missing

PREFIX = "doc-"  # tells the key of a reviewed paper from those of the conditions: «doc-poder:12»
NEAR = 90  # days after the closing day within which a paper that runs out is pointed at


@dataclass(frozen=True)
class Slot:
    """One paper asked for. `asked`: whether the entry's own condition holds for this company today."""

    entry: object
    site: object
    paper: object
    asked: bool

    @property
    def key(self):
        """What the reviewed item is called; with the site it is the key of the condition."""
        return PREFIX + self.entry.key

    @property
    def missing_key(self):
        return f"{self.key}:{self.site.pk}" if self.site else self.key

    @property
    def title(self):
        return f"{self.site.name}: {self.entry.title}" if self.site else self.entry.title

    @property
    def files(self):
        return self.paper.current if self.paper else []

    @property
    def is_needed(self):
        return self.entry.needed and self.asked

    @property
    def is_shown(self):
        """Whether the company sees it among its papers: what does not apply shows only if something was handed in."""
        return self.asked or bool(self.files)

    @property
    def valid_until(self):
        return self.paper.valid_until if self.paper else None

    def ends_soon(self, closes: date) -> bool:
        """Whether it counts on the closing day but may run out before PROMPERÚ decides."""
        until = self.valid_until
        return bool(self.files and until and closes <= until <= closes + timedelta(days=NEAR))

    def condition(self, *, on: date, closes: date, handed_on: date, since):
        """Its line in the checklist; None when it is neither needed nor handed in."""
        names = {"document": self.title}
        if not self.files:
            if not self.is_needed:
                return None
            inside = " ".join(filter(None, (_("No presentó «%(document)s».") % names, str(self.entry.why_asked))))
            return self._unmet(_("Falta el documento «%(document)s».") % names, self.entry.why_asked, since, inside)
        if fault := self.entry.fault_of(self.paper, on=on, closes=closes, handed_on=handed_on):
            sentence = f"«{self.title}»: {fault}"
            return self._unmet(sentence, _("Suba el documento vigente."), since, sentence)
        return Missing(self.title, key=self.missing_key, done=True, waivable=True, detail=self._found())

    def _unmet(self, sentence, detail, since, inside):
        return Missing(sentence, key=self.missing_key, since=since, detail=str(detail), waivable=True, inside=inside)

    def _found(self):
        count = len(self.files)
        words = [ngettext("%(n)d archivo", "%(n)d archivos", count) % {"n": count}]
        if self.valid_until:
            words.append(_("vence el %(day)s") % {"day": f"{self.valid_until:%d/%m/%Y}"})
        return ", ".join(words)


def slots_of(company, edition, *, mandate, sites, papers):
    """Every paper the catalogue speaks of, in its order. sites: those in the scope. papers: with their files."""
    there = {(paper.entry_id, paper.site_id): paper for paper in papers}
    found = []
    for entry in edition.documents.all():
        if entry.is_of_a_site or (entry.withdrawn and not any(key[0] == entry.pk for key in there)):
            continue
        asked = not entry.withdrawn and entry.applies_to(company, mandate, sites)
        places = sites if entry.subject == entry.Subject.SITE else [None]
        found += [Slot(entry, site, there.get((entry.pk, site and site.pk)), asked) for site in places]
    return found
