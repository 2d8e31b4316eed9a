"""The settings: the embedded default out of the box, production by environment.

Every variable is listed in `.env.example` and explained in `docs/operations.md`.
"""

from django.core.exceptions import ImproperlyConfigured

from ecoeficiencia.logs import logging_settings

from .accounts import *
from .data import *
from .environment import *
from .environment import env, flag
from .files import *
from .protection import *
from .work import *

SECRET_KEY = env("ECO_SECRET_KEY", "solo-para-demostracion" if DEMO or DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set ECO_SECRET_KEY (or ECO_DEMO=1 for a demonstration).")
ALLOWED_HOSTS = env("ECO_HOSTS", "127.0.0.1,localhost").split(",")

INSTALLED_APPS = [
    "ecoeficiencia",
    "companies",
    "requirements_std",
    "programs",
    "audits",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "phonenumber_field",
    "csp",
]
MIDDLEWARE = [
    "ecoeficiencia.middleware.RequestIdMiddleware",
    "ecoeficiencia.metrics.LatencyMiddleware",
    "ecoeficiencia.middleware.MethodMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "ecoeficiencia.middleware.PermissionsPolicyMiddleware",
    "ecoeficiencia.middleware.UploadMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "companies.middleware.SessionClockMiddleware",
    # After this `request.user` is whose eyes see: what asks for the person comes below.
    "companies.middleware.StandInMiddleware",
    "ecoeficiencia.middleware.PrivateMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "companies.middleware.SignInMiddleware",
    "ecoeficiencia.walls.requests.WallMiddleware",
    "companies.middleware.SecondFactorMiddleware",
    "companies.middleware.ProofMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ecoeficiencia.once.OnceMiddleware",
]
ROOT_URLCONF = "ecoeficiencia.urls"
WSGI_APPLICATION = "ecoeficiencia.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "companies.context.door",
            ],
            "builtins": ["ecoeficiencia.templatetags.eco", "ecoeficiencia.templatetags.fields"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["eco", "bootstrap5"]
CRISPY_TEMPLATE_PACK = "eco"

LANGUAGE_CODE = "es-pe"
LANGUAGES = [("es-pe", "Español (Perú)")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["ecoeficiencia.formats"]
# A page writes ids and years too: 13922 must not become «13,922». Amounts get their commas from the filters of
# ecoeficiencia/writing.py (soles, number).
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = "America/Lima"
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "PE"

LOGGING = logging_settings(env("ECO_LOG_LEVEL", "INFO"), json=flag("ECO_LOG_JSON", not (DEMO or DEBUG)))
