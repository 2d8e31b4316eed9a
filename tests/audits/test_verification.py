import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.models import Certificate, MarkLicence
from audits.printed import certificate_page
from companies import throttle
from ecoeficiencia.pdf import qr
from tests import factories as f
from tests.counting import asked

from . import certifying

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate(participation, plant, body):
    scope = f.ScopeFactory(assessment=participation.assessment)
    scope.sites.add(plant)
    audit = f.ExternalAuditFactory(participation=participation, body=body, scope=scope, state="confirmed")
    return f.CertificateFactory(decision__audit=audit, number="BPE-2026-0031")


def address(certificate):
    return reverse("public:verification", args=[certificate.code])


def test_anybody_verifies_a_code(client, certificate):
    response = client.get(address(certificate))
    text = response.content.decode()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    for shown in (
        "Certificado vigente", "Acme Exportaciones S.A.C.", "BPE-2026-0031", certificate.company.ruc, "Planta Ica",
        "Certificadora de Prueba", "Catálogo NO OFICIAL", "no tiene licencia de uso de la marca",
        certificate.register.get().digest,
    ):  # fmt: skip
        assert shown in text


def test_it_takes_two_queries_and_no_session_and_one_when_asked_again(client, certificate):
    for most in (2, 1):
        with CaptureQueriesContext(connection) as queries:
            client.get(address(certificate))
        assert asked(queries) == most


def shown(client, certificate):
    return re.search("<h1>(.*)</h1>", client.get(address(certificate)).content.decode())[1]


def test_a_page_kept_from_before_says_the_time_of_now(client, certificate):
    with time_machine.travel("2026-03-02T10:15:00-05:00", tick=False):
        Certificate.objects.update(valid_from="2026-01-01", valid_until="2027-12-31")
        first = client.get(address(certificate)).content.decode()
    with time_machine.travel("2026-03-02T16:40:00-05:00", tick=False):
        later = client.get(address(certificate)).content.decode()
    assert "Comprobado hoy, 02/03/2026, 10:15." in first
    assert later == first.replace("10:15", "16:40")


def test_a_page_kept_from_before_ends_with_the_day_in_lima(client, certificate):
    Certificate.objects.update(valid_from="2026-01-01", valid_until="2026-06-30")
    with time_machine.travel("2026-06-30T23:59:59-05:00", tick=False):
        assert shown(client, certificate) == "Certificado vigente, por vencer"
    with time_machine.travel("2026-07-01T00:00:00-05:00", tick=False):
        assert shown(client, certificate) == "Certificado vencido"


def test_every_act_is_seen_at_the_next_request(client, certificate, dora):
    today = timezone.localdate()
    assert shown(client, certificate) == "Certificado vigente"
    certifying.suspended(certificate, by=dora)
    assert shown(client, certificate) == "Certificado suspendido"
    certificate.reinstate(by=dora, reason="Llegó el informe", on=today)
    assert shown(client, certificate) == "Certificado vigente"
    licence = MarkLicence.objects.create(
        certificate=certificate, number="LM-1", valid_from=today, valid_until=certificate.valid_until, granted_by=dora
    )
    text = client.get(address(certificate)).content.decode()
    assert "no tiene licencia de uso de la marca" not in text
    licence.move("suspended", by=dora)
    assert client.get(address(certificate)).content.decode() != text


def test_what_is_kept_for_visitors_is_not_shown_to_somebody_signed_in(client, as_, certificate, alice):
    for _again in range(2):
        assert "Mi espacio" not in client.get(address(certificate)).content.decode()
        assert "Mi espacio" in as_(alice).get(address(certificate)).content.decode()


def test_it_tells_nothing_of_a_person(client, certificate, alice):
    decision = certificate.decision
    text = client.get(address(certificate)).content.decode()
    for person in (alice, decision.decided_by, decision.proposed_by):
        assert person.last_name not in text
        assert person.email not in text


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "Certificado vigente"),
        ({"valid_until": 20}, "Certificado vigente, por vencer"),
        ({"valid_until": -1}, "Certificado vencido"),
        ({"state": "suspended"}, "Certificado suspendido"),
        ({"state": "withdrawn"}, "Certificado retirado"),
        ({"state": "replaced"}, "Certificado reemplazado"),
    ],
)
def test_each_status_has_its_verdict(client, certificate, change, verdict):
    if days := change.get("valid_until"):
        today = timezone.localdate()
        change = {"valid_until": today + timedelta(days), "valid_from": today - timedelta(300)}
    Certificate.objects.filter(pk=certificate.pk).update(**change)
    assert f"<h1>{verdict}</h1>" in client.get(address(certificate)).content.decode()


@pytest.mark.parametrize("typed", ["{code}", " {upper} ", "{spaced}", "{dashed}"])
def test_the_code_is_found_however_it_was_typed(client, certificate, typed):
    groups = certificate.code_groups
    typed = typed.format(
        code=certificate.code, upper=certificate.code.upper(), spaced=" ".join(groups), dashed="-".join(groups)
    )
    response = client.get(reverse("public:verify"), {"codigo": typed})
    assert (response.status_code, "BPE-2026-0031" in response.content.decode()) == (200, True)


def test_the_address_that_proves_it_never_comes_from_the_host_header(client, certificate, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://sitio.pruebas.example", ["*"]
    proof = "https://sitio.pruebas.example" + address(certificate)
    text = client.get(address(certificate), headers={"host": "malo.example"}).content.decode()
    assert (str(qr(proof)) in text, "malo.example" in text) == (True, False)
    printed = certificate_page(certificate)
    assert (printed["host"], printed["proof"]) == ("sitio.pruebas.example", proof)


@pytest.mark.parametrize("typed", ["BPE-2026-0031", " bpe-2026-0031", "bpe 2026 0031"])
def test_a_number_leads_to_what_the_catalogue_shows(client, certificate, typed):
    response = client.get(reverse("public:verify"), {"codigo": typed}, follow=True)
    text = response.content.decode()
    assert response.redirect_chain == [(reverse("public:certified", args=[certificate.slug]), 302)]
    assert "BPE-2026-0031" in text
    assert certificate.code not in text


def test_a_scan_of_numbers_finds_the_cards_of_the_catalogue_and_nothing_else(client, acme, alice):
    """What the register keeps beside the card, and the people, are in no answer."""
    made = [
        f.CertificateFactory(decision__audit__participation__company=acme, number=f"BPE-2026-{n:04d}")
        for n in range(1, 4)
    ]
    kept = {certificate.code for certificate in made} | {alice.email, alice.last_name, acme.email, str(acme.phone)}
    kept |= {certificate.decision.grounds for certificate in made}
    kept |= {
        getattr(certificate.decision, who).last_name for certificate in made for who in ("decided_by", "proposed_by")
    }
    found = []
    for n in range(1, 8):
        answer = client.get(reverse("public:verify"), {"codigo": f"BPE-2026-{n:04d}"}, follow=True)
        found.append(answer.status_code)
        assert [word for word in kept if word and word in answer.text] == []
    assert found == [200] * 3 + [404] * 4


def test_a_network_that_scans_is_slowed_and_people_are_not(client, certificate, monkeypatch):
    monkeypatch.setattr(throttle, "AT_HAND", 3)
    monkeypatch.setattr(throttle, "FREE", 2)
    card = reverse("public:certified", args=[certificate.slug])
    with time_machine.travel("2026-03-02T10:15:00-05:00", tick=False) as clock:
        Certificate.objects.update(valid_from="2026-01-01")
        said = [client.get(card).status_code for _n in range(6)]
        assert said == [200] * 5 + [429]
        slowed = client.get(reverse("public:verify"), {"codigo": certificate.number})
        assert (slowed.status_code, slowed["Retry-After"], slowed["Cache-Control"]) == (429, "1", "no-store")
        assert "Desde su red se abrieron muchas fichas en un minuto. Espere 1 segundo" in slowed.text
        assert client.get(card, REMOTE_ADDR="192.0.2.1").status_code == 200
        assert client.get(address(certificate)).status_code == 200
        clock.shift(60)
        assert client.get(card).status_code == 200


def test_people_reading_cards_ask_the_shared_cache_nothing(client, certificate):
    card = reverse("public:certified", args=[certificate.slug])
    with CaptureQueriesContext(connection) as queries:
        client.get(card)
    assert [query["sql"] for query in queries if "cache" in query["sql"]] == []


@pytest.mark.parametrize("typed", ["BPE-1999-0001", "0" * 32, "<script>alert(1)</script>", "ñ" * 500, "%", "\x00"])
def test_an_unknown_code_is_a_404_that_helps(client, certificate, typed):
    response = client.get(reverse("public:verify"), {"codigo": typed})
    text = response.content.decode()
    assert response.status_code == 404
    assert "No encontramos ese certificado" in text
    assert "<script>alert" not in text


def test_an_unknown_address_is_a_404(client, certificate):
    assert client.get(reverse("public:verification", args=["nada"])).status_code == 404


def test_the_form_without_a_code_explains(client):
    response = client.get(reverse("public:verify"))
    assert (response.status_code, "32 caracteres" in response.content.decode()) == (200, True)
    assert client.post(reverse("public:verify")).status_code == 405


def test_a_certificate_not_yet_valid_is_not_public(client, certificate):
    Certificate.objects.filter(pk=certificate.pk).update(valid_from=timezone.localdate() + timedelta(1))
    assert client.get(address(certificate)).status_code == 404
