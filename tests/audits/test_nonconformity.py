from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audits.models import NonConformity
from companies.models import Event, Notice
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.models import Counter
from ecoeficiencia.workdays import add_workdays, next_workday
from programs.reminders import due_items
from tests import factories as f
from tests.reading import hidden

from . import steps

PDF = b"""%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [3 0 R] /Count 1 >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>
endobj
trailer
<< /Root 1 0 R >>
%%EOF"""


def today():
    return timezone.localdate()


def pdf():
    return SimpleUploadedFile("acta.pdf", PDF, "application/pdf")


def texts(nc, **more):
    return {"correction": "Se completó.", "root_cause": "Nadie verificaba.", "version": nc.version, **more}


def test_closing_with_a_nonconformity_numbers_it_and_gives_a_deadline(correcting, nc, alice, stella):
    correcting.participation.refresh_from_db()
    due = add_workdays(today(), 30)
    assert (nc.number, nc.grade, nc.statement, nc.due_on) == (f"NC-{today().year}-0001", "minor", steps.NOTE, due)
    assert (correcting.state, correcting.correction_due_on) == ("correcting", due)
    assert (correcting.participation.state, correcting.participation.due_on) == ("correcting", due)
    told = Notice.objects.filter(key__contains=":correcting:")
    assert set(told.values_list("user", flat=True)) == {alice.pk, stella.pk}


def test_the_deadline_is_a_parameter_of_the_edition(running, otto, ada):
    running.participation.edition.parameters.create(key="correction_days", value="5", note="Prueba", set_by=ada)
    steps.answer_all(running, otto, GE_01="major")
    steps.minutes(running, otto)
    running.close(by=otto)
    assert running.nonconformities.get().due_on == add_workdays(today(), 5)


def test_every_page_says_in_which_days_the_term_is_counted(correcting, nc, alice, otto, stella, as_):
    pages = [
        (alice, f"/empresa/nc/{nc.pk}/"), (otto, f"/auditoria/nc/{nc.pk}/"),
        (alice, reverse("empresa:audit", args=[correcting.pk])),
        (alice, reverse("empresa:audits", args=[correcting.participation.company_id])),
        (otto, reverse("auditoria:findings", args=[correcting.pk])),
        (stella, reverse("panel:audit", args=[correcting.pk])),
    ]  # fmt: skip
    days = (nc.due_on - today()).days
    assert {"quedan 30 días hábiles" in as_(who).get(address).text.lower() for who, address in pages} == {True}
    certification = {"kind": "certification", "body": f.CertificationBodyFactory()}  # which Otto does not belong to
    type(correcting).objects.filter(pk=correcting.pk).update(**certification)
    theirs = [(who, address) for who, address in pages if who != otto]
    left = f"quedan {days} días calendario"
    assert {left in as_(who).get(address).text.lower() for who, address in theirs} == {True}
    assert "El plan de acción se presenta hasta el" in as_(alice).get(pages[0][1]).text


def test_the_whole_way_from_the_answer_to_the_approved_pre_audit(correcting, nc, otto, alice, stella, as_):
    company, auditor, staff = as_(alice), as_(otto), as_(stella)
    page = f"/empresa/nc/{nc.pk}/"
    assert company.get(page).status_code == 200
    action = {"action-description": "Fijar verificador", "action-responsible": "R. Huamán", "action-due_on": today()}
    assert company.post(f"{page}acciones/", action).status_code == 302
    assert company.post(page, texts(nc, send="1")).status_code == 302
    nc.refresh_from_db()
    assert (nc.state, nc.answered_by, nc.late) == ("answered", alice, False)
    assert Notice.objects.filter(user=otto, key__contains=":answered:").count() == 1
    refused = auditor.post(f"/auditoria/nc/{nc.pk}/verificar/", {"verify-note": "Visto."})
    assert refused.status_code == 409
    assert "1 acción correctiva sin terminar." in refused.text
    done = {"done_on": today(), "file": pdf()}
    assert company.post(f"/empresa/accion/{nc.actions.get().pk}/terminar/", done).status_code == 302
    assert auditor.post(f"/auditoria/nc/{nc.pk}/verificar/", {"verify-note": "Visto."}).status_code == 302
    nc.refresh_from_db()
    assert (nc.state, nc.verified_by, nc.review_note) == ("closed", otto, "Visto.")
    assert Notice.objects.filter(user=otto, key__contains="all_closed").count() == 1
    assert staff.post(f"/panel/auditorias/{correcting.pk}/confirmar/").status_code == 409
    assert auditor.post(f"/auditoria/{correcting.pk}/cerrar/").status_code == 302
    assert staff.post(f"/panel/auditorias/{correcting.pk}/confirmar/").status_code == 302
    correcting.refresh_from_db()
    assert (correcting.state, correcting.participation.state) == ("confirmed", "preaudit_passed")
    assert str(correcting.level_percent) == "66.7"
    verbs = list(Event.objects.about(nc).values_list("verb", flat=True))
    assert verbs == ["create", "add_action", "edit", "move", "finish_action", "move"]


def test_with_an_open_nonconformity_the_audit_is_not_closed_and_says_why(correcting, nc, otto, as_):
    answer = as_(otto).post(f"/auditoria/{correcting.pk}/cerrar/")
    assert answer.status_code == 409
    assert f"La no conformidad {nc.number} (menor) sigue abierta." in answer.text
    missing = correcting.missing_to_close()[0]
    assert (missing.owner, missing.key, missing.waivable) == ("company", "open_nonconformities", False)


def test_an_answer_that_lacks_something_is_kept_and_says_what(nc, alice, as_):
    answer = as_(alice).post(f"/empresa/nc/{nc.pk}/", texts(nc, root_cause="", send="1"))
    assert answer.status_code == 422
    assert "Falta la causa raíz." in answer.text
    assert "Falta al menos una acción correctiva." in answer.text
    nc.refresh_from_db()
    assert (nc.state, nc.correction) == ("open", "Se completó.")


def test_a_draft_is_saved_as_one_types(nc, alice, as_):
    client = as_(alice)
    answer = client.post(f"/empresa/nc/{nc.pk}/", texts(nc), headers={"X-Requested-With": "autosave"})
    assert (answer.status_code, answer["X-Version"]) == (204, "1")
    again = client.post(f"/empresa/nc/{nc.pk}/", texts(nc), headers={"X-Requested-With": "autosave"})
    assert again.status_code == 409


def test_two_people_of_the_company_get_both_texts(nc, alice, as_):
    client = as_(alice)
    client.post(f"/empresa/nc/{nc.pk}/", texts(nc, correction="Lo primero"))
    answer = client.post(f"/empresa/nc/{nc.pk}/", texts(nc, correction="Lo segundo"))
    assert answer.status_code == 409
    assert ("Lo primero" in answer.text, "Lo segundo" in answer.text) == (True, True)
    nc.refresh_from_db()
    assert nc.correction == "Lo primero"


def test_a_late_answer_is_taken_and_recorded_as_late(nc, alice):
    NonConformity.objects.update(due_on=today() - timedelta(days=1))
    nc.refresh_from_db()
    steps.answered(nc, alice)
    assert (nc.state, nc.late) == ("answered", True)


def test_an_answer_is_not_late_on_its_last_day(nc, alice):
    NonConformity.objects.update(due_on=today())
    nc.refresh_from_db()
    steps.answered(nc, alice)
    assert nc.late is False


def test_an_answer_handed_in_is_not_edited(nc, alice, as_):
    steps.answered(nc, alice)
    client = as_(alice)
    assert client.post(f"/empresa/nc/{nc.pk}/", texts(nc)).status_code == 409
    action = {"action-description": "Otra", "action-responsible": "R.", "action-due_on": today()}
    assert client.post(f"/empresa/nc/{nc.pk}/acciones/", action).status_code == 409
    with pytest.raises(IllegalMove):
        nc.answer(by=alice)


def test_an_answer_given_back_returns_with_the_reason(nc, alice, otto, as_):
    steps.answered(nc, alice)
    assert as_(otto).post(f"/auditoria/nc/{nc.pk}/devolver/", {"return-reason": ""}).status_code == 422
    assert as_(otto).post(f"/auditoria/nc/{nc.pk}/devolver/", {"return-reason": "Falta normalizar."}).status_code == 302
    nc.refresh_from_db()
    assert nc.state == "returned"
    assert "Falta normalizar." in as_(alice).get(f"/empresa/nc/{nc.pk}/").text
    nc.answer(by=alice)
    assert nc.state == "answered"


def test_an_unanswered_nonconformity_is_not_verified(nc, otto, as_):
    answer = as_(otto).post(f"/auditoria/nc/{nc.pk}/verificar/", {"verify-note": "Visto."})
    assert answer.status_code == 409
    assert "aún no ha respondido" in answer.text


def test_two_auditors_words_on_one_answer_are_both_shown(nc, alice, otto, as_):
    steps.answered(nc, alice)
    nc.give_back(by=f.UserFactory(), reason="Falta normalizar.")
    late = as_(otto).post(f"/auditoria/nc/{nc.pk}/devolver/", {"return-reason": "Falta el acta de mayo."})
    assert late.status_code == 409
    assert ("Falta normalizar." in late.text, "Falta el acta de mayo." in late.text) == (True, True)


@pytest.mark.parametrize(
    ("act", "words"), [("verificar", {"verify-note": "Visto."}), ("devolver", {"return-reason": "Falta el acta."})]
)
def test_an_answer_written_anew_meanwhile_is_not_decided_on_unread(nc, alice, otto, as_, act, words):
    steps.answered(nc, alice)
    nc.actions.update(done_on=today())
    client, page = as_(otto), f"/auditoria/nc/{nc.pk}/"
    opened = {"version": hidden(client.get(page), "version")}
    nc.give_back(by=f.UserFactory(), reason="Falta normalizar.")
    nc.save_answer(by=alice, correction="Otra corrección.", root_cause=nc.root_cause)
    nc.answer(by=alice)
    late = client.post(f"{page}{act}/", words | opened)
    nc.refresh_from_db()
    assert (late.status_code, nc.state) == (409, "answered")
    assert client.post(f"{page}{act}/", words | {"version": hidden(client.get(page), "version")}).status_code == 302


def test_the_proof_of_an_action_fills_no_disk_either(nc, alice, as_, settings):
    action = nc.add_action(by=alice, description="A", responsible="R", due_on=today())
    settings.COMPANY_BYTES = 10
    done = {"done_on": today(), "file": pdf()}
    answer = as_(alice).post(f"/empresa/accion/{action.pk}/terminar/", done)
    action.refresh_from_db()
    assert (answer.status_code, "no cabe: su empresa usa 0 de 0 MB" in answer.text, action.blob) == (409, True, None)


def test_verifying_asks_how(nc, alice, otto, as_):
    steps.answered(nc, alice)
    answer = as_(otto).post(f"/auditoria/nc/{nc.pk}/verificar/", {"verify-note": ""})
    assert answer.status_code == 422
    assert "Escriba cómo verificó" in answer.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"action-due_on": "2020-01-01"}, "ya pasó"),
        ({"action-responsible": ""}, "responsable"),
        ({"action-due_on": "pronto"}, "válida"),
    ],
)
def test_an_action_that_lacks_something_says_what_and_keeps_the_rest(nc, alice, as_, wrong, sentence):
    action = {"action-description": "Fijar verificador", "action-responsible": "R.", "action-due_on": today(), **wrong}
    answer = as_(alice).post(f"/empresa/nc/{nc.pk}/acciones/", action)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Fijar verificador" in answer.text
    assert nc.actions.count() == 0


def test_an_action_is_finished_with_its_proof(nc, alice, as_):
    action = nc.add_action(by=alice, description="A", responsible="R", due_on=today())
    client, address = as_(alice), f"/empresa/accion/{action.pk}/terminar/"
    assert client.get(address).status_code == 200
    without = client.post(address, {"done_on": today()})
    assert (without.status_code, "Adjunte la evidencia" in without.text) == (422, True)
    disguised = client.post(address, {"done_on": today(), "file": SimpleUploadedFile("acta.pdf", b"MZ programa")})
    assert (disguised.status_code, "no es un archivo admitido" in disguised.text) == (422, True)
    future = client.post(address, {"done_on": today() + timedelta(days=1), "file": pdf()})
    assert (future.status_code, "no puede ser futura" in future.text) == (422, True)
    assert client.post(address, {"done_on": today(), "file": pdf()}).status_code == 302
    assert client.post(address, {"done_on": today(), "file": pdf()}).status_code == 409
    assert client.post(f"/empresa/accion/{action.pk}/quitar/").status_code == 409
    action.refresh_from_db()
    assert (action.done_on, action.filename) == (today(), "acta.pdf")


def test_an_unfinished_action_is_taken_out(nc, alice, as_):
    action = nc.add_action(by=alice, description="A", responsible="R", due_on=today())
    assert as_(alice).post(f"/empresa/accion/{action.pk}/quitar/").status_code == 302
    assert nc.actions.count() == 0


def test_the_proof_of_an_action_is_read_by_company_auditor_and_staff_only(nc, alice, otto, stella, bob, mia, as_):
    action = steps.answered(nc, alice)
    doors = {alice: "empresa/accion", otto: "auditoria/accion", stella: "panel/acciones"}
    for person, door in doors.items():
        assert as_(person).get(f"/{door}/{action.pk}/archivo/").status_code == 200
    for person in (bob, mia):
        assert {as_(person).get(f"/{door}/{action.pk}/archivo/").status_code for door in doors.values()} == {404}


def test_strangers_find_no_nonconformity(nc, bob, mia, nadia, reader, as_):
    lola = f.UserFactory(first_name="Lola")  # audits another company
    f.AuditFactory().team.create(user=lola, declared_at=timezone.now())
    for person in (bob, mia, nadia, lola):
        client = as_(person)
        assert client.get(f"/empresa/nc/{nc.pk}/").status_code == 404
        assert client.post(f"/empresa/nc/{nc.pk}/", texts(nc)).status_code == 404
        assert client.get(f"/auditoria/nc/{nc.pk}/").status_code == 404
        assert client.post(f"/auditoria/nc/{nc.pk}/verificar/", {"verify-note": "x"}).status_code == 404
    assert as_(reader).get(f"/empresa/nc/{nc.pk}/").status_code == 200
    assert as_(reader).post(f"/empresa/nc/{nc.pk}/", texts(nc)).status_code == 404


def test_wrong_methods_are_refused(nc, otto, alice, as_):
    assert as_(otto).get(f"/auditoria/nc/{nc.pk}/verificar/").status_code == 405
    assert as_(otto).get(f"/auditoria/{nc.audit_id}/cerrar/").status_code == 405
    assert as_(alice).get(f"/empresa/nc/{nc.pk}/acciones/").status_code == 405


def test_the_extension_is_given_once_with_a_reason(correcting, nc, stella, alice, as_):
    client, address = as_(stella), f"/panel/auditorias/{correcting.pk}/prorroga/"
    assert client.post(address, {"extend-reason": ""}).status_code == 422
    assert client.post(address, {"extend-reason": "Parada de planta."}).status_code == 302
    due = add_workdays(add_workdays(today(), 30), 15)
    nc.refresh_from_db()
    correcting.refresh_from_db()
    participation = correcting.participation
    assert (nc.due_on, correcting.correction_due_on, participation.due_on) == (due, due, due)
    assert participation.extended is True
    assert Notice.objects.filter(user=alice, key__endswith=":extended").count() == 1
    again = client.post(address, {"extend-reason": "Otra vez."})
    assert (again.status_code, "una sola vez" in again.text) == (409, True)


def test_a_day_decreed_non_working_meanwhile_is_given_back_and_told(correcting, nc, stella, alice, as_):
    lost = next_workday(today() + timedelta(days=10))
    before = correcting.correction_due_on
    as_(stella).post("/panel/dias-no-laborables/", {"on": lost, "reason": "Puente", "norm": "DS 001"})
    nc.refresh_from_db()
    correcting.refresh_from_db()
    due = add_workdays(today(), 30, {lost})
    assert due > before
    assert (nc.due_on, correcting.correction_due_on, correcting.participation.due_on) == (due, due, due)
    assert Notice.objects.filter(user=alice, key__contains=":lengthened:").count() == 1


def test_numbers_have_no_gaps_and_no_twins(running, otto):
    steps.answer_all(running, otto, GE_01="minor", AG_01="major")
    steps.minutes(running, otto)
    running.close(by=otto)
    year = today().year
    assert list(running.nonconformities.values_list("number", flat=True)) == [f"NC-{year}-0001", f"NC-{year}-0002"]
    assert Counter.objects.get(series="NC", year=year).last == 2


def test_staff_read_every_nonconformity(correcting, nc, alice, stella, as_):
    steps.answered(nc, alice)
    page = as_(stella).get(f"/panel/auditorias/{correcting.pk}/")
    assert page.status_code == 200
    assert nc.number in page.text
    assert "Nadie verificaba el periodo." in page.text


@pytest.fixture
def external(correcting, nc, alice, otto, stella, body, ernesto):
    """The pre-audit passed; Ernesto's certification audit is accepted and he has declared."""
    steps.answered(nc, alice)
    nc.verify(by=otto, note="Visto.")
    correcting.close(by=otto)
    correcting.confirm(by=stella)
    participation = correcting.participation
    type(participation).objects.update(state="external_requested")
    participation.refresh_from_db()
    audit = f.AuditFactory(
        participation=participation, scope=correcting.scope, kind="certification", body=body, created_by=alice
    )
    audit.team.create(user=ernesto)
    return audit


def test_a_pre_audits_nonconformity_comes_back_and_cannot_be_skipped(external, nc, ernesto, alice, as_):
    external.participation.assessment.fulfilments.filter(requirement__code="GE-01").update(state="not_applicable")
    steps.started(external, ernesto, alice)
    external.participation.refresh_from_db()
    assert external.participation.state == "external_audit"
    again = external.checks.get(recheck_of=nc)
    assert again.requirement.code == "GE-01"
    assert external.checks.count() == 3
    client = as_(ernesto)
    assert steps.NOTE in client.get(f"/auditoria/verificacion/{again.pk}/").text
    absent = {"version": 0, "result": "not_applicable", "method": "documental", "note": "No", "evidence_seen": "x"}
    skipped = client.post(f"/auditoria/verificacion/{again.pk}/", absent)
    assert (skipped.status_code, "no puede quedar como" in skipped.text) == (422, True)
    unseen = client.post(
        f"/auditoria/verificacion/{again.pk}/", {"version": 0, "result": "conforming", "method": "documental"}
    )
    assert (unseen.status_code, "Escriba la evidencia revisada" in unseen.text) == (422, True)


def test_in_a_certification_each_grade_has_its_calendar_days(external, ernesto, alice):
    steps.started(external, ernesto, alice)
    steps.answer_all(external, ernesto, GE_02="minor", AG_01="major")
    steps.minutes(external, ernesto, recommendation="certify")
    external.close(by=ernesto)
    due = dict(external.nonconformities.values_list("grade", "due_on"))
    assert due == {"minor": today() + timedelta(days=90), "major": today() + timedelta(days=60)}
    external.participation.refresh_from_db()
    assert external.participation.state == "external_correcting"
    assert external.nonconformities.first().plan_due_on == add_workdays(today(), 10)


def test_a_certification_closes_with_a_recommendation_and_opens_the_decision(external, ernesto, alice):
    steps.started(external, ernesto, alice)
    steps.answer_all(external, ernesto)
    steps.minutes(external, ernesto)
    assert [m.key for m in external.missing_to_close()] == ["recommendation"]
    steps.minutes(external, ernesto, recommendation="certify")
    external.close(by=ernesto)
    external.participation.refresh_from_db()
    assert (external.state, external.participation.state) == ("closed", "decision")
    assert external.decision.state == "pending"


def test_the_pre_auditor_does_not_see_the_certification_audit(external, otto, as_):
    assert as_(otto).get(f"/auditoria/{external.pk}/").status_code == 404


def test_a_company_is_reminded_once_an_audit_while_it_owes_an_answer(correcting, nc, alice):
    found = [item for item in due_items(today()) if item.key.startswith("audit:")]
    assert [(i.company, i.due_on, i.title) for i in found] == [
        (correcting.participation.company, nc.due_on, "Responda 1 no conformidad")
    ]
    steps.answered(nc, alice)
    assert [item for item in due_items(today()) if item.key.startswith("audit:")] == []
