"""What happens to a request before its page: whose session it is, and what they must prove first."""

from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from . import dangerous, sessions, unsent
from .models import SecondFactorRule


def sent_to(request, address):
    """A redirect that a fragment's request follows with the whole page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


class SessionClockMiddleware:
    """End a session that was idle or has lasted too long; what its last form held is kept for its owner."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.ended_for = None
        if request.user.is_authenticated:
            now = timezone.now()
            if sessions.is_over(request, now):
                request.ended_for = request.user
                logout(request)
            else:
                sessions.tick(request, now)
        return self.get_response(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's own, which also says that the session ended and keeps what was being sent."""

    def handle_no_permission(self, request, view_func):
        if request.ended_for is None:
            return super().handle_no_permission(request, view_func)
        after = request.get_full_path() if request.method == "GET" else "/"
        if request.method == "POST" and unsent.keep(request, request.ended_for):
            after = reverse("public:unsent")
        messages.warning(request, _("Su sesión terminó. Ingrese de nuevo y seguirá donde estaba."))
        return sent_to(request, f"{reverse('account_login')}?{urlencode({'next': after})}")


class SecondFactorMiddleware:
    """Somebody bound to a second factor who has none sets it up first, and does nothing else."""

    # Where one may go meanwhile: the account itself, signing out, help, and what is public anyway.
    OPEN = frozenset({"account_logout", "account_reauthenticate", "account_email_verification_sent", "account_email",
                      "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes",
                      "mfa_download_recovery_codes", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"})  # fmt: skip

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.user.is_authenticated:
            return None
        rule = SecondFactorRule.current()
        request.second_factor_due = None
        if not rule.relations or Authenticator.objects.filter(user=request.user).exists():
            return None
        if not rule.binds(request.user):
            return None
        ends = rule.grace_ends()
        if ends and timezone.localdate() <= ends:
            request.second_factor_due = ends
            return None
        if request.resolver_match.view_name in self.OPEN or not getattr(view, "login_required", True):
            return None
        messages.warning(request, _("Su función exige verificación en dos pasos. Actívela para continuar."))
        return sent_to(request, reverse("mfa_index"))


class ProofMiddleware:
    """Before a dangerous act the person says again who they are, unless they did a moment ago."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not dangerous.needs_proof(request, request.resolver_match.view_name):
            return None
        if not request.user.is_authenticated or sessions.proved_lately(request):
            return None
        address = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
        if request.headers.get("HX-Request"):
            page = urlsplit(request.headers.get("HX-Current-URL", "/")).path
            return sent_to(request, f"{address}?{urlencode({'next': page})}")
        return suspend_request(request, address)
