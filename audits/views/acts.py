"""The two answers every act has: done, and back to the page; or refused, with the reason."""

from django.contrib import messages
from django.shortcuts import redirect

from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove


def attempt(request, deed, *, said, back, **words):
    """Let the person do `deed`, say `said` and go `back`; a refusal of the life cycle is a 409 with its sentence."""
    try:
        deed(by=request.user, **words)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    messages.success(request, said)
    return redirect(back)
