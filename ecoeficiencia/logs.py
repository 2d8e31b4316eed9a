"""What the logs look like: JSON lines in production, plain lines at a desk; both bear the request's id.

Bodies are never logged; e-mail addresses, RUCs, and the secret part of an address that slip into a text are masked.
"""

import re

import structlog

PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.]+"  # an e-mail address
    r"|\b(?:10|15|17|20)\d{9}\b"  # a RUC
    r"|(?<=/)[\w-]{24,}(?=/|$)"  # the part of an address that lets somebody in: an invitation, a new password
)

# A line a request, a job, a mail: for a collector, not for somebody at a desk.
EACH_TIME = ("ecoeficiencia.middleware", "ecoeficiencia.jobs", "companies.sending")


def mask_personal_data(logger, method, event):
    """Hide them in every text of the line, tracebacks included."""
    return {key: PERSONAL.sub("[oculto]", value) if isinstance(value, str) else value for key, value in event.items()}


def bear_request_id(logger, method, event):
    """What the framework logs of a request after our middleware has returned bears its id too."""
    request = getattr(event.get("_record"), "request", None)
    if request_id := getattr(request, "request_id", ""):
        event.setdefault("request_id", request_id)
    return event


def logging_settings(level, json):
    """Return Django's LOGGING: everything at `level` and above goes to standard error."""
    before = [
        structlog.contextvars.merge_contextvars,
        bear_request_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=json),
        structlog.processors.format_exc_info,
    ]
    shape = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "structlog.stdlib.ProcessorFormatter",
                "foreign_pre_chain": before,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    mask_personal_data,
                    shape,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "WARNING"},  # seven lines a document
            "celery": {"level": "WARNING"},  # our own lines say which job was done
            **({} if json else {name: {"level": "WARNING"} for name in EACH_TIME}),
        },
        "root": {"handlers": ["console"], "level": level},
    }
