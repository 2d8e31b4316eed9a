"""What an observation opens again: the section it is about, the papers that prove it, and nothing else."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from ..conditions import condition_of
from ..papers import PREFIX
from .submission import SECTIONS

UNDER_REVIEW = ("submitted", "observed", "mended")
# A doubt about who swears is one about who represents the company, and the other way round.
DOUBTED_TOGETHER = ({"representation", "sworn_statement"},)


def doubted_with(key):
    """The conditions in doubt when the item `key` is observed."""
    return next((together for together in DOUBTED_TOGETHER if key in together), {key})


@dataclass(frozen=True)
class Opened:
    """What one item opens when it is observed: names of sections, names of papers."""

    sections: list
    papers: list

    def __bool__(self):
        return bool(self.sections or self.papers)


class Reopened:
    """An application's half that says what the company may edit now."""

    def observed_items(self):
        """The points PROMPERÚ sent back, with what the company answered (reads prefetched rows)."""
        if self.state != self.State.OBSERVED:
            return []
        return [i for i in self.items.all() if i.verdict == i.Verdict.OBSERVED]

    @cached_property
    def _proofs(self):
        """The entries of the catalogue that prove a condition."""
        return [entry for entry in self.edition.documents.all() if entry.proves and not entry.withdrawn]

    def proofs_of(self, item):
        """The entries of the catalogue that an observation of `item` opens besides what it is about."""
        if item.entry_id or item.site_id:
            return []
        return [entry for entry in self._proofs if entry.proves in doubted_with(item.key)]

    def observed_in(self, section):
        """The observed points that `section` is opened for."""
        found = self.observed_items()
        return [i for i in found if i.section == section or (section == "documentos" and self.proofs_of(i))]

    def opened_by(self, item):
        """What the company may change once `item` is observed."""
        if item.entry_id or item.site_id:
            return Opened([], [item.title])
        doubted = doubted_with(item.key)
        sections = [key for key in SECTIONS if key in {condition_of(name).section for name in doubted}]
        return Opened(self.names_of(sections), [entry.title for entry in self.proofs_of(item)])

    def reopens(self, section, site=None, kind=""):
        """Whether the company may edit `section` now; of the sites, one's paper of `kind`, or a `new` one.

        Of the documents, the one whose reviewed item is called `kind`.
        """
        if self.state == self.State.DRAFT:
            return True
        if self.state != self.State.OBSERVED:
            return False
        observed = self.observed_items()
        if section == "sedes" and (site or kind):
            return any(i.key == "sites" or (site and i.site_id == site.pk and i.key == kind) for i in observed)
        if section == "documentos":
            return self._reopens_papers(observed, site, kind)
        doubted = {key for item in observed for key in doubted_with(item.key)}
        if any(condition_of(key).section == section for key in doubted):
            return True
        # What was mended may be named in the words that were signed: then they are signed again.
        return section == "declaracion" and bool(self.lapsed_signature(self.company.mandate_on(timezone.localdate())))

    def _reopens_papers(self, observed, site, kind):
        """Whether one paper is open, or any when no `kind` is named: an observed one, or the proof of what was."""
        proofs = {PREFIX + entry.key for item in observed for entry in self.proofs_of(item)}
        if not kind:
            return bool(proofs) or any(item.entry_id for item in observed)
        return kind in proofs or any(i.key == kind and i.site_id == (site and site.pk) for i in observed)

    def lock_sentence(self):
        if self.state == self.State.OBSERVED:
            return _("Solo se reabre lo observado; lo demás queda como está.")
        if self.state in UNDER_REVIEW:
            return _("La postulación %(number)s está en revisión. No se edita hasta que PROMPERÚ responda.") % {
                "number": self.number
            }
        return _("Esta postulación está en «%(state)s» y ya no se edita.") % {"state": self.get_state_display()}


class Locks:
    """The applications under review of one company, asked what each keeps closed. Reads them once."""

    def __init__(self, applications):
        self.applications = list(applications)

    def sentence(self, section, site=None, kind=""):
        closed = (a for a in self.applications if not a.reopens(section, site, kind))
        return next((a.lock_sentence() for a in closed), "")
