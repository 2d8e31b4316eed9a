"""An observed application: what opens again, how each point is answered, and how it goes back."""

import re
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Company, Event
from ecoeficiencia.lifecycle import IllegalMove, Overtaken
from programs.comparison import SPEAK_OF
from programs.conditions import CONDITIONS
from programs.models import Application, RequiredDocument
from programs.models.submission import SECTIONS
from programs.sections import State, sections_of
from tests import factories as f
from tests.signing import sign_statement

from .test_papers import pdf, upload


@pytest.fixture
def draft(acme, alice, plant, edition, today):
    edition.create_documents()
    RequiredDocument.objects.create(
        edition=edition, key="poder", title="Vigencia de poder", kinds=["application/pdf"], needed=False,
        proves="representation", validity="recent", validity_number=400, position=4,
    )  # fmt: skip
    RequiredDocument.objects.create(
        edition=edition, key="otro", title="Otro papel", kinds=["application/pdf"], needed=False, position=5
    )
    f.ExportRecordFactory(company=acme, exported_on=today - timedelta(days=60))
    application = f.ApplicationFactory(company=acme, edition=edition, created_by=alice)
    sign_statement(application, by=alice, on=today)
    return application


@pytest.fixture
def submitted(draft, alice, rita, today):
    draft.submit(by=alice, on=today)
    return draft


@pytest.fixture
def observe(submitted, rita, today):
    """observe(*keys): PROMPERÚ sends those points back; the application as a page reads it."""

    def send(*keys):
        submitted.items.exclude(key__in=keys).update(verdict="accepted", reason="")
        submitted.items.filter(key__in=keys).update(verdict="observed", reason="Revíselo, por favor.")
        if submitted.state != "observed":
            submitted.move("observed", by=rita, due_on=today + timedelta(days=14))
        return Application.objects.for_page().get(pk=submitted.pk)

    return send


def entry(application, key):
    return application.edition.documents.get(key=key)


def answer(client, item, words="", **more):
    return client.post(reverse("empresa:application_item", args=[item.pk]), {f"i{item.pk}-answer": words} | more)


def address(application, view="application", *args):
    return reverse(f"empresa:{view}", args=[application.pk, *args])


def hand_in(client, application):
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address(application, "application_mend")).text)[1]
    return client.post(address(application, "application_mend"), {"seen": seen})


# What an observation opens

SWEARING = {"representacion", "declaracion"}
OPENS = {
    "legal": ({"empresa"}, []),
    "operation": ({"empresa"}, []),
    "ruc_active": (set(), []),
    "representation": (SWEARING | {"documentos"}, ["poder"]),
    "licence": ({"sedes"}, []),
    "itse": ({"sedes"}, []),
    "exports": ({"exportaciones", "documentos"}, ["exports"]),
    "production": ({"proceso"}, []),
    "contact": ({"comunicaciones"}, []),
    "corporate_mail": ({"comunicaciones"}, []),
    "website": ({"comunicaciones"}, []),
    "debts": (set(), []),
    "sworn_statement": (SWEARING | {"documentos"}, ["poder"]),
}


def test_each_point_opens_its_section_and_the_papers_that_prove_it_and_no_other(observe, plant, today):
    assert OPENS.keys() == CONDITIONS.keys() - {"sites"}  # without a site nothing is handed in
    for key, (sections, papers) in OPENS.items():
        found = observe(key)
        assert {name for name in SECTIONS if found.reopens(name)} == sections, key
        assert [s.entry.key for s in found.slots(today) if found.may_change(s)] == papers, key
        open_of_site = [kind for kind in ("licence", "itse") if found.reopens("sedes", plant, kind)]
        assert open_of_site == [key] * (key in ("licence", "itse")), key
        assert not found.reopens("sedes", plant) and not found.reopens("sedes", kind="new"), key


def test_the_declaration_asked_for_with_the_exports_is_handed_in_and_reviewed(as_, alice, rita, observe, today):
    found, client = observe("exports"), as_(alice)
    states = {row.key: row.state for row in sections_of(found, found.checklist(today))}
    assert (states["documentos"], states["empresa"]) == (State.OBSERVED, State.COMPLETE)
    papers = client.get(address(found, "application_section", "documentos")).text
    assert "Revíselo, por favor." in papers and papers.count("Subir<") == 1
    assert "Revíselo, por favor." in client.get(address(found, "paper", entry(found, "exports").pk, 0)).text
    assert upload(client, found, entry(found, "otro")).status_code == 409
    assert upload(client, found, entry(found, "exports"), pdf("dam.pdf")).status_code == 302
    item = found.items.get(key="exports")
    assert answer(client, item).status_code == 302
    assert hand_in(client, found).status_code == 302
    assert dict(found.items.filter(verdict="pending").values_list("key", "verdict")).keys() == {
        "exports",
        "doc-exports",
    }
    desk = as_(rita).get(reverse("panel:application", args=[found.pk]), {"punto": item.pk}).text
    assert "dam.pdf: archivo" in desk


def test_what_opens_is_told_to_who_reviews_before_they_observe(as_, rita, submitted):
    client, page = as_(rita), reverse("panel:application", args=[submitted.pk])

    def told(key):
        text = client.get(page, {"punto": submitted.items.get(key=key).pk}).text
        return re.sub(r"\s+", " ", re.search(r"Si lo observa,[^<]*", text)[0])

    assert told("exports").endswith("la sección «Exportaciones», el documento «Sustento de las exportaciones (DAM)».")
    assert told("itse").endswith("el documento «Planta Ica: Certificado ITSE».")
    assert told("debts").startswith("Si lo observa, no se abre ningún dato")


def test_a_paper_that_what_was_mended_asks_for_can_be_handed_in(as_, alice, observe, acme, edition, today):
    RequiredDocument.objects.create(
        edition=edition, key="grande", title="De grandes", kinds=["application/pdf"], applies_when="large", position=6
    )
    Company.objects.filter(pk=acme.pk).update(size="large")
    found = observe("legal")
    assert [m.key for m in found.missing_to_mend(today)] == ["legal", "doc-grande"]
    assert upload(as_(alice), found, entry(found, "grande")).status_code == 302
    assert [m.key for m in found.missing_to_mend(today)] == ["legal"]


# Answering a point


def changed(application, key, plant, alice, today):
    """Change what the point `key` is about."""
    company = Company.objects.filter(pk=application.company_id)
    if key in ("licence", "itse"):
        f.SiteDocumentFactory(site=plant, kind=key, number="NUEVO-1", valid_until="2028-01-04")
    elif key == "exports":
        f.ExportRecordFactory(company=company.get(), exported_on=today)
    elif key == "representation":
        company.get().mandates.update(position="Apoderada")
    elif key == "sworn_statement":
        company.get().mandates.update(position="Apoderada")
        sign_statement(Application.objects.get(pk=application.pk), by=alice, on=today)
    else:
        field = {"legal": "registry_office", "operation": "started_on", "production": "process", "contact": "phone",
                 "corporate_mail": "email", "website": "website"}[key]  # fmt: skip
        value = {"started_on": today - timedelta(days=4000), "phone": "+51956000111", "email": "otro@acme.pe",
                 "website": "https://otra.acme.pe"}  # fmt: skip
        company.update(**{field: value.get(field, "Otra cosa")})


def test_each_point_is_answered_by_a_change_of_what_it_is_about(observe, plant, alice, today):
    others = {"legal": "operation", "operation": "legal", "licence": "itse", "itse": "licence", "contact": "website"}
    for key in OPENS.keys() - {"ruc_active", "debts"}:
        other = others.get(key, "legal")
        found = observe(key, other)
        item, beside = found.items.get(key=key), found.items.get(key=other)
        assert found.needs_words(item, today), key
        with transaction.atomic():
            changed(found, key, plant, alice, today)
            found = observe(key, other)
            assert (found.needs_words(item, today), found.needs_words(beside, today)) == (False, True), key
            transaction.set_rollback(True)


def test_another_file_of_a_licence_answers_its_point_and_not_that_of_the_itse(observe, plant, alice, today):
    found = observe("licence", "itse")
    plant.document("licence").add_files([pdf("reverso.pdf")], by=alice)
    words = {item.key: found.needs_words(item, today) for item in observe("licence", "itse").observed_items()}
    assert words == {"licence": False, "itse": True}
    plant.document("itse").add_files([pdf("reverso.pdf", "otro")], by=alice)  # files of one name are told apart
    words = {item.key: found.needs_words(item, today) for item in observe("licence", "itse").observed_items()}
    assert words == {"licence": False, "itse": False}


def test_every_row_that_speaks_of_one_point_of_several_is_handed_in(submitted):
    rows = {label for s in submitted.revisions.get().data["sections"] for g in s["groups"] for label, _v in g["rows"]}
    assert {label for labels in SPEAK_OF.values() for label in labels} <= rows


def test_without_a_change_a_point_needs_words_that_the_reviewer_reads(as_, alice, rita, observe):
    found, client = observe("itse"), as_(alice)
    item = found.items.get(key="itse")
    refused = answer(client, item, "  ")
    assert refused.status_code == 422
    assert "explique aquí por qué lo da por subsanado" in refused.text
    item.refresh_from_db()
    assert item.mended_at is None
    assert answer(client, item, "Es el mismo: la fecha está al dorso.").status_code == 302
    assert "la fecha está al dorso" in client.get(address(found)).text
    assert hand_in(client, found).status_code == 302
    desk = as_(rita).get(reverse("panel:application", args=[found.pk]), {"punto": item.pk}).text
    compared = re.search(r'<article class="paper" aria-label="Qué cambió">.*?</article>', desk, re.DOTALL)[0]
    assert "No cambió ningún dato ni archivo de este punto." in compared and "al dorso" in compared


def test_the_rule_holds_without_the_page(observe, alice):
    found = observe("itse", "debts")
    for key in ("itse", "debts"):
        with pytest.raises(IllegalMove, match="explique aquí por qué"):
            found.mark_mended(found.items.get(key=key), by=alice)
    assert not Event.objects.about(found).filter(verb="mend").exists()


def test_a_change_that_was_taken_back_needs_words_again(observe, acme, alice, today):
    found = observe("website")
    before = acme.website
    Company.objects.filter(pk=acme.pk).update(website="https://otra.acme.pe")
    found.mark_mended(found.items.get(key="website"), by=alice)
    assert found.missing_to_mend(today) == []
    Company.objects.filter(pk=acme.pk).update(website=before)
    found = Application.objects.for_page().get(pk=found.pk)
    assert [str(m) for m in found.missing_to_mend(today)] == ["Falta subsanar o explicar: Página web."]
    with pytest.raises(IllegalMove, match="Falta subsanar o explicar"):
        found.mend(by=alice, on=today)


def test_a_mark_is_taken_back_once_and_its_words_stay(as_, alice, observe, today):
    found, client = observe("itse"), as_(alice)
    item = found.items.get(key="itse")
    answer(client, item, "Al dorso.")
    assert found.missing_to_mend(today) == []
    undone = answer(client, item, "Al dorso, abajo.", act="undo")
    assert undone.status_code == 302
    item.refresh_from_db()
    assert (item.is_to_mend, item.answer) == (True, "Al dorso, abajo.")
    assert "Al dorso, abajo." in client.get(address(found)).text
    assert [m.key for m in found.missing_to_mend(today)] == [item.missing_key]
    again = answer(client, item, act="undo")
    assert (again.status_code, "ya no estaba marcado como subsanado" in again.text) == (409, True)
    assert [e.verb for e in Event.objects.about(found).filter(verb__in=["mend", "unmend"])] == ["mend", "unmend"]


def test_what_was_handed_in_is_neither_marked_nor_taken_back(as_, alice, observe):
    found, client = observe("itse"), as_(alice)
    item = found.items.get(key="itse")
    answer(client, item, "Al dorso.")
    hand_in(client, found)
    for act in ({}, {"act": "undo"}):
        late = answer(client, item, "Tarde.", **act)
        assert (late.status_code, "La subsanación ya se presentó." in late.text) == (409, True)
    item.refresh_from_db()
    assert item.answer == "Al dorso."


# Handing in again


def test_handing_in_shows_first_what_goes_back_and_asks(as_, alice, observe, acme):
    found, client = observe("website", "itse"), as_(alice)
    Company.objects.filter(pk=acme.pk).update(website="https://otra.acme.pe", phone="+51956000111")
    answer(client, found.items.get(key="website"))
    unfinished = client.get(address(found, "application_mend")).text
    assert "Todavía no puede presentar" in unfinished and 'name="seen"' not in unfinished
    answer(client, found.items.get(key="itse"), "Al dorso.")
    shown = client.get(address(found, "application_mend")).text
    for words in ("Revíselo, por favor.", "https://otra.acme.pe", "Al dorso.", "También cambió", "956 000 111"):
        assert words in shown
    found.refresh_from_db()
    assert found.state == "observed"
    unread = client.post(address(found, "application_mend"))
    assert (unread.status_code, "¿Presentar la subsanación?" in unread.text) == (422, True)
    assert hand_in(client, found).url == address(found)
    assert client.post(address(found, "application_mend")).url == address(found)
    found.refresh_from_db()
    assert (found.state, found.revisions.count()) == ("mended", 2)


def test_what_changed_after_it_was_read_is_read_again(as_, alice, observe, acme):
    found, client = observe("itse"), as_(alice)
    answer(client, found.items.get(key="itse"), "Al dorso.")
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address(found, "application_mend")).text)[1]
    Company.objects.filter(pk=acme.pk).update(website="https://otra.acme.pe")
    late = client.post(address(found, "application_mend"), {"seen": seen})
    assert (late.status_code, "Algo cambió después de que leyó el resumen." in late.text) == (409, True)
    assert "https://otra.acme.pe" in late.text
    answer(client, found.items.get(key="itse"), act="undo")
    refused = client.post(address(found, "application_mend"), {"seen": seen})
    assert (refused.status_code, "Falta subsanar" in refused.text) == (409, True)
    found.refresh_from_db()
    assert found.state == "observed"


def test_the_summary_is_of_those_who_edit_and_only_while_observed(as_, alice, bob, reader, observe, submitted):
    page = address(submitted, "application_mend")
    closed = as_(alice).get(page)
    assert (closed.status_code, "está en revisión" in closed.text) == (409, True)
    observe("itse")
    assert [as_(who).get(page).status_code for who in (alice, bob, reader)] == [200, 404, 404]


def test_more_points_ask_no_more_of_the_database(as_, alice, observe):
    client = as_(alice)

    def asked(*keys):
        found = observe(*keys)
        client.get(address(found))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(found)).status_code == 200
        return len(queries)

    assert asked("exports", "legal", "website", "contact", "itse") == asked("exports")


# At the very moment of handing in


def beside(act):
    """Begin `act` in a thread of its own; (thread, what it raises). It may have to wait for us."""
    raised = []

    def run():
        try:
            act()
        except IllegalMove as refusal:
            raised.append(str(refusal))
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread, raised


@pytest.mark.django_db(transaction=True)
def test_a_paper_is_not_taken_away_while_it_is_handed_in(draft, alice, as_, today):
    """The order of locks is what is tested: whoever comes second reads what the first one left."""
    slot = draft.slot(entry(draft, "otro").pk, None, today)
    paper, (file,) = draft.hand_paper(slot, by=alice, files=[pdf("otro.pdf")])

    def remove():
        application = Application.objects.for_page().get(pk=draft.pk)
        with application.changing(application.slot(paper.entry_id, None, today)):
            file.remove(reason="Era otro.", by=alice)

    with transaction.atomic():
        draft.submit(by=alice, on=today)
        thread, raised = beside(remove)
        thread.join(timeout=0.5)  # it waits for us, however long we take
    thread.join()
    assert ["está en revisión" in words for words in raised] == [True]
    file.refresh_from_db()
    assert file.removed_at is None and file.handed_in_at is not None


@pytest.mark.django_db(transaction=True)
def test_data_are_not_changed_while_they_are_handed_in(draft, alice, acme, today):
    def edit():
        company = Company.objects.get(pk=acme.pk)
        with company.hold_open("comunicaciones"):
            company.website = "https://otra.acme.pe"
            company.save_edit(by=alice, fields=["website"])

    with transaction.atomic():
        draft.submit(by=alice, on=today)
        thread, raised = beside(edit)
        thread.join(timeout=0.5)
    thread.join()
    assert ["está en revisión" in words for words in raised] == [True]
    acme.refresh_from_db()
    assert acme.website != "https://otra.acme.pe"


@pytest.mark.django_db(transaction=True)
def test_a_file_of_a_licence_is_not_taken_away_while_it_is_handed_in(as_, draft, alice, plant, today):
    client, file, answers = as_(alice), plant.document("licence").files.get(), []

    def remove():
        url = reverse("empresa:site_file_remove", args=[file.pk])
        answers.append(client.post(url, {"reason": "Era otra."}))

    with transaction.atomic():
        draft.submit(by=alice, on=today)
        thread, _raised = beside(remove)
        thread.join(timeout=0.5)
    thread.join()
    assert [(each.status_code, "está en revisión" in each.text) for each in answers] == [(409, True)]
    file.refresh_from_db()
    assert file.removed_at is None


def test_what_is_handed_in_is_read_after_the_others_had_their_turn(draft, alice, acme, today):
    """A page read before a colleague emptied a datum does not hand it in as it was."""
    stale = Application.objects.for_page().get(pk=draft.pk)
    assert stale.company.process
    Company.objects.filter(pk=acme.pk).update(process="")
    with pytest.raises(IllegalMove, match="Falta describir su proceso"):
        stale.submit(by=alice, on=today)


def test_a_stale_answer_meets_the_colleagues(observe, alice):
    found = observe("itse")
    item = found.items.get(key="itse")
    found.mark_mended(item, by=alice, answer="Al dorso.")
    with pytest.raises(Overtaken, match="Otra persona respondió"):
        found.mark_mended(item, by=alice, answer="Otra cosa.", seen=item.version - 1)
    with pytest.raises(Overtaken, match="Otra persona respondió"):
        found.take_back(item, by=alice, seen=item.version - 1)
