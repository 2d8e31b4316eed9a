"""The answers every act has: done, and back to the page; refused, with the reason; or done before."""

from django.contrib import messages
from django.shortcuts import redirect

from companies.merging import overtaken
from ecoeficiencia.lifecycle import IllegalMove, Overtaken


def attempt(request, deed, *, said, back, form=None, **words):
    """Let the person do `deed` with what the valid `form` and `words` say, say `said` and go `back`.

    A refusal of the life cycle is a 409 with its sentence, what was done first and what the person wrote.
    """
    try:
        deed(by=request.user, **(form.cleaned_data if form else {}), **words)
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=back, form=form)
    messages.success(request, said)
    return redirect(back)


def pressed_again(request, record, *, by, said, back, form):
    """`record` was settled already: `by` this person, who pressed again, or another, whose words stand beside these."""
    if by == request.user:
        messages.info(request, said)
        return redirect(back)
    return overtaken(request, Overtaken(said, record), back=back, form=form)
