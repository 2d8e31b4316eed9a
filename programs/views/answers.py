"""The answers of a form that acts on a record: done and away, or the same page with what was written."""

from django.contrib import messages
from django.shortcuts import redirect

from ecoeficiencia.lifecycle import IllegalMove


def answer(request, form, act, *, said, to, page):
    """Let `act` do what `form` says and go `to`; else `page(status=…)` shows the form again, nothing lost.

    422: the form has errors. 409: the life cycle refused, or somebody was quicker; its sentence is on the page.
    """
    if not form.is_valid():
        return page(status=422)
    try:
        act(**form.cleaned_data)
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
        return page(status=409)
    messages.success(request, said)
    return redirect(to)
