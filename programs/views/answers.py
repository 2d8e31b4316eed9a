"""The answers of a form that acts on a record: done and away, or the same page with what was written."""

from django.contrib import messages
from django.shortcuts import redirect

from companies.merging import overtaken
from ecoeficiencia.lifecycle import IllegalMove, Overtaken


def answer(request, form, act, *, said, to, page):
    """Let `act` do what `form` says and go `to`; else `page(status=…)` shows the form again, nothing lost.

    to: an address, or what gives one for what `act` made.
    422: the form has errors. 409: the life cycle refused, and its sentence is on the page; or somebody was quicker,
    and both texts are.
    """
    if not form.is_valid():
        return page(status=422)
    try:
        made = act(**form.cleaned_data)
    except Overtaken as refusal:
        return overtaken(request, refusal, back=to, form=form)
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
        return page(status=409)
    messages.success(request, said)
    return redirect(to(made) if callable(to) else to)
