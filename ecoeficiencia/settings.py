"""One settings file: the embedded default out of the box, production by environment.

Every variable is listed in `.env.example` and explained in `docs/operations.md`.
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from ecoeficiencia.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name, default=""):
    """Read a variable, or the file that NAME_FILE points to (container secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(name, default)


def flag(name, default=False):
    return env(name, "1" if default else "").lower() in {"1", "true", "yes", "on"}


VAR_DIR = Path(env("ECO_VAR", str(BASE_DIR / "var")))
DEMO = flag("ECO_DEMO")
DEBUG = flag("ECO_DEBUG")
SECRET_KEY = env("ECO_SECRET_KEY", "solo-para-demostracion" if DEMO or DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set ECO_SECRET_KEY (or ECO_DEMO=1 for a demonstration).")
ALLOWED_HOSTS = env("ECO_HOSTS", "127.0.0.1,localhost").split(",")
# Links in mails and PDFs never come from the request's Host header.
SITE_URL = env("ECO_SITE_URL", "http://127.0.0.1:8000").rstrip("/")
SECURE = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "companies.views.account.token_refused"

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
            "builtins": ["ecoeficiencia.templatetags.eco"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["eco", "bootstrap5"]
CRISPY_TEMPLATE_PACK = "eco"


def database(url):
    """Settings of the database an address names.

    `sqlite:///path`, `postgres://user:pass@host:port/name`, or `postgres://user@/name?host=/socket/folder`.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] if parts.path.startswith("//") else parts.path.lstrip("/") or ":memory:",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            # A file, not memory: the races that users meet need two connections.
            "TEST": {"NAME": str(VAR_DIR / "test.sqlite3")},
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or parse_qs(parts.query).get("host", [""])[0],
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }


DATABASES = {"default": database(env("ECO_DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"))}
# This process brings the tables up to date: the owner's, whom the walls between companies do not hold.
MIGRATES = flag("ECO_MIGRATES")
# Read by `create_roles` only: as whom each part of the product signs in to PostgreSQL.
ROLE_URLS = [env("ECO_OWNER_URL"), env("ECO_APP_URL"), env("ECO_WORKER_URL"), env("ECO_BACKUP_URL")]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_TABLE = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
_REDIS = {
    "BACKEND": "ecoeficiencia.cache.SharedCache",
    "LOCATION": env("ECO_CACHE_URL"),
    "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
}
# Pages that the same facts always make the same, kept by each process; what they show is part of their key.
_PAGES = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": 86400, "OPTIONS": {"MAX_ENTRIES": 500}}
CACHES = {"default": _REDIS if env("ECO_CACHE_URL") else _TABLE, "table": _TABLE, "pages": _PAGES}

AUTH_USER_MODEL = "companies.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "public:doors"
ACCOUNT_ADAPTER = "companies.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "companies.forms.accounts.SignupForm",
    "add_email": "companies.forms.accounts.AddEmailForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
# Wrong passwords are slowed by companies/throttle.py; a workshop signs in at once behind one address.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "signup": "60/m/ip", "login_failed": "5/5m/key"}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds
MFA_ADAPTER = "companies.accounts.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "companies.forms.accounts.AddPasskeyForm",
    "edit_webauthn": "companies.forms.accounts.EditPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Ecoeficiencia Perú"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a telephone's clock may be off
# Passkeys ask for TLS; browsers make an exception for localhost, where the demonstration runs.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
# The identity provider of the institution, when there is one. Linked by somebody signed in, never by an equal address.
OIDC_URL, OIDC_NAME = env("ECO_OIDC_URL"), env("ECO_OIDC_NAME", "cuenta institucional")
SOCIALACCOUNT_ADAPTER = "companies.accounts.IdentityAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "institucional",
                    "name": OIDC_NAME,
                    "client_id": env("ECO_OIDC_CLIENT_ID"),
                    "secret": env("ECO_OIDC_SECRET"),
                    "settings": {"server_url": OIDC_URL},
                }
            ],
        }
    }
    if OIDC_URL
    else {}
)
# Who must have a second factor while nobody said otherwise in the panel: staff, monitor, auditor, company.
SECOND_FACTOR = [name for name in env("ECO_SECOND_FACTOR", "" if DEMO else "staff,monitor,auditor").split(",") if name]
if unknown := set(SECOND_FACTOR) - {"staff", "monitor", "auditor", "company"}:
    raise ImproperlyConfigured(f"ECO_SECOND_FACTOR names {', '.join(sorted(unknown))}; see docs/operations.md.")
INVITATIONS_PER_DAY = 20  # mails a company may have sent to addresses of its choice
# Minutes without a request, hours in all, after which one signs in again.
SESSION_LIMITS = {
    "staff": (int(env("ECO_STAFF_IDLE_MINUTES", "30")), int(env("ECO_STAFF_MAX_HOURS", "12"))),
    "company": (int(env("ECO_COMPANY_IDLE_MINUTES", "480")), int(env("ECO_COMPANY_MAX_HOURS", "336"))),
}

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

# Where pg_dump and pg_restore of the server's version are, when they are not on the path (manage.py backup).
PG_BIN = env("ECO_PG_BIN")


def storage():
    """Where files live: a folder of ours, or a bucket of an S3-compatible store when one is named."""
    if not (bucket := env("ECO_S3_BUCKET")):
        return {"BACKEND": "ecoeficiencia.files.keeping.WriteOnce"}
    options = {
        "bucket_name": bucket,
        "endpoint_url": env("ECO_S3_URL") or None,
        "region_name": env("ECO_S3_REGION") or None,
        "access_key": env("ECO_S3_KEY"),
        "secret_key": env("ECO_S3_SECRET"),
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": True,  # the same name is the same bytes
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("ECO_STATIC", str(VAR_DIR / "static")))
# The image compresses static files while it is built; the embedded default serves them as they lie.
COMPRESSED_STATIC = flag("ECO_COMPRESSED_STATIC")
WHITENOISE_USE_FINDERS = not COMPRESSED_STATIC
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": storage(),
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if COMPRESSED_STATIC
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
UPLOAD_MAX_BYTES = 25 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["ecoeficiencia.files.receiving.DiskHandler"]
# What the process that looks into one upload may use: bytes of memory, seconds of CPU and of waiting.
INSPECTION = {
    "memory": int(env("ECO_INSPECTION_MB", "512")) * 1024 * 1024,
    "cpu": int(env("ECO_INSPECTION_CPU", "5")),
    "wall": int(env("ECO_INSPECTION_WALL", "20")),
}
# What one company may keep as evidence: bytes, files, and files linked to one requirement.
COMPANY_BYTES = int(env("ECO_COMPANY_MB", "5000")) * 1024 * 1024
COMPANY_FILES = int(env("ECO_COMPANY_FILES", "5000"))
REQUIREMENT_FILES = int(env("ECO_REQUIREMENT_FILES", "50"))
# unix:///path or tcp://host:port of clamd; files then wait until it has looked. Empty: no antivirus.
CLAMAV_URL = env("ECO_CLAMAV_URL")
# Uploads are refused below this much free disk, so that the rest of the system can go on writing.
FREE_SPACE_FLOOR = int(env("ECO_FREE_SPACE_FLOOR_MB", "500")) * 1024 * 1024

EMAIL_URL = env("ECO_EMAIL_URL")
if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
    EMAIL_TIMEOUT = 20
else:
    # The development mailbox: one file a message, read at /_/correo/ in demo mode.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env("ECO_FROM_EMAIL", "Programa Ecoeficiencia <ecoeficiencia@demo.example>")
HELP_EMAIL = env("ECO_HELP_EMAIL", "ayuda@demo.example")
HELP_PHONE = env("ECO_HELP_PHONE", "")
OFFICE_DEPARTMENT = env("ECO_OFFICE_DEPARTMENT", "Lima")

CELERY_BROKER_URL = env("ECO_BROKER_URL", "filesystem://localhost/")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 100
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "broker"),
        "data_folder_out": str(VAR_DIR / "broker"),
        "control_folder": str(VAR_DIR / "broker-control"),
        "store_processed": False,
        "polling_interval": 0.1,
        "max_retries": 0,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 300,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 2,
        "socket_connect_timeout": 2,
        "max_retries": 0,
    }
# The whole list of what happens without a person; docs/operations.md explains each line.
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "send due jobs again": {"task": "ecoeficiencia.tasks.relay_jobs", "schedule": 5.0},
    "remind of what falls due": {"task": "programs.tasks.send_reminders", "schedule": 60.0 * 15},
    "note terms that passed": {"task": "programs.tasks.lapse_terms", "schedule": 60.0 * 15},
    "forget sent forms": {"task": "ecoeficiencia.tasks.forget_sent_forms", "schedule": 60.0 * 60},
    "seal the history": {"task": "companies.tasks.seal_history", "schedule": 60.0},
    "gather digests": {"task": "companies.tasks.gather_digests", "schedule": 60.0 * 15},
    "scan files": {"task": "ecoeficiencia.tasks.scan_files", "schedule": 15.0},
    "sweep files": {"task": "ecoeficiencia.tasks.sweep_files", "schedule": 60.0 * 60},
    "verify files": {"task": "ecoeficiencia.tasks.verify_files", "schedule": 60.0 * 60},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        # Signing in there begins with a form of ours that leads to theirs.
        "form-action": [SELF, *(["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_URL))] if OIDC_URL else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-sesion" if SECURE else "sesion"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
BEHIND_PROXY = flag("ECO_BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of ours stand before us: the client is that many places from the end of X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("ECO_PROXY_COUNT", "1")) if BEHIND_PROXY else 0
# Without a token, /metrics answers on this machine only, and never behind a proxy.
METRICS_TOKEN = env("ECO_METRICS_TOKEN")
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = logging_settings(env("ECO_LOG_LEVEL", "INFO"), json=flag("ECO_LOG_JSON", not (DEMO or DEBUG)))
