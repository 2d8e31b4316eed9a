import json
import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.urls import get_resolver, reverse
from django.utils import timezone

from companies import dangerous, standing_in
from companies.models import Event, Notice, StandIn
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Application

SEE, ACT = StandIn.Kind.SEE, StandIn.Kind.ACT
WHY = "Llamó el 12/3, no puede subir su licencia."


@pytest.fixture
def begin(as_, stella):
    """begin(kind, person) gives Stella's browser, standing in for the person."""

    def start(kind, person):
        client = as_(stella)
        answer = client.post(reverse("panel:stand_in", args=[person.pk]), {"kind": kind, "reason": WHY})
        assert answer.url == reverse("public:doors")
        return client

    return start


def test_coordinators_and_administrators_begin_with_a_reason(as_, stella, ada, dora, rita, mia, alice, bob):
    address = reverse("panel:stand_in", args=[alice.pk])
    assert [as_(who).get(address).status_code for who in (stella, ada, dora, rita, mia, bob)] == [200, 200] + [404] * 4
    assert as_(stella).post(address, {"kind": SEE, "reason": ""}).status_code == 422
    assert not StandIn.objects.exists()


def test_seen_as_her_the_pages_are_hers_and_say_so(begin, alice, acme, stella):
    client = begin(SEE, alice)
    page = client.get(reverse("empresa:company", args=[acme.pk]))
    assert page.status_code == 200
    assert "Ver como" in page.text and "Volver a ser yo" in page.text
    assert client.get(reverse("panel:home")).status_code == 403
    assert client.get(reverse("public:doors")).url == reverse("empresa:home")


def test_seen_as_her_nothing_changes(begin, alice, acme, plant):
    client = begin(SEE, alice)
    section = reverse("empresa:profile_section", args=[acme.pk, "proceso"])
    assert client.get(section).status_code == 200
    refused = client.post(section, {"process": "Otro"})
    assert refused.status_code == 403
    assert "puede mirar, no cambiar nada" in refused.text
    assert client.post(reverse("public:notices_read")).status_code == 403
    acme.refresh_from_db()
    assert acme.process != "Otro"


def test_seen_as_a_monitor_one_sees_the_companies_of_that_monitor(begin, mia, acme, other):
    page = begin(SEE, mia).get(reverse("monitor:companies")).text
    assert acme.legal_name in page and other.legal_name not in page


def test_in_her_name_what_is_done_bears_both_persons(begin, alice, acme, stella):
    client = begin(ACT, alice)
    section = reverse("empresa:profile_section", args=[acme.pk, "proceso"])
    assert client.post(section, {"process": "Secado y empaque"}).status_code == 302
    acme.refresh_from_db()
    assert acme.process == "Secado y empaque"
    event = Event.objects.about(acme).last()
    assert (event.actor, event.data["on_behalf_of"]) == (stella, alice.pk)
    assert event.who == f"{stella}, de PROMPERÚ, en nombre de {alice}"


@pytest.mark.parametrize("kind", [SEE, ACT])
def test_what_she_typed_and_did_not_save_stays_hers(as_, begin, alice, acme, kind):
    address, typed = reverse("empresa:site_new", args=[acme.pk]), {"street": "Los Álamos", "campo": "street"}
    assert as_(alice).post(address, typed, HTTP_X_REQUESTED_WITH="autosave").status_code == 200
    client = begin(kind, alice)
    assert "Los Álamos" not in client.get(address).text
    client.post(address, {"street": "Otra", "campo": "street"}, HTTP_X_REQUESTED_WITH="autosave")
    client.post(address, {"descartar": "1"})
    assert 'value="Los Álamos"' in as_(alice).get(address).text


@pytest.mark.parametrize("name", sorted(standing_in.ITS_OWN_WORD | {n for n in dangerous.ACTS if "empresa" in n}))
def test_in_her_name_nobody_decides_signs_asks_or_changes_the_team(begin, alice, acme, name):
    values = {"company": acme.pk, "token": "x"}
    (pattern,) = (
        p for ns, (_prefix, r) in get_resolver().namespace_dict.items() if f"{ns}:" == name[: len(ns) + 1]
        for p in r.url_patterns if p.name == name.split(":")[1]
    )  # fmt: skip
    kwargs = {key: values.get(key, 1) for key in pattern.pattern.converters}
    assert begin(ACT, alice).post(reverse(name, kwargs=kwargs)).status_code == 403


def test_in_her_name_nobody_accepts_the_sworn_statement(begin, alice, acme, edition):
    application = Application.objects.create(company=acme, edition=edition, created_by=alice)
    client = begin(ACT, alice)
    address = reverse("empresa:application_section", args=[application.pk, "declaracion"])
    assert client.post(address, {"accept": "on"}).status_code == 403
    assert client.post(reverse("empresa:application_section", args=[application.pk, "proceso"]), {}).status_code != 403


@pytest.mark.parametrize("kind", [SEE, ACT])
@pytest.mark.parametrize(
    "name",
    ["account_email", "account_change_password", "mfa_index", "mfa_activate_totp", "usersessions_list",
     "public:account", "public:preferences", "admin:index", "panel:home"],
)  # fmt: skip
def test_her_account_stays_hers(begin, alice, kind, name):
    client = begin(kind, alice)
    assert [client.get(reverse(name)).status_code, client.post(reverse(name)).status_code] == [403, 403]


def test_nobody_stands_in_for_staff_or_for_whom_there_is_nothing_to_do(stella, dora, mia, reader, nadia):
    for person, kind in ((dora, SEE), (dora, ACT), (stella, SEE), (reader, ACT), (mia, ACT)):
        with pytest.raises(IllegalMove):
            StandIn.start(kind=kind, person=person, by=stella, reason=WHY)
    nadia.is_active = False
    nadia.save()
    with pytest.raises(IllegalMove):
        StandIn.start(kind=SEE, person=nadia, by=stella, reason=WHY)


def test_staff_cannot_stand_in_from_within(begin, alice, bob):
    client = begin(ACT, alice)
    assert client.get(reverse("panel:stand_in", args=[bob.pk])).status_code == 403


def test_the_company_reads_it_in_a_notice_and_in_its_history(as_, begin, alice, acme, reader, bob, stella):
    client = begin(ACT, alice)
    assert Notice.objects.get().user == alice
    assert Notice.objects.get().title == f"PROMPERÚ actúa en nombre de {alice}"
    assert WHY in Notice.objects.get().body and str(stella) in Notice.objects.get().body
    client.post(reverse("public:stand_in_end"))
    assert [(e.verb, e.actor) for e in acme.events.order_by("pk")] == [("act_for", stella), ("stand_in_end", stella)]
    assert WHY in as_(reader).get(reverse("empresa:history", args=[acme.pk])).text
    assert as_(bob).get(reverse("empresa:history", args=[acme.pk])).status_code == 404


def test_coming_back_one_is_oneself_again(begin, alice):
    client = begin(SEE, alice)
    client.post(reverse("public:stand_in_end"))
    assert client.get(reverse("panel:people")).status_code == 200
    assert StandIn.objects.get().ended_at
    client.post(reverse("public:stand_in_end"))
    assert Event.objects.filter(verb="stand_in_end").count() == 1


@pytest.mark.parametrize(("kind", "minutes"), [(SEE, 30), (ACT, 60)])
def test_it_ends_by_itself(begin, alice, acme, kind, minutes):
    with time_machine.travel("2026-03-02 09:00-05:00", tick=False) as clock:
        client, page = begin(kind, alice), reverse("empresa:company", args=[acme.pk])
        for _step in range(minutes // 15):
            assert client.get(page).status_code == 200
            clock.shift(timedelta(minutes=15))
        assert client.get(page).url == reverse("public:doors")
        assert "Vuelve a ser usted" in client.get(reverse("panel:people")).text


def test_it_ends_with_the_duty_and_with_the_account(begin, alice, acme, stella):
    page = reverse("empresa:company", args=[acme.pk])
    client = begin(SEE, alice)
    alice.is_active = False
    alice.save()
    assert client.get(page).status_code == 302
    alice.is_active = True
    alice.save()
    client = begin(SEE, alice)
    stella.appointments.update(starts_on=timezone.localdate() - timedelta(days=9),
                               ends_on=timezone.localdate() - timedelta(days=1))  # fmt: skip
    assert client.get(page).status_code == 302
    assert client.get(page).status_code == 404


def test_nobody_takes_over_somebody_elses_standing_in(as_, begin, alice, ada):
    begin(SEE, alice)
    client = as_(ada)
    session = client.session
    session[standing_in.SESSION_KEY] = StandIn.objects.get().pk
    session.save()
    client.get(reverse("panel:people"))
    assert client.get(reverse("panel:people")).status_code == 200


def test_out_of_a_request_nobody_stands_in(stella, alice, acme):
    StandIn.start(kind=ACT, person=alice, by=stella, reason=WHY)
    Event.record(acme, by=alice, verb="edit", company=acme)
    assert (Event.objects.last().actor, "on_behalf_of" in Event.objects.last().data) == (alice, False)


def test_what_is_forbidden_is_an_address_of_ours():
    names = {f"{n}:{key}" for n, (_p, r) in get_resolver().namespace_dict.items() for key in r.reverse_dict}
    names |= set(get_resolver().reverse_dict)
    assert (standing_in.ITS_OWN_WORD | standing_in.THEIRS | standing_in.WAY_OUT) - names == set()


def test_the_pages_hold_back_the_buttons_that_would_be_refused(begin, alice, acme, plant):
    """What app.js disables, by the strip's patterns, is what the server refuses."""
    page = begin(ACT, alice).get(reverse("empresa:company", args=[acme.pk])).text
    told = json.loads(unescape(re.search(r'data-held-back="([^"]*)"', page)[1]))
    held = [re.compile(pattern) for pattern in told]

    def is_held(name, *args):
        return any(pattern.search(reverse(name, args=args)) for pattern in held)

    assert is_held("empresa:invite", acme.pk)
    assert is_held("empresa:application_withdraw", 7)
    assert not is_held("empresa:site", plant.pk)
    assert not is_held("empresa:profile_section", acme.pk, "proceso")
    assert standing_in.held_back(StandIn(kind=SEE)) == [".*"]
