from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection


@register(Tags.security, deploy=True)
def production_is_not_embedded(app_configs, **kwargs):
    """The defaults that make a demonstration start by itself would lose mails and writes in production."""
    errors = []
    if settings.DEMO or settings.DEBUG:
        errors.append(Error("ECO_DEMO and ECO_DEBUG are for demonstrations.", id="ecoeficiencia.E001"))
    if not settings.EMAIL_URL:
        errors.append(Error("ECO_EMAIL_URL is empty: mails would be written to files.", id="ecoeficiencia.E002"))
    if connection.vendor == "sqlite":
        errors.append(Error("ECO_DATABASE_URL must name a PostgreSQL database.", id="ecoeficiencia.E003"))
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        errors.append(Error("ECO_BROKER_URL must name a Redis server.", id="ecoeficiencia.E004"))
    return errors
