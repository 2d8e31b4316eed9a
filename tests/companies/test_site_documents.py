"""The licence and the ITSE of a site: several files, their versions, what was taken away, what the document says."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, migrations
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import Event, SiteDocument, SiteDocumentFile
from companies.models.kept_file import MOST_FILES
from companies.tasks import take_site_files
from ecoeficiencia.files import sweeping
from ecoeficiencia.models import Blob
from ecoeficiencia.walls import install
from programs.models import Application
from tests import factories as f
from tests.counting import asked
from tests.files import corpus
from tests.programs.test_papers import PDF, pdf, picture
from tests.signing import sign_statement

TODAY = timezone.localdate()
REASON = "Es de otra sede."


@pytest.fixture
def draft(acme, alice, plant, edition):
    """Complete."""
    edition.create_documents()
    f.ExportRecordFactory(company=acme, exported_on=TODAY - timedelta(days=90))
    application = f.ApplicationFactory(edition=edition, company=acme, created_by=alice)
    sign_statement(application, by=alice, on=TODAY)
    return application


def page(site, kind="licence"):
    return reverse("empresa:site_document", args=[site.pk, kind])


def said(document, **changes):
    facts = {name: getattr(document, name) or "" for name in ("number", "issuer", "issued_on", "valid_until")}
    return facts | {"version": document.version} | changes


def bring(client, site, *files, kind="licence", **changes):
    document = type(site).objects.get(pk=site.pk).document(kind)
    return client.post(page(site, kind), said(document, **changes) | {"files": list(files)})


def act_on(client, kept, act, /, **data):
    return client.post(reverse(f"empresa:site_file_{act}", args=[kept.pk]), data)


def names(document):
    return [file.filename for file in SiteDocument.objects.get(pk=document.pk).current]


def test_it_takes_several_files_and_each_is_shown(as_, alice, plant):
    client, licence, front = as_(alice), plant.document("licence"), pdf("anverso.pdf")
    assert bring(client, plant, front, pdf("reverso.pdf")).status_code == 302
    assert names(licence) == ["licencia.pdf", "anverso.pdf", "reverso.pdf"]
    chosen = licence.files.get(filename="anverso.pdf")
    shown = client.get(page(plant), {"archivo": chosen.pk}).text
    assert all(name in shown for name in names(licence)) and f'<iframe src="{chosen.url}' in shown
    assert "Este PDF no tiene firmas digitales." in shown
    front.seek(0)
    assert bring(client, plant, front).status_code == 302
    assert len(names(licence)) == 3  # the same bytes are one file
    assert [event.verb for event in Event.objects.about(licence)] == ["add", "add"]


def test_no_more_files_than_a_document_takes(as_, alice, plant):
    files = [pdf(f"{n}.pdf") for n in range(MOST_FILES)]
    answer = bring(as_(alice), plant, *files)
    assert (answer.status_code, "Cada documento admite 10 archivos." in answer.text) == (422, True)
    assert names(plant.document("licence")) == ["licencia.pdf"]


def test_the_first_time_it_asks_for_a_file(as_, alice, acme):
    site = f.SiteFactory(company=acme, name="Almacén")
    facts = {"number": "LF-1", "issuer": "Municipalidad", "issued_on": "2024-01-02"}
    answer = as_(alice).post(page(site), facts)
    assert (answer.status_code, "Elija un archivo en «Archivos»." in answer.text) == (422, True)
    assert as_(alice).post(page(site), facts | {"files": pdf("lf.pdf")}).status_code == 302
    licence = site.documents.get()
    assert (names(licence), licence.uploaded_by) == (["lf.pdf"], alice)
    assert [event.verb for event in Event.objects.about(licence)] == ["create", "add"]


def test_it_takes_what_the_catalogue_says(as_, alice, draft, edition, plant):
    edition.documents.filter(key="itse").update(kinds=PDF, max_mb=3, help="Con la firma del inspector.")
    client = as_(alice)
    text = client.get(page(plant, "itse")).text
    assert "Con la firma del inspector." in text and "Hasta 3 MB." in text
    itse = plant.document("itse").files.get()
    for answer in (bring(client, plant, picture(), kind="itse"), act_on(client, itse, "replace", file=picture())):
        assert (answer.status_code, "no es un archivo admitido" in answer.text) == (422, True)


def test_a_hostile_file_is_refused_at_either_door(as_, alice, plant):
    client, file = as_(alice), plant.document("licence").files.get()
    for case in ("script in a PDF", "PDF bomb", "PDF and archive", "pixel bomb", "page with a script", "macros"):
        name, make, _code = corpus.HOSTILE[case]
        content = make()
        brought = bring(client, plant, SimpleUploadedFile(name, content))
        replaced = act_on(client, file, "replace", file=SimpleUploadedFile(name, content))
        assert (case, brought.status_code, replaced.status_code) == (case, 422, 422)
    assert SiteDocumentFile.objects.filter(document__kind="licence").get() == file


def test_a_newer_version_says_whom_it_replaces(as_, alice, plant):
    client, licence = as_(alice), plant.document("licence")
    first = licence.files.get()
    assert act_on(client, first, "replace", file=pdf("legible.pdf")).status_code == 302
    newest = licence.files.get(version=2)
    assert (newest.replaces, names(licence)) == (first, ["legible.pdf"])
    text = client.get(page(plant)).text
    assert "reemplazada por una versión más nueva" in text and "Versión 2: legible.pdf" in text
    late = act_on(client, first, "replace", file=pdf("otro.pdf"))
    assert (late.status_code, "ya fue reemplazado o quitado" in late.text) == (409, True)


def test_removing_needs_a_reason_leaves_a_trace_and_the_document_lacks_its_file(as_, alice, draft, plant):
    client, licence = as_(alice), plant.document("licence")
    file = licence.files.get()
    digest = file.blob.sha256
    answer = act_on(client, file, "remove", reason="")
    assert (answer.status_code, "Escriba por qué lo quita" in answer.text) == (422, True)
    assert act_on(client, file, "remove", reason=REASON).status_code == 302
    file.refresh_from_db()
    assert (file.blob, file.removed_by, file.removed_sha256) == (None, alice, digest)
    lacking = {m.key: str(m) for m in Application.objects.get(pk=draft.pk).missing_to_submit(TODAY)}
    assert "falta subir el archivo" in lacking[f"licence:{plant.pk}"]
    assert REASON in client.get(page(plant)).text
    assert Event.objects.about(licence).get(verb="remove").note == f"licencia.pdf: {REASON}"
    assert act_on(client, file, "remove", reason="Otra vez").status_code == 409


def test_what_was_handed_in_keeps_its_bytes_when_it_is_taken_out(as_, alice, rita, draft, plant):
    client, file = as_(alice), plant.document("itse").files.get()
    draft.submit(by=alice, on=TODAY)
    answer = act_on(client, file, "remove", reason=REASON)
    assert (answer.status_code, "está en revisión" in answer.text) == (409, True)
    draft.items.exclude(key="itse").update(verdict="accepted")
    draft.items.filter(key="itse").update(verdict="observed", reason="No se lee.")
    Application.objects.get(pk=draft.pk).observe(by=rita, on=TODAY)
    assert act_on(client, plant.document("licence").files.get(), "remove", reason=REASON).status_code == 409
    assert act_on(client, file, "remove", reason=REASON).status_code == 302
    file.refresh_from_db()
    assert (file.blob is not None, file.removal_reason) == (True, REASON)
    assert [row.filename for row in SiteDocument.objects.get(pk=file.document_id).former] == ["itse.pdf"]


def test_it_says_what_was_observed_and_only_shows_while_it_is_closed(as_, alice, rita, draft, plant):
    client = as_(alice)
    draft.submit(by=alice, on=TODAY)
    draft.items.exclude(key="itse").update(verdict="accepted")
    draft.items.filter(key="itse").update(verdict="observed", reason="No se lee.")
    Application.objects.get(pk=draft.pk).observe(by=rita, on=TODAY)
    told = {}
    for kind in ("itse", "licence"):
        text = client.get(page(plant, kind)).text
        told[kind] = [words in text for words in ("No se lee.", "Reemplazar", "Guardar", "Solo se reabre lo observado")]
        assert plant.document(kind).files.get().url in text
    assert told == {"itse": [True, True, True, False], "licence": [False, False, False, True]}
    sites = client.get(reverse("empresa:profile", args=[plant.company_id])).text
    assert all(f'href="{page(plant, kind)}?' in sites for kind in told)


def test_what_it_says_is_edited_with_its_history_and_two_colleagues_meet(as_, alice, plant):
    client, licence = as_(alice), plant.document("licence")
    assert bring(client, plant, number="LF-9").status_code == 302
    assert Event.objects.about(licence).get(verb="edit").data["changes"]["number"] == ["LF-2020-118", "LF-9"]
    late = client.post(page(plant), said(licence, number="LF-7", version=0) | {"files": [pdf("anexo.pdf")]})
    assert (late.status_code, "LF-9" in late.text, "LF-7" in late.text) == (409, True, True)
    licence.refresh_from_db()
    assert licence.number == "LF-9" and "anexo.pdf" in names(licence)  # the file is nobody else's


@pytest.mark.parametrize(
    ("until", "sentence"),
    [(-1, "antes del cierre de la convocatoria"), (30, "Inicie la renovación y suba el documento nuevo")],
)
def test_its_end_is_shown_before_it_hurts(as_, alice, draft, edition, plant, until, sentence):
    end = edition.closes_on + timedelta(days=until)
    SiteDocument.objects.filter(kind="itse").update(valid_until=end)
    text = as_(alice).get(page(plant, "itse")).text
    assert sentence in text and f"{end:%d/%m/%Y}" in text


def test_the_page_of_a_site_tells_what_happened_to_its_papers(as_, alice, plant):
    client = as_(alice)
    bring(client, plant, pdf("anverso.pdf"))
    text = client.get(reverse("empresa:site", args=[plant.pk])).text
    assert "Se añadió a: documento de sede" in text and "anverso.pdf" in text


def test_every_file_is_handed_in_and_reviewed(as_, alice, rita, draft, plant):
    bring(as_(alice), plant, pdf("reverso.pdf"))
    draft.submit(by=alice, on=TODAY)
    group = draft.revisions.get().groups_of("sedes", plant.pk)[0]
    assert [(paper["kind"], paper["filename"]) for paper in group["documents"]] == [
        ("licence", "licencia.pdf"), ("site_file", "reverso.pdf"), ("itse", "itse.pdf"),
    ]  # fmt: skip
    item = draft.items.get(key="licence")
    text = as_(rita).get(reverse("panel:application", args=[draft.pk]), {"punto": item.pk}).text
    for file in plant.document("licence").current:
        assert f"{file.url}?descargar=1" in text
    read = as_(alice).get(reverse("empresa:application_section", args=[draft.pk, "sedes"])).text
    assert "reverso.pdf" in read


def test_a_reader_and_a_stranger_change_nothing(as_, reader, bob, plant):
    file = plant.document("licence").files.get()
    for person in (reader, bob):
        assert as_(person).get(page(plant)).status_code == 404
        assert act_on(as_(person), file, "remove", reason=REASON).status_code == 404
        assert act_on(as_(person), file, "replace", file=pdf()).status_code == 404
    assert names(plant.document("licence")) == ["licencia.pdf"]


def test_more_files_ask_no_more_of_the_database(as_, alice, acme, plant):
    client, urls = as_(alice), [page(plant), reverse("empresa:profile", args=[acme.pk])]

    def statements():
        counts = []
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as found:
                assert client.get(url).status_code == 200
            counts.append(asked(found))
        return counts

    few = statements()
    for n in range(8):
        plant.document("licence").files.create(blob=f.BlobFactory(), filename=f"{n}.pdf", uploaded_by=alice)
    assert statements() == few


def test_the_release_before_reads_the_newest_file_where_it_looks_for_it(as_, alice, plant):
    client, licence = as_(alice), plant.document("licence")

    def read():
        return SiteDocument.objects.values_list("filename", "blob__sha256").get(pk=licence.pk)

    bring(client, plant, pdf("anverso.pdf"))
    newest = licence.files.select_related("blob").get(filename="anverso.pdf")
    assert read() == ("anverso.pdf", newest.blob.sha256)
    act_on(client, newest, "replace", file=pdf("legible.pdf"))
    assert read()[0] == "legible.pdf"
    act_on(client, licence.files.get(filename="legible.pdf"), "remove", reason=REASON)
    first = licence.files.select_related("blob").get(filename="licencia.pdf")
    assert read() == ("licencia.pdf", first.blob.sha256)
    act_on(client, first, "remove", reason=REASON)
    assert read() == ("", None)


def test_what_the_release_before_brings_during_an_upgrade_is_a_version(acme, alice, plant):
    before, blobs = plant.document("licence"), [f.BlobFactory(), f.BlobFactory()]
    site = f.SiteFactory(company=acme, name="Almacén")
    renewed = brought_before(plant, "licence", blobs[0], "renovada.pdf", by=alice)
    first = brought_before(site, "itse", blobs[1], "itse-almacén.pdf", by=alice)
    for _again in range(2):
        take_site_files()
    assert (names(renewed), names(first), names(before)) == (["renovada.pdf"], ["itse-almacén.pdf"], [])
    file = renewed.files.get(version=2)
    assert (file.replaces.filename, file.blob, file.uploaded_by) == ("licencia.pdf", blobs[0], alice)
    assert [old.filename for old in SiteDocument.objects.get(pk=renewed.pk).former] == ["licencia.pdf"]
    edited = brought_before(plant, "licence", blobs[0], "renovada.pdf", by=alice, number="LF-2")  # the file as it was
    take_site_files()
    assert [(row.filename, row.version) for row in edited.files.order_by("pk")] == [
        ("licencia.pdf", 1), ("renovada.pdf", 2),
    ]  # fmt: skip


def brought_before(site, kind, blob, name, *, by, number="LF-1"):
    """A row as the release before writes it: with one file and without a version."""
    columns = {
        "company_id": site.company_id, "site_id": site.pk, "kind": kind, "number": number, "issuer": "Municipalidad",
        "issued_on": "2024-01-02", "blob_id": blob.pk, "filename": name, "uploaded_by_id": by.pk,
        "uploaded_at": timezone.now(),
    }  # fmt: skip
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO companies_sitedocument ({', '.join(columns)}) VALUES ({marks})", [*columns.values()]
        )
    return SiteDocument.objects.latest("pk")


@pytest.mark.django_db(transaction=True)
def test_no_file_is_lost_when_each_gets_a_row_of_its_own_nor_the_newest_on_the_way_back(acme, alice, plant):
    """Rows with one file each, some of them replaced, as they were before: every file is a version and found again."""
    f.forget_documents(site=plant)
    Blob.objects.all().delete()
    _migrate(BEFORE)
    try:
        old = _apps(BEFORE).get_model("companies", "SiteDocument")
        blobs = [Blob.store(f"versión {n}".encode(), "application/pdf") for n in range(4)]
        facts = {"company_id": acme.pk, "site_id": plant.pk, "issuer": "Municipalidad", "issued_on": "2020-01-01"}
        rows = [
            old.objects.create(kind=kind, number=f"N-{n}", blob_id=blob and blob.pk, filename=name, **facts)
            for n, (kind, blob, name) in enumerate(
                [("licence", blobs[0], "a.pdf"), ("itse", blobs[1], "b.pdf"), ("licence", blobs[0], "a.pdf"),
                 ("licence", blobs[2], "c.pdf"), ("itse", None, "")]
            )
        ]  # fmt: skip
        _migrate()
        found = {file.pk: file for file in SiteDocumentFile.objects.select_related("blob")}
        assert {pk: file.blob for pk, file in found.items()} == {
            rows[0].pk: blobs[0], rows[1].pk: blobs[1], rows[2].pk: blobs[0], rows[3].pk: blobs[2],
        }  # fmt: skip
        assert [found[rows[n].pk].version for n in (0, 2, 3)] == [1, 2, 3]
        assert {file.document_id for file in found.values()} == {rows[3].pk, rows[4].pk}
        licence, itse = (SiteDocument.objects.get(pk=rows[n].pk) for n in (3, 4))
        assert (names(licence), licence.filename) == (["c.pdf"], "c.pdf")
        fresh = licence.files.create(blob=blobs[3], filename="d.pdf", uploaded_by=alice)
        assert fresh.pk > max(found)
        itse.files.get().remove(reason=REASON, by=alice)
        assert not sweeping.unreferenced().exists()

        _migrate(BEFORE)
        back = {row.pk: (row.blob_id, row.filename) for row in old.objects.all()}
        kept = {row.pk: (row.blob_id, row.filename) for row in rows}
        assert back == kept | {rows[3].pk: (blobs[3].pk, "d.pdf"), rows[4].pk: (None, "")}
    finally:
        _migrate()
        assert install.faults(connection) == []
    assert names(SiteDocument.objects.get(pk=rows[3].pk)) == ["d.pdf"]


BEFORE = "0013_a_version_of_each_mail"


def _apps(name):
    return MigrationExecutor(connection).loader.project_state([("companies", name)]).apps


def _migrate(name=None):
    """To the migration of that name, else to the last one, as `migrate` does it."""
    executor = MigrationExecutor(connection)
    leaves = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "companies"]
    install.before_migrations(using="default", plan=[(migrations.Migration("x", "companies"), False)])
    executor.migrate([("companies", name)] if name else leaves)
    install.after_migrations(using="default")
