"""The papers of an edition's catalogue as a company hands them in, and as PROMPERÚ reviews them."""

import io
import re
from datetime import timedelta

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from companies.models import Event, SiteDocument, SiteDocumentFile, kept_file
from ecoeficiencia.lifecycle import IllegalMove
from programs.dates import upcoming
from programs.models import Application, Paper, PaperFile, RequiredDocument
from programs.next_step import Facts
from programs.reminders import send
from tests import factories as f
from tests.files import corpus
from tests.signing import sign_statement

TODAY = timezone.localdate()
PDF = ["application/pdf"]


def entry_of(edition, key="poder", **rules):
    given = {"title": "Vigencia de poder", "kinds": PDF} | rules
    return RequiredDocument.objects.create(edition=edition, key=key, **given)


@pytest.fixture
def entry(draft, edition):
    """A paper that the edition asks for besides, once the draft was complete and signed."""
    return entry_of(edition)


@pytest.fixture
def draft(acme, alice, plant, edition):
    """Complete."""
    edition.create_documents()
    f.ExportRecordFactory(company=acme, exported_on=TODAY - timedelta(days=90))
    application = f.ApplicationFactory(edition=edition, company=acme, created_by=alice)
    sign_statement(application, by=alice, on=TODAY)
    return application


def pdf(name="poder.pdf", words=""):
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.docinfo["/Title"] = words or name
        document.save(out)
    return SimpleUploadedFile(name, out.getvalue(), content_type="application/pdf")


def picture(name="poder.png"):
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


def address(application, entry, site=0):
    return reverse("empresa:paper", args=[application.pk, entry.pk, site])


def upload(client, application, entry, *files, site=0, **data):
    return client.post(address(application, entry, site), {"files": files or [pdf()], **data})


def missing(application, on=TODAY):
    return {m.key: str(m) for m in application.missing_to_submit(on)}


def the_file(application):
    return PaperFile.objects.get(paper__application=application, removed_at=None, replaced_by=None)


# The labels and what is known already


def test_the_file_of_a_site_is_optional_only_where_the_site_counts_without_it(as_, alice, draft, edition, plant):
    client, url = as_(alice), reverse("empresa:site_document", args=[plant.pk, "itse"])

    def label():
        return re.search(r'<label class="label" for="id_files">(.*?)</label>', client.get(url).text)[1]

    assert "(opcional)" in label()  # there is one already
    SiteDocumentFile.objects.all().delete()
    assert label() == "Archivos"
    edition.documents.filter(key="itse").update(needed=False)
    assert "(opcional)" in label()


def test_the_day_of_a_power_that_is_known_is_proposed_until_the_paper_bears_one(as_, alice, draft, entry, acme):
    dated(entry, "recent", 400)
    entry.proves = "representation"
    entry.save()
    page = as_(alice).get(address(draft, entry))
    assert page.context["form"]["issued_on"].value() == acme.mandates.get().power_issued_on
    assert "La que registró en «Representación legal»." in page.text
    upload(as_(alice), draft, entry, issued_on="2026-06-01")
    page = as_(alice).get(address(draft, entry))
    assert f"{page.context['form']['issued_on'].value()}" == "2026-06-01"
    assert "La que registró" not in page.text


# What is asked


def test_a_missing_paper_is_named_and_leads_to_its_section(as_, alice, draft, entry):
    assert missing(draft) == {"doc-poder": "Falta el documento «Vigencia de poder»."}
    answer = as_(alice).post(reverse("empresa:application_submit", args=[draft.pk]))
    assert answer.status_code == 422
    assert "Falta el documento «Vigencia de poder»." in answer.text
    assert reverse("empresa:application_section", args=[draft.pk, "documentos"]) in answer.text
    with pytest.raises(IllegalMove, match="Falta el documento «Vigencia de poder»"):
        draft.submit(by=alice, on=TODAY)


def test_what_is_optional_or_withdrawn_is_not_missing(draft, entry, stella):
    entry.needed = False
    entry.save()
    assert missing(draft) == {}
    entry.needed = True
    entry.withdraw(by=stella)
    assert missing(draft) == {}


def test_a_paper_of_each_site_is_asked_once_a_site(draft, acme, entry, plant):
    entry.subject = "site"
    entry.save()
    other = f.SiteFactory(company=acme, name="Planta Pisco", in_scope=False)
    assert list(missing(draft)) == [f"doc-poder:{plant.pk}"]
    other.in_scope = True
    other.save()
    assert missing(draft)[f"doc-poder:{other.pk}"] == "Falta el documento «Planta Pisco: Vigencia de poder»."


@pytest.mark.parametrize(
    ("when", "change", "asked"),
    [
        ("small", {"size": "large"}, False),
        ("small", {"size": "micro"}, True),
        ("small", {"size": ""}, True),
        ("large", {"size": "large"}, True),
        ("large", {"size": "small"}, False),
        ("several_sites", {}, False),
        ("foreign", {}, False),
    ],
)
def test_a_conditional_paper_is_asked_only_of_those_it_concerns(draft, acme, entry, when, change, asked):
    RequiredDocument.objects.filter(pk=entry.pk).update(applies_when=when)
    type(acme).objects.filter(pk=acme.pk).update(**change)
    found = Application.objects.get(pk=draft.pk)
    assert ("doc-poder" in missing(found)) is asked


def test_several_sites_and_a_foreign_representative_make_their_papers_due(draft, acme, entry):
    RequiredDocument.objects.filter(pk=entry.pk).update(applies_when="foreign")
    acme.mandates.update(document_type="ce")
    lines = {m.key: m for m in Application.objects.get(pk=draft.pk).checklist(TODAY)}
    assert lines["doc-poder"].detail == "Se pide si su representante legal no se identifica con DNI."
    RequiredDocument.objects.filter(pk=entry.pk).update(applies_when="several_sites")
    f.SiteFactory(company=acme, name="Planta Pisco")
    assert "doc-poder" in missing(Application.objects.get(pk=draft.pk))


def test_the_section_lists_each_paper_with_its_link_and_the_form_to_fill_in(as_, alice, draft, entry):
    page = as_(alice).get(reverse("empresa:application_section", args=[draft.pk, "documentos"])).text
    assert address(draft, entry) in page
    assert "Sustento de las exportaciones" in page and "Opcional" in page
    # Those of a site are told here, and handed in on its own page.
    licence = draft.edition.documents.get(key=SiteDocument.Kind.LICENCE)
    assert (licence.title in page, licence.help in page, address(draft, licence) in page) == (True, True, False)


# Handing in


def test_files_are_kept_the_paper_is_no_longer_missing_and_the_history_tells(as_, alice, draft, entry):
    client = as_(alice)
    answer = upload(client, draft, entry, pdf("uno.pdf"), pdf("dos.pdf"))
    assert answer.status_code == 302
    paper = Paper.objects.get()
    kept = [(file.filename, file.version, file.uploaded_by) for file in paper.current]
    assert kept == [("uno.pdf", 1, alice), ("dos.pdf", 1, alice)]
    assert missing(draft) == {}
    assert [e.note for e in Event.objects.about(paper)] == ["uno.pdf", "dos.pdf"]
    page = client.get(address(draft, entry)).text
    assert "uno.pdf" in page and "Este PDF no tiene firmas digitales." in page
    assert Event.objects.about(draft).get(verb="section").new == "documentos"


def test_the_same_file_again_is_not_repeated(as_, alice, draft, entry):
    client = as_(alice)
    first = pdf()
    upload(client, draft, entry, first)
    first.seek(0)
    answer = client.post(address(draft, entry), {"files": [first]}, follow=True)
    assert "no se repitió" in answer.text
    assert PaperFile.objects.count() == 1


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("poder.pdf", b""), "0 bytes"),
        (picture(), "no es un archivo admitido"),
        (SimpleUploadedFile("poder.pdf", b"%PDF-1.7 roto"), "dañado o incompleto"),
        (SimpleUploadedFile("poder.pdf", corpus.pdf(encryption=pikepdf.Encryption(user="x", owner="y"))), "contraseña"),
        (SimpleUploadedFile("poder.pdf", b"%PDF-1.7" + b"0" * (1024 * 1024 + 10)), "pesa 2 MB. El máximo es 1 MB"),
    ],
)
def test_a_bad_file_is_told_in_a_sentence_and_nothing_is_kept(as_, alice, draft, entry, file, sentence):
    RequiredDocument.objects.filter(pk=entry.pk).update(max_mb=1)
    file.seek(0)
    answer = upload(as_(alice), draft, entry, file)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert not PaperFile.objects.exists()


def test_without_a_file_the_form_asks_for_one(as_, alice, draft, entry):
    answer = as_(alice).post(address(draft, entry), {})
    assert (answer.status_code, "Elija un archivo en «Archivos»." in answer.text) == (422, True)


def test_no_more_files_than_a_paper_takes(as_, alice, draft, entry, monkeypatch):
    monkeypatch.setattr(kept_file, "MOST_FILES", 2)
    answer = upload(as_(alice), draft, entry, pdf("a.pdf"), pdf("b.pdf"), pdf("c.pdf"))
    assert (answer.status_code, "Cada documento admite 2 archivos." in answer.text) == (422, True)


# Validity


def dated(entry, validity, number=None):
    RequiredDocument.objects.filter(pk=entry.pk).update(validity=validity, validity_number=number)
    entry.refresh_from_db()
    return entry


def test_a_stated_end_is_required_and_must_reach_the_closing_day(as_, alice, draft, entry, edition):
    dated(entry, "stated")
    client = as_(alice)
    answer = upload(client, draft, entry)
    assert (answer.status_code, "Complete «Vence el»." in answer.text) == (422, True)
    upload(client, draft, entry, valid_until=f"{edition.closes_on - timedelta(days=1):%Y-%m-%d}")
    assert "antes del cierre de la convocatoria" in missing(draft)["doc-poder"]
    client.post(address(draft, entry), {"valid_until": f"{edition.closes_on:%Y-%m-%d}", "seen": 1})
    assert missing(Application.objects.get(pk=draft.pk)) == {}


def test_a_paper_that_lasts_years_gets_its_end_from_its_issue(as_, alice, draft, entry):
    dated(entry, "years", 2)
    upload(as_(alice), draft, entry, issued_on="2026-06-01")
    assert str(Paper.objects.get().valid_until) == "2028-05-31"


def test_a_recent_paper_counts_from_the_day_it_was_handed_in(as_, alice, draft, entry):
    dated(entry, "recent", 30)
    client = as_(alice)
    upload(client, draft, entry, issued_on=f"{TODAY - timedelta(days=31):%Y-%m-%d}")
    assert "hace más de 30 días" in missing(draft)["doc-poder"]
    client.post(address(draft, entry), {"issued_on": f"{TODAY - timedelta(days=30):%Y-%m-%d}", "seen": 1})
    found = Application.objects.get(pk=draft.pk)
    found.submit(by=alice, on=TODAY)
    later = {m.key: m for m in found.checklist(TODAY + timedelta(days=40))}
    assert later["doc-poder"].done


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"issued_on": f"{TODAY + timedelta(days=1):%Y-%m-%d}"}, "aún no llega"),
        ({"issued_on": "2026-06-01", "valid_until": "2026-05-01"}, "no puede ser anterior a la emisión"),
    ],
)
def test_days_that_cannot_be_are_told_beside_the_field(as_, alice, draft, entry, days, sentence):
    dated(entry, "optional")
    answer = upload(as_(alice), draft, entry, **days)
    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_two_who_date_one_paper_see_both_days(as_, alice, draft, entry, edition):
    dated(entry, "stated")
    client, last = as_(alice), f"{edition.closes_on:%Y-%m-%d}"
    upload(client, draft, entry, valid_until=last)
    client.post(address(draft, entry), {"valid_until": "2027-05-01", "seen": 1})
    answer = client.post(address(draft, entry), {"valid_until": "2027-09-09", "seen": 1})
    assert answer.status_code == 409
    assert "01/05/2027" in answer.text and "09/09/2027" in answer.text
    assert str(Paper.objects.get().valid_until) == "2027-05-01"


# Versions and removal


def test_a_newer_version_says_whom_it_replaces(as_, alice, draft, entry):
    client = as_(alice)
    upload(client, draft, entry)
    first = the_file(draft)
    answer = client.post(reverse("empresa:paper_file_replace", args=[first.pk]), {"file": pdf("nuevo.pdf")})
    assert answer.status_code == 302
    newest = the_file(draft)
    assert (newest.version, newest.replaces, newest.filename) == (2, first, "nuevo.pdf")
    page = client.get(address(draft, entry)).text
    assert "reemplazada por una versión más nueva" in page
    late = client.post(reverse("empresa:paper_file_replace", args=[first.pk]), {"file": pdf("otro.pdf")})
    assert (late.status_code, "ya fue reemplazado o quitado" in late.text) == (409, True)


def test_removing_needs_a_reason_and_leaves_a_trace_without_the_bytes(as_, alice, draft, entry):
    client = as_(alice)
    upload(client, draft, entry)
    url = reverse("empresa:paper_file_remove", args=[the_file(draft).pk])
    answer = client.post(url, {"reason": ""})
    assert (answer.status_code, "Escriba por qué lo quita" in answer.text) == (422, True)
    assert client.post(url, {"reason": "Era de otra empresa."}).status_code == 302
    gone = PaperFile.objects.get()
    assert (gone.blob, gone.removed_by, len(gone.removed_sha256)) == (None, alice, 64)
    assert list(missing(Application.objects.get(pk=draft.pk))) == ["doc-poder"]
    assert "Era de otra empresa." in client.get(address(draft, entry)).text
    assert client.post(url, {"reason": "Otra vez"}).status_code == 409


# Who


def test_others_do_not_find_it_and_a_reader_only_reads(as_, alice, bob, nadia, reader, stella, draft, entry):
    upload(as_(alice), draft, entry)
    file = the_file(draft)
    for person in (bob, nadia):
        assert as_(person).get(address(draft, entry)).status_code == 404
        assert as_(person).get(reverse("public:paper_file", args=[file.pk])).status_code == 404
        removing = reverse("empresa:paper_file_remove", args=[file.pk])
        assert as_(person).post(removing, {"reason": "x"}).status_code == 404
    assert as_(reader).get(address(draft, entry)).status_code == 200
    assert upload(as_(reader), draft, entry).status_code == 404
    shown = reverse("public:paper_file", args=[file.pk])
    assert as_(reader).get(shown).status_code == 200
    assert as_(stella).get(shown).status_code == 404  # a draft is the company's own
    assert as_(alice).get(address(draft, entry, site=987654)).status_code == 404


def test_the_form_to_fill_in_is_there_for_whoever_may_apply(as_, bob, entry):
    from ecoeficiencia.models import Blob

    url = reverse("public:document_template", args=[entry.pk])
    assert as_(bob).get(url).status_code == 404
    entry.template, entry.template_filename = Blob.store(pdf().read(), "application/pdf"), "modelo.pdf"
    entry.save()
    assert as_(bob).get(url).status_code == 200
    type(entry.edition).objects.filter(pk=entry.edition_id).update(published=False)
    assert as_(bob).get(url).status_code == 404


# Review


@pytest.fixture
def submitted(draft, entry, alice, as_, rita):
    upload(as_(alice), draft, entry)
    found = Application.objects.get(pk=draft.pk)
    found.submit(by=alice, on=TODAY)
    return found


@pytest.fixture
def observed(submitted, rita):
    submitted.items.exclude(key="doc-poder").update(verdict="accepted")
    submitted.items.filter(key="doc-poder").update(verdict="observed", reason="No se lee.")
    submitted.move("observed", by=rita, due_on=TODAY + timedelta(days=14))
    return Application.objects.for_page().get(pk=submitted.pk)


def test_the_reviewer_decides_it_beside_the_document(as_, rita, submitted, entry):
    item = submitted.items.get(key="doc-poder")
    assert (item.entry, item.title) == (entry, "Vigencia de poder")
    page = as_(rita).get(reverse("panel:application", args=[submitted.pk]), {"punto": item.pk}).text
    shown = reverse("public:paper_file", args=[the_file(submitted).pk])
    assert f"{shown}?marco=1" in page
    assert 'src="?pagina=1"' in as_(rita).get(shown).text
    assert Event.objects.filter(verb="read", actor=rita, note="poder.pdf").count() == 1


def test_what_was_handed_in_names_each_file_with_its_hash(submitted):
    groups = submitted.revisions.get().groups_of("documentos")
    assert [(g["title"], [d["sha256"] for d in g["documents"]]) for g in groups] == [
        ("Vigencia de poder", [the_file(submitted).blob.sha256])
    ]


def test_while_under_review_no_paper_changes(as_, alice, submitted, entry):
    client = as_(alice)
    answer = upload(client, submitted, entry, pdf("otro.pdf"))
    assert (answer.status_code, "está en revisión" in answer.text) == (409, True)
    file = the_file(submitted)
    assert client.post(reverse("empresa:paper_file_remove", args=[file.pk]), {"reason": "x"}).status_code == 409
    assert client.post(reverse("empresa:paper_file_replace", args=[file.pk]), {"file": pdf("b.pdf")}).status_code == 409


def test_only_the_observed_paper_reopens_and_its_former_version_stays(as_, alice, rita, observed, edition, entry):
    client = as_(alice)
    exports = edition.documents.get(key="exports")
    assert upload(client, observed, exports).status_code == 409
    former = the_file(observed)
    page = client.get(address(observed, entry)).text
    assert "No se lee." in page
    url = reverse("empresa:paper_file_replace", args=[former.pk])
    assert client.post(url, {"file": pdf("legible.pdf")}).status_code == 302
    item = observed.items.get(key="doc-poder")
    client.post(reverse("empresa:application_item", args=[item.pk]), {f"i{item.pk}-answer": "Legible."})
    summary = reverse("empresa:application_mend", args=[observed.pk])
    assert client.post(summary, {"seen": client.get(summary).context["mending"].seen}).status_code == 302
    former.refresh_from_db()
    assert former.blob is not None
    desk = as_(rita).get(reverse("panel:application", args=[observed.pk]), {"punto": item.pk}).text
    assert "legible.pdf" in desk and "Versiones anteriores" in desk
    assert "Vigencia de poder · archivo</dt><dd><del>poder.pdf</del> → <mark>legible.pdf</mark>" in desk


def test_removing_after_handing_in_keeps_the_bytes_reviewers_read(as_, alice, rita, observed):
    file = the_file(observed)
    answer = as_(alice).post(reverse("empresa:paper_file_remove", args=[file.pk]), {"reason": "Era otra."})
    assert answer.status_code == 302
    assert as_(rita).get(reverse("public:paper_file", args=[file.pk])).status_code == 200


def test_a_waiver_lifts_a_paper_by_its_name(submitted, entry):
    submitted.items.exclude(key="doc-poder").update(verdict="accepted")
    submitted.items.filter(key="doc-poder").update(verdict="rejected", reason="No corresponde.")
    assert submitted.waivable_conditions(TODAY) == [("doc-poder", "Vigencia de poder")]


# Before it hurts


@pytest.fixture
def ending(as_, alice, draft, entry, edition):
    dated(entry, "stated")
    upload(as_(alice), draft, entry, valid_until=f"{edition.closes_on + timedelta(days=10):%Y-%m-%d}")
    return Paper.objects.get()


def test_a_paper_that_may_run_out_before_the_decision_is_pointed_at(as_, alice, draft, entry, ending, acme):
    page = as_(alice).get(address(draft, entry)).text
    assert "puede vencer antes de que PROMPERÚ decida" in page
    dates = upcoming(Facts.of(acme, TODAY), TODAY)
    assert ("Vence: Vigencia de poder", ending.address) in [(d.title, d.url) for d in dates]


def test_it_is_reminded_by_the_ladder_until_it_is_renewed(alice, draft, ending):
    send(ending.valid_until - timedelta(days=30))
    send(ending.valid_until - timedelta(days=30))
    told = [n for n in alice.notices.filter(kind="reminder") if n.key.startswith("reminder:paper")]
    assert [(n.title, n.url) for n in told] == [("Renueve: Vigencia de poder", ending.address)]
    Paper.objects.update(valid_until=ending.valid_until + timedelta(days=400))
    send(ending.valid_until - timedelta(days=6))
    assert len([n for n in alice.notices.filter(kind="reminder") if n.key.startswith("reminder:paper")]) == 1


def test_the_licence_of_somebody_who_applies_is_reminded_too(alice, draft, plant):
    until = plant.document("itse").valid_until
    send(until - timedelta(days=7))
    assert [n.title for n in alice.notices.filter(kind="reminder", title__startswith="Renueve")] == [
        f"Renueve: {plant.document('itse')}, sede Planta Ica"
    ]


def test_more_papers_ask_no_more_of_the_database(as_, alice, rita, draft, entry, edition):
    upload(as_(alice), draft, entry)
    client = as_(alice)
    url = reverse("empresa:application_section", args=[draft.pk, "documentos"])

    def asked():
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    asked()
    few = asked()
    for n in range(10):
        paper = Paper.objects.create(application=draft, entry=entry_of(edition, key=f"otro-{n}", needed=False))
        for _m in range(3):
            PaperFile.objects.create(paper=paper, blob=f.BlobFactory(), filename="x.pdf", uploaded_by=alice)
    assert asked() == few
