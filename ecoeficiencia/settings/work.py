"""Mail, and what is done in the background: jobs, and what happens without a person."""

from urllib.parse import unquote, urlsplit

from .environment import VAR_DIR, env

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
CELERY_TIMEZONE = "America/Lima"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
BROKER_FOLDER = VAR_DIR / "broker"
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT = "ecoeficiencia.folder_broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(BROKER_FOLDER), "polling_interval": 0.1, "max_retries": 0}
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
    "forget form drafts": {"task": "companies.tasks.forget_drafts", "schedule": 60.0 * 60},
    "take files of sites": {"task": "companies.tasks.take_site_files", "schedule": 60.0 * 10},
    "seal the history": {"task": "companies.tasks.seal_history", "schedule": 60.0},
    "gather digests": {"task": "companies.tasks.gather_digests", "schedule": 60.0 * 15},
    "scan files": {"task": "ecoeficiencia.tasks.scan_files", "schedule": 15.0},
    "sweep files": {"task": "ecoeficiencia.tasks.sweep_files", "schedule": 60.0 * 60},
    "verify files": {"task": "ecoeficiencia.tasks.verify_files", "schedule": 60.0 * 60},
}
