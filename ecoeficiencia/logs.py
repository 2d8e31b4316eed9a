"""What the logs look like: JSON lines in production, plain lines at a desk; both bear the request's id.

Bodies are never logged, and e-mail addresses and RUCs that slip into a text are masked.
"""

import re

import structlog

PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|\b(?:10|15|17|20)\d{9}\b")


def mask_personal_data(logger, method, event):
    """Hide addresses and tax numbers in every text of the line, tracebacks included."""
    return {key: PERSONAL.sub("[oculto]", value) if isinstance(value, str) else value for key, value in event.items()}


def logging_settings(level, json):
    """Return Django's LOGGING: everything at `level` and above goes to standard error."""
    before = [
        structlog.contextvars.merge_contextvars,
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
        "loggers": {"django": {"handlers": [], "propagate": True}, "fontTools": {"level": "WARNING"}},
        "root": {"handlers": ["console"], "level": level},
    }
