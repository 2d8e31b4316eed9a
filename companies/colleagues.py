"""What colleagues save while one works on the papers of the same company."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.models import Event
from ecoeficiencia.changes import label_of
from ecoeficiencia.writing import hm

RECENT, SHOWN = timedelta(hours=1), 5
ACTS = {
    "create": gettext_lazy("registró"),
    "add": gettext_lazy("registró"),
    "delete": gettext_lazy("quitó"),
    "section": gettext_lazy("completó"),
    "sign": gettext_lazy("aceptó la declaración jurada"),
}


def last_event(**company):
    """The last event of a company, which the lookup tells: what a page has seen that is read after this.

    Asked before the papers are read: what is saved in between is told again, never missed.
    """
    return Event.objects.filter(**company).aggregate(last=Max("pk"))["last"] or 0


class Colleagues:
    """The company's saves by others than `user`, as somebody sees them who last looked at event `seen`."""

    def __init__(self, company, user, *, cursor, seen=""):
        """cursor: from `last_event`. seen: the one a page sent back; what is no number says it has seen nothing."""
        self.company, self.user, self.cursor = company, user, cursor
        self.seen = int(seen) if seen and seen.isascii() and seen.isdecimal() and len(seen) < 19 else None

    @property
    def have_news(self):
        return self.seen is None or self.cursor > self.seen

    @cached_property
    def recent(self):
        """The newest saves by others in the last hour, newest first."""
        by_others = Event.objects.filter(
            company=self.company, at__gt=timezone.now() - RECENT, verb__in=["edit", *ACTS], actor__isnull=False
        )
        told = by_others.exclude(actor=self.user).told_to_company().newest_first()
        return [self._line(event) for event in told[:SHOWN]]

    def changed(self, record):
        """{field: the event} of what others changed in `record` since the page last looked."""
        found = {}
        if self.seen is not None:
            events = Event.objects.about(record).filter(pk__gt=self.seen, verb="edit").exclude(actor=self.user)
            for event in events.select_related("actor"):
                found |= dict.fromkeys(event.data.get("changes", {}), event)
        return found

    def changed_fields(self, form):
        """[(field, who saved it and when)] of what others changed in the record of `form`."""
        changed = self.changed(form.instance) if form.instance.pk else {}
        words = _("%(who)s lo guardó a las %(time)s")
        return [
            (form[name], words % {"who": event.who, "time": hm(event.at)})
            for name, event in changed.items()
            if name in form.fields
        ]

    @staticmethod
    def _line(event):
        if event.verb == "edit":
            names = [f"«{capfirst(label_of(event.model, name))}»" for name in event.data.get("changes", {})]
            what = _("guardó %(fields)s") % {"fields": ", ".join(names)}
        else:
            what = f"{ACTS[event.verb]} {event.note if event.verb != 'sign' else ''}".strip()
        return {"who": event.who, "what": what, "at": event.at}
