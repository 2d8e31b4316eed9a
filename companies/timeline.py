"""A history as its page shows it: acts and changes of fields together, newest first, a page at a time."""

from django.utils.functional import cached_property

from .models import Event

EACH = 20


class Timeline:
    """`events` as the reader may see them; `?historia=2` turns the page.

    inside: whether the reader works on the other side of the desk, and reads what records keep from the company.
    """

    def __init__(self, request, events, *, inside=False):
        self.events, self.inside, self.params = events.newest_first(), inside, request.GET.copy()
        asked = self.params.pop("historia", ["1"])[-1]
        self.number = max(int(asked), 1) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1

    @classmethod
    def of(cls, request, record, *, inside=False):
        return cls(request, Event.objects.about(record).acts(), inside=inside)

    @cached_property
    def _found(self):
        """The events of this page and, when there are older ones, one more."""
        first = (self.number - 1) * EACH
        return list(self.events[first : first + EACH + 1])

    def __iter__(self):
        for event in self._found[:EACH]:
            event.shown = event.told_changes(self.inside)
            yield event

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
