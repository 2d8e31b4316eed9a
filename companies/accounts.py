"""How accounts behave here: links come from the site's own address, mails speak for the programme."""

import uuid
from datetime import timedelta

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecoeficiencia.jobs import Job, Urgency


class AccountAdapter(DefaultAccountAdapter):
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

    def get_login_redirect_url(self, request):
        return resolve_url(settings.LOGIN_REDIRECT_URL)


def _opens_for(template_prefix):
    """Seconds for which what the mail carries opens anything; None when it carries nothing of that kind."""
    if "code" in template_prefix or "confirmation" in template_prefix:
        return app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT
    return settings.PASSWORD_RESET_TIMEOUT if "reset" in template_prefix else None
