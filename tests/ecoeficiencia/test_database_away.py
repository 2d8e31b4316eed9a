"""While the database is away a person reads when to come back, never a 500."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.http import HttpResponse
from django.test import Client

from ecoeficiencia import errors


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


def test_a_connection_cut_in_a_query_counts_too_but_not_a_row_that_is_gone(rf):
    cut, gone = DatabaseError("server closed the connection"), DatabaseError("Forced update did not affect any rows.")
    cut.__cause__ = Exception("from the driver")
    assert errors.bad_request(rf.get("/"), cut).status_code == 503
    assert errors.bad_request(rf.get("/"), gone).status_code == 400


def test_our_own_mistake_stays_a_500(client, db, nadia, monkeypatch):
    client.force_login(nadia, backend="allauth.account.auth_backends.AuthenticationBackend")
    monkeypatch.setattr(SessionStore, "load", failing(ZeroDivisionError()))
    answer = client.get("/avisos/")
    assert answer.status_code == 500
    assert "Retry-After" not in answer


def test_a_session_that_could_not_be_saved_is_no_fault_of_the_person(rf, db, monkeypatch):
    """Django takes it for a session that was deleted meanwhile, which is a bad request."""
    monkeypatch.setattr(Session, "save", failing(OperationalError("server closed the connection")))

    def view(request):
        request.session["changed"] = True
        return HttpResponse()

    request = rf.get("/")
    request.COOKIES["sesion"] = "k" * 32
    monkeypatch.setattr(SessionStore, "load", lambda self: {})
    with pytest.raises(SessionInterrupted) as interrupted:
        SessionMiddleware(view)(request)
    answer = errors.bad_request(request, interrupted.value)
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert errors.bad_request(request, SessionInterrupted()).status_code == 400
