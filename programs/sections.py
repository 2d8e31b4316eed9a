"""The application as a row of sections: how each stands, who completed it and when, what keeps one closed.

A company works in any order it likes. Only the sworn statement waits, until nothing is missing elsewhere: it swears to
all the rest.
"""

from dataclasses import dataclass

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.models import Event

from .conditions import condition_of
from .models.submission import SECTIONS, SWORN, unmet


class State(models.TextChoices):
    TODO = "todo", gettext_lazy("Por completar")
    STARTED = "started", gettext_lazy("En curso")
    COMPLETE = "complete", gettext_lazy("Completa")
    OBSERVED = "observed", gettext_lazy("Observada")
    LOCKED = "locked", gettext_lazy("Bloqueada")


# What a section that is one form of the company's own asks for; the name is there from the registration on.
FIELDS = {
    "empresa": ("registry_entry", "registry_office", "started_on", "size"),
    "proceso": ("activity_id", "products", "process"),
    "comunicaciones": ("phone", "email", "website"),
}


@dataclass(frozen=True)
class Section:
    """One section as a page shows it. `completed`: the event that says who completed it; `words`: why it stands so."""

    key: str
    title: str
    url: str
    state: State
    completed: Event | None
    words: str = ""

    @property
    def is_complete(self):
        return self.state == State.COMPLETE


def sections_of(application, checklist):
    """Every section in the order of the form, from a checklist already made."""
    done = completions(application)
    return [
        Section(
            key=key,
            title=str(title),
            url=reverse("empresa:application_section", args=[application.pk, key]),
            completed=done.get(key),
            **_standing(application, key, checklist),
        )
        for key, title in SECTIONS.items()
    ]


def completions(application):
    """{section: the event that completed it}, of those that nobody left incomplete since."""
    found = {}
    for event in Event.objects.about(application).filter(verb__in=["section", "unsection"]).select_related("actor"):
        found[event.new] = event if event.verb == "section" else None
    return {key: event for key, event in found.items() if event}


def _standing(application, key, checklist):
    items = [item for item in checklist if condition_of(item.key).section == key]
    missing = unmet(items)
    if application.state == "observed":
        return _observed(application, key)
    if not missing or application.state != "draft":
        return {"state": State.COMPLETE}
    if key == SWORN and (closed := application.sections_before_swearing(checklist)):
        names = ", ".join(application.names_of(closed))
        return {"state": State.LOCKED, "words": _("Se abre al completar: %(sections)s.") % {"sections": names}}
    words = ngettext("Falta %(n)s dato.", "Faltan %(n)s datos.", len(missing)) % {"n": len(missing)}
    begun = _is_begun(application.company, key, items)
    return {"state": State.STARTED if begun else State.TODO, "words": words}


def _observed(application, key):
    if not application.reopens(key):
        return {"state": State.COMPLETE, "words": application.lock_sentence()}
    if any(item.is_to_mend for item in application.observed_in(key)):
        return {"state": State.OBSERVED, "words": _("Reabierta por una observación.")}
    return {"state": State.COMPLETE, "words": _("Reabierta por una observación; ya está corregida.")}


def _is_begun(company, key, items):
    """Whether something is there in a section that is not complete, of which `items` are the conditions."""
    if key == "sedes":
        return all(item.key != "sites" for item in items)
    if key == "documentos":
        return any(item.done for item in items)
    if key == "representacion":
        return company.mandates.exists()
    if key == "exportaciones":
        return company.exports.exists()
    return any(getattr(company, name) for name in FIELDS.get(key, ()))
