"""Everybody who might ask: through the whole stack as a browser does, or of the views at once."""

import os
from contextlib import contextmanager
from http.cookies import SimpleCookie

from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage import default_storage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from companies import sessions
from companies.middleware import SignInMiddleware

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def sign_in(client, user):
    """As somebody who proved a moment ago who they are."""
    client.force_login(user, backend=BACKEND)
    if os.environ.get("ECO_SECOND_FACTOR"):  # one run of bin/test binds everybody
        Authenticator.objects.get_or_create(user=user, type="totp", defaults={"data": {}})
    session, now = client.session, timezone.now().timestamp()
    session[sessions.KEY] = {"user": user.pk, "started": now, "seen": now, "strict": sessions.is_strict(user)}
    session.save()


class Crowd:
    """One browser a person. Each request begins from the same cookies and leaves no trace in the database."""

    def __init__(self, people):
        self.clients = {}
        for label, person in people.items():
            client = Client(raise_request_exception=False)
            if person.user:
                sign_in(client, person.user)
            self.clients[label] = (client, client.cookies.output(header="", sep=";"))

    def ask(self, label, method, path, data=None, *, follow=False, **headers):
        client, cookies = self.clients[label]
        client.cookies = SimpleCookie(cookies)
        with undone():
            send = getattr(client, method.lower())
            more = {"headers": headers, "follow": follow}
            return send(path, data, **more) if data is not None else send(path, **more)


class QuickCrowd:
    """The same questions put to the middleware that asks to sign in and to the view, and to nothing else.

    Ten thousand of them take seconds, not minutes. That the whole stack answers likewise is asserted elsewhere, once
    an address.
    """

    def __init__(self, people):
        self.factory, self.door = RequestFactory(), SignInMiddleware(lambda request: None)
        known = {
            label: person.user and AuthenticationBackend().get_user(person.user.pk) for label, person in people.items()
        }
        self.users = {label: user or AnonymousUser() for label, user in known.items()}

    def ask(self, label, method, path, data=None):
        request = getattr(self.factory, method.lower())(path, data)
        request.user, request.session, request.ended_for = self.users[label], SessionStore(), None
        request.standing_in = None
        request._messages, request.htmx = default_storage(request), HtmxDetails(request)
        request.resolver_match = match = resolve(request.path_info)
        with undone(), request_context(request):
            try:
                return self.door.process_view(request, match.func, match.args, match.kwargs) or match.func(
                    request, *match.args, **match.kwargs
                )
            except Http404:
                return HttpResponse(status=404)
            except PermissionDenied:
                return HttpResponse(status=403)
