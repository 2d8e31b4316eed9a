"""While the database is away a person reads when to come back, never a 500."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError, transaction
from django.test import Client


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def failing(error):
    def fail(*args, **kwargs):
        raise error

    return fail


@pytest.mark.parametrize("error", [OperationalError("server closed the connection"), InterfaceError("closed")])
def test_a_lost_connection_is_a_503_that_says_when_to_return(client, db, nadia, monkeypatch, error):
    client.force_login(nadia, backend="allauth.account.auth_backends.AuthenticationBackend")
    monkeypatch.setattr(SessionStore, "load", failing(error))
    answer = client.get("/avisos/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert "El sistema vuelve en un momento" in answer.content.decode()
    assert answer["X-Request-ID"]


def test_what_closing_the_transaction_adds_does_not_hide_it(client, db, nadia, monkeypatch):
    def lose(*args, **kwargs):
        try:
            raise OperationalError("gone")
        finally:
            raise transaction.TransactionManagementError("broken")

    client.force_login(nadia, backend="allauth.account.auth_backends.AuthenticationBackend")
    monkeypatch.setattr(SessionStore, "load", lose)
    assert client.get("/avisos/").status_code == 503


def test_our_own_mistake_stays_a_500(client, db, nadia, monkeypatch):
    client.force_login(nadia, backend="allauth.account.auth_backends.AuthenticationBackend")
    monkeypatch.setattr(SessionStore, "load", failing(ZeroDivisionError()))
    answer = client.get("/avisos/")
    assert answer.status_code == 500
    assert "Retry-After" not in answer
