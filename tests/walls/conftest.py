import pytest
from django.db import transaction

from .rows import everything


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
