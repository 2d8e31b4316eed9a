"""A history as its page shows it: acts and changes of fields together, newest first, a page at a time."""

from collections import defaultdict

from django.urls import reverse
from django.utils.functional import cached_property

from .models import Company, Event

EACH = 20
# What the names of some records are made of.
NAMED_BY = {
    "audits.Audit": ("participation__company",),
    "audits.Decision": ("audit__participation__company",),
    "audits.Withdrawal": ("certificate",),
    "companies.Membership": ("user",),
    "programs.Application": ("company", "edition"),
    "programs.CommitmentLetter": ("participation__company", "participation__edition"),
    "programs.Participation": ("company", "edition"),
    "programs.Session": ("workshop",),
    "requirements_std.Assessment": ("company", "standard_version__standard"),
    "requirements_std.Fulfilment": ("requirement", "site"),
}


# Pages of a record that everybody who reads the history at that door may open.
PAGES = {
    "empresa": {
        "audits.audit": "audit",
        "audits.nonconformity": "nonconformity",
        "programs.application": "application",
        "programs.measure": "measure",
        "requirements_std.evidence": "evidence",
        "requirements_std.fulfilment": "fulfilment",
    },
    "panel": {
        "audits.audit": "audit",
        "audits.certificate": "certificate",
        "audits.decision": "decision",
        "programs.appeal": "appeal",
        "programs.application": "application",
        "programs.commitmentletter": "letter",
        "programs.participation": "participation",
        "programs.session": "session",
        "requirements_std.fulfilment": "fulfilment",
    },
}


class Timeline:
    """`events` as the reader may see them; `?historia=2` turns the page.

    inside: whether the reader works on the other side of the desk, and reads what records keep from the company.
    told: the texts its page shows beside it, which the history does not say again.
    """

    def __init__(self, request, events, *, inside=False, told=()):
        self.named, self.door, self.here = True, getattr(request.resolver_match, "namespace", ""), request.path
        self.events, self.inside, self.params = events.newest_first(), inside, request.GET.copy()
        self.told = frozenset(told)
        asked = self.params.pop("historia", ["1"])[-1]
        self.number = max(int(asked), 1) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1

    @classmethod
    def of(cls, request, record, *parts, events=None, **told):
        """The history of `record`, whose page says whose it is; with that of its `parts`, each named.

        events: those that tell it, when it takes more or fewer than its own.
        """
        acts = (Event.objects.about_any([record, *parts]) if events is None else events).acts()
        found = cls(request, acts, **told)
        found.named = bool(parts)
        return found

    @cached_property
    def _found(self):
        """The events of this page and, when there are older ones, one more."""
        first = (self.number - 1) * EACH
        return list(self.events[first : first + EACH + 1])

    def __iter__(self):
        for event in self._found[:EACH]:
            event.shown = event.told_changes(self.inside)
            event.note = "" if event.note in self.told else event.note
            event.what = self._names.get((event.object_type, event.object_id), "")
            event.url = self._address(event) if event.what else ""
            yield event

    def _address(self, event):
        page = PAGES.get(self.door, {}).get(event.object_type)
        address = reverse(f"{self.door}:{page}", args=[event.object_id]) if page else ""
        return address if address != self.here else ""

    @cached_property
    def _names(self):
        """{(type, id): name} of the records of this page, one query a type; those that are gone have none."""
        ids = defaultdict(set)
        for event in self._found[:EACH] if self.named else ():
            ids[event.model].add(event.object_id)
        ids.pop(Company, None)
        return {
            (model._meta.label_lower, record.pk): str(record)
            for model, wanted in ids.items()
            for record in model._base_manager.select_related(*NAMED_BY.get(model._meta.label, ())).filter(pk__in=wanted)
        }

    def __len__(self):
        return min(len(self._found), EACH)

    @property
    def older(self):
        return self._page(self.number + 1) if len(self._found) > EACH else ""

    @property
    def newer(self):
        return self._page(self.number - 1) if self.number > 1 else ""

    def _page(self, number):
        params = self.params.copy()
        params["historia"] = number
        return f"?{params.urlencode()}#historia"
