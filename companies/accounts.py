"""How accounts behave here: links come from the site's own address, mails speak for the programme."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _


class AccountAdapter(DefaultAccountAdapter):
    def format_email_subject(self, subject):
        return f"{subject} · {_('Ecoeficiencia Perú')}"

    def send_mail(self, template_prefix, email, context):
        site = {
            "site_url": settings.SITE_URL,
            "help_email": settings.HELP_EMAIL,
            "signup_url": settings.SITE_URL + reverse("account_signup"),
        }
        if "password_reset_url" in context and template_prefix.endswith("already_exists"):
            site["password_reset_url"] = settings.SITE_URL + reverse("account_reset_password")
        super().send_mail(template_prefix, email, {**context, **site})

    def get_reset_password_from_key_url(self, key):
        """Never built from the Host header of whoever asked."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def get_login_redirect_url(self, request):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
