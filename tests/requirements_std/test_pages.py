"""The doors of the company, the monitor and the staff onto the requirements."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requirements_std.models import Evidence, Fulfilment
from tests import factories as f
from tests.counting import asked

from .conftest import docx, pdf, photo, upload

State = Fulfilment.State


def answer(row, **fields):
    return {"version": row.version, "work": 2, "statement": "Se aplica desde marzo.", **fields}


def say(response):
    return response.content.decode()


# Who gets in


def addresses(row, acme, proof):
    return {
        "empresa": [
            reverse("empresa:board", args=[acme.pk]),
            reverse("empresa:evidences", args=[acme.pk]),
            reverse("empresa:fulfilment", args=[row.pk]),
            reverse("empresa:evidence", args=[proof.pk]),
        ],
        "monitor": [
            reverse("monitor:board", args=[acme.pk]),
            reverse("monitor:fulfilment", args=[row.pk]),
        ],
        "panel": [
            reverse("panel:standard"),
            reverse("panel:standard_version", args=[row.assessment.standard_version_id]),
            reverse("panel:board", args=[acme.pk]),
            reverse("panel:fulfilment", args=[row.pk]),
        ],
    }


def test_each_door_opens_to_its_people_and_to_nobody_else(row, acme, proof, alice, bob, mia, stella, as_):
    doors = {"empresa": alice, "monitor": mia, "panel": stella}
    for door, pages in addresses(row, acme, proof).items():
        for page in pages:
            for user in (alice, bob, mia, stella):
                expected = 200 if user == doors[door] else 404
                assert as_(user).get(page).status_code == expected, (page, user)


def test_requirements_bear_the_unofficial_notice_at_every_door(row, acme, alice, mia, stella, proof, as_):
    pages = addresses(row, acme, proof)
    for user, page in ((alice, pages["empresa"][0]), (alice, pages["empresa"][2]),
                       (alice, pages["empresa"][3]), (mia, pages["monitor"][1]),
                       (stella, pages["panel"][1]), (stella, pages["panel"][3])):  # fmt: skip
        assert "Catálogo NO OFICIAL." in say(as_(user).get(page))


def test_a_reader_reads_and_changes_nothing(row, reader, as_):
    client = as_(reader)
    page = client.get(reverse("empresa:fulfilment", args=[row.pk]))
    assert page.status_code == 200
    assert "Guardar y presentar" not in say(page)
    assert client.post(reverse("empresa:fulfilment", args=[row.pk]), answer(row)).status_code == 404
    assert client.get(reverse("empresa:conditions", args=[row.assessment.company_id])).status_code == 404


@pytest.mark.parametrize("name", ["link", "withdraw", "na", "comment"])
def test_acts_are_posts_by_the_companys_people(name, row, alice, bob, as_):
    address = reverse(f"empresa:fulfilment_{name}", args=[row.pk])
    assert as_(alice).get(address).status_code == 405
    assert as_(bob).post(address).status_code == 404


# The board


def many_rows(assessment, count):
    version = assessment.standard_version
    for _n in range(count):
        assessment.fulfilments.create(
            requirement=version.requirements.get(code="AG-02"), site=f.SiteFactory(company=assessment.company)
        )
    assessment.recount()


def queries(client, page):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(page).status_code == 200
    return asked(seen)


def test_lists_cost_the_same_at_few_and_many_rows(assessment, acme, alice, mia, stella, as_):
    pages = [
        (as_(alice), reverse("empresa:board", args=[acme.pk])),
        (as_(mia), reverse("monitor:board", args=[acme.pk])),
        (as_(stella), reverse("panel:board", args=[acme.pk])),
        (as_(mia), reverse("monitor:review")),
        (as_(alice), reverse("empresa:evidences", args=[acme.pk])),
    ]
    many_rows(assessment, 3)
    grow(assessment, acme, alice, 3)
    few = [queries(client, page) for client, page in pages]
    assert max(few[:3]) <= 10  # eight of the board, besides the session and the person
    many_rows(assessment, 27)
    grow(assessment, acme, alice, 21)
    assert [queries(client, page) for client, page in pages] == few


def grow(assessment, acme, alice, count):
    rows = assessment.fulfilments.filter(state=State.OPEN, requirement__code="AG-02")[:count]
    for row in rows:
        new = acme.evidences.create(title="Acta", filename="acta.pdf", uploaded_by=alice, blob=f.BlobFactory())
        row.add_evidence(existing=[new], by=alice)
        row.save_work(work=1, statement="Así.", by=alice)
        row.submit(by=alice)


@pytest.mark.parametrize(
    ("ask", "shown"),
    [
        ("", ["GE-01", "GE-02", "AG-01"]),
        ("aspecto=AG", ["AG-01"]),
        ("sede=org", ["GE-01", "GE-02"]),
        ("estado=submitted", ["GE-01", "AG-01"]),
        ("estado=pendiente", ["GE-02"]),
        ("estado=claimed_na", ["AG-01"]),
        ("avance=3", ["GE-01"]),
        ("q=TITULO ge-02", ["GE-02"]),
        ("q=cumplir AG-01", ["AG-01"]),
        ("estado=accepted", []),
        ("estado=loquesea&sede=x", ["GE-01", "GE-02", "AG-01"]),
    ],
)
def test_the_board_shows_what_its_address_asks_for(ask, shown, handed_in, assessment, acme, alice, as_):
    assessment.fulfilments.get(requirement__code="AG-01").claim_na("No hay.", by=alice)
    board = as_(alice).get(reverse("empresa:board", args=[acme.pk]) + "?" + ask).context["board"]
    assert [row["code"] for _progress, rows in board.groups for row in rows] == shown


def test_the_number_is_the_same_for_every_party(handed_in, acme, alice, mia, stella, as_):
    handed_in.review(State.ACCEPTED, by=mia)
    for user, door in ((alice, "empresa"), (mia, "monitor"), (stella, "panel")):
        assert "1 de 3 aceptados" in say(as_(user).get(reverse(f"{door}:board", args=[acme.pk])))


def test_before_the_start_the_board_says_when_it_opens(acme, alice, as_):
    assert "aún no están abiertos" in say(as_(alice).get(reverse("empresa:board", args=[acme.pk])))


# Answering


def test_an_answer_with_several_files_is_saved_and_handed_in(row, acme, alice, as_):
    data = answer(row, files=[upload("Acta_01.pdf", pdf()), upload("foto.jpg", photo()), upload("plan.docx", docx())])
    response = as_(alice).post(reverse("empresa:fulfilment", args=[row.pk]), {**data, "presentar": "1"})
    assert (response.status_code, response.url) == (302, reverse("empresa:fulfilment", args=[row.pk]))
    row.refresh_from_db()
    assert (row.state, row.work, row.statement) == (State.SUBMITTED, 2, "Se aplica desde marzo.")
    assert [e.title for e in Evidence.objects.order_by("pk")] == ["Acta 01", "foto", "plan"]


def test_handing_in_without_evidence_saves_and_says_what_is_missing(row, alice, as_):
    response = as_(alice).post(reverse("empresa:fulfilment", args=[row.pk]), answer(row, presentar="1"), follow=True)
    assert "Falta al menos una evidencia." in say(response)
    row.refresh_from_db()
    assert (row.state, row.statement) == (State.OPEN, "Se aplica desde marzo.")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("vacio.pdf", b"", "«vacio.pdf» está vacío (0 bytes)"),
        ("virus.pdf", b"MZ\x90\x00" + b"\x00" * 200, "«virus.pdf» no es un archivo admitido"),
        ("secreto.pdf", pdf("clave"), "«secreto.pdf» tiene contraseña"),
        ("roto.pdf", b"%PDF-1.7 nada mas", "«roto.pdf» está dañado o incompleto"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence_and_the_text_is_kept(name, content, sentence, row, alice, as_):
    data = answer(row, statement="Texto que no se pierde", files=[upload(name, content)])
    response = as_(alice).post(reverse("empresa:fulfilment", args=[row.pk]), data)
    assert response.status_code == 422
    assert sentence in say(response)
    assert "Texto que no se pierde" in say(response)
    row.refresh_from_db()
    assert (row.statement, Evidence.objects.count()) == ("", 0)


def test_a_bad_file_does_not_take_the_good_ones_along(row, acme, alice, as_):
    client = as_(alice)
    files = [upload("bien.pdf", pdf()), upload("virus.pdf", b"MZ" + b"\0" * 200), upload("foto.jpg", photo())]
    saved = client.post(reverse("empresa:fulfilment", args=[row.pk]), answer(row, files=files), follow=True)
    assert saved.status_code == 200
    assert "«virus.pdf» no es un archivo admitido" in say(saved)
    assert [link.evidence.filename for link in row.links.order_by("pk")] == ["bien.pdf", "foto.jpg"]
    again = [upload("otro.pdf", pdf(pages=2)), upload("vacio.pdf", b"")]
    saved = client.post(reverse("empresa:evidences", args=[acme.pk]), {"files": again}, follow=True)
    assert "Subió 1 archivo." in say(saved)
    assert "«vacio.pdf» está vacío" in say(saved)


def test_a_file_over_the_limit_is_refused_in_a_sentence(row, acme, alice, as_, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    large = upload("grande.pdf", pdf() + b"\0" * 1536 * 1024)
    response = as_(alice).post(reverse("empresa:fulfilment", args=[row.pk]), answer(row, files=[large]))
    assert response.status_code == 422
    assert "«grande.pdf» pesa 2 MB. El máximo es 1 MB; puede dividirlo." in say(response)
    large.seek(0)
    response = as_(alice).post(reverse("empresa:evidences", args=[acme.pk]), {"files": [large]})
    assert response.status_code == 422


def test_a_late_save_is_refused_with_the_text_in_view(row, alice, as_):
    stale = answer(row, statement="Lo mío")
    row.save_work(work=1, statement="Lo del colega", by=alice)
    response = as_(alice).post(reverse("empresa:fulfilment", args=[row.pk]), stale)
    assert response.status_code == 409
    assert "Otra persona guardó antes que usted" in say(response)
    assert "Lo mío" in say(response)


def test_answering_out_of_turn_is_refused_with_the_text_in_view(handed_in, alice, as_):
    client = as_(alice)
    address = reverse("empresa:fulfilment", args=[handed_in.pk])
    response = client.post(address, answer(handed_in, statement="Más"))
    assert response.status_code == 409
    assert "lo presentado ya no se cambia" in say(response)
    assert ">\nMás</textarea>" in say(response)
    handed_in.refresh_from_db()
    assert handed_in.statement == "Se aplica desde marzo."


def test_evidence_of_the_library_serves_a_second_requirement(row, proof, alice, as_):
    client = as_(alice)
    address = reverse("empresa:fulfilment_link", args=[row.pk])
    assert client.post(address, {"evidence": [proof.pk]}).status_code == 302
    assert row.links.get().evidence == proof
    assert client.post(address, {}).status_code == 422
    assert client.post(reverse("empresa:fulfilment_unlink", args=[row.pk, proof.pk])).status_code == 302
    assert row.links.count() == 0


def test_evidence_of_another_company_cannot_be_linked_by_its_id(row, other, bob, alice, as_):
    theirs = other.evidences.create(title="Ajena", filename="a.pdf", uploaded_by=bob, blob=f.BlobFactory())
    response = as_(alice).post(reverse("empresa:fulfilment_link", args=[row.pk]), {"evidence": [theirs.pk]})
    assert (response.status_code, row.links.count()) == (422, 0)
    assert "Ajena" not in say(response)
    assert as_(alice).get(reverse("empresa:evidence", args=[theirs.pk])).status_code == 404


def test_not_applicable_is_claimed_with_a_reason(row, alice, as_):
    client = as_(alice)
    address = reverse("empresa:fulfilment_na", args=[row.pk])
    refused = client.post(address, {"na-reason": ""})
    assert (refused.status_code, Fulfilment.objects.get(pk=row.pk).state) == (422, State.OPEN)
    assert client.post(address, {"na-reason": "No hay."}).status_code == 302
    assert Fulfilment.objects.get(pk=row.pk).state == State.CLAIMED_NA
    assert client.post(reverse("empresa:fulfilment_withdraw", args=[row.pk])).status_code == 302
    assert Fulfilment.objects.get(pk=row.pk).state == State.OPEN


def test_conditions_open_rows_and_at_least_one_site_stays(assessment, acme, plant, alice, as_):
    client = as_(alice)
    address = reverse("empresa:conditions", args=[acme.pk])
    assert client.get(address).status_code == 200
    name = f"sede{plant.pk}"
    refused = client.post(address, {f"{name}-keys": ["tiene_ptar"]})
    assert (refused.status_code, assessment.fulfilments.count()) == (422, 3)
    assert client.post(address, {f"{name}-in_scope": "on", f"{name}-keys": ["tiene_ptar"]}).status_code == 302
    assert assessment.fulfilments.count() == 4
    unknown = client.post(address, {f"{name}-in_scope": "on", f"{name}-keys": ["tiene_minas"]})
    assert (unknown.status_code, assessment.fulfilments.count()) == (422, 4)


# Files


def test_a_file_is_served_to_those_who_may_read_it(acme, alice, bob, mia, stella, nadia, as_):
    as_(alice).post(reverse("empresa:evidences", args=[acme.pk]), {"files": [upload("acta.pdf", pdf())]})
    address = reverse("public:evidence_file", args=[Evidence.objects.get().pk])
    for user, status in ((alice, 200), (mia, 200), (stella, 200), (bob, 404), (nadia, 404)):
        assert as_(user).get(address).status_code == status
    assert as_(alice).get(address)["Content-Disposition"].startswith("attachment")
    assert 'src="?pagina=1"' in say(as_(alice).get(f"{address}?ver=1"))
    assert as_(alice).post(address).status_code == 405


def test_evidence_is_described_with_dates_that_agree(proof, alice, as_):
    client = as_(alice)
    address = reverse("empresa:evidence", args=[proof.pk])
    dates = {"title": "Política 2026", "covers_from": "2026-05-01", "covers_to": "2026-04-01"}
    refused = client.post(address, dates)
    assert refused.status_code == 422
    assert "termina antes de empezar" in say(refused)
    assert client.post(address, {**dates, "covers_to": "2026-06-01"}).status_code == 302
    proof.refresh_from_db()
    assert proof.title == "Política 2026"


# Reviewing


def test_a_monitor_decides_and_goes_on_to_the_next(handed_in, assessment, proof, alice, mia, as_):
    second = assessment.fulfilments.get(requirement__code="GE-02")
    second.claim_na("No hay.", by=alice)
    client = as_(mia)
    assert [row.pk for row in client.get(reverse("monitor:review")).context["page"]] == [handed_in.pk, second.pk]
    response = client.post(
        reverse("monitor:fulfilment", args=[handed_in.pk]), {"version": handed_in.version, "decision": "accepted"}
    )
    assert response.url == reverse("monitor:fulfilment", args=[second.pk])
    response = client.post(response.url, {"version": second.version, "decision": "not_applicable"})
    assert response.url == reverse("monitor:review")
    assert "Nada por revisar." in say(client.get(response.url))


def test_observing_without_a_reason_is_refused(handed_in, mia, as_):
    address = reverse("monitor:fulfilment", args=[handed_in.pk])
    response = as_(mia).post(address, {"version": handed_in.version, "decision": "returned", "note": " "})
    assert response.status_code == 422
    assert "Escriba qué debe corregir la empresa." in say(response)
    unknown = as_(mia).post(address, {"version": handed_in.version, "decision": "open"})
    assert (unknown.status_code, Fulfilment.objects.get(pk=handed_in.pk).state) == (422, State.SUBMITTED)


def test_a_decision_on_what_changed_meanwhile_is_refused_with_its_note(handed_in, alice, mia, as_):
    seen = handed_in.version
    handed_in.withdraw_submission(by=alice)
    handed_in.submit(by=alice)
    response = as_(mia).post(
        reverse("monitor:fulfilment", args=[handed_in.pk]),
        {"version": seen, "decision": "returned", "note": "Falta el acta."},
    )
    assert response.status_code == 409
    assert "Falta el acta." in say(response)
    assert Fulfilment.objects.get(pk=handed_in.pk).state == State.SUBMITTED
    assert "Guardar mi decisión de todos modos: Observar" in say(response)
    as_(mia).post(reverse("monitor:fulfilment", args=[handed_in.pk]), hidden(response))
    decided = Fulfilment.objects.get(pk=handed_in.pk)
    assert (decided.state, decided.review_note) == (State.RETURNED, "Falta el acta.")


def hidden(response):
    """What the page of two texts would send."""
    form = say(response).partition('id="de-todos-modos"')[2]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


def test_two_monitors_notes_on_one_row_are_both_shown_and_the_later_may_go_as_a_message(handed_in, mia, as_):
    noa = f.UserFactory(first_name="Noa")
    seen, address = handed_in.version, reverse("monitor:fulfilment", args=[handed_in.pk])
    handed_in.review(State.RETURNED, by=noa, note="Falta la firma.")
    response = as_(mia).post(address, {"version": seen, "decision": "returned", "note": "Falta la fecha."})
    assert response.status_code == 409
    assert ("Falta la firma." in say(response), "Falta la fecha." in say(response)) == (True, True)
    as_(mia).post(reverse("monitor:fulfilment_comment", args=[handed_in.pk]), hidden(response))
    comment = handed_in.comments.get()
    assert (comment.text, comment.audience, comment.author) == ("Falta la fecha.", "company", mia)
    assert Fulfilment.objects.get(pk=handed_in.pk).review_note == "Falta la firma."


def test_a_company_never_reads_an_internal_comment(row, alice, mia, as_):
    address = reverse("monitor:fulfilment_comment", args=[row.pk])
    as_(mia).post(address, {"text": "Solo entre nosotros", "audience": "internal"})
    as_(mia).post(address, {"text": "Para la empresa", "audience": "company"})
    page = say(as_(alice).get(reverse("empresa:fulfilment", args=[row.pk])))
    assert "Para la empresa" in page
    assert "Solo entre nosotros" not in page
    as_(alice).post(reverse("empresa:fulfilment_comment", args=[row.pk]), {"text": "Va", "audience": "internal"})
    assert row.comments.get(text="Va").audience == "company"
