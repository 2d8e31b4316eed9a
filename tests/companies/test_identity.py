"""Signing in with the identity of an institution, against a tiny provider on this machine."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ENTER = "/cuenta/oidc/institucional/login/"


class Provider(BaseHTTPRequestHandler):
    """As much of OpenID Connect as one sign-in needs. Whoever signs in there is `server.person`."""

    def do_GET(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        if self.path.startswith("/.well-known/"):
            names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            config = {f"{key}_endpoint": f"{base}/{path}" for key, path in names.items()}
            return self.say(config | {"issuer": base, "jwks_uri": f"{base}/jwks"})
        if self.path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            return self.say({"keys": [public | {"kid": "k", "alg": "RS256", "use": "sig"}]})
        return self.say(self.server.person)

    def do_POST(self):
        base, now = f"http://127.0.0.1:{self.server.server_port}", int(time.time())
        self.server.asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        claims = {"iss": base, "aud": self.server.audience, "iat": now, "exp": now + 60, **self.server.person}
        return self.say(
            {"access_token": "a", "token_type": "Bearer", "id_token": jwt.encode(claims, KEY, "RS256", {"kid": "k"})}
        )

    def say(self, words):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(words).encode())

    def log_message(self, *args):
        """Silent."""


@pytest.fixture
def nadia(nadia):
    EmailAddress.objects.create(user=nadia, email=nadia.email, primary=True, verified=True)
    return nadia


@pytest.fixture
def provider(settings, db):
    server = HTTPServer(("127.0.0.1", 0), Provider)
    server.person, server.audience = {"sub": "77", "email": "nadia@pruebas.example", "email_verified": True}, "eco"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.OIDC_URL, settings.OIDC_NAME = f"http://127.0.0.1:{server.server_port}", "cuenta PROMPERÚ"
    app = {"provider_id": "institucional", "name": settings.OIDC_NAME, "client_id": "eco", "secret": "s",
           "settings": {"server_url": settings.OIDC_URL}}  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield server
    server.shutdown()
    server.server_close()


def come_back(client, process="login"):
    """Go to the provider and come back with a code, as a browser would."""
    there = client.post(f"{ENTER}?process={process}")
    asked = parse_qs(urlsplit(there.url).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    return client.get(f"{ENTER}callback/", {"code": "c", "state": asked["state"][0]}, follow=True)


def is_in(client):
    return client.get(reverse("public:account")).status_code == 200


def test_without_the_setting_there_is_no_such_door(client, db):
    assert client.get(ENTER).status_code == 404
    assert "identity_form" not in client.get("/cuenta/login/").text


def test_an_equal_address_opens_nothing(provider, client, nadia):
    assert "Ingresar con mi cuenta PROMPERÚ" in client.get("/cuenta/login/").text
    page = come_back(client)
    assert "no está unida a ninguna cuenta" in page.text
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_linked_by_somebody_signed_in_it_opens_that_account(provider, as_, nadia):
    page = come_back(as_(nadia), "connect")
    assert "Unió esa identidad a su cuenta." in page.text
    other = Client()
    come_back(other)
    assert is_in(other)
    assert provider.asked["code_verifier"]
    as_(nadia).post(reverse("socialaccount_connections"), {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()


def test_the_second_factor_of_the_account_is_asked_for_all_the_same(provider, as_, nadia):
    come_back(as_(nadia), "connect")
    TOTP.activate(nadia, "JBSWY3DPEHPK3PXP")
    other = Client()
    page = come_back(other)
    assert "Verificación en dos pasos" in page.text
    assert not is_in(other)


def test_a_token_for_another_site_opens_nothing(provider, as_, nadia):
    come_back(as_(nadia), "connect")
    provider.audience = "otro-sitio"
    other = Client()
    assert "No pudimos ingresar con esa identidad" in come_back(other).text
    assert not is_in(other)


def test_an_answer_nobody_asked_for_opens_nothing(provider, as_, nadia):
    come_back(as_(nadia), "connect")
    other = Client()
    assert "No pudimos ingresar" in other.get(f"{ENTER}callback/", {"code": "c", "state": "inventado"}).text
    assert not is_in(other)
