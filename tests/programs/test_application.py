"""The application as the company lives it: draft, sections, hand in, mend, withdraw."""

import io
from datetime import timedelta

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Event, Notice, SiteDocumentFile
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from programs.cockpit import Cockpit
from programs.models import Application
from tests import factories as f
from tests.signing import sign_statement

S = Application.State
TODAY = timezone.localdate()


@pytest.fixture
def draft(acme, alice, plant, edition):
    f.ExportRecordFactory(company=acme, exported_on=TODAY - timedelta(days=90))
    return f.ApplicationFactory(edition=edition, company=acme, created_by=alice)


@pytest.fixture
def ready(draft, alice):
    sign_statement(draft, by=alice, on=TODAY)
    return draft


@pytest.fixture
def submitted(ready, alice, rita):
    ready.submit(by=alice, on=TODAY)
    return ready


@pytest.fixture
def observed(submitted, plant, rita):
    """PROMPERÚ observes one thing: the ITSE of the plant."""
    submitted.items.exclude(key="itse").update(verdict="accepted")
    submitted.items.filter(key="itse").update(verdict="observed", reason="No se lee la fecha.")
    submitted.move(S.OBSERVED, by=rita, due_on=TODAY + timedelta(days=14))
    return Application.objects.for_page().get(pk=submitted.pk)


def page(application, view="application", *args):
    return reverse(f"empresa:{view}", args=[application.pk, *args])


def pdf(name="itse.pdf"):
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out)
    return SimpleUploadedFile(name, out.getvalue(), content_type="application/pdf")


# Opening


def test_apply_opens_one_draft_whatever_is_pressed_twice(as_, alice, acme, edition):
    client, url = as_(alice), reverse("empresa:apply", args=[acme.pk])
    first, second = (client.post(url, {"edition": edition.pk}) for _ in range(2))
    application = Application.objects.get()
    assert first.url == second.url == page(application)
    assert application.state == S.DRAFT


def test_a_closed_call_takes_no_new_draft(as_, alice, acme):
    edition = f.EditionFactory(opens_on=TODAY - timedelta(days=30), closes_on=TODAY - timedelta(days=1))
    answer = as_(alice).post(reverse("empresa:apply", args=[acme.pk]), {"edition": edition.pk})
    assert answer.status_code == 409
    assert "Esta convocatoria no está abierta." in answer.text


@pytest.mark.parametrize("edition_sent", ["", "abc", "999999999999999999999999"])
def test_an_edition_that_is_none_is_not_found(as_, alice, acme, edition_sent):
    answer = as_(alice).post(reverse("empresa:apply", args=[acme.pk]), {"edition": edition_sent})
    assert answer.status_code == 404


# Who sees it


@pytest.mark.parametrize("who", ["bob", "nadia", "otto"])
def test_a_stranger_does_not_find_it(request, as_, draft, who):
    client = as_(request.getfixturevalue(who))
    for url in (page(draft), page(draft, "application_section", "empresa"), page(draft, "application_submit")):
        assert client.get(url).status_code == 404
    assert client.post(page(draft, "application_withdraw"), {"reason": "x"}).status_code == 404


def test_a_reader_reads_and_changes_nothing(as_, reader, draft):
    client = as_(reader)
    assert client.get(page(draft)).status_code == 200
    assert client.get(page(draft, "application_section", "empresa")).status_code == 200
    assert client.post(page(draft, "application_section", "empresa"), {}).status_code == 404
    assert client.post(page(draft, "application_submit")).status_code == 404


# Sections


@pytest.mark.parametrize(
    "section",
    ["empresa", "representacion", "sedes", "exportaciones", "proceso", "comunicaciones", "documentos", "declaracion"],
)
def test_every_section_opens_in_a_draft_and_after_it(as_, alice, ready, section):
    client = as_(alice)
    assert client.get(page(ready, "application_section", section)).status_code == 200
    ready.submit(by=alice, on=TODAY)
    answer = client.get(page(ready, "application_section", section))
    assert answer.status_code == 200
    assert "está en revisión" in answer.text


IDENTITY = {
    "legal_name": "Acme Exportaciones S.A.C.",
    "registry_entry": "11012345",
    "registry_office": "Lima",
    "version": 0,
}


def test_a_section_saves_says_who_completed_it_and_goes_on(as_, alice, draft, acme):
    answer = as_(alice).post(page(draft, "application_section", "empresa"), IDENTITY | {"started_on": "2012-03-01"})
    assert answer.url == page(draft, "application_section", "representacion")
    acme.refresh_from_db()
    assert acme.registry_office == "Lima"
    event = Event.objects.about(draft).get(verb="section")
    assert (event.new, event.actor) == ("empresa", alice)


def test_a_draft_keeps_what_is_there_even_if_incomplete(as_, alice, draft, acme):
    answer = as_(alice).post(
        page(draft, "application_section", "empresa"), {"legal_name": "Acme", "registry_entry": ""}
    )
    assert answer.status_code == 302
    acme.refresh_from_db()
    assert (acme.legal_name, acme.registry_entry) == ("Acme", "")


def test_a_wrong_entry_is_told_and_nothing_is_lost(as_, alice, draft, acme):
    answer = as_(alice).post(page(draft, "application_section", "empresa"), IDENTITY | {"registry_entry": "12"})
    assert answer.status_code == 422
    assert "La partida registral lleva entre 6 y 10 dígitos." in answer.text
    assert 'value="12"' in answer.text
    acme.refresh_from_db()
    assert acme.registry_entry == "11012345"


def test_two_people_editing_the_same_field_see_both_texts(as_, alice, draft, acme):
    url = page(draft, "application_section", "empresa")
    client = as_(alice)
    client.post(url, IDENTITY | {"registry_office": "Tacna"})
    answer = client.post(url, IDENTITY | {"registry_office": "Cusco"})
    assert answer.status_code == 409
    assert "Tacna" in answer.text and "Cusco" in answer.text
    acme.refresh_from_db()
    assert acme.registry_office == "Tacna"
    assert client.post(url, IDENTITY | {"registry_office": "Cusco", "version": 1}).status_code == 302
    acme.refresh_from_db()
    assert acme.registry_office == "Cusco"


def test_two_people_editing_different_sections_both_keep_theirs(as_, alice, draft, acme):
    client = as_(alice)
    client.post(page(draft, "application_section", "empresa"), IDENTITY)
    contact = {"phone": "+51956000111", "email": "a@acme.pe", "website": "https://acme.pe", "version": 0}
    assert client.post(page(draft, "application_section", "comunicaciones"), contact).status_code == 302
    acme.refresh_from_db()
    assert (acme.registry_office, acme.email) == ("Lima", "a@acme.pe")


# Handing in


def test_handing_in_twice_gives_one_number_one_version_one_receipt(as_, alice, ready, stella, rita):
    client, url = as_(alice), page(ready, "application_submit")
    assert client.get(url).status_code == 200
    first, second = client.post(url), client.post(url)
    assert first.url == second.url == page(ready)
    ready.refresh_from_db()
    assert (ready.state, ready.number) == (S.SUBMITTED, f"EXP-{TODAY.year}-00001")
    assert ready.revisions.count() == 1
    assert {n.user for n in Notice.objects.filter(kind="application")} == {alice, stella, rita}
    assert Notice.objects.filter(kind="application").count() == 3
    keys = [(i.key, i.site_id) for i in ready.items.all()]
    assert len(keys) == len(set(keys)) == 13
    assert Job.objects.filter(kind__in=["programs.application_record", "programs.sworn_statement"]).count() == 2


def test_two_presses_at_once_leave_one_number(ready, alice):
    late = Application.objects.get(pk=ready.pk)
    ready.submit(by=alice, on=TODAY)
    with pytest.raises(IllegalMove):
        late.submit(by=alice, on=TODAY)
    assert Application.objects.get(pk=ready.pk).number == f"EXP-{TODAY.year}-00001"


def test_an_incomplete_draft_is_not_handed_in_and_says_what_is_missing(as_, alice, draft):
    answer = as_(alice).post(page(draft, "application_submit"))
    assert answer.status_code == 422
    assert "Falta que su representante legal acepte la declaración jurada." in answer.text
    draft.refresh_from_db()
    assert (draft.state, draft.number) == (S.DRAFT, None)


def test_after_the_closing_day_nothing_is_handed_in(ready, alice):
    after = ready.edition.closes_on + timedelta(days=1)
    assert [m.key for m in ready.missing_to_submit(ready.edition.closes_on)] == []
    assert [m.key for m in ready.missing_to_submit(after)] == ["call"]
    with pytest.raises(IllegalMove, match="La convocatoria cerró"):
        ready.submit(by=alice, on=after)


def test_what_was_handed_in_stays_as_it_was(submitted, acme):
    Company.objects.filter(pk=acme.pk).update(legal_name="Otro Nombre S.A.C.")
    rows = dict(submitted.revisions.get().data["sections"][0]["groups"][0]["rows"])
    assert rows["Razón social"] == "Acme Exportaciones S.A.C."


# Locks


def test_while_under_review_no_paper_of_the_company_changes(as_, alice, submitted, acme, plant):
    client = as_(alice)
    closed = [
        client.post(page(submitted, "application_section", "empresa"), IDENTITY),
        client.post(reverse("empresa:profile_section", args=[acme.pk, "empresa"]), IDENTITY),
        client.post(reverse("empresa:site", args=[plant.pk]), {"name": "Otra"}),
        client.post(reverse("empresa:site_document", args=[plant.pk, "itse"]), {}),
        client.post(reverse("empresa:site_close", args=[plant.pk])),
        client.post(reverse("empresa:export_new", args=[acme.pk]), {}),
        client.post(reverse("empresa:export_remove", args=[acme.exports.get().pk])),
    ]
    assert [a.status_code for a in closed] == [409] * 7
    assert all("está en revisión" in a.text for a in closed)


def test_only_the_observed_paper_reopens(as_, alice, observed, acme, plant):
    client = as_(alice)
    assert client.get(page(observed, "application_section", "sedes")).status_code == 200
    assert client.get(reverse("empresa:site_document", args=[plant.pk, "itse"])).status_code == 200
    for url in (
        reverse("empresa:site_document", args=[plant.pk, "licence"]),
        reverse("empresa:site", args=[plant.pk]),
        reverse("empresa:site_new", args=[acme.pk]),
        reverse("empresa:profile_section", args=[acme.pk, "comunicaciones"]),
    ):
        answer = client.post(url, {})
        assert answer.status_code == 409
        assert "Solo se reabre lo observado; lo demás queda como está." in answer.text


# Mending


def new_itse(client, plant, **changes):
    data = {"number": "ITSE-2", "issuer": "Municipalidad", "issued_on": "2026-06-01", "files": pdf()} | changes
    return client.post(reverse("empresa:site_document", args=[plant.pk, "itse"]), data)


def test_the_company_mends_the_observed_point_and_hands_in_again(as_, alice, observed, plant, rita):
    client, item = as_(alice), observed.items.get(key="itse")
    assert client.post(page(observed, "application_mend"), {"seen": "x"}).status_code == 409
    assert new_itse(client, plant).status_code == 302
    url = reverse("empresa:application_item", args=[item.pk])
    assert client.post(url, {f"i{item.pk}-answer": "Subimos una copia legible."}).status_code == 302
    assert client.get(page(observed)).status_code == 200
    shown = client.get(page(observed, "application_mend")).context["mending"]
    for _ in range(2):
        assert client.post(page(observed, "application_mend"), {"seen": shown.seen}).url == page(observed)
    observed.refresh_from_db()
    item.refresh_from_db()
    assert (observed.state, observed.due_on, observed.revisions.count()) == (S.MENDED, None, 2)
    assert (item.verdict, item.answer) == ("pending", "Subimos una copia legible.")
    assert observed.items.filter(verdict="accepted").count() == 12
    assert Notice.objects.filter(user=rita, title__contains="subsanada").count() == 1


def test_a_point_that_was_not_observed_is_not_reopened(as_, alice, observed):
    item = observed.items.get(key="legal")
    assert as_(alice).post(reverse("empresa:application_item", args=[item.pk])).status_code == 409


def test_after_the_deadline_an_extension_is_needed(observed, alice):
    observed.mark_mended(observed.items.get(key="itse"), by=alice, answer="Se lee al dorso.")
    late = observed.due_on + timedelta(days=1)
    assert observed.missing_to_mend(observed.due_on) == []
    assert [m.key for m in observed.missing_to_mend(late)] == ["deadline"]
    with pytest.raises(IllegalMove, match="Pida una prórroga"):
        observed.mend(by=alice, on=late)


def test_a_lapsed_term_is_told_to_the_company_and_waits_for_a_coordinator(as_, alice, stella, observed, acme):
    def shown(client, view, pk):
        return client.get(reverse(view, args=[pk])).content.decode()

    pages, lapsed = (("company", acme.pk), ("application", observed.pk)), "Venció su plazo para subsanar"
    assert [lapsed in shown(as_(alice), f"empresa:{view}", pk) for view, pk in pages] == [False, False]
    Application.objects.filter(pk=observed.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    assert [lapsed in shown(as_(alice), f"empresa:{view}", pk) for view, pk in pages] == [True, True]
    assert f"subject=Pr%C3%B3rroga%20para%20subsanar%20{observed.number}" in shown(
        as_(alice), "empresa:application", observed.pk
    )
    assert "La empresa no subsanó a tiempo." in shown(as_(stella), "panel:application", observed.pk)
    queue = next(q for q in Cockpit(observed.edition).queues(stella) if q.label == "Plazos para subsanar vencidos")
    assert (queue.n, as_(stella).get(queue.url).context["page"].paginator.count) == (1, 1)


# Withdrawing


def test_withdrawing_needs_a_reason_and_frees_the_way_to_apply_again(as_, alice, submitted, acme, edition):
    client, url = as_(alice), page(submitted, "application_withdraw")
    refused = client.post(url, {"reason": ""})
    told = '<details class="confirm" open>', "Escriba el motivo del retiro. Queda en el expediente."
    assert (refused.status_code, [words in refused.text for words in told]) == (422, [True, True])
    assert refused.templates[0].name == "empresa/application.html"
    assert client.post(url, {"reason": "Cambiamos de planta."}).status_code == 302
    submitted.refresh_from_db()
    assert submitted.state == S.WITHDRAWN
    assert Event.objects.about(submitted).last().note == "Cambiamos de planta."
    assert client.post(url, {"reason": "Otra vez"}).status_code == 409
    assert client.post(reverse("empresa:apply", args=[acme.pk]), {"edition": edition.pk}).status_code == 302
    assert acme.applications.count() == 2


# Files


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "0 bytes"), (b"MZ\x90 not a pdf", "no es un archivo admitido"), (b"%PDF-1.7 broken", "dañado o incompleto")],
)
def test_a_bad_file_is_told_and_nothing_typed_is_lost(as_, alice, draft, plant, content, sentence):
    before = SiteDocumentFile.objects.count()
    answer = new_itse(as_(alice), plant, files=SimpleUploadedFile("itse.pdf", content))
    assert answer.status_code == 422
    assert sentence in answer.text and "ITSE-2" in answer.text
    assert SiteDocumentFile.objects.count() == before


def test_an_itse_lasts_two_years_unless_it_says_otherwise(as_, alice, draft, plant):
    new_itse(as_(alice), plant)
    paper = plant.documents.get(kind="itse")
    assert (paper.number, str(paper.valid_until)) == ("ITSE-2", "2028-05-31")
    assert paper.files.last().uploaded_by == alice


def test_a_paper_changed_without_a_new_file_keeps_the_one_it_has(as_, alice, draft, plant):
    licence = plant.documents.get(kind="licence")
    [file] = licence.current
    data = {"number": "LF-9", "issuer": "Municipalidad", "issued_on": "2021-01-01", "version": licence.version}
    as_(alice).post(reverse("empresa:site_document", args=[plant.pk, "licence"]), data)
    licence.refresh_from_db()
    assert (licence.number, licence.current) == ("LF-9", [file])
    changes = Event.objects.about(licence).get(verb="edit").data["changes"]
    assert changes["number"] == ["LF-2020-118", "LF-9"]


# Lists


def test_more_sites_and_colleagues_ask_no_more_of_the_database(as_, alice, draft, acme):
    client = as_(alice)
    urls = [
        page(draft),
        page(draft, "application_section", "sedes"),
        reverse("empresa:profile", args=[acme.pk]),
        reverse("empresa:team", args=[acme.pk]),
    ]

    def asked():
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as found:
                assert client.get(url).status_code == 200
            counts.append(len(found))
        return counts

    asked()
    few = asked()
    for _ in range(10):
        site = f.SiteFactory(company=acme)
        f.SiteDocumentFactory(site=site)
        f.ExportRecordFactory(company=acme)
        f.MembershipFactory(company=acme, role="reader")
    assert asked() == few
