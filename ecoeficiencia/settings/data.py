"""The database, its roles, and the caches."""

from urllib.parse import parse_qs, unquote, urlsplit

from .environment import VAR_DIR, env, flag


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
# What a process counts before it asks the shared cache; see companies/throttle.py.
_COUNTS = {"BACKEND": _PAGES["BACKEND"], "LOCATION": "counts", "OPTIONS": {"MAX_ENTRIES": 5000}}
_SHARED = _REDIS if env("ECO_CACHE_URL") else _TABLE
CACHES = {"default": _SHARED, "table": _TABLE, "pages": _PAGES, "counts": _COUNTS}
