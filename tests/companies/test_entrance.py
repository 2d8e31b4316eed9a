"""Nobody learns at the door who has an account, and guessing passwords only gets slower."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Invitation, Notice, User
from companies.throttle import Delay, Throttled, network_of
from tests import factories as f

LOGIN, RIGHT = "/cuenta/login/", "una-clave-larga"
NOBODY = "nadie@pruebas.example"


@pytest.fixture(autouse=True)
def clean_counters(db, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted"]
    cache.clear()


class Counted(MD5PasswordHasher):
    """The real one takes a tenth of a second a time: whoever holds a watch to the door counts them."""

    algorithm, made = "counted", 0

    def encode(self, password, salt):
        Counted.made += 1
        return super().encode(password, salt)


@pytest.fixture
def person(nadia):
    nadia.set_password(RIGHT)
    nadia.save()
    EmailAddress.objects.create(user=nadia, email=nadia.email, primary=True, verified=True)
    return nadia


@pytest.fixture
def clock():
    with time_machine.travel("2026-03-02 09:00-05:00", tick=False) as clock:
        yield clock


def enter(email, password, ip="192.0.2.7"):
    return Client(REMOTE_ADDR=ip).post(LOGIN, {"login": email, "password": password})


def answer(path, data, email):
    """What the door says, without the tokens and the address typed, and how often it hashed a password; and how much
    it asked the database."""
    cache.clear()
    Counted.made = 0
    client = Client()
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        said = client.post(path, data)
    text = re.sub(r"(csrfmiddlewaretoken|X-CSRFToken|name=.envio)[^>]*>", "", said.text).replace(email, "")
    return (said.status_code, said.headers.get("Location"), text, Counted.made), [q["sql"].split()[0] for q in asked]


def difference(path, known, unknown):
    """Whether two addresses can be told apart by what is answered."""
    first, second = answer(path, *known), answer(path, *unknown)
    assert first[0] == second[0]
    return len(first[1]) - len(second[1])


def test_a_wrong_password_says_the_same_with_and_without_an_account(person):
    known = ({"login": person.email, "password": "otra"}, person.email)
    assert difference(LOGIN, known, ({"login": NOBODY, "password": "otra"}, NOBODY)) == 0


def test_a_disabled_account_with_a_wrong_password_says_the_same(person):
    User.objects.update(is_active=False)
    known = ({"login": person.email, "password": "otra"}, person.email)
    assert difference(LOGIN, known, ({"login": NOBODY, "password": "otra"}, NOBODY)) == 0


def test_a_forgotten_password_says_the_same_and_the_mail_tells_the_rest(person, run_jobs):
    path = "/cuenta/password/reset/"
    difference(path, ({"email": person.email}, person.email), ({"email": NOBODY}, NOBODY))
    run_jobs()
    assert [m.to for m in mail.outbox] == [[person.email], [NOBODY]]
    assert "/cuenta/password/reset/key/" in mail.outbox[0].body
    assert "no hay una cuenta con ese correo" in mail.outbox[1].body


def test_signing_up_again_says_the_same_and_the_mail_tells_the_rest(person, run_jobs):
    new = {"first_name": "N", "last_name": "P", "password1": RIGHT, "consent": "on"}
    difference("/cuenta/signup/", (new | {"email": person.email}, person.email), (new | {"email": NOBODY}, NOBODY))
    run_jobs()
    assert "Ya existe una" in mail.outbox[0].body
    assert re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mail.outbox[1].body, re.M)
    assert User.objects.filter(email=person.email).count() == 1


def test_signing_up_twice_with_one_form_makes_one_account_and_one_mail(db, run_jobs):
    new = {"first_name": "N", "last_name": "P", "password1": RIGHT, "consent": "on", "envio": "clave-del-alta-0001"}
    client = Client()
    said = [client.post("/cuenta/signup/", new | {"email": NOBODY}) for _twice in range(2)]
    run_jobs()
    assert len({(answer.status_code, answer.url) for answer in said}) == 1
    assert [m.to for m in mail.outbox] == [[NOBODY]]
    assert client.get(said[1].url).status_code == 200  # and asks for the code
    other = Client().post("/cuenta/signup/", new | {"email": "otra@pruebas.example"})
    assert (other.status_code, User.objects.filter(email="otra@pruebas.example").exists()) == (302, True)


def test_inviting_says_the_same_of_every_address(as_, alice, acme, person):
    url = reverse("empresa:invite", args=[acme.pk])
    said = [as_(alice).post(url, {"email": e, "role": "reader"}) for e in (person.email, NOBODY)]
    assert {(a.status_code, a.url) for a in said} == {(302, f"/empresa/{acme.pk}/equipo/")}
    assert Invitation.objects.count() == 2


def test_changing_to_an_address_that_is_taken_says_the_same(as_, alice, person):
    client = as_(alice)
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    said = [client.post("/cuenta/email/", {"email": e, "action_add": "1"}) for e in (person.email, NOBODY)]
    assert len({(a.status_code, a.url) for a in said}) == 1


def test_each_wrong_password_makes_the_next_try_wait_longer(person, clock):
    waits = []
    for _try in range(10):
        said = enter(person.email, "otra")
        if said.status_code == 429:
            waits.append(int(said["Retry-After"]))
            clock.shift(timedelta(seconds=waits[-1]))
    assert waits == [1, 2, 4]
    assert enter(person.email, "otra").status_code == 200
    assert enter(person.email, RIGHT).status_code == 429
    clock.shift(timedelta(seconds=16))
    assert enter(person.email, RIGHT).status_code == 302


def test_forty_wrong_passwords_are_told_to_wait_on_our_page(person, clock):
    said = [enter(person.email, "otra") for _try in range(40)]
    assert said[-1].status_code == 429
    assert "Por seguridad hacemos una pausa. Espere 1 segundo" in said[-1].text
    assert int(said[-1]["Retry-After"]) == 1


def test_the_right_password_from_another_network_still_opens(person, clock):
    for _try in range(40):
        enter(person.email, "otra")
        clock.shift(timedelta(minutes=1))
    assert enter(person.email, RIGHT).status_code == 429
    assert enter(person.email, RIGHT, ip="198.51.100.4").status_code == 302


def test_the_owner_is_told_by_mail_once_a_day(person, clock, run_jobs):
    for _try in range(45):
        enter(person.email, "otra")
        enter(NOBODY, "otra")
        clock.shift(timedelta(minutes=16))
    run_jobs()
    assert [m.to for m in mail.outbox] == [[person.email]]
    assert Notice.objects.get().title == "Muchos intentos fallidos de ingresar a su cuenta"


def test_a_password_asked_again_is_slowed_too(as_, person, clock):
    client = as_(person)
    said = [client.post("/cuenta/reauthenticate/", {"password": "otra"}).status_code for _try in range(6)]
    assert said == [200, 200, 200, 200, 200, 429]


def test_many_accounts_from_one_network_are_slowed(db, clock):
    for _try in range(100):
        Delay("network:x", 100, 60).take()
    with pytest.raises(Throttled):
        Delay("network:x", 100, 60).take()


@pytest.mark.parametrize(
    ("ip", "network"), [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2:3::9", "2001:db8:1:2::/64")]
)
def test_a_network_is_the_neighbourhood_of_an_address(ip, network):
    assert network_of(ip) == network


def test_behind_a_proxy_the_client_is_whom_the_proxy_saw(person, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(6):  # what the client itself claims changes nothing
        forged = {"X-Forwarded-For": f"203.0.{n}.1, 198.51.100.9"}
        said = Client(headers=forged, REMOTE_ADDR="10.0.0.1").post(LOGIN, {"login": person.email, "password": "otra"})
    assert said.status_code == 429
    elsewhere = Client(headers={"X-Forwarded-For": "192.0.2.1"}, REMOTE_ADDR="10.0.0.1")
    assert elsewhere.post(LOGIN, {"login": person.email, "password": RIGHT}).status_code == 302


def test_the_counters_are_shared_by_all_processes(settings):
    assert "locmem" not in settings.CACHES["default"]["BACKEND"]


def test_trying_one_ruc_after_another_gets_slow(as_, nadia, clock):
    client = as_(nadia)
    data = {"legal_name": "X S.A.C.", "trade_name": "", "role": "representative"}
    said = []
    for _try in range(6):
        ruc = f.CompanyFactory().ruc
        said.append(client.post(reverse("empresa:register"), data | {"ruc": ruc}).status_code)
    assert said == [422, 422, 422, 422, 422, 429]
