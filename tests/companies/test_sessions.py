import json
import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from companies import dangerous
from companies.models import Appointment, Membership

LOGIN = {"password": "una-clave-larga"}


@pytest.fixture
def clock():
    with time_machine.travel("2026-03-02 09:00-05:00", tick=False) as clock:
        yield clock


def with_password(user):
    user.set_password(LOGIN["password"])
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def sign_in(client, user):
    return client.post("/cuenta/login/", LOGIN | {"login": user.email})


def opens(client, address):
    return client.get(address).status_code == 200


def test_staff_are_out_after_half_an_hour_of_silence(clock, as_, stella):
    client, page = as_(stella), reverse("panel:people")
    for minutes in (0, 29, 29):
        clock.shift(timedelta(minutes=minutes))
        assert opens(client, page)
    clock.shift(timedelta(minutes=31))
    answer = client.get(page)
    assert answer.url == f"/cuenta/login/?next={page.replace('/', '%2F')}"
    assert "Su sesión terminó. Ingrese de nuevo" in client.get(answer.url).text


def test_staff_sign_in_again_after_twelve_hours_whatever_they_do(clock, as_, stella):
    client, page = as_(stella), reverse("panel:people")
    for _quarter in range(48):
        assert opens(client, page)
        clock.shift(timedelta(minutes=15))
    assert opens(client, page)
    clock.shift(timedelta(minutes=1))
    assert not opens(client, page)


def test_companies_may_leave_the_page_open_over_lunch(clock, as_, alice, acme):
    client, page = as_(alice), reverse("empresa:company", args=[acme.pk])
    assert opens(client, page)
    clock.shift(timedelta(hours=7))
    assert opens(client, page)
    clock.shift(timedelta(hours=9))
    assert not opens(client, page)


def test_news_that_an_open_page_asks_for_keep_no_session_alive_and_end_in_silence(clock, as_, alice, acme):
    client, page = as_(alice), reverse("empresa:company", args=[acme.pk])
    news = reverse("empresa:districts")
    assert opens(client, page)
    for _hour in range(8):
        clock.shift(timedelta(minutes=59))
        assert client.get(news, headers={"X-Requested-With": "poll"}).status_code == 200
    clock.shift(timedelta(minutes=9))
    ended = client.get(news, headers={"X-Requested-With": "poll"})
    assert (ended.status_code, ended.content) == (401, b"")


def test_a_duty_given_meanwhile_shortens_the_session(clock, as_, nadia):
    client, page = as_(nadia), reverse("public:notices")
    assert opens(client, page)
    Appointment.objects.create(user=nadia, duty="coordinator")
    clock.shift(timedelta(minutes=2))
    assert opens(client, page)
    clock.shift(timedelta(minutes=31))
    assert not opens(client, page)


def test_the_key_of_a_session_changes_when_one_signs_in(db, nadia):
    with_password(nadia)
    client = Client()
    client.get("/cuenta/login/?next=/cuenta/")
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies["sesion"] = before = session.session_key
    sign_in(client, nadia)
    assert client.cookies["sesion"].value != before
    stolen = Client()
    stolen.cookies["sesion"] = before
    assert not opens(stolen, reverse("public:account"))


def test_somebody_disabled_is_out_at_the_next_request(as_, stella):
    client = as_(stella)
    assert opens(client, reverse("panel:people"))
    stella.is_active = False
    stella.save()
    assert client.get(reverse("panel:people")).url.startswith("/cuenta/login/")


def test_a_role_that_ended_ends_at_the_next_request(as_, stella, alice, acme):
    staff, company = as_(stella), as_(alice)
    page = reverse("empresa:company", args=[acme.pk])
    assert (opens(staff, reverse("panel:people")), opens(company, page)) == (True, True)
    yesterday = timezone.localdate() - timedelta(days=1)
    Appointment.objects.update(starts_on=yesterday, ends_on=yesterday)
    Membership.objects.update(starts_on=yesterday, ends_on=yesterday)
    assert [staff.get(reverse("panel:people")).status_code, company.get(page).status_code] == [404, 404]


def test_what_was_typed_when_the_session_ended_is_offered_back_to_its_owner_alone(clock, as_, alice, acme, bob):
    with_password(alice)
    with_password(bob)
    client = as_(alice)
    address = reverse("empresa:profile_section", args=[acme.pk, "proceso"])
    assert opens(client, address)
    clock.shift(timedelta(hours=9))
    answer = client.post(address, {"process": "Secado y empaque"}, headers={"Referer": "http://testserver/empresa/"})
    assert answer.url == f"/cuenta/login/?next={reverse('public:unsent').replace('/', '%2F')}"
    session = client.session
    other = Client()
    other.cookies["sesion"] = session.session_key
    assert sign_in(client, alice).url != answer.url
    page = client.get(reverse("public:unsent")).text
    assert "Secado y empaque" in page and f'action="{address}"' in page and 'href="/empresa/"' in page
    client.post(address, {"process": "Secado y empaque"})
    acme.refresh_from_db()
    assert acme.process == "Secado y empaque"
    client.post(reverse("public:unsent_discard"))
    assert client.get(reverse("public:unsent")).status_code == 302


def test_somebody_else_at_that_browser_is_not_shown_it(clock, as_, alice, acme, bob):
    with_password(bob)
    client = as_(alice)
    address = reverse("empresa:profile_section", args=[acme.pk, "proceso"])
    opens(client, address)
    clock.shift(timedelta(hours=9))
    client.post(address, {"process": "Secado y empaque"})
    sign_in(client, bob)
    assert client.get(reverse("public:unsent")).status_code == 302
    assert "Secado" not in client.get(reverse("public:notices")).text


class Tab:
    """A page of one browser, with what its form carries."""

    def __init__(self, client, address):
        self.client, self.address, page = client, address, client.get(address).text
        self.fields = dict(re.findall(r'name="(csrfmiddlewaretoken|envio)" value="([^"]*)"', page))

    def send(self, *, headers=None, **fields):
        return self.client.post(self.address, self.fields | fields, headers=headers)


@pytest.fixture
def tab(alice, acme):
    """Alice at a form, in a browser whose tokens count."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(with_password(alice))
    return Tab(client, reverse("empresa:profile_section", args=[acme.pk, "proceso"]))


def enter(client, user):
    door = Tab(client, "/cuenta/login/")
    return door.send(**LOGIN, login=user.email)


def kept(client):
    answer = client.get(reverse("public:unsent"))
    return answer.text if answer.status_code == 200 else ""


def test_a_session_closed_elsewhere_keeps_what_was_being_sent_for_who_had_the_page(tab, alice, acme):
    tab.client.session.flush()
    answer = tab.send(process="Secado y empaque")
    assert answer.url == f"/cuenta/login/?next={reverse('public:unsent').replace('/', '%2F')}"
    acme.refresh_from_db()
    assert "Secado" not in acme.process
    assert "Ingrese de nuevo y podrá enviar lo que escribió" in tab.client.get(answer.url).text
    enter(tab.client, alice)
    assert "Secado y empaque" in kept(tab.client)
    again = Tab(tab.client, reverse("public:unsent"))
    again.address = tab.address
    assert again.send(process="Secado y empaque", version=acme.version).status_code == 302
    acme.refresh_from_db()
    assert acme.process == "Secado y empaque"


def test_what_was_being_sent_is_not_shown_to_who_signs_in_instead(tab, bob):
    with_password(bob)
    tab.client.session.flush()
    tab.send(process="Secado y empaque")
    enter(tab.client, bob)
    assert kept(tab.client) == ""


@pytest.mark.parametrize("forged", ["", "x" * 22, "x" * 22 + ".{owner}." + "0" * 24, "x.{owner}"])
def test_a_form_that_does_not_prove_whose_page_it_was_is_not_kept(tab, alice, forged):
    tab.client.session.flush()
    tab.fields["envio"] = forged.format(owner=alice.pk)
    assert tab.send(process="De otro lado").url.startswith("/cuenta/login/?next=/empresa/")
    enter(tab.client, alice)
    assert kept(tab.client) == ""


def test_a_page_from_before_signing_in_anew_shows_what_was_written_and_does_nothing(tab, alice, acme):
    tab.client.session.flush()
    enter(tab.client, alice)  # in another tab of the browser
    answer = tab.send(process="Secado y empaque")
    assert (answer.status_code, answer.url) == (302, reverse("public:unsent"))
    assert "Secado y empaque" in kept(tab.client)
    acme.refresh_from_db()
    assert "Secado" not in acme.process


def test_a_fragments_page_gets_the_new_token_and_sends_again(tab, alice, acme):
    tab.client.session.flush()
    enter(tab.client, alice)
    refused = tab.send(process="Secado y empaque", version=acme.version, headers={"HX-Request": "true"})
    tab.fields["csrfmiddlewaretoken"] = json.loads(refused["HX-Trigger"])["eco:token"]["token"]
    assert refused.status_code == 403
    assert tab.send(process="Secado y empaque", version=acme.version).status_code == 302
    acme.refresh_from_db()
    assert acme.process == "Secado y empaque"


def test_a_token_of_nobody_is_refused_as_ever(tab, bob):
    tab.client.session.flush()
    enter(tab.client, with_password(bob))  # another person in the same browser
    for headers in ({}, {"HX-Request": "true"}):
        answer = tab.send(process="Secado y empaque", headers=headers)
        assert (answer.status_code, "HX-Trigger" in answer) == (403, False)
    assert kept(tab.client) == ""


def test_every_dangerous_act_is_an_address_of_ours():
    names = {f"{n}:{key}" for n, (_p, r) in get_resolver().namespace_dict.items() for key in r.reverse_dict}
    names |= set(get_resolver().reverse_dict)
    assert (dangerous.ACTS | dangerous.EXPORTS) - names == set()


def test_a_dangerous_act_asks_who_one_is_and_then_goes_on_with_what_was_sent(clock, as_, alice, acme):
    with_password(alice)
    client, address = as_(alice), reverse("empresa:invite", args=[acme.pk])
    assert opens(client, reverse("empresa:team", args=[acme.pk]))
    clock.shift(timedelta(minutes=16))
    answer = client.post(address, {"email": "x@pruebas.example", "role": "reader"})
    assert answer.url.startswith("/cuenta/reauthenticate/")
    assert not acme.invitations.exists()
    assert client.post(answer.url, {"password": "otra"}).status_code == 200
    assert not acme.invitations.exists()
    client.post(answer.url, LOGIN)
    assert acme.invitations.get().email == "x@pruebas.example"
    client.post(address, {"email": "z@pruebas.example", "role": "reader"})
    assert acme.invitations.count() == 2


def test_whoever_signed_in_a_moment_ago_is_not_asked_again(clock, as_, alice, acme):
    client, address = as_(alice), reverse("empresa:invite", args=[acme.pk])
    clock.shift(timedelta(minutes=14))
    assert client.post(address, {"email": "x@pruebas.example", "role": "reader"}).url == f"/empresa/{acme.pk}/equipo/"


def test_a_fragment_that_asks_for_a_dangerous_act_takes_the_page_to_the_question(clock, as_, alice, acme):
    client, address = as_(with_password(alice)), reverse("empresa:invite", args=[acme.pk])
    opens(client, reverse("empresa:team", args=[acme.pk]))
    clock.shift(timedelta(minutes=16))
    heads = {"HX-Request": "true", "HX-Current-URL": "http://testserver/empresa/"}
    answer = client.post(address, {"email": "x@pruebas.example", "role": "reader"}, headers=heads)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/cuenta/reauthenticate/?next=%2Fempresa%2F")
