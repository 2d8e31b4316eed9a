"""What a person types is saved field by field. The answer says beside the field when it was kept, or why not.

The browser's half is static/js/autosave.js; each field of the page is templates/includes/autofield.html. A field bears
the version of its record in which it was shown, so that two people who write different fields never meet, and two who
write the same one see both texts there and choose.
"""

import json
from contextlib import nullcontext

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecoeficiencia.lifecycle import Closed, IllegalMove
from ecoeficiencia.writing import hm

from .merging import choice_of
from .models import Event

FIELD = "campo"  # the name under which a page's script says which field it sends
CHOSEN = "elegido"  # sent along when one of two texts was chosen
ATTEMPTS = 3  # two colleagues may save two fields in the same moment


def save_field(request, make_form, *, hold=nullcontext, done=None, more=None):
    """Save the one field that was sent: 200 with the time, 422 with what is wrong, 409 with both texts.

    make_form: makes the form on the record as stored now, of the data given or of none. hold: makes the context in
    which it is saved, and which raises Closed when that may not be any more. done: called once something was saved.
    more: the context of what else on the page the answer brings up to date, `also` naming its template.
    """
    name, outcome = request.POST[FIELD], None
    for _attempt in range(ATTEMPTS):
        form = make_form(request.POST)
        if name not in form.fields:
            raise Http404
        try:
            outcome = _try(request, form, form.saved_with(name), hold)
            break
        except Closed as refusal:
            return refuse_field(request, str(refusal))
        except IllegalMove:  # somebody saved another field of the record in this very moment
            continue
    if outcome is None:
        return HttpResponse(status=503)  # the page tries again by itself
    status, context = outcome
    if status == 200 and done:
        done()
    if status == 200 and CHOSEN in request.POST:  # the text that stays may not be the one on the page
        form = make_form(None)
        context["shown"] = [form[each] for each in form.saved_with(name)]
    context |= {"name": name, **(more() if more else {})}
    return render(request, "includes/autosaved.html", context, status=status)


def answer_later(request):
    """200: nothing of the field was kept, its page has a button for that."""
    return render(request, "includes/autosaved.html", {"name": request.POST[FIELD], "outcome": "later"})


def refuse_field(request, sentence):
    """409 beside the field: its record may not be edited now."""
    context = {"name": request.POST[FIELD], "outcome": "closed", "sentence": sentence}
    return render(request, "includes/autosaved.html", context, status=409)


def _try(request, form, names, hold):
    if not form.is_valid() and any(name in form.errors for name in names):
        wrong = [form[name] for name in names if name in form.errors]
        return 422, {"outcome": "wrong", "drafted": False, "wrong": wrong}
    if not form.saves_while_typing:
        return 200, {"outcome": "later"}
    if clashes := [name for name in form.clashes(request.user) if name in names]:
        return 409, {"outcome": "clash", "clashes": list(_clashes(form, names, clashes))}
    with hold():
        form.save_fields(names, by=request.user)
    words = _("Guardado a las %(time)s") % {"time": hm(timezone.now())}
    stamps = [(name, form.instance.version) for name in names]
    return 200, {"outcome": "saved", "told": words, "stamps": stamps, "warning": form.warning(names)}


def _clashes(form, names, clashes):
    """Each field written twice, with who saved the other text and what the two buttons send."""
    stored = form.as_stored()
    kept = {CHOSEN: "1"} | {f"v-{name}": stored.version for name in names}
    for name in clashes:
        choice = choice_of(form, name, stored)
        yield {
            "choice": choice,
            "saved": _last_of(form.instance, name),
            "theirs": json.dumps(kept | {FIELD: name, name: choice.stored_value}),
            "mine": json.dumps(kept | {FIELD: name, name: choice.written_value}),
        }


def _last_of(record, name):
    """The last event that changed that field of the record, as an edit or as a part of something larger."""
    events = Event.objects.about(record).newest_first()
    return next(event for event in events if name in event.data.get("changes", {}))
