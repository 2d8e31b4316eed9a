from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.gates import blocking, participation_missing_for_external
from audits.models import Audit, BodyPerson
from companies.models import Event, Notice, SiteDocument
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import MonitorAssignment, Waiver
from tests import factories as f

from . import certifying

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(participation, plant):
    return certifying.passed(participation, plant)


@pytest.fixture
def asked(ready, body, cora, ernesto, alice):
    return certifying.requested(ready, body, by=alice)


def page(company):
    return reverse("empresa:external_request", args=[company.pk])


def answer(body, **more):
    today = timezone.localdate()
    return {
        "body": body.pk, "starts_on": today + timedelta(10), "ends_on": today + timedelta(11), "message": "Dos turnos.",
        "agree": "on",
    } | more  # fmt: skip


def test_a_company_asks_an_enabled_body_and_everybody_is_told(as_, alice, acme, ready, body, cora, ernesto):
    response = as_(alice).post(page(acme), answer(body))
    assert (response.status_code, response.url) == (302, page(acme))
    audit = Audit.objects.get(kind="certification")
    ready.refresh_from_db()
    assert (audit.state, audit.body, ready.state) == ("requested", body, "external_requested")
    assert audit.scope.frozen_at is not None
    assert [n.user for n in Notice.objects.filter(kind="audit")] == [cora]
    assert Event.objects.about(ready).last().new == "external_requested"
    text = as_(alice).get(page(acme)).content.decode()
    assert "Solicitud a Certificadora de Prueba" in text


def test_the_page_offers_enabled_bodies_and_says_who_pays(as_, alice, acme, ready, body, cora):
    f.CertificationBodyFactory(name="Organismo Suspendido", status="suspended")
    text = as_(alice).get(page(acme)).content.decode()
    assert "Certificadora de Prueba" in text and "RES-PRUEBA-001" in text
    assert "Organismo Suspendido" not in text
    assert "Mi empresa solicita, gestiona y paga esta auditoría" in text


def test_an_open_nonconformity_of_the_preaudit_stops_the_request_and_is_named(as_, alice, acme, correcting, nc, body):
    missing = participation_missing_for_external(correcting.participation, timezone.localdate())
    named = [m for m in missing if m.key == "open_nonconformities"]
    assert [str(m) for m in named] == [f"La no conformidad menor {nc.number} sigue sin cerrar."]
    assert (named[0].owner, named[0].since, named[0].waivable) == ("company", timezone.localdate(), False)
    response = as_(alice).get(page(acme))
    assert nc.number in response.content.decode()
    refused = as_(alice).post(page(acme), answer(body))
    assert refused.status_code == 422
    assert not Audit.objects.filter(kind="certification").exists()


def test_an_open_nonconformity_is_not_waived_by_a_waiver_of_documents(correcting, stella, nc):
    participation = correcting.participation
    tomorrow = timezone.localdate() + timedelta(1)
    Waiver.objects.create(
        participation=participation, condition="site_documents", reason="x", approved_by=stella, expires_on=tomorrow
    )
    missing = blocking(participation_missing_for_external(participation, timezone.localdate()))
    assert "open_nonconformities" in {m.key for m in missing}


def test_documents_of_the_sites_must_be_valid_on_the_proposed_days(as_, alice, acme, ready, plant, body, cora):
    last = timezone.localdate() + timedelta(10)
    SiteDocument.objects.filter(site=plant, kind="itse").update(valid_until=last)
    response = as_(alice).post(page(acme), answer(body))
    assert response.status_code == 422
    text = response.content.decode()
    assert "Certificado ITSE (ex INDECI) de Planta Ica: no está vigente en las fechas de la auditoría." in text
    assert "Dos turnos." in text  # nothing typed is lost


def test_a_waiver_of_the_documents_lets_the_request_through(ready, plant, body, cora, alice, stella):
    f.forget_documents(site=plant, kind="itse")
    today = timezone.localdate()
    with pytest.raises(IllegalMove, match="ITSE"):
        certifying.requested(ready, body, by=alice)
    Waiver.objects.create(
        participation=ready, condition="site_documents", reason="En trámite", approved_by=stella, expires_on=today
    )
    assert certifying.requested(ready, body, by=alice).state == "requested"


@pytest.mark.parametrize(
    "change",
    [{"status": "suspended"}, {"status": "withdrawn"}, {"enabled_until": "2024-12-31"}, {"enabled_from": "2099-01-01"}],
)
def test_a_body_not_enabled_on_the_dates_is_refused(as_, alice, acme, ready, body, cora, change):
    type(body).objects.filter(pk=body.pk).update(**change)
    response = as_(alice).post(page(acme), answer(body))
    assert response.status_code == 422
    assert "no está habilitado por PROMPERÚ en esas fechas" in response.content.decode()
    body.refresh_from_db()
    with pytest.raises(IllegalMove, match="no está habilitado"):
        certifying.requested(ready, body, by=alice)


def test_a_body_with_a_conflict_is_refused(as_, alice, acme, ready, body, cora, mia):
    BodyPerson.objects.create(body=body, user=mia, role="auditor", starts_on="2024-01-01")
    response = as_(alice).post(page(acme), answer(body))
    assert response.status_code == 422
    assert "conflicto de interés" in response.content.decode()


def test_bad_days_and_a_missing_confirmation_are_said(as_, alice, acme, ready, body, cora):
    today = timezone.localdate()
    late = as_(alice).post(page(acme), answer(body, starts_on=today, ends_on=today - timedelta(1)))
    assert (late.status_code, "es anterior al primero" in late.content.decode()) == (422, True)
    silent = as_(alice).post(page(acme), answer(body, agree=""))
    assert "Marque que su empresa gestiona y paga la auditoría." in silent.content.decode()


def test_asking_twice_leaves_one_audit(as_, alice, acme, ready, body, cora):
    client = as_(alice)
    client.post(page(acme), answer(body))
    second = client.post(page(acme), answer(body))
    assert second.status_code == 422
    assert Audit.objects.filter(kind="certification").count() == 1


def test_an_audit_in_progress_in_another_edition_stops_the_request(ready, body, cora, alice):
    other = f.ParticipationFactory(company=ready.company, edition=f.EditionFactory())
    f.ExternalAuditFactory(participation=other, body=body, state="started")
    with pytest.raises(IllegalMove, match="Ya hay una auditoría externa en curso"):
        certifying.requested(ready, body, by=alice)


def test_strangers_and_readers_cannot_ask(as_, bob, reader, otto, acme, ready, body):
    assert as_(bob).get(page(acme)).status_code == 404
    assert as_(otto).get(page(acme)).status_code == 404
    assert as_(bob).post(page(acme), answer(body)).status_code == 404
    assert as_(reader).get(page(acme)).status_code == 200
    assert as_(reader).post(page(acme), answer(body)).status_code == 404


def test_the_company_takes_a_request_back_and_asks_another_body(as_, alice, acme, asked, cora):
    url = reverse("empresa:external_cancel", args=[asked.pk])
    assert as_(alice).get(url).status_code == 405
    wrong = as_(alice).post(url, {"retiro-reason": ""})
    assert (wrong.status_code, '<details class="confirm" open>' in wrong.text) == (422, True)
    asked.refresh_from_db()
    assert asked.state == "requested"
    as_(alice).post(url, {"retiro-reason": "Elegimos otro."})
    asked.refresh_from_db()
    assert (asked.state, asked.participation.state) == ("cancelled", "preaudit_passed")
    assert Notice.objects.filter(user=cora, body="Elegimos otro.").count() == 1


def test_another_company_cannot_take_it_back(as_, bob, asked):
    url = reverse("empresa:external_cancel", args=[asked.pk])
    assert as_(bob).post(url, {"retiro-reason": "x"}).status_code == 404


def test_an_answered_request_cannot_be_taken_back(asked, cora, ernesto, alice):
    asked.accept(by=cora, auditor=ernesto)
    with pytest.raises(IllegalMove, match="ya respondió"):
        asked.cancel_request(by=alice, reason="x")


def request_page(audit, act=""):
    return reverse(f"auditoria:request{act}", args=[audit.pk])


def test_the_manager_sees_the_request_and_not_the_evidence(as_, asked, cora, plant):
    response = as_(cora).get(request_page(asked))
    text = response.content.decode()
    assert response.status_code == 200
    assert "Acme Exportaciones S.A.C." in text and "Planta Ica" in text and "Dos turnos." in text
    assert as_(cora).get(reverse("auditoria:audit", args=[asked.pk])).status_code == 404
    assert as_(cora).get(reverse("auditoria:checklist", args=[asked.pk])).status_code == 404


def test_another_bodys_manager_finds_nothing(as_, asked, ernesto, alice, nadia):
    stranger = f.UserFactory()
    BodyPerson.objects.create(body=f.CertificationBodyFactory(), user=stranger, role="manager", starts_on="2024-01-01")
    for user in (stranger, ernesto, alice, nadia):
        assert as_(user).get(request_page(asked)).status_code == 404
        assert as_(user).post(request_page(asked, "_accept"), {"auditor": ernesto.pk}).status_code == 404
        assert as_(user).post(request_page(asked, "_decline"), {"declina-reason": "x"}).status_code == 404
    assert as_(ernesto).get(reverse("auditoria:requests")).status_code == 404
    assert "Acme" not in as_(stranger).get(reverse("auditoria:requests")).content.decode()


def test_the_body_accepts_naming_its_auditor(as_, asked, cora, ernesto, alice, stella):
    response = as_(cora).post(request_page(asked, "_accept"), {"auditor": ernesto.pk})
    assert response.status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.team.get().user) == ("accepted", ernesto)
    told = set(Notice.objects.filter(key__contains="accepted").values_list("user", flat=True))
    assert told == {alice.pk, stella.pk}
    assert Notice.objects.filter(user=ernesto).count() == 1


def test_an_auditor_of_another_body_or_with_a_tie_is_refused(as_, asked, cora, ernesto, nadia, participation, mia):
    outsider = as_(cora).post(request_page(asked, "_accept"), {"auditor": nadia.pk})
    assert (outsider.status_code, "no es auditora de su organismo" in outsider.content.decode()) == (422, True)
    with pytest.raises(IllegalMove, match="no es auditor de"):
        asked.accept(by=cora, auditor=nadia)
    MonitorAssignment.objects.filter(participation=participation).update(monitor=ernesto)
    tied = as_(cora).post(request_page(asked, "_accept"), {"auditor": ernesto.pk})
    assert tied.status_code == 422
    assert "es o fue monitor de «Acme" in tied.content.decode()
    with pytest.raises(IllegalMove, match="monitor"):
        asked.accept(by=cora, auditor=ernesto)


def test_a_body_suspended_meanwhile_cannot_accept(as_, asked, cora, ernesto, body):
    type(body).objects.filter(pk=body.pk).update(status="suspended")
    response = as_(cora).post(request_page(asked, "_accept"), {"auditor": ernesto.pk})
    assert response.status_code == 422
    assert "no está habilitado por PROMPERÚ" in response.content.decode()
    asked = Audit.objects.get(pk=asked.pk)
    with pytest.raises(IllegalMove, match="no está habilitado"):
        asked.accept(by=cora, auditor=ernesto)
    assert Audit.objects.get(pk=asked.pk).state == "requested"


def test_accepting_twice_names_one_auditor(as_, asked, cora, ernesto):
    for _time in range(2):
        as_(cora).post(request_page(asked, "_accept"), {"auditor": ernesto.pk})
    assert asked.team.count() == 1


def test_the_body_declines_and_the_company_reads_why(as_, asked, cora, alice, acme):
    silent = as_(cora).post(request_page(asked, "_decline"), {"declina-reason": ""})
    assert silent.status_code == 422
    as_(cora).post(request_page(asked, "_decline"), {"declina-reason": "Sin auditores libres."})
    asked.refresh_from_db()
    assert (asked.state, asked.participation.state) == ("declined", "preaudit_passed")
    text = as_(alice).get(page(acme)).content.decode()
    assert "Sin auditores libres." in text and "Solicitar la auditoría" in text
    again = as_(cora).post(request_page(asked, "_decline"), {"declina-reason": "Otra vez."})
    assert again.status_code == 409


def test_another_is_named_when_the_first_steps_aside(as_, asked, cora, ernesto, body):
    other = f.UserFactory(first_name="Luz")
    BodyPerson.objects.create(body=body, user=other, role="auditor", starts_on="2024-01-01")
    asked.accept(by=cora, auditor=ernesto)
    asked.recuse(by=ernesto, reason="Es mi primo.")
    as_(cora).post(request_page(asked, "_accept"), {"auditor": other.pk})
    assert [m.user for m in asked.team.present()] == [other]


def test_the_external_auditor_works_to_the_closing_and_the_decision_waits(ready, body, cora, ernesto, alice, stella):
    audit = certifying.closed(ready, body, ernesto, company=alice, manager=cora)
    ready.refresh_from_db()
    assert (audit.state, ready.state, audit.decision.state) == ("closed", "decision", "pending")
    assert Notice.objects.filter(user=stella, title__contains="le toca a PROMPERÚ").count() == 1


def test_the_external_auditor_sees_only_that_audit(as_, asked, cora, ernesto, preaudit_of_acme):
    asked.accept(by=cora, auditor=ernesto)
    asked.declare(by=ernesto)
    assert as_(ernesto).get(reverse("auditoria:audit", args=[asked.pk])).status_code == 200
    assert as_(ernesto).get(reverse("auditoria:audit", args=[preaudit_of_acme.pk])).status_code == 404


@pytest.fixture
def preaudit_of_acme(asked):
    return Audit.objects.get(kind="preaudit")


def test_the_list_of_requests_asks_as_much_for_three_as_for_thirty(as_, cora, body):
    client, url, counts = as_(cora), reverse("auditoria:requests"), []
    edition = f.EditionFactory()
    for wanted in (3, 22):
        while Audit.objects.count() < wanted:
            f.ExternalAuditFactory(body=body, participation__edition=edition, state="requested")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_company_that_left_is_not_audited_and_its_request_is_still_answered(as_, asked, cora, ernesto, stella):
    asked.participation.withdraw(by=stella, reason="Cierra la planta.")
    refused = as_(cora).post(request_page(asked, "_accept"), {"auditor": ernesto.pk})
    assert (refused.status_code, asked.team.count()) == (409, 0)
    as_(cora).post(request_page(asked, "_decline"), {"declina-reason": "Se retiró."})
    asked.refresh_from_db()
    assert (asked.state, asked.participation.state) == ("declined", "withdrawn")
