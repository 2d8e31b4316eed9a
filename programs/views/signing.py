"""The acts of signing on screen, the same for every text: ask for the code, then write it."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from companies import throttle
from ecoeficiencia.errors import conflict, too_many_requests
from ecoeficiencia.lifecycle import IllegalMove
from programs.forms.signing import AcceptWordsForm, CodeForm
from programs.models import SigningCode, WrongCode

CODES = (5, 15 * 60)  # asked for by one person before each further one waits, at most so many seconds


def on_screen(request, application, kind, words, digest):
    """What the page needs to offer both steps: the words, and the code that waits to be written."""
    code = SigningCode.objects.asked_by(request.user, application, kind)
    waits = code is not None and code.used_at is None and code.sha256 == digest and code.expires_at > timezone.now()
    return {
        "words": words,
        "digest": digest,
        "pending": code if waits else None,
        "accept_form": AcceptWordsForm(initial={"seen": digest}),
        "code_form": CodeForm(initial={"seen": digest}),
    }


def ask_code(request, ask, *, page, back):
    """Mail the code that confirms the words on the page. Asking again and again for one text gets slow."""
    form = AcceptWordsForm(request.POST)
    if not form.is_valid():
        return page(status=422, accept_form=form)
    try:
        throttle.Delay(f"signing-code:{request.user.pk}:{request.path}", *CODES).take()
        code = ask(by=request.user, on=timezone.localdate(), seen=form.cleaned_data["seen"])
    except throttle.Throttled as pause:
        return too_many_requests(request, wait=pause.wait)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    messages.success(
        request, _("Enviamos el código a %(to)s. Vale %(n)s minutos.") % {"to": code.sent_to, "n": code.minutes}
    )
    return redirect(f"{back}#{CodeForm()['code'].id_for_label}")  # the page opens at the field, with the cursor in it


def sign(request, act, *, page, back, said, to):
    """Sign with the code that was written; a wrong one is told beside the field and counted."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return page(status=422, code_form=form)
    facts = {"ip": get_adapter().get_client_ip(request), "user_agent": request.headers.get("User-Agent", "")}
    try:
        act(by=request.user, on=timezone.localdate(), **form.cleaned_data, **facts)
    except WrongCode as wrong:
        form.add_error("code", str(wrong))
        return page(status=422, code_form=form)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    messages.success(request, said)
    return redirect(to)
