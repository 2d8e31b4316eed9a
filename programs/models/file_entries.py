"""The numbered file of an application: everything that happened, in order, never changed."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from companies.models import Event


@dataclass(frozen=True)
class Entry:
    """number: its place in the file, the same for everybody who reads it."""

    number: int
    event: Event

    @property
    def title(self):
        return self.event.summary


class Filed:
    """An application's half that is its file."""

    # Acts the company does not read: it gets the whole review at once, and never who opened or proposed what.
    KEPT_INSIDE = ("review", "assign", "propose", "open")
    INSIDE_FIELDS = ("reviewer", "proposal", "proposal_grounds")

    def file_events(self):
        """The events of the application and of the records that hang on it, oldest first."""
        parts = Q(object_type="programs.application", object_id=self.pk)
        own = self.papers.values("pk")
        parts |= Q(object_type="programs.paper", object_id__in=own)
        for related, label in ((self.participation_pk, "programs.participation"), (self.appeal_pk, "programs.appeal")):
            if related:
                parts |= Q(object_type=label, object_id=related)
        return Event.objects.filter(parts).select_related("actor").order_by("at", "pk")

    @property
    def participation_pk(self):
        return getattr(getattr(self, "participation", None), "pk", None)

    @property
    def appeal_pk(self):
        return getattr(getattr(self, "appeal", None), "pk", None)

    def entries(self, *, inside):
        """The file's entries; `inside` for PROMPERÚ, else those the company reads, with the same numbers."""
        entries = [Entry(number, event) for number, event in enumerate(self.file_events(), 1)]
        read = [e for e in entries if inside or e.event.verb not in self.KEPT_INSIDE]
        for entry in read:
            entry.event.shown = entry.event.told_changes(inside)
        return read

    def note_opened(self, *, by):
        """Put on record that `by` opened the file: once a person and day."""
        today = timezone.localdate()
        last = Event.objects.about(self).filter(verb="open", actor=by).order_by("-at").first()
        if last is None or timezone.localdate(last.at) != today:
            Event.record(self, by=by, verb="open")

    def record(self, verb, *, by, note=""):
        """Write one event and take the next version, so that two who act at once conflict."""
        self._stamp(by=by, verb=verb, note=note)
