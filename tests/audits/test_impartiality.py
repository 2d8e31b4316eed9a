from datetime import date, timedelta

import pytest
from django.utils import timezone

from audits.impartiality import Conflict, conflicts
from audits.models import BodyPerson
from companies.models import Notice
from ecoeficiencia.lifecycle import IllegalMove
from tests import factories as f

from . import steps

TODAY = timezone.localdate
LONG_AGO = date(2020, 1, 1)


def test_a_person_without_ties_is_free_of_conflict(otto, participation):
    assert conflicts(otto, participation.company, TODAY()) == []


def test_a_member_of_the_company_is_in_conflict(alice, acme):
    assert conflicts(alice, acme, TODAY()) == [f"{alice} integra o integró «{acme}»."]


def test_a_former_member_is_in_conflict_until_the_years_pass(otto, acme):
    f.MembershipFactory(user=otto, company=acme, starts_on=LONG_AGO, ends_on=TODAY() - timedelta(days=600))
    assert len(conflicts(otto, acme, TODAY())) == 1
    otto.memberships.update(ends_on=TODAY() - timedelta(days=800))
    assert conflicts(otto, acme, TODAY()) == []


def test_the_monitor_now_and_lately_is_in_conflict(mia, participation):
    acme = participation.company
    assert conflicts(mia, acme, TODAY()) == [f"{mia} es o fue monitor de «{acme}»."]
    participation.assignments.update(starts_on=LONG_AGO, ends_on=TODAY() - timedelta(days=300))
    assert len(conflicts(mia, acme, TODAY())) == 1


def test_the_years_are_a_parameter_of_the_edition(mia, participation, ada):
    participation.assignments.update(starts_on=LONG_AGO, ends_on=TODAY() - timedelta(days=300))
    participation.edition.parameters.create(key="conflict_years", value="0", note="Prueba", set_by=ada)
    assert conflicts(mia, participation.company, TODAY()) == []


def test_who_pre_audited_may_not_audit_for_a_body_and_the_other_way_round(preaudit, body, ernesto, otto):
    acme = preaudit.participation.company
    assert conflicts(otto, acme, TODAY(), body=body) == [f"{otto} hizo la preauditoría de «{acme}»."]
    external = f.AuditFactory(
        participation=preaudit.participation, scope=preaudit.scope, kind="certification", body=body
    )
    external.team.create(user=ernesto)
    assert conflicts(ernesto, acme, TODAY()) == [f"{ernesto} auditó a «{acme}» por un organismo de certificación."]


def test_a_body_answers_for_all_its_people(mia, participation, body, ernesto, cora):
    acme = participation.company
    assert conflicts(ernesto, acme, TODAY(), body=body) == []
    BodyPerson.objects.create(body=body, user=mia, role="auditor", starts_on=LONG_AGO)
    assert conflicts(ernesto, acme, TODAY(), body=body) == [f"Una persona de {body} es o fue monitor de «{acme}»."]


def test_a_body_with_a_member_of_the_company_or_its_pre_auditor_is_in_conflict(preaudit, alice, otto, body, ernesto):
    acme = preaudit.participation.company
    BodyPerson.objects.create(body=body, user=alice, role="manager", starts_on=LONG_AGO)
    BodyPerson.objects.create(body=body, user=otto, role="auditor", starts_on=LONG_AGO)
    assert conflicts(ernesto, acme, TODAY(), body=body) == [
        f"Una persona de {body} integra o integró «{acme}».",
        f"Una persona de {body} hizo la preauditoría de «{acme}».",
    ]


def test_a_pre_audit_is_not_opened_with_the_companys_monitor(participation, mia, plant, stella):
    steps.ready(participation, plant)
    with pytest.raises(Conflict, match="monitor"):
        steps.opened(participation, mia, by=stella)
    participation.refresh_from_db()
    assert (participation.state, participation.audits.count()) == ("ready", 0)


def test_staff_see_why_the_monitor_cannot_be_named(participation, mia, plant, stella, as_):
    steps.ready(participation, plant)
    f.AppointmentFactory(user=mia, duty="preauditor")
    day = TODAY().isoformat()
    chosen = {"auditor": mia.pk, "starts_on": day, "ends_on": day}
    answer = as_(stella).post(f"/panel/participaciones/{participation.pk}/preauditoria/", chosen)
    assert answer.status_code == 422
    assert "es o fue monitor de «Acme" in answer.text
    assert "no admite dispensa" in answer.text


def test_before_declaring_an_auditor_sees_only_name_and_dates(preaudit, otto, as_):
    client = as_(otto)
    page = client.get(f"/auditoria/{preaudit.pk}/", follow=True)
    assert page.redirect_chain == [(f"/auditoria/{preaudit.pk}/declaracion/", 302)]
    assert "Acme Exportaciones" in page.text
    assert "Planta Ica" not in page.text
    for address in ("lista", "hallazgos"):
        assert client.get(f"/auditoria/{preaudit.pk}/{address}/").status_code == 404


def test_declaring_opens_the_audit_once(preaudit, otto, as_):
    client = as_(otto)
    for _ in range(2):
        assert client.post(f"/auditoria/{preaudit.pk}/declaracion/").status_code == 302
    member = preaudit.team.get()
    assert member.declared_at is not None
    assert "Planta Ica" in client.get(f"/auditoria/{preaudit.pk}/").text


def test_a_tie_that_appears_before_declaring_blocks(preaudit, otto, as_):
    f.MembershipFactory(user=otto, company=preaudit.participation.company)
    assert "Usted no puede auditar" in as_(otto).get(f"/auditoria/{preaudit.pk}/declaracion/").text
    assert as_(otto).post(f"/auditoria/{preaudit.pk}/declaracion/").status_code == 409
    assert preaudit.team.get().declared_at is None


def test_a_declared_conflict_removes_the_auditor_and_tells_staff(preaudit, otto, stella, as_):
    answer = as_(otto).post(f"/auditoria/{preaudit.pk}/conflicto/", {"reason": "Mi hermana es gerente."})
    assert answer.status_code == 302
    assert preaudit.team.present().count() == 0
    assert as_(otto).get(f"/auditoria/{preaudit.pk}/").status_code == 404
    assert Notice.objects.filter(user=stella, key__contains="recused").count() == 1
    assert conflicts(otto, preaudit.participation.company, TODAY()) == [
        f"{otto} declaró un conflicto de interés con «{preaudit.participation.company}»."
    ]


def test_a_conflict_needs_its_reason(preaudit, otto, as_):
    answer = as_(otto).post(f"/auditoria/{preaudit.pk}/conflicto/", {"reason": " "})
    assert answer.status_code == 422
    assert "Escriba el motivo" in answer.text
    assert preaudit.team.present().count() == 1


def test_staff_name_another_auditor_after_a_conflict(preaudit, otto, stella, as_):
    preaudit.recuse(by=otto, reason="Parentesco")
    olga = f.UserFactory(first_name="Olga")
    f.AppointmentFactory(user=olga, duty="preauditor")
    assert as_(stella).post(f"/panel/auditorias/{preaudit.pk}/auditor/", {"auditor": olga.pk}).status_code == 302
    assert [m.user for m in preaudit.team.present()] == [olga]
    assert as_(stella).post(f"/panel/auditorias/{preaudit.pk}/auditor/", {"auditor": otto.pk}).status_code == 422


def test_whoever_audited_does_not_confirm(running, otto):
    f.AppointmentFactory(user=otto, duty="coordinator")
    steps.answer_all(running, otto)
    steps.minutes(running, otto)
    running.close(by=otto)
    with pytest.raises(IllegalMove, match="no confirma"):
        running.confirm(by=otto)
