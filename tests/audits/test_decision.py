from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.models import Audit, AuditMember, Certificate, Decision, RegisterEntry
from companies.models import Appointment, Duty, Event, Notice
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Waiver
from tests import factories as f
from tests.reading import hidden

from . import certifying

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(participation, plant, body, cora, ernesto, alice, stella, dora):
    """The external audit closed with a recommendation to certify."""
    audit = certifying.closed(certifying.passed(participation, plant), body, ernesto, company=alice, manager=cora)
    return audit.decision


@pytest.fixture
def proposed(pending, stella):
    pending.propose(by=stella, outcome="grant", grounds="Cumple todo.")
    return pending


def page(decision, act=""):
    return reverse(f"panel:decision{act}", args=[decision.pk])


WORDS = {"outcome": "grant", "grounds": "Cumple todo."}


def duty(user, value):
    user.__dict__.pop("duties", None)
    Appointment.objects.get_or_create(user=user, duty=value, defaults={"starts_on": "2024-01-01"})


def test_the_coordinator_proposes_and_those_who_decide_are_told(as_, pending, stella, dora):
    Waiver.objects.create(
        application=pending.audit.participation.application, condition="debts", reason="Convenio de pago.",
        approved_by=stella, expires_on=timezone.localdate(),
    )  # fmt: skip
    assert "Cuentas con PROMPERÚ</p>" in as_(stella).get(page(pending)).content.decode()
    response = as_(stella).post(page(pending, "_propose"), WORDS)
    assert (response.status_code, response.url) == (302, page(pending))
    pending.refresh_from_db()
    assert (pending.state, pending.proposal, pending.proposed_by) == ("proposed", "grant", stella)
    assert [n.user for n in Notice.objects.filter(kind="decision")] == [dora]


def test_another_person_decides_and_the_certificate_is_issued_once(as_, proposed, dora, alice):
    today = timezone.localdate()
    client = as_(dora)
    first = client.post(page(proposed, "_decide"), WORDS)
    second = client.post(page(proposed, "_decide"), WORDS)
    assert (first.status_code, second.status_code) == (302, 302)
    certificate = Certificate.objects.get()
    proposed.refresh_from_db()
    proposed.audit.refresh_from_db()
    assert (proposed.state, proposed.outcome, proposed.decided_by) == ("decided", "grant", dora)
    assert (proposed.audit.state, proposed.audit.participation.state) == ("confirmed", "certified")
    assert certificate.number == f"BPE-{today.year}-0001"
    assert (certificate.valid_from, certificate.valid_until.year) == (today, today.year + 2)
    assert (certificate.valid_until - today.replace(year=today.year + 2)).days == -1
    assert list(RegisterEntry.objects.values_list("act", flat=True)) == ["granted"]
    assert Job.objects.filter(kind="audits.certificate", payload={"certificate": certificate.pk}).count() == 1
    assert Notice.objects.filter(user=alice, title=f"Su empresa está certificada: {certificate.number}").count() == 1
    assert "La decisión ya estaba tomada" in client.get(page(proposed)).content.decode()


def test_what_somebody_wrote_for_a_decision_another_took_is_shown_beside_it(as_, proposed, dora):
    other = f.UserFactory(first_name="Delia")
    f.AppointmentFactory(user=other, duty=Duty.DECIDER)
    proposed.decide(by=other, outcome="deny", grounds="Falta la licencia.")
    late = as_(dora).post(page(proposed, "_decide"), {"outcome": "grant", "grounds": "Cumple con todo."})
    assert late.status_code == 409
    assert ("Falta la licencia." in late.text, "Cumple con todo." in late.text) == (True, True)


def test_the_certificate_keeps_what_was_printed(proposed, dora, acme, body):
    certificate = proposed.decide(by=dora, outcome="grant", grounds="Cumple.")
    acme.legal_name = "Otro Nombre S.A."
    acme.save()
    certificate.refresh_from_db()
    printed = certificate.printed
    assert printed["company_name"] == "Acme Exportaciones S.A.C."
    assert [site["name"] for site in printed["sites"]] == ["Planta Ica"]
    assert (printed["body"], printed["unofficial"]) == (body.name, True)
    assert printed["signatory"]["name"] == str(dora)


def test_who_proposed_may_not_decide_by_form_method_or_database(as_, proposed, stella):
    duty(stella, Duty.DECIDER)
    response = as_(stella).post(page(proposed, "_decide"), WORDS)
    assert response.status_code == 422
    assert "Usted hizo la propuesta. La decisión la toma otra persona." in response.content.decode()
    stella.__dict__.pop("duties", None)
    with pytest.raises(IllegalMove, match="Usted hizo la propuesta"):
        proposed.decide(by=stella, outcome="grant", grounds="x")
    with pytest.raises(IntegrityError, match="decided_by_another_person"), transaction.atomic():
        Decision.objects.filter(pk=proposed.pk).update(decided_by=stella)
    assert Certificate.objects.count() == 0


@pytest.mark.parametrize("kind", ["preaudit", "certification"])
def test_who_audited_may_neither_decide_nor_propose(as_, pending, stella, dora, kind):
    audit = Audit.objects.get(kind=kind)
    for user in (stella, dora):
        AuditMember.objects.create(audit=audit, user=user, left_on=timezone.localdate())
    refused = as_(stella).post(page(pending, "_propose"), WORDS)
    assert refused.status_code == 422
    assert "Quien auditó no propone ni decide" in refused.content.decode()
    with pytest.raises(IllegalMove, match="Quien auditó"):
        pending.propose(by=stella, outcome="grant", grounds="x")
    AuditMember.objects.filter(user=stella).delete()
    pending.propose(by=stella, outcome="grant", grounds="x")
    refused = as_(dora).post(page(pending, "_decide"), WORDS)
    assert (refused.status_code, "Quien auditó no propone ni decide" in refused.content.decode()) == (422, True)
    with pytest.raises(IllegalMove, match="Quien auditó"):
        pending.decide(by=dora, outcome="grant", grounds="x")


def test_only_coordination_proposes_and_only_deciders_decide(as_, pending, stella, rita, dora):
    assert as_(rita).post(page(pending, "_propose"), WORDS).status_code == 404
    with pytest.raises(IllegalMove, match="función de coordinación"):
        pending.propose(by=rita, outcome="grant", grounds="x")
    pending.propose(by=stella, outcome="grant", grounds="x")
    assert as_(rita).post(page(pending, "_decide"), WORDS).status_code == 404
    with pytest.raises(IllegalMove, match="función de decisión y firma"):
        pending.decide(by=rita, outcome="grant", grounds="x")


def test_two_people_deciding_at_once_issue_one_certificate(proposed, dora):
    late = Decision.objects.get(pk=proposed.pk)
    proposed.decide(by=dora, outcome="grant", grounds="Cumple.")
    other = f.UserFactory()
    duty(other, Duty.DECIDER)
    with pytest.raises(IllegalMove):
        late.decide(by=other, outcome="deny", grounds="No.")
    assert (Certificate.objects.count(), RegisterEntry.objects.count()) == (1, 1)
    assert Decision.objects.get().decided_by == dora


def test_without_the_bodys_recommendation_nothing_is_granted(as_, pending, stella):
    Audit.objects.filter(pk=pending.audit_id).update(recommendation="not_certify")
    refused = as_(stella).post(page(pending, "_propose"), WORDS)
    assert refused.status_code == 422
    assert "no recomendó certificar" in refused.content.decode()
    assert "Cumple todo." in refused.content.decode()


def test_an_open_nonconformity_stops_the_grant(pending, stella):
    check = pending.audit.checks.first()
    pending.audit.nonconformities.create(check_line=check, number="NC-1", grade="minor", statement="x")
    with pytest.raises(IllegalMove, match="NC-1 sigue sin cerrar"):
        pending.propose(by=stella, outcome="grant", grounds="x")


def test_denying_leaves_no_certificate_and_tells_the_company(as_, proposed, dora, alice):
    as_(dora).post(page(proposed, "_decide"), {"outcome": "deny", "grounds": "Falta la PTAR."})
    proposed.audit.participation.refresh_from_db()
    assert proposed.audit.participation.state == "not_certified"
    assert (Certificate.objects.count(), RegisterEntry.objects.count()) == (0, 0)
    assert Notice.objects.filter(user=alice, body="Falta la PTAR.").count() == 1


def test_grounds_are_required(as_, pending, proposed, dora, stella):
    refused = as_(dora).post(page(proposed, "_decide"), {"outcome": "grant", "grounds": " "})
    assert (refused.status_code, "Escriba en qué se sustenta." in refused.content.decode()) == (422, True)
    with pytest.raises(IllegalMove, match="motivación"):
        proposed.decide(by=dora, outcome="grant", grounds=" ")


def test_the_proposal_is_given_back_with_a_reason(as_, proposed, dora, stella):
    assert as_(dora).post(page(proposed, "_return"), {"devuelve-reason": ""}).status_code == 422
    as_(dora).post(page(proposed, "_return"), {"devuelve-reason": "Falta citar el acta."})
    proposed.refresh_from_db()
    assert proposed.state == "pending"
    assert Event.objects.about(proposed).last().note == "Falta citar el acta."
    assert Notice.objects.filter(user=stella, body="Falta citar el acta.").count() == 1


@pytest.mark.parametrize(("act", "words"), [("_decide", WORDS), ("_return", {"devuelve-reason": "Falta el acta."})])
def test_another_proposal_is_not_decided_on_unread(as_, proposed, dora, stella, act, words):
    opened = {"version": hidden(as_(dora).get(page(proposed)), "version")}
    proposed.give_back(by=dora, reason="x")
    proposed.propose(by=stella, outcome="deny", grounds="Falta la PTAR.")
    late = as_(dora).post(page(proposed, act), words | opened)
    proposed.refresh_from_db()
    assert (late.status_code, proposed.state, Certificate.objects.count()) == (409, "proposed", 0)


def test_a_proposal_is_void_when_the_audit_was_reopened_and_closed_again(proposed, ernesto, stella):
    proposed.audit.resume(by=stella, reason="Falta una verificación.")
    proposed.audit.close(by=ernesto)
    proposed.refresh_from_db()
    assert proposed.state == "pending"


def test_deciding_on_an_audit_reopened_meanwhile_is_refused(proposed, stella, dora):
    Audit.objects.get(pk=proposed.audit_id).resume(by=stella, reason="x")
    fresh = Decision.objects.get(pk=proposed.pk)
    with pytest.raises(IllegalMove, match="se decide cuando está cerrada"):
        fresh.decide(by=dora, outcome="grant", grounds="x")
    with pytest.raises(IllegalMove):
        fresh.decide(by=dora, outcome="deny", grounds="x")
    fresh.refresh_from_db()
    assert fresh.state == "proposed"


def test_strangers_find_no_decision(as_, proposed, alice, bob, ernesto, cora, mia, nadia, dora):
    for user in (alice, bob, ernesto, cora, mia, nadia):
        client = as_(user)
        assert client.get(page(proposed)).status_code == 404
        assert client.get(reverse("panel:decisions")).status_code == 404
        for act in ("_propose", "_decide", "_return"):
            assert client.post(page(proposed, act), WORDS).status_code == 404
    assert as_(dora).get(page(proposed, "_decide")).status_code == 405


def test_the_queue_asks_as_much_for_three_as_for_twenty(as_, stella):
    client, url, counts = as_(stella), reverse("panel:decisions") + "?ver=decididas", []
    edition = f.EditionFactory()
    for wanted in (3, 20):
        while Decision.objects.count() < wanted:
            f.DecisionFactory(audit__participation__edition=edition)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_deciders_pressing_at_the_same_moment(proposed, dora):
    other = f.UserFactory()
    duty(other, Duty.DECIDER)
    start, outcomes = Barrier(2), []

    def press(pk, user):
        decision = Decision.objects.get(pk=pk)
        start.wait()
        try:
            outcomes.append(decision.decide(by=user, outcome="grant", grounds="Cumple.").number)
        except IllegalMove:
            outcomes.append("")
        finally:
            connection.close()

    threads = [Thread(target=press, args=(proposed.pk, user)) for user in (dora, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(bool, outcomes)) == [False, True]
    assert (Certificate.objects.count(), RegisterEntry.objects.count()) == (1, 1)
    assert RegisterEntry.objects.first_broken() == (None, "")
