"""The sheet of one aspect: many checks answered together, each recorded for itself."""

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.models import Check
from companies.models import Event
from requirements_std.models import EvidenceLink, Fulfilment
from tests import factories as f

from .steps import SEEN
from .test_audit_lists import asked_by, many_checks

pytestmark = pytest.mark.django_db


def address(audit, code="GE"):
    return reverse("auditoria:sheet", args=[audit.pk, code])


def shown(client, audit, code="GE"):
    """What a browser would send back of the sheet, untouched."""
    page = client.get(address(audit, code))
    assert page.status_code == 200
    data = {}
    for _site, lines in page.context["groups"]:
        for form in (line.form for line in lines if line.form):
            for name in ("version", "read", *form.Meta.fields):
                value = form[name].value()
                data[form.add_prefix(name)] = "" if value is None else value
    return data


def line(audit, code):
    return audit.checks.get(requirement__code=code)


def typed(audit, code, **values):
    return {f"v{line(audit, code).pk}-{name}": value for name, value in values.items()}


def say(response):
    return response.content.decode()


def test_a_sheet_shows_the_checks_of_one_aspect_by_site(running, plant, otto, as_):
    page = as_(otto).get(address(running, "AG"))
    assert [(site, [li.check.requirement.code for li in lines]) for site, lines in page.context["groups"]] == [
        (plant, ["AG-01"])
    ]
    assert "Título AG-01" in say(page)
    assert "La organización debe cumplir AG-01." in say(page)
    assert "0 de 1 respondidas" in say(page)
    assert reverse("auditoria:check", args=[line(running, "AG-01").pk]) in say(page)
    assert address(running, "GE") in say(page)
    assert address(running, "AG") in say(as_(otto).get(address(running, "GE")))


def test_the_checklist_leads_to_each_sheet_with_its_count(running, otto, as_):
    running.record(line(running, "GE-01"), by=otto, version=0, result="conforming", method="documental")
    page = say(as_(otto).get(reverse("auditoria:checklist", args=[running.pk])))
    assert address(running, "GE") in page
    assert "Hoja: 1 de 2" in page
    assert "Hoja: 0 de 1" in page


def test_only_changed_rows_are_recorded(running, otto, as_):
    client = as_(otto)
    data = shown(client, running) | typed(running, "GE-01", result="conforming", evidence_seen=SEEN)
    response = client.post(address(running), data, follow=True)
    assert response.redirect_chain == [(address(running), 302)]
    assert "Guardó 1 respuesta." in say(response)
    check = line(running, "GE-01")
    assert (check.result, check.method, check.evidence_seen, check.answered_by) == (
        "conforming", "documental", SEEN, otto,
    )  # fmt: skip
    assert (line(running, "GE-02").result, line(running, "GE-02").version) == ("", 0)
    assert Event.objects.about(check).count() == 1
    again = client.post(address(running), shown(client, running), follow=True)
    assert "No cambió ninguna respuesta." in say(again)
    assert line(running, "GE-01").version == 1


def test_saving_and_going_on_opens_the_next_aspect(running, otto, as_):
    client = as_(otto)
    data = shown(client, running) | typed(running, "GE-01", result="conforming") | {"seguir": "1"}
    assert client.post(address(running), data).url == address(running, "AG")


def test_valid_rows_are_saved_and_the_wrong_one_comes_back_as_typed(running, otto, as_):
    client = as_(otto)
    data = shown(client, running)
    data |= typed(running, "GE-01", result="conforming", evidence_seen=SEEN)
    data |= typed(running, "GE-02", result="minor", evidence_seen="Recorrido del 04/09")
    response = client.post(address(running), data)
    assert response.status_code == 422
    assert "Guardó 1 respuesta; 1 por corregir." in say(response)
    assert "Describa el incumplimiento." in say(response)
    assert "Recorrido del 04/09" in say(response)
    assert [check.requirement.code for check in running.checks.exclude(result="")] == ["GE-01"]
    mended = data | typed(running, "GE-01", version=1) | typed(running, "GE-02", note="Falta marzo.")
    assert client.post(address(running), mended).status_code == 302
    assert line(running, "GE-02").result == "minor"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"evidence_seen": "Solo evidencia"}, "Elija un resultado."),
        ({"result": "conforming", "method": ""}, "Elija cómo lo comprobó."),
        ({"result": "not_applicable"}, "Explique por qué no aplica."),
        ({"result": "observation"}, "Describa lo observado."),
        ({"result": "major", "note": "No hay."}, "Escriba la evidencia revisada"),
        ({"result": "loquesea"}, "Escoja una opción válida"),
        ({"result": "conforming", "note": "a\0b"}, "aracteres nulos"),
        ({"result": "conforming", "version": "x"}, "número entero"),
    ],
)
def test_each_refusal_says_why_and_records_nothing(running, otto, as_, values, sentence):
    client = as_(otto)
    response = client.post(address(running), shown(client, running) | typed(running, "GE-01", **values))
    assert response.status_code == 422
    assert "Guardó 0 respuestas; 1 por corregir." in say(response)
    assert sentence in say(response)
    assert running.checks.exclude(result="").count() == 0


def test_what_another_auditor_recorded_meanwhile_is_not_overwritten(running, otto, as_):
    client, other = as_(otto), f.UserFactory()
    seen = shown(client, running)
    running.record(
        line(running, "GE-01"), by=other, version=0, result="minor", method="entrevista", evidence_seen="Acta 7",
        note="Lo de ella",
    )  # fmt: skip
    data = seen | typed(running, "GE-01", result="conforming", evidence_seen="Lo mío")
    data |= typed(running, "GE-02", result="conforming")
    response = client.post(address(running), data)
    assert response.status_code == 422
    assert "Guardó 1 respuesta; 1 por corregir." in say(response)
    assert "Otra persona guardó antes que usted. Compare y elija." in say(response)
    assert "Lo de ella" in say(response)
    assert "Lo mío" in say(response)
    assert line(running, "GE-01").note == "Lo de ella"
    [refused] = response.context["refused"]
    mine = {name: value for name, value in data.items() if name.startswith(refused.form.prefix)}
    mine |= {refused.form.add_prefix("version"): refused.form["version"].value()}
    kept = client.post(address(running), mine | {refused.form.add_prefix("keep"): "on"})
    assert (kept.status_code, line(running, "GE-01").note) == (302, "Lo de ella")
    assert client.post(address(running), mine).status_code == 302
    assert (line(running, "GE-01").result, line(running, "GE-01").evidence_seen) == ("conforming", "Lo mío")


def test_a_row_left_alone_is_no_conflict_though_another_recorded_it(running, otto, as_):
    client = as_(otto)
    data = shown(client, running) | typed(running, "GE-02", result="conforming")
    running.record(line(running, "GE-01"), by=f.UserFactory(), version=0, result="conforming", method="entrevista")
    assert client.post(address(running), data).status_code == 302
    assert line(running, "GE-01").method == "entrevista"


def test_what_the_sheet_does_not_ask_for_stays(running, otto, as_):
    running.record(
        line(running, "GE-01"), by=otto, version=0, result="conforming", method="entrevista", persons="Rosa Huamán",
        evidence_seen="uno\ndos",
    )  # fmt: skip
    client = as_(otto)
    untouched = shown(client, running)
    browser = {name: str(value).replace("\n", "\r\n") for name, value in untouched.items()}
    client.post(address(running), browser)
    assert line(running, "GE-01").version == 1
    client.post(address(running), browser | typed(running, "GE-01", note="Algo más"))
    check = line(running, "GE-01")
    assert (check.persons, check.note, check.evidence_seen.splitlines()) == ("Rosa Huamán", "Algo más", ["uno", "dos"])


def test_a_sheet_tells_no_earlier_verdict(running, otto, as_, mia):
    row = Fulfilment.objects.get(requirement__code="GE-01")
    Fulfilment.objects.filter(pk=row.pk).update(state="returned", review_note="Secreto del monitor")
    page = say(as_(otto).get(address(running)))
    assert "Secreto del monitor" not in page
    assert "Observado" not in page
    assert "Aceptado" not in page
    # The same sentence is on the check's page once the auditor has recorded a verdict.
    running.record(line(running, "GE-01"), by=otto, version=0, result="conforming", method="documental")
    assert "Secreto del monitor" in say(as_(otto).get(reverse("auditoria:check", args=[line(running, "GE-01").pk])))
    assert "Secreto del monitor" not in say(as_(otto).get(address(running)))


def test_a_row_says_how_many_proofs_the_company_handed_in(running, acme, alice, otto, as_):
    row = Fulfilment.objects.get(requirement__code="GE-02", assessment=running.scope.assessment_id)
    for _n in range(2):
        proof = acme.evidences.create(title="Acta", filename="a.pdf", uploaded_by=alice, blob=f.BlobFactory())
        EvidenceLink.objects.create(evidence=proof, fulfilment=row, linked_by=alice)
    page = as_(otto).get(address(running))
    [(_site, lines)] = page.context["groups"]
    assert [li.files for li in lines] == [0, 2]
    assert "2 evidencias" in say(page)


def test_a_numbered_nonconformity_is_not_answered_again(running, otto, as_):
    client, check = as_(otto), line(running, "GE-01")
    data = shown(client, running) | typed(running, "GE-01", result="conforming", evidence_seen="Otra cosa")
    running.nonconformities.create(
        check_line=check, number="NC-1", grade="minor", statement="x", due_on=timezone.localdate()
    )
    response = client.post(address(running), data)
    assert response.status_code == 422
    assert "ya dio lugar a una no conformidad" in say(response)
    assert "Otra cosa" in say(response)
    page = client.get(address(running))
    assert f"v{check.pk}-result" not in say(page)


def test_a_closed_checklist_is_read_and_not_written(correcting, otto, as_):
    page = as_(otto).get(address(correcting))
    assert (page.status_code, "Guardar hoja" in say(page)) == (200, False)
    check = line(correcting, "GE-02")
    data = typed(correcting, "GE-02", result="minor", method="documental", note="Tarde", evidence_seen=SEEN, version=1)
    response = as_(otto).post(address(correcting), data)
    assert response.status_code == 409
    assert "solo se responde mientras la auditoría está en ejecución" in say(response)
    assert "Tarde" in say(response)
    assert Check.objects.get(pk=check.pk).result == "conforming"


def test_strangers_and_unknown_aspects_find_nothing(running, alice, bob, mia, stella, dora, otto, as_):
    for user in (alice, bob, mia, stella, dora):
        assert as_(user).get(address(running)).status_code == 404
        assert as_(user).post(address(running), {}).status_code == 404
    for code in ("XX", "ge", "G\0E"):
        assert as_(otto).get(address(running, code)).status_code == 404
    assert as_(otto).get("/auditoria/999999/lista/GE/").status_code == 404


def test_a_row_of_another_audit_is_not_touched(running, otto, as_):
    other = f.AuditFactory(state="started")
    check = other.checks.create(requirement=line(running, "GE-01").requirement)
    data = {f"v{check.pk}-version": 0, f"v{check.pk}-result": "conforming", f"v{check.pk}-method": "documental"}
    response = as_(otto).post(address(running), data, follow=True)
    assert "No cambió ninguna respuesta." in say(response)
    check.refresh_from_db()
    assert check.result == ""


def test_a_sheet_asks_as_often_for_1_check_as_for_30(running, otto, as_):
    client = as_(otto)
    few = asked_by(client, address(running, "AG"))
    many_checks(running, 29)
    assert len(shown(client, running, "AG")) == 30 * 6
    assert asked_by(client, address(running, "AG")) == few


def test_one_site_alone_when_asked_for_or_when_all_would_be_too_many(running, plant, otto, as_, monkeypatch):
    many_checks(running, 2)
    client = as_(otto)

    def sites(query=""):
        return [site for site, _lines in client.get(address(running, "AG") + query).context["groups"]]

    assert len(sites()) == 3
    assert sites(f"?sede={plant.pk}") == [plant]
    assert len(sites("?sede=x")) == 3
    monkeypatch.setattr("audits.sheet.MOST_ROWS", 2)
    assert len(sites()) == 1
    assert sites(f"?sede={plant.pk}") == [plant]
