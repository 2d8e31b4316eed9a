import pytest
from django.conf import settings
from django.db import transaction

from .rows import everything

# Roles and row-level security are PostgreSQL's; on SQLite there is nothing to ask.
if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
    collect_ignore = ["test_policies.py", "test_requests.py", "test_roles.py"]


@pytest.fixture(scope="module")
def worlds(django_db_setup, django_db_blocker):
    """Two companies with a row of everything, for the whole module, rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield everything(), everything()
        transaction.set_rollback(True)


@pytest.fixture
def mine(worlds, db):
    return worlds[0]


@pytest.fixture
def theirs(worlds, db):
    return worlds[1]
