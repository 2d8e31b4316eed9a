import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from ecoeficiencia import checks

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
WRONG = {
    "W101": {"EMAIL_URL": "smtp://mail.example", "EMAIL_TIMEOUT": None},
    "W102": {"SESSION_COOKIE_AGE": 60 * 60 * 24 * 60},
    "W103": {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"script-src": ["'unsafe-inline'"]}}},
    "W104": {"MIDDLEWARE": [m for m in settings.MIDDLEWARE if not m.startswith("csp.")]},
    "W105": {"UPLOAD_MAX_BYTES": 31 * 1024 * 1024},
    "W106": {"CACHES": LOCAL},
    "W107": {"MIDDLEWARE": [m for m in settings.MIDDLEWARE if m != checks.NO_STORE]},
}


def found():
    return [message.id for message in checks.what_the_framework_does_not_look_at(None)]


def test_the_settings_pass():
    assert found() == []


@pytest.mark.parametrize("code", WRONG)
def test_each_wrong_setting_is_named(code):
    with override_settings(**WRONG[code]):
        assert found() == [f"ecoeficiencia.{code}"]


def told():
    return [message.id for message in checks.the_database_role_is_not_almighty(None, databases=["default"])]


@pytest.mark.django_db
@override_settings(DEMO=False, DEBUG=False)
def test_an_almighty_database_role_is_told():
    """The tests sign in to PostgreSQL as a superuser; what serves must not."""
    assert told() == ([checks.ROLE] if connection.vendor == "postgresql" else [])
    assert checks.the_database_role_is_not_almighty(None) == []
