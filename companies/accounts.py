"""How accounts behave here: links come from the site's own address, mails speak for the programme."""

import base64
import hashlib
import secrets
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecoeficiencia.errors import too_many_requests
from ecoeficiencia.jobs import Job, Urgency

from . import throttle
from .sessions import proved_lately


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": gettext_lazy("Esta cuenta está desactivada. Escriba a la ayuda."),
        "email_password_mismatch": gettext_lazy("El correo o la contraseña no coinciden. Revise ambos."),
        "email_taken": gettext_lazy("No puede usar este correo. Pruebe con otro."),
        "duplicate_email": gettext_lazy("Ya es el correo de su cuenta."),
        "enter_current_password": gettext_lazy("La contraseña actual no es esa."),
        "incorrect_password": gettext_lazy("La contraseña no es esa."),
        "incorrect_code": gettext_lazy("El código no es ese, o ya venció. Escriba el más reciente."),
        "invalid_password_reset": gettext_lazy("El enlace ya se usó o venció. Pida otro."),
        "same_as_current": gettext_lazy("Es el mismo que ya tiene. Escriba otro."),
        "rate_limited": gettext_lazy("Son muchos pedidos seguidos. Espere un minuto e inténtelo de nuevo."),
        "too_many_login_attempts": gettext_lazy("Son muchos intentos seguidos. Espere un minuto e inténtelo de nuevo."),
    }

    def format_email_subject(self, subject):
        return f"{subject} · {_('Ecoeficiencia Perú')}"

    def send_mail(self, template_prefix, email, context):
        """Leave the mail to the workers, before all others: a page must not wait for a mail server that is away."""
        site = {
            "request": self.request,
            "email": email,
            "site_url": settings.SITE_URL,
            "help_email": settings.HELP_EMAIL,
            "signup_url": settings.SITE_URL + reverse("account_signup"),
        }
        if "password_reset_url" in context and template_prefix.endswith("already_exists"):
            site["password_reset_url"] = settings.SITE_URL + reverse("account_reset_password")
        message = self.render_mail(template_prefix, email, {**context, **site})
        key = str(uuid.uuid4())
        facts = {"key": key, "to": email, "subject": message.subject, "body": message.body}
        if seconds := _opens_for(template_prefix):
            facts["until"] = (timezone.now() + timedelta(seconds=seconds)).isoformat()
        Job.enqueue("companies.account", f"account:{key}", facts, urgency=Urgency.FIRST)

    def get_reset_password_from_key_url(self, key):
        """Never built from the Host header of whoever asked."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def pre_authenticate(self, request, **credentials):
        """Slow down whoever tries passwords; see companies/throttle.py."""
        self.delays = throttle.delays(credentials.get("email", ""), self.get_client_ip(request))
        try:
            for delay in self.delays:
                delay.take()
        except throttle.Throttled as pause:
            raise ImmediateHttpResponse(too_many_requests(request, wait=pause.wait)) from None

    def authenticate(self, request, **credentials):
        user = super().authenticate(request, **credentials)
        if user:
            of_account, of_network = self.delays
            of_account.forget()
            of_network.give_back()
        return user

    def authentication_failed(self, request, **credentials):
        """After many in a day the owner is told by mail. A job looks whether there is one: here nobody can tell."""
        email = credentials.get("email", "")
        if EmailAddress.objects.filter(email__iexact=email).exists():
            # For an unknown address allauth has asked once more; now nobody can count the difference.
            get_user_model().objects.filter(email__iexact=email).exists()
        if throttle.failures_today(email) == throttle.WARN_AFTER:
            key = f"failures:{throttle.subject(email)}:{timezone.localdate()}"
            Job.enqueue("companies.warn_of_failures", key, {"email": email})

    def _delete_login_attempts_cached_email(self, request, **credentials):
        """A password that was reset begins with a clean slate."""
        for_account, _network = throttle.delays(credentials.get("email", ""), self.get_client_ip(request))
        for_account.forget()

    def get_reauthentication_methods(self, user):
        ways = {
            "reauthenticate": _("Con mi contraseña"),
            "mfa_reauthenticate": _("Con un código"),
            "mfa_reauthenticate:webauthn": _("Con mi llave de acceso"),
        }
        return [way | {"description": ways[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def is_reauthentication_required(self, *, app, **kwargs):
        """allauth's own delicate pages ask as ours do: not of somebody who signed in a moment ago."""
        return not proved_lately(self.request)

    def get_login_redirect_url(self, request):
        return resolve_url(settings.LOGIN_REDIRECT_URL)


def _opens_for(template_prefix):
    """Seconds for which what the mail carries opens anything; None when it carries nothing of that kind."""
    if "code" in template_prefix or "confirmation" in template_prefix:
        return app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT
    return settings.PASSWORD_RESET_TIMEOUT if "reset" in template_prefix else None


class IdentityAdapter(DefaultSocialAccountAdapter):
    """An identity of the institution opens the account it was linked to, by somebody who was signed in."""

    def is_open_for_signup(self, request, sociallogin):
        return False

    def pre_social_login(self, request, sociallogin):
        """An address that looks the same proves nothing: without a link one signs in first, and links."""
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        said = _("Esa identidad no está unida a ninguna cuenta. Ingrese con su correo y únala en «Mi cuenta».")
        messages.warning(request, said)
        raise ImmediateHttpResponse(redirect("account_login"))


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("El código no es ese, o ya venció. Escriba el que muestra ahora su aplicación."),
        "unverified_email": gettext_lazy("Confirme primero su correo."),
        "cannot_generate_recovery_codes": gettext_lazy("Active primero una aplicación o una llave de acceso."),
    }

    def encrypt(self, text):
        """Secrets of second factors are of no use to whoever reads a copy of the database."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """What was kept; after the site's key changed, something nobody can guess: it must be set up anew."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def get_public_key_credential_rp_entity(self):
        """Passkeys belong to the site's own name, never to the Host header. Numbers will not do, `localhost` will."""
        host = urlsplit(settings.SITE_URL).hostname
        return {"id": "localhost" if host == "127.0.0.1" else host, "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user, type):
        number = user.authenticator_set.filter(type=type).count() + 1
        return _("Llave de acceso %(number)s") % {"number": number}


def _cipher():
    key = hashlib.sha256(b"second factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
