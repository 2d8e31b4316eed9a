from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connection, connections

from .walls import roles

DAYS_SIGNED_IN = 14
PROXY_MAX_BYTES = 30 * 1024 * 1024  # what docs/operations.md asks of the proxy; a form is a little more than its file

NO_STORE = "ecoeficiencia.middleware.PrivateMiddleware"
ROLE, OWNER = "ecoeficiencia.W108", "ecoeficiencia.E005"


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


@register(Tags.security, deploy=True)
def what_the_framework_does_not_look_at(app_configs, **kwargs):
    """Settings that fail in silence: a mail server that hangs, a session without end, a page without a policy."""
    csp = getattr(settings, "CONTENT_SECURITY_POLICY", {}).get("DIRECTIVES", {})
    loose = [source for sources in csp.values() for source in sources if "unsafe" in str(source) or source == "*"]
    cache = settings.CACHES["default"]["BACKEND"]
    wrong = [
        (
            settings.EMAIL_URL and not 0 < (settings.EMAIL_TIMEOUT or 0) <= 60,
            "W101",
            "EMAIL_TIMEOUT must be 1-60 s.",
        ),
        (settings.SESSION_COOKIE_AGE > DAYS_SIGNED_IN * 86400, "W102", "Sessions outlast fourteen days."),
        (not csp.get("script-src") or loose, "W103", "The content security policy is missing or allows anything."),
        ("csp.middleware.CSPMiddleware" not in settings.MIDDLEWARE, "W104", "No middleware sends the policy."),
        (settings.UPLOAD_MAX_BYTES > PROXY_MAX_BYTES - 1024**2, "W105", "An upload may exceed what the proxy lets by."),
        ("locmem" in cache or "dummy" in cache, "W106", "The cache must be shared: it limits attempts to sign in."),
        (NO_STORE not in settings.MIDDLEWARE, "W107", "Private pages may be kept by caches."),
    ]
    return [Warning(text, id=f"ecoeficiencia.{code}") for is_so, code, text in wrong if is_so]


@register(Tags.database)
def the_database_role_is_not_almighty(app_configs, databases=None, **kwargs):
    """Who owns the tables passes every wall inside the database: that is for migrations, and for nothing that serves.

    Looked at by `migrate` and `check --database default`.
    """
    if settings.DEMO or settings.DEBUG:
        return []
    aliases = [alias for alias in databases or () if connections[alias].vendor == "postgresql"]
    return [fault for alias in aliases for fault in _faults_of_role(connections[alias])]


def _faults_of_role(database):
    with database.cursor() as cursor:
        if roles.is_superuser(cursor):
            yield Warning("The database role is a superuser; docs/operations.md says which to use.", id=ROLE)
        elif settings.MIGRATES and not roles.sees_all(cursor):
            yield Error("Whoever migrates needs BYPASSRLS to put the walls up: run create_roles.", id=OWNER)
        elif not settings.MIGRATES and (roles.sees_all(cursor) or roles.owns_tables(cursor)):
            yield Warning(
                "The database role passes the walls between companies by; use eco_app or eco_worker.", id=ROLE
            )
