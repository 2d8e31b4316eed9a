"""A person's own account: one page with its parts; allauth holds the pages behind it."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies import unsent
from companies.models import Event


@require_safe
def account(request):
    kept = {}
    for row in Authenticator.objects.filter(user=request.user):
        if row.type == Authenticator.Type.WEBAUTHN:
            kept.setdefault(row.type, []).append(row)
        else:
            kept[row.type] = row.wrap()
    context = {
        "authenticators": kept,
        "is_mfa_enabled": is_mfa_enabled(request.user),
        "sessions": len(UserSession.objects.purge_and_list(request.user)),
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


@require_POST
def unsent_discard(request):
    unsent.forget(request)
    return redirect("public:doors")
