"""What happens to a request before its page: whose session it is, and what they must prove first."""

from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from . import dangerous, sessions, standing_in, unsent
from .autosave import FIELD
from .models import SecondFactorRule, StandIn


def sent_to(request, address):
    """A redirect that a fragment's request follows with the whole page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def asks_by_itself(request):
    """Whether an open page asks for news without its person doing anything: that keeps no session alive."""
    return request.headers.get("X-Requested-With") == "poll"


def is_in_the_background(request):
    """Whether the page stays as it is whatever the answer: a field saved while one types, or news asked for."""
    return request.headers.get("X-Requested-With") in {"autosave", "poll"} or FIELD in request.POST


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
            elif not asks_by_itself(request):
                sessions.tick(request, now)
        return self.get_response(request)


class StandInMiddleware:
    """Let staff see as somebody, or act in a company's name, as far as companies/standing_in.py admits it.

    From here on `request.user` is whose eyes see; whatever asks for the person (a policy of the database too)
    comes after this and reads it. `request.at_keyboard` stays who signed in.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.at_keyboard, request.standing_in, request.stand_in_over = request.user, None, False
        pk = request.session.get(standing_in.SESSION_KEY)
        if pk is None or not request.user.is_authenticated:
            return self.get_response(request)
        row = StandIn.objects.running(timezone.now()).filter(pk=pk, staff=request.user).first()
        if row is None or not row.person.is_active or not request.user.has_duty(*standing_in.DUTIES):
            del request.session[standing_in.SESSION_KEY]
            request.stand_in_over = True
            return self.get_response(request)
        request.standing_in, request.user = row, row.person
        with standing_in.standing(row):
            return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.stand_in_over:
            messages.info(request, _("Terminó el tiempo de actuar por otra persona. Vuelve a ser usted."))
            return sent_to(request, reverse("public:doors"))
        row = request.standing_in
        if row is None or standing_in.admits(row, request, request.resolver_match):
            return None
        return render(request, "stand_in_refused.html", {"row": row}, status=403)


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's own, which also says that the session ended and keeps what was being sent.

    A page that saves in the background keeps what was typed itself, and is told with 401 (static/js/autosave.js).
    """

    def handle_no_permission(self, request, view_func):
        if is_in_the_background(request):
            return HttpResponse(status=401)
        if request.ended_for is None:
            return self._closed_elsewhere(request, view_func)
        after = request.get_full_path() if request.method == "GET" else "/"
        if request.method == "POST" and unsent.keep(request, request.ended_for.pk):
            after = reverse("public:unsent")
        messages.warning(request, _("Su sesión terminó. Ingrese de nuevo y seguirá donde estaba."))
        return sent_to(request, f"{reverse('account_login')}?{urlencode({'next': after})}")

    def _closed_elsewhere(self, request, view_func):
        """Nobody is signed in; a form may come from a page that somebody had. A fragment's page stays as it is."""
        if request.method != "POST" or not unsent.keep(request, unsent.writer_of(request)):
            return super().handle_no_permission(request, view_func)
        return sign_in_to_send(request)


def sign_in_to_send(request):
    messages.warning(
        request, _("Su sesión se cerró antes de guardar. Ingrese de nuevo y podrá enviar lo que escribió.")
    )
    return redirect(f"{reverse('account_login')}?{urlencode({'next': reverse('public:unsent')})}")


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
        person = request.at_keyboard
        if not person.is_authenticated:
            return None
        rule = SecondFactorRule.current()
        request.second_factor_due = None
        if not rule.relations or Authenticator.objects.filter(user=person).exists() or not rule.binds(person):
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
