"""Settings of the tests: the product's own, quicker and stricter."""

import inspect
import os
from pathlib import Path

os.environ.setdefault("ECO_DEMO", "1")
os.environ.setdefault("ECO_VAR", str(Path(__file__).resolve().parent.parent / "var" / "test"))
# A Redis of the run (tests/with_services.py): each process of pytest has two of its databases.
REDIS = os.environ.get("ECO_TEST_REDIS", "")
if REDIS:
    _process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ |= {"ECO_BROKER_URL": f"{REDIS}/{2 * _process}", "ECO_CACHE_URL": f"{REDIS}/{2 * _process + 1}"}

from django.template.base import Node

from ecoeficiencia.settings import *

VAR_DIR.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = VAR_DIR / f"media-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
if "init_command" in DATABASES["default"]["OPTIONS"]:  # SQLite: nobody waits for a disk; what is lost was a test's
    _begin = DATABASES["default"]["OPTIONS"]["init_command"]
    DATABASES["default"]["OPTIONS"]["init_command"] = _begin.replace("synchronous=FULL", "synchronous=OFF")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if not REDIS:
    CELERY_BROKER_URL = "memory://"
    CELERY_BROKER_TRANSPORT = None
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
WHITENOISE_AUTOREFRESH = True  # else every test client reads all static files first
LOGGING["root"]["level"] = "WARNING"


class Undefined(str):
    """What a template writes for an undefined variable: an error in our templates, nothing in other people's."""

    def __contains__(self, item):
        return item == "%s"

    def __mod__(self, variable):
        frame = inspect.currentframe()
        while frame := frame.f_back:
            node = frame.f_locals.get("self")
            if isinstance(node, Node):
                break
        else:
            return ""
        origin = getattr(node, "origin", None)
        if origin and str(origin.name).startswith(str(BASE_DIR / "templates")):
            raise AssertionError(f"undefined template variable {variable} in {origin.name}")
        return ""


TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = Undefined("undefined")
