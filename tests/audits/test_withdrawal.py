"""Nobody ends a certificate alone: one proposes, another confirms or leaves it as it is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audits.models import AuditMember, Certificate, RegisterEntry, Withdrawal
from audits.verifications import registered
from companies.models import Appointment, Duty, Event, Notice
from ecoeficiencia.lifecycle import IllegalMove
from tests import factories as f
from tests.racing import at_once
from tests.reading import hidden

from . import certifying

pytestmark = pytest.mark.django_db
REASON = "Usó la marca en un producto que no está en el alcance."


@pytest.fixture
def certificate(acme):
    return f.CertificateFactory(decision__audit__participation__company=acme)


@pytest.fixture
def proposal(certificate, stella):
    return Withdrawal.objects.propose(certificate, by=stella, reason=REASON)


def page(certificate, act=""):
    return reverse(f"panel:certificate{act}", args=[certificate.pk])


def resolve(proposal, act):
    return reverse(f"panel:withdrawal_{act}", args=[proposal.pk])


CONFIRMS = {"confirm-grounds": "Consta en el informe."}


def states(proposal):
    proposal.refresh_from_db()
    return proposal.state, Certificate.objects.get(pk=proposal.certificate_id).state


def becomes(user, duty):
    """The same person has had another duty since yesterday, and the former no more."""
    yesterday = timezone.localdate() - timedelta(days=1)
    Appointment.objects.filter(user=user).update(ends_on=yesterday)
    f.AppointmentFactory(user=user, duty=duty)
    user.__dict__.pop("duties", None)


def test_coordination_proposes_and_the_certificate_stays_as_it_is(as_, certificate, stella, dora, alice):
    answer = as_(stella).post(page(certificate, "_withdraw"), {"withdraw-reason": REASON}, follow=True)
    proposal = Withdrawal.objects.get()
    assert states(proposal) == ("proposed", "issued")
    assert [(n.user, n.body) for n in Notice.objects.all()] == [(dora, REASON)]
    assert (REASON in answer.text, "Usted propuso el retiro. Lo resuelve otra persona." in answer.text) == (True, True)
    assert "Confirmar el retiro" in as_(dora).get(page(certificate)).text
    home = as_(dora).get(reverse("panel:home")).text
    assert "Retiros de certificado por confirmar" in home
    listed = as_(dora).get(reverse("panel:certificates") + "?estado=withdrawal").text
    assert certificate.number in listed
    assert REASON not in as_(alice).get(reverse("empresa:certificate", args=[certificate.company_id])).text


def test_another_person_confirms_once_and_the_company_is_told(as_, proposal, stella, dora, alice):
    client, url = as_(dora), resolve(proposal, "confirm")
    assert [client.post(url, CONFIRMS).status_code for _again in range(2)] == [302, 302]
    assert states(proposal) == ("confirmed", "withdrawn")
    assert "ya estaba resuelta" in client.get(page(proposal.certificate)).text
    assert list(RegisterEntry.objects.values_list("act", flat=True)) == ["granted", "withdrawn"]
    assert RegisterEntry.objects.last().reason == REASON
    told = [(n.user, n.body) for n in Notice.objects.exclude(user=dora).order_by("pk")]
    assert told == [(alice, REASON), (stella, "Consta en el informe.")]
    said = [(e.actor, e.old, e.new, e.note) for e in Event.objects.about(proposal)]
    assert said == [
        (stella, "", "proposed", REASON), (dora, "proposed", "confirmed", "Consta en el informe."),
    ]  # fmt: skip


def test_what_is_not_confirmed_leaves_the_certificate_and_tells_who_proposed(as_, proposal, stella, dora):
    as_(dora).post(resolve(proposal, "reject"), {"reject-grounds": "El producto sí está en el alcance."})
    assert states(proposal) == ("rejected", "issued")
    assert [n.body for n in Notice.objects.filter(user=stella)] == ["El producto sí está en el alcance."]
    assert [entry.act for entry in RegisterEntry.objects.all()] == ["granted"]
    again = Withdrawal.objects.propose(proposal.certificate, by=stella, reason="Otro hecho.")
    assert again.state == "proposed"


def test_who_proposed_may_not_resolve_it_by_form_method_or_database(as_, proposal, stella):
    f.AppointmentFactory(user=stella, duty=Duty.DECIDER)
    _refused_everywhere(as_, proposal, stella)


def test_neither_may_who_proposed_and_has_another_duty_since(as_, proposal, stella):
    becomes(stella, Duty.DECIDER)
    _refused_everywhere(as_, proposal, stella)


def _refused_everywhere(as_, proposal, person):
    refused = as_(person).post(resolve(proposal, "confirm"), CONFIRMS)
    assert (refused.status_code, "Usted propuso el retiro. Lo resuelve otra persona." in refused.text) == (422, True)
    person.__dict__.pop("duties", None)
    with pytest.raises(IllegalMove, match="Lo resuelve otra persona"):
        proposal.confirm(by=person, grounds="x", on=timezone.localdate())
    with pytest.raises(IllegalMove, match="una persona y lo confirma otra"):
        proposal.certificate.withdraw(by=person, reason="x", on=timezone.localdate())
    with pytest.raises(IntegrityError, match="withdrawal_by_another_person"), transaction.atomic():
        Withdrawal.objects.filter(pk=proposal.pk).update(
            resolved_by=person, resolved_at=timezone.now(), grounds="x", state="confirmed"
        )
    with pytest.raises(IntegrityError, match="withdrawal_resolved_has_grounds"), transaction.atomic():
        Withdrawal.objects.filter(pk=proposal.pk).update(state="confirmed")
    assert states(proposal) == ("proposed", "issued")


def test_one_withdrawn_past_the_product_is_named(certificate, acme, stella, dora):
    certifying.withdrawn(f.CertificateFactory(decision__audit__participation__company=acme), stella, dora)
    assert list(registered(quick=True, late=None)) == []
    certificate._act("withdrawn", "withdrawn", dora, REASON, timezone.localdate())
    said = [f"el certificado {certificate.number} está retirado sin que dos personas lo decidieran"]
    assert list(registered(quick=True, late=None)) == said


def test_who_audited_may_neither_propose_nor_resolve(as_, certificate, proposal, stella, dora):
    for user in (stella, dora):
        AuditMember.objects.create(audit=certificate.decision.audit, user=user, left_on=timezone.localdate())
    refused = as_(dora).post(resolve(proposal, "confirm"), CONFIRMS)
    assert (refused.status_code, "Quien auditó no propone ni decide" in refused.text) == (422, True)
    Withdrawal.objects.all().delete()
    refused = as_(stella).post(page(certificate, "_withdraw"), {"withdraw-reason": REASON})
    assert (refused.status_code, "Quien auditó no propone ni decide" in refused.text) == (422, True)


def test_only_coordination_proposes_and_only_deciders_resolve(as_, certificate, proposal, rita, stella, dora, alice):
    for user in (rita, dora, alice):
        assert as_(user).post(page(certificate, "_withdraw"), {"withdraw-reason": REASON}).status_code == 404
    for user in (rita, stella, alice):
        for act in ("confirm", "reject"):
            assert as_(user).post(resolve(proposal, act), CONFIRMS).status_code == 404
    with pytest.raises(IllegalMove, match="función de decisión y firma"):
        proposal.confirm(by=rita, grounds="x", on=timezone.localdate())
    with pytest.raises(IllegalMove, match="función de coordinación"):
        Withdrawal.objects.propose(certificate, by=dora, reason="x")


def test_a_second_proposal_is_told_of_the_first(as_, proposal, stella):
    other = as_(stella).post(page(proposal.certificate, "_withdraw"), {"withdraw-reason": "Otra razón."})
    assert (other.status_code, Withdrawal.objects.count()) == (409, 1)
    assert ("Ya hay una propuesta de retiro" in other.text, "Otra razón." in other.text) == (True, True)


def test_another_proposal_is_not_confirmed_unread(as_, proposal, stella, dora):
    opened = as_(dora).get(page(proposal.certificate))
    other = f.UserFactory()
    f.AppointmentFactory(user=other, duty=Duty.DECIDER)
    proposal.reject(by=other, grounds="No procede.")
    second = Withdrawal.objects.propose(proposal.certificate, by=stella, reason="Otra razón.")
    late = as_(dora).post(resolve(proposal, "confirm"), CONFIRMS | {"version": hidden(opened, "version")})
    assert (late.status_code, "No procede." in late.text, "Consta en el informe." in late.text) == (409, True, True)
    assert states(second) == ("proposed", "issued")


def test_it_is_not_reinstated_while_a_withdrawal_waits(as_, certificate, stella, dora):
    certifying.suspended(certificate, by=stella)
    proposal = Withdrawal.objects.propose(certificate, by=stella, reason=REASON)
    refused = as_(stella).post(page(certificate, "_reinstate"), {"reinstate-reason": "Se cerró."})
    assert (refused.status_code, "Hay una propuesta de retiro por resolver" in refused.text) == (409, True)
    as_(dora).post(resolve(proposal, "confirm"), CONFIRMS)
    assert states(proposal) == ("confirmed", "withdrawn")


@pytest.mark.parametrize("act", ["confirm", "reject"])
def test_grounds_are_required(as_, proposal, dora, act):
    refused = as_(dora).post(resolve(proposal, act), {f"{act}-grounds": " "})
    assert (refused.status_code, "Escriba en qué se sustenta." in refused.text) == (422, True)
    assert states(proposal) == ("proposed", "issued")


@pytest.mark.django_db(transaction=True)
def test_two_people_resolving_at_the_same_moment(proposal, dora):
    other = f.UserFactory()
    f.AppointmentFactory(user=other, duty=Duty.DECIDER)

    def press(act, user, **words):
        row = Withdrawal.objects.get(pk=proposal.pk)
        try:
            getattr(row, act)(by=user, grounds="x", **words)
        except IllegalMove:
            return False
        return True

    today = timezone.localdate()
    done = at_once(lambda: press("confirm", dora, on=today), lambda: press("reject", other))
    assert sorted(done) == [False, True]
    assert states(proposal) in [("confirmed", "withdrawn"), ("rejected", "issued")]


@pytest.mark.django_db(transaction=True)
def test_two_people_proposing_at_the_same_moment(certificate, stella):
    other = f.UserFactory()
    f.AppointmentFactory(user=other, duty=Duty.COORDINATOR)

    def press(user):
        try:
            return Withdrawal.objects.propose(Certificate.objects.get(pk=certificate.pk), by=user, reason="x")
        except IllegalMove:
            return None

    assert sorted(map(bool, at_once(lambda: press(stella), lambda: press(other)))) == [False, True]
    assert Withdrawal.objects.count() == 1
