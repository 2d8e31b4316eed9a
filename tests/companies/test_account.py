import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Event
from ecoeficiencia.devices import device

LOGIN = "/cuenta/login/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


@pytest.fixture
def person(nadia):
    nadia.set_password("una-clave-larga")
    nadia.save()
    EmailAddress.objects.create(user=nadia, email=nadia.email, primary=True, verified=True)
    return nadia


def signed_in(person, **client):
    new = Client(**client)
    new.post(LOGIN, {"login": person.email, "password": "una-clave-larga"})
    return new


def is_in(client):
    return client.get(reverse("public:account")).status_code == 200


def code_of(message):
    return re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", message.body, re.M)[0]


def sign_up(client):
    data = {"first_name": "Nora", "last_name": "Paz", "email": "nora@nueva.example", "password1": "una-clave-larga"}
    return client.post("/cuenta/signup/", data | {"consent": "on"})


def test_the_account_page_leads_to_all_its_parts(as_, nadia):
    page = as_(nadia).get(reverse("public:account")).text
    parts = ("account_email", "account_change_password", "usersessions_list", "mfa_activate_totp", "mfa_add_webauthn")
    for name in parts:
        assert reverse(name) in page


def test_an_account_without_a_confirmed_address_confirms_its_own(as_, nadia, run_jobs):
    """As a superuser has it who was made by a command."""
    client = as_(nadia)
    page = client.get(reverse("account_email")).text
    assert f"<b>{nadia.email}</b>" in page
    assert ("Falta confirmar" in page, "Cambio pendiente" in page) == (True, False)
    sent = client.post(reverse("account_email"), {"email": nadia.email, "action_send": ""})
    run_jobs()
    client.post(sent["Location"], {"code": code_of(mail.outbox[-1])})
    assert list(EmailAddress.objects.values_list("email", "verified")) == [(nadia.email, True)]
    page = client.get(reverse("account_email")).text
    assert (f"<b>{nadia.email}</b>" in page, "Falta confirmar" in page) == (True, False)


def test_a_new_account_opens_with_the_code_of_the_mail_and_not_with_another(client, run_jobs):
    sign_up(client)
    page = reverse("account_email_verification_sent")
    assert "El código no es ese" in client.post(page, {"code": "AAAA-AAAA"}).text
    assert not is_in(client)
    run_jobs()
    client.post(page, {"code": code_of(mail.outbox[0])})
    assert is_in(client)


def test_a_code_ends_after_a_quarter_of_an_hour_and_after_three_wrong_ones(client, run_jobs):
    page = reverse("account_email_verification_sent")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_up(client)
        run_jobs()
        clock.shift(timedelta(minutes=16))
        client.post(page, {"code": code_of(mail.outbox[0])})
        assert not is_in(client)
    other = Client()
    other.post("/cuenta/signup/", {"first_name": "A", "last_name": "B", "email": "b@nueva.example",
                                   "password1": "una-clave-larga", "consent": "on"})  # fmt: skip
    for _try in range(3):
        other.post(page, {"code": "AAAA-AAAA"})
    run_jobs()
    other.post(page, {"code": code_of(mail.outbox[-1])})
    assert not is_in(other)


def test_another_code_can_be_asked_for(client, run_jobs):
    sign_up(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        client.post(reverse("account_email_verification_sent"), {"action": "resend"})
        run_jobs()
    assert [m.to for m in mail.outbox] == [["nora@nueva.example"]] * 2
    client.post(reverse("account_email_verification_sent"), {"code": code_of(mail.outbox[1])})
    assert is_in(client)


def test_a_changed_password_closes_the_other_sessions_and_is_told_by_mail(person, run_jobs):
    here, there = signed_in(person), signed_in(person)
    new = {"oldpassword": "una-clave-larga", "password1": "otra-clave-larga", "password2": "otra-clave-larga"}
    here.post(reverse("account_change_password"), new)
    assert (is_in(here), is_in(there)) == (True, False)
    run_jobs()
    assert mail.outbox[-1].to == [person.email]
    assert "La contraseña de su cuenta cambió" in mail.outbox[-1].body


def test_one_session_is_closed_or_all_the_others(person, bob, as_):
    here, there, third = signed_in(person), signed_in(person, headers={"User-Agent": CHROME}), signed_in(person)
    row = UserSession.objects.get(user_agent=CHROME)
    assert "Chrome en Windows" in here.get(reverse("usersessions_list")).text
    assert as_(bob).post(reverse("public:session_close", args=[row.pk])).status_code == 404
    here.post(reverse("public:session_close", args=[row.pk]))
    assert [is_in(c) for c in (here, there, third)] == [True, False, True]
    assert Event.objects.about(person).get().verb == "close_session"
    here.post(reverse("usersessions_list"))
    assert [is_in(c) for c in (here, there, third)] == [True, False, False]


def test_recovery_codes_are_shown_once_and_each_works_once(person):
    client = signed_in(person)
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    client.post(reverse("mfa_generate_recovery_codes"))
    codes = re.findall(r"<code>(\d{8})</code>", client.get(reverse("mfa_view_recovery_codes")).text)
    assert len(codes) == 10
    assert not re.search(r"<code>\d{8}</code>", client.get(reverse("mfa_view_recovery_codes")).text)
    for browser, opens in ((Client(), True), (Client(), False)):
        browser.post(LOGIN, {"login": person.email, "password": "una-clave-larga"})
        assert not is_in(browser)
        browser.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert is_in(browser) is opens


def test_secrets_of_second_factors_are_kept_encrypted(person, settings):
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    row = Authenticator.objects.get()
    assert "JBSWY3DPEHPK3PXP" not in str(row.data)
    assert get_adapter().decrypt(row.data["secret"]) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY = "otra clave del sitio"
    lost = get_adapter().decrypt(row.data["secret"])
    assert len(lost) == 32 and lost != get_adapter().decrypt(row.data["secret"])


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome en Windows"),
        (CHROME + " Edg/126.0", "Edge en Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari en iPhone"),
        ("curl/8", "Un navegador en un equipo desconocido"),
    ],
)  # fmt: skip
def test_a_session_is_called_what_a_person_would_call_it(agent, words):
    assert device(agent) == words


def test_who_one_is_can_be_said_in_any_way_one_has(person):
    client = signed_in(person)
    assert "Otra manera" not in client.get("/cuenta/reauthenticate/").text
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    assert "Con un código" in client.get("/cuenta/reauthenticate/").text
    assert "Con mi contraseña" in client.get("/cuenta/2fa/reauthenticate/").text
