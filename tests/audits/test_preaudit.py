from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audits.models import Audit, Check
from audits.models.findings import StaleCheck, implementation_level
from companies.models import Event, Notice
from ecoeficiencia.lifecycle import IllegalMove
from requirements_std.models import Evidence, EvidenceLink, Fulfilment
from tests import factories as f
from tests.reading import hidden

from . import steps

DAYS = {"starts_on": "2099-02-15", "ends_on": "2099-02-17"}
VERDICT = {"result": "conforming", "method": "documental", "evidence_seen": steps.SEEN, "persons": "", "note": ""}


def line(audit, code):
    return audit.checks.get(requirement__code=code)


def test_the_whole_way_without_nonconformities(participation, mia, plant, otto, alice, stella, as_):
    steps.ready(participation, plant)
    staff, auditor, company = as_(stella), as_(otto), as_(alice)
    f.AppointmentFactory(user=mia, duty="preauditor")
    address = f"/panel/participaciones/{participation.pk}/preauditoria/"
    assert staff.get(address).status_code == 200
    assert staff.post(address, {"auditor": otto.pk, **DAYS}).status_code == 302
    audit = Audit.objects.get()
    participation.refresh_from_db()
    assert (audit.state, participation.state, audit.scope.frozen_at is None) == ("accepted", "preaudit", False)
    assert auditor.post(f"/auditoria/{audit.pk}/declaracion/").status_code == 302
    assert auditor.post(f"/auditoria/{audit.pk}/plan/", {**DAYS, "agenda": "9:00 Planta"}).status_code == 302
    assert "9:00 Planta" in company.get(f"/empresa/auditoria/{audit.pk}/").text
    assert company.post(f"/empresa/auditoria/{audit.pk}/aceptar-plan/").status_code == 302
    assert auditor.post(f"/auditoria/{audit.pk}/iniciar/", {"opening_minutes": "Todos."}).status_code == 302
    for check in audit.checks.all():
        answer = auditor.post(f"/auditoria/verificacion/{check.pk}/", {**VERDICT, "version": 0})
        assert answer.status_code == 302
    texts = {"opening_minutes": "Todos.", "closing_minutes": "Fin.", "conclusion": "Cumple."}
    assert auditor.post(f"/auditoria/{audit.pk}/actas/", texts).status_code == 302
    assert auditor.post(f"/auditoria/{audit.pk}/cerrar/").status_code == 302
    audit.refresh_from_db()
    assert (audit.state, audit.level, audit.ended_at is None) == ("closed", 1, False)
    assert staff.post(f"/panel/auditorias/{audit.pk}/confirmar/").status_code == 302
    audit.refresh_from_db()
    participation.refresh_from_db()
    assert (audit.state, participation.state) == ("confirmed", "preaudit_passed")
    assert Notice.objects.filter(user=alice, key__contains="confirmed").count() == 1
    moves = Event.objects.about(audit).filter(verb="move").values_list("new", flat=True)
    assert list(moves) == ["planned", "agreed", "started", "closed", "confirmed"]


def test_a_company_that_is_not_ready_has_no_pre_audit_opened(participation, mia, otto, stella, as_):
    answer = as_(stella).post(f"/panel/participaciones/{participation.pk}/preauditoria/", {"auditor": otto.pk, **DAYS})
    assert answer.status_code == 409
    assert Audit.objects.count() == 0


def test_a_second_pre_audit_is_not_opened(preaudit, otto, stella):
    with pytest.raises(IllegalMove):
        steps.opened(preaudit.participation, otto, by=stella)
    assert Audit.objects.count() == 1


def test_without_a_scope_nothing_is_opened(participation, mia, otto, stella):
    type(participation).objects.update(state="ready")
    participation.refresh_from_db()
    with pytest.raises(IllegalMove, match="alcance"):
        steps.opened(participation, otto, by=stella)
    participation.refresh_from_db()
    assert participation.state == "ready"


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"starts_on": "2020-01-01", "ends_on": "2020-01-02"}, "un día que ya pasó"),
        ({"starts_on": "2099-02-17", "ends_on": "2099-02-15"}, "es anterior al primero"),
        ({"starts_on": "mañana", "ends_on": "2099-02-15"}, "válida"),
    ],
)
def test_a_plan_with_wrong_days_says_so_and_keeps_the_agenda(preaudit, otto, as_, days, sentence):
    preaudit.declare(by=otto)
    answer = as_(otto).post(f"/auditoria/{preaudit.pk}/plan/", {**days, "agenda": "Lo que escribí"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Lo que escribí" in answer.text


def test_the_company_asks_for_another_plan_with_a_reason(preaudit, otto, alice, as_):
    preaudit.declare(by=otto)
    preaudit.plan(by=otto, starts_on=timezone.localdate(), ends_on=timezone.localdate(), agenda="A")
    refused = as_(alice).post(f"/empresa/auditoria/{preaudit.pk}/pedir-cambio/", {"reason": ""})
    assert refused.status_code == 422
    asked = as_(alice).post(f"/empresa/auditoria/{preaudit.pk}/pedir-cambio/", {"reason": "Parada de planta."})
    assert asked.status_code == 302
    page = as_(otto).get(f"/auditoria/{preaudit.pk}/")
    assert "Parada de planta." in page.text
    assert Notice.objects.filter(user=otto, key__contains="change").count() == 1


def test_a_plan_is_accepted_once_and_only_when_proposed(preaudit, otto, alice, as_):
    assert as_(alice).post(f"/empresa/auditoria/{preaudit.pk}/aceptar-plan/").status_code == 409
    preaudit.declare(by=otto)
    preaudit.plan(by=otto, starts_on=timezone.localdate(), ends_on=timezone.localdate(), agenda="A")
    client = as_(alice)
    assert client.get(f"/empresa/auditoria/{preaudit.pk}/aceptar-plan/").status_code == 405
    assert client.post(f"/empresa/auditoria/{preaudit.pk}/aceptar-plan/").status_code == 302
    assert client.post(f"/empresa/auditoria/{preaudit.pk}/aceptar-plan/").status_code == 409


@pytest.mark.parametrize(("act", "words"), [("aceptar-plan", {}), ("pedir-cambio", {"reason": "Parada."})])
def test_a_plan_changed_meanwhile_is_not_answered_unread(preaudit, otto, alice, as_, act, words):
    day, client = timezone.localdate(), as_(alice)
    preaudit.declare(by=otto)
    preaudit.plan(by=otto, starts_on=day, ends_on=day, agenda="A")
    opened = {"version": hidden(client.get(f"/empresa/auditoria/{preaudit.pk}/"), "version")}
    preaudit.ask_change(by=f.UserFactory(), reason="Otro día.")
    preaudit.plan(by=otto, starts_on=day + timedelta(days=9), ends_on=day + timedelta(days=9), agenda="B")
    late = client.post(f"/empresa/auditoria/{preaudit.pk}/{act}/", words | opened)
    preaudit.refresh_from_db()
    assert (late.status_code, preaudit.state) == (409, "planned")


def test_a_reader_of_the_company_sees_the_plan_and_cannot_accept_it(preaudit, otto, reader, as_):
    preaudit.declare(by=otto)
    preaudit.plan(by=otto, starts_on=timezone.localdate(), ends_on=timezone.localdate(), agenda="A")
    page = as_(reader).get(f"/empresa/auditoria/{preaudit.pk}/")
    assert (page.status_code, "Aceptar el plan" in page.text) == (200, False)
    assert as_(reader).post(f"/empresa/auditoria/{preaudit.pk}/aceptar-plan/").status_code == 404


def test_the_checklist_is_not_started_before_the_plan_is_accepted(preaudit, otto, as_):
    preaudit.declare(by=otto)
    answer = as_(otto).post(f"/auditoria/{preaudit.pk}/iniciar/", {"opening_minutes": "Ya."})
    assert answer.status_code == 409
    assert preaudit.checks.count() == 0


def test_the_checklist_has_organisation_rows_once_and_site_rows_for_each_site_in_scope(
    participation, mia, plant, acme, otto, alice, stella
):
    second, outside = f.SiteFactory(company=acme), f.SiteFactory(company=acme)
    steps.ready(participation, plant, second)
    requirement = participation.assessment.standard_version.requirements.get(code="AG-01")
    f.FulfilmentFactory(assessment=participation.assessment, requirement=requirement, site=outside)
    Fulfilment.objects.filter(requirement__code="GE-02").update(state="not_applicable")
    audit = steps.started(steps.opened(participation, otto, by=stella), otto, alice)
    found = list(audit.checks.for_checklist().values_list("requirement__code", "site"))
    assert found == [("GE-01", None), ("AG-01", plant.pk), ("AG-01", second.pk)]


def test_the_frozen_checklist_does_not_follow_the_assessment(running, plant, acme):
    before = list(running.checks.values_list("requirement", "site"))
    Fulfilment.objects.filter(requirement__code="GE-01").update(state="not_applicable")
    assessment = running.participation.assessment
    requirement = assessment.standard_version.requirements.get(code="AG-02")
    f.FulfilmentFactory(assessment=assessment, requirement=requirement, site=plant)
    Fulfilment.objects.filter(site=plant).update(closed_on=timezone.localdate())
    assert list(running.checks.values_list("requirement", "site")) == before


def test_an_audit_without_rows_does_not_start(preaudit, otto, alice):
    Fulfilment.objects.update(state="not_applicable")
    with pytest.raises(IllegalMove, match="Ningún requisito aplica"):
        steps.started(preaudit, otto, alice)
    preaudit.refresh_from_db()
    assert preaudit.state == "agreed"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"result": ""}, "Elija un resultado."),
        ({"result": "perfecto"}, "no es una de las opciones"),
        ({"result": "minor", "note": " "}, "Describa el incumplimiento."),
        ({"result": "major", "note": "Falta.", "evidence_seen": ""}, "Escriba la evidencia revisada"),
        ({"result": "not_applicable", "note": ""}, "Explique por qué no aplica."),
        ({"method": ""}, "Elija cómo lo comprobó."),
        ({"version": "x"}, "número entero"),
    ],
)
def test_a_verdict_that_lacks_something_says_what_and_keeps_the_rest(running, otto, as_, wrong, sentence):
    check = line(running, "GE-01")
    answer = as_(otto).post(
        f"/auditoria/verificacion/{check.pk}/", {**VERDICT, "version": 0, "persons": "M. Soto, calidad", **wrong}
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "M. Soto, calidad" in answer.text
    check.refresh_from_db()
    assert (check.result, check.version) == ("", 0)


def test_saving_leads_to_the_next_unanswered_check(running, otto, as_):
    first, second, third = running.checks.for_checklist()
    client = as_(otto)
    answer = client.post(f"/auditoria/verificacion/{second.pk}/", {**VERDICT, "version": 0})
    assert answer.url == f"/auditoria/verificacion/{third.pk}/"
    answer = client.post(f"/auditoria/verificacion/{third.pk}/", {**VERDICT, "version": 0})
    assert answer.url == f"/auditoria/verificacion/{first.pk}/"
    answer = client.post(f"/auditoria/verificacion/{first.pk}/", {**VERDICT, "version": 0})
    assert answer.url == f"/auditoria/{running.pk}/lista/"


def test_two_auditors_at_once_get_both_texts_and_nothing_is_lost(running, otto, stella, as_):
    olga = f.AppointmentFactory(user__first_name="Olga", duty="preauditor").user
    running.name_auditor(olga, by=stella)
    running.declare(by=olga)
    check = line(running, "GE-01")
    as_(olga).post(f"/auditoria/verificacion/{check.pk}/", {**VERDICT, "version": 0, "note": "Lo de Olga"})
    answer = as_(otto).post(f"/auditoria/verificacion/{check.pk}/", {**VERDICT, "version": 0, "note": "Lo de Otto"})
    assert answer.status_code == 409
    assert ("Lo de Olga" in answer.text, "Lo de Otto" in answer.text) == (True, True)
    check.refresh_from_db()
    assert (check.note, check.version) == ("Lo de Olga", 1)
    again = as_(otto).post(f"/auditoria/verificacion/{check.pk}/", {**VERDICT, "version": 1, "note": "Lo de Otto"})
    assert again.status_code == 302
    check.refresh_from_db()
    assert check.note == "Lo de Otto"


def test_a_stale_record_raises_and_writes_no_event(running, otto):
    check = line(running, "GE-01")
    with pytest.raises(StaleCheck):
        running.record(check, by=otto, version=7, result="conforming", method="documental")
    assert Event.objects.filter(object_type="audits.check").count() == 0


def test_the_monitors_verdict_is_hidden_until_the_first_own_one(running, otto, as_):
    Fulfilment.objects.filter(requirement__code="GE-01").update(review_note="El monitor lo vio bien.")
    check, client = line(running, "GE-01"), as_(otto)
    page = client.get(f"/auditoria/verificacion/{check.pk}/").text
    assert ("El monitor lo vio bien." in page, "siguen ocultos" in page) == (False, True)
    client.post(f"/auditoria/verificacion/{check.pk}/", {**VERDICT, "version": 0})
    page = client.get(f"/auditoria/verificacion/{check.pk}/").text
    assert ("El monitor lo vio bien." in page, "siguen ocultos" in page) == (True, False)


def evidence_for(audit, code, user):
    file = SimpleUploadedFile("registro.pdf", b"%PDF-1.4 prueba")
    file.content_type = "application/pdf"
    evidence = Evidence.objects.keep(audit.participation.company, file, by=user)
    row = audit.participation.assessment.fulfilments.get(requirement__code=code)
    EvidenceLink.objects.create(evidence=evidence, fulfilment=row, linked_by=user)
    return evidence


def test_an_auditor_opens_the_evidence_of_the_row_and_no_other(running, otto, alice, as_):
    evidence = evidence_for(running, "GE-01", alice)
    here, elsewhere, client = line(running, "GE-01"), line(running, "GE-02"), as_(otto)
    address = f"/auditoria/verificacion/{here.pk}/evidencia/{evidence.pk}/"
    assert address in client.get(f"/auditoria/verificacion/{here.pk}/").text
    answer = client.get(f"{address}?descargar=1")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"%PDF-1.4 prueba")
    assert client.get(f"/auditoria/verificacion/{elsewhere.pk}/evidencia/{evidence.pk}/").status_code == 404


def test_strangers_find_nothing(running, mia, bob, nadia, cora, as_):
    check = running.checks.first()
    lola = f.UserFactory(first_name="Lola")  # audits another company
    f.AppointmentFactory(user=lola, duty="preauditor")
    f.AuditFactory().team.create(user=lola, declared_at=timezone.now())
    addresses = [
        f"/auditoria/{running.pk}/", f"/auditoria/{running.pk}/declaracion/", f"/auditoria/{running.pk}/lista/",
        f"/auditoria/{running.pk}/hallazgos/", f"/auditoria/verificacion/{check.pk}/",
        f"/empresa/auditoria/{running.pk}/", f"/empresa/{running.participation.company_id}/auditorias/",
        "/panel/auditorias/", f"/panel/auditorias/{running.pk}/",
    ]  # fmt: skip
    for person in (lola, mia, bob, nadia, cora):
        client = as_(person)
        assert {client.get(address).status_code for address in addresses} == {404}, person
    post = as_(lola).post(f"/auditoria/verificacion/{check.pk}/", {**VERDICT, "version": 0})
    assert (post.status_code, as_(lola).post(f"/auditoria/{running.pk}/cerrar/").status_code) == (404, 404)


def test_the_company_reads_no_verdict_before_it_is_told(running, otto, alice, as_):
    steps.answer_all(running, otto, GE_01="minor")
    client = as_(alice)
    assert steps.NOTE not in client.get(f"/empresa/auditoria/{running.pk}/").text
    assert Check.objects.visible_to(alice).count() == 0
    assert Event.objects.visible_to(alice).filter(object_type="audits.check").count() == 0
    assert client.get(f"/auditoria/verificacion/{running.checks.first().pk}/").status_code == 404


def test_closing_says_everything_that_is_missing(running, otto, as_):
    sentences = [str(m) for m in running.missing_to_close()]
    assert sentences == ["Faltan 3 verificaciones.", "Falta el acta de cierre.", "Faltan las conclusiones."]
    page = as_(otto).get(f"/auditoria/{running.pk}/").text
    assert all(sentence in page for sentence in sentences)
    answer = as_(otto).post(f"/auditoria/{running.pk}/cerrar/")
    assert answer.status_code == 409
    assert "Faltan 3 verificaciones." in answer.text


def test_closing_twice_closes_once(running, otto, as_):
    steps.answer_all(running, otto, GE_01="minor")
    steps.minutes(running, otto)
    late = Audit.objects.get(pk=running.pk)
    running.close(by=otto)
    with pytest.raises(IllegalMove):
        late.close(by=otto)
    assert running.nonconformities.count() == 1
    assert as_(otto).post(f"/auditoria/{running.pk}/cerrar/").status_code == 409
    assert running.nonconformities.count() == 1


def test_a_closed_checklist_takes_no_verdict(correcting, otto, as_):
    check = line(correcting, "GE-02")
    answer = as_(otto).post(f"/auditoria/verificacion/{check.pk}/", {**VERDICT, "version": check.version})
    assert answer.status_code == 409
    assert "mientras la auditoría está en ejecución" in answer.text


def test_the_level_is_stated_once_and_a_remark_does_not_lower_it(running, otto):
    steps.answer_all(running, otto, GE_01="minor", GE_02="observation", AG_01="conforming")
    steps.minutes(running, otto)
    running.close(by=otto)
    assert running.level == implementation_level(2, 3)
    assert str(running.level_percent) == "66.7"


def test_level_of_implementation_worked_by_hand():
    assert str(implementation_level(98, 104)) == "0.9423"
    assert implementation_level(0, 0) is None
    with pytest.raises(ValueError):
        implementation_level(3, 2)


def test_staff_reopen_a_closed_checklist_with_a_reason(running, otto, stella, as_):
    steps.answer_all(running, otto)
    steps.minutes(running, otto)
    running.close(by=otto)
    assert as_(stella).post(f"/panel/auditorias/{running.pk}/reabrir/", {"resume-reason": ""}).status_code == 422
    reopened = as_(stella).post(f"/panel/auditorias/{running.pk}/reabrir/", {"resume-reason": "Falta una sede."})
    assert reopened.status_code == 302
    running.refresh_from_db()
    assert (running.state, running.ended_at) == ("started", None)
    assert Event.objects.about(running).last().note == "Falta una sede."


def test_a_reopened_check_with_a_numbered_nonconformity_is_not_changed(correcting, otto, stella, as_):
    correcting.resume(by=stella, reason="Revisar")
    check = line(correcting, "GE-01")
    answer = as_(otto).post(f"/auditoria/verificacion/{check.pk}/", {**VERDICT, "version": check.version})
    assert answer.status_code == 409
    assert "no conformidad con número" in answer.text


def test_only_coordinators_act_and_every_duty_of_the_panel_reads(running, dora, as_):
    client = as_(dora)
    assert client.get(f"/panel/auditorias/{running.pk}/").status_code == 200
    assert client.post(f"/panel/auditorias/{running.pk}/confirmar/").status_code == 404


def test_staff_cancel_a_pre_audit_and_the_company_is_ready_again(preaudit, stella, otto, as_):
    answer = as_(stella).post(f"/panel/auditorias/{preaudit.pk}/cancelar/", {"cancel-reason": "Cambio de fechas."})
    assert answer.status_code == 302
    preaudit.participation.refresh_from_db()
    assert preaudit.participation.state == "ready"
    assert as_(otto).get(f"/auditoria/{preaudit.pk}/").status_code == 404


def test_the_access_of_the_team_ends_after_the_end(running, otto, as_):
    Audit.objects.update(ended_at=timezone.now() - timedelta(days=89))
    assert as_(otto).get(f"/auditoria/{running.pk}/lista/").status_code == 200
    Audit.objects.update(ended_at=timezone.now() - timedelta(days=91))
    assert as_(otto).get(f"/auditoria/{running.pk}/lista/").status_code == 404


def test_the_access_of_the_team_ends_when_the_company_leaves(running, otto, stella, as_):
    running.participation.exclude(by=stella, reason="Incumplimiento reiterado.")
    assert as_(otto).get(f"/auditoria/{running.pk}/lista/").status_code == 404
