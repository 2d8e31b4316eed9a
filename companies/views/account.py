"""A person's own account: one page with its parts; allauth holds the pages behind it."""

import json

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django.views.decorators.http import require_POST, require_safe

from companies import unsent
from companies.middleware import sign_in_to_send
from companies.models import Event


@require_safe
def account(request):
    kept = {}
    for row in Authenticator.objects.filter(user=request.user):
        if row.type == Authenticator.Type.WEBAUTHN:
            kept.setdefault(row.type, []).append(row)
        else:
            kept[row.type] = row.wrap()
    alive = Session.objects.filter(expire_date__gt=timezone.now())
    context = {
        "authenticators": kept,
        "is_mfa_enabled": is_mfa_enabled(request.user),
        "sessions": UserSession.objects.filter(user=request.user, session_key__in=alive.values("pk")).count(),
        "consents": request.user.consents.select_related("text").order_by("-given_at"),
    }
    return render(request, "account/home.html", context)


@require_POST
def session_close(request, pk):
    """Close one of my other sessions: its browser is out at its next request."""
    row = get_object_or_404(UserSession, pk=pk, user=request.user)
    end_sessions(request, [row])
    Event.record(request.user, by=request.user, verb="close_session", note=row.ip)
    messages.success(request, _("Cerró esa sesión."))
    return redirect("usersessions_list")


@require_safe
def unsent_form(request):
    """What was being sent when the session ended: read it, send it now or leave it."""
    kept = unsent.kept_for(request)
    if kept is None:
        return redirect("public:doors")
    return render(request, "account/unsent.html", {"kept": kept, "words": unsent.words_of(kept)})


def token_refused(request, reason=""):
    """403 for a form whose token is not this session's. Of a page the person had before signing in anew it is kept.

    Nothing is done by itself: the words are shown, or the page gets the new token, for the person to send them.
    """
    writer, person = unsent.writer_of(request), request.at_keyboard
    if writer is None or (person.is_authenticated and person.pk != writer):
        return csrf_failure(request, reason)
    if person.is_authenticated and request.headers.get("HX-Request"):
        event = json.dumps({"eco:token": {"token": get_token(request)}})
        return HttpResponse(status=403, headers={"HX-Trigger": event})
    if not unsent.keep(request, writer):
        return csrf_failure(request, reason)
    return redirect("public:unsent") if person.is_authenticated else sign_in_to_send(request)


@require_POST
def unsent_discard(request):
    unsent.forget(request)
    return redirect("public:doors")
