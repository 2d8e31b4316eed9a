"""The library of a company: one proof a file, versions, what is taken away, and how much there is room for."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Event
from companies.quota import use_of
from ecoeficiencia.files import sweeping
from ecoeficiencia.models import Blob
from requirements_std.models import Evidence
from tests import factories as f

from .conftest import pdf, photo, upload

REASON = {"reason": "Era de otra sede."}


def send(client, company, *files):
    return client.post(reverse("empresa:evidences", args=[company.pk]), {"files": list(files)}, follow=True)


@pytest.fixture
def acta(acme, alice, as_):
    send(as_(alice), acme, upload("acta.pdf", pdf(pages=3)))
    return Evidence.objects.get()


def test_the_same_file_twice_is_one_proof(acta, acme, alice, row, as_):
    client = as_(alice)
    again = send(client, acme, upload("copia.pdf", _bytes(acta)), upload("foto.jpg", photo()))
    assert ("ya estaba en la biblioteca como «acta»" in again.text, "Subió 1 archivo." in again.text) == (True, True)
    assert sorted(Evidence.objects.values_list("title", flat=True)) == ["acta", "foto"]
    answer = {"version": row.version, "work": 2, "statement": "Sí.", "files": [upload("acta.pdf", _bytes(acta))] * 2}
    assert client.post(reverse("empresa:fulfilment", args=[row.pk]), answer).status_code == 302
    assert [link.evidence for link in row.links.all()] == [acta]


def test_another_company_has_a_proof_of_its_own(acta, other, bob, as_):
    send(as_(bob), other, upload("acta.pdf", _bytes(acta)))
    assert (Evidence.objects.count(), Blob.objects.count()) == (2, 1)


def _bytes(proof):
    with proof.blob.open() as file:
        return file.read()


def test_a_newer_version_takes_the_place_of_the_older_where_that_may_still_change(acta, assessment, alice, as_):
    fixed, free = assessment.fulfilments.order_by("pk")[:2]
    for row in (fixed, free):
        row.add_evidence(existing=[acta], by=alice)
    fixed.save_work(work=3, statement="Listo.", by=alice)
    fixed.submit(by=alice)
    client = as_(alice)
    sent = client.post(reverse("empresa:evidence_replace", args=[acta.pk]), {"file": upload("acta2.pdf", pdf(pages=4))})
    new = Evidence.objects.get(number=2)
    assert sent.url == reverse("empresa:evidence", args=[new.pk])
    assert (new.title, new.replaces, new.filename) == ("acta", acta, "acta2.pdf")
    assert [link.evidence for link in fixed.links.all()] == [acta]
    assert [link.evidence for link in free.links.all()] == [new]
    assert "Ver la versión 2" in client.get(reverse("empresa:evidence", args=[acta.pk])).text
    late = client.post(reverse("empresa:evidence_replace", args=[acta.pk]), {"file": upload("a3.pdf", pdf(pages=5))})
    assert (late.status_code, "Ya hay una versión más nueva" in late.text) == (409, True)


def test_what_is_removed_leaves_who_when_and_why_and_its_bytes_go_after_seven_days(acta, acme, alice, as_):
    client, sha256 = as_(alice), acta.blob.sha256
    page = reverse("empresa:evidence_remove", args=[acta.pk])
    assert client.post(page, {"reason": " "}).status_code == 422
    assert client.post(page, REASON).status_code == 302
    acta.refresh_from_db()
    assert (acta.blob, acta.removed_by, acta.removed_sha256) == (None, alice, sha256)
    assert Event.objects.about(acta).filter(verb="eliminate", actor=alice).count() == 1
    assert client.get(reverse("public:evidence_file", args=[acta.pk])).status_code == 404
    library = reverse("empresa:evidences", args=[acme.pk])
    assert "acta.pdf" not in client.get(library).text
    assert "Era de otra sede." in client.get(f"{library}?uso=eliminadas").text
    assert "Era de otra sede." in client.get(reverse("empresa:evidence", args=[acta.pk])).text
    late = client.post(page, {"reason": "La quité yo."})
    assert (late.status_code, late.text.count("Ya estaba eliminada."), "La quité yo." in late.text) == (409, 1, True)
    now = timezone.now()
    sweeping.sweep(now)
    assert sweeping.sweep(now + timedelta(days=6))["rows"] == 0
    assert sweeping.sweep(now + timedelta(days=7, minutes=1))["rows"] == 1


def test_what_proves_a_requirement_is_not_removed(acta, row, alice, as_):
    row.add_evidence(existing=[acta], by=alice)
    answer = as_(alice).post(reverse("empresa:evidence_remove", args=[acta.pk]), REASON)
    assert (answer.status_code, "Sirve a GE-01: quítela antes de ahí." in answer.text) == (409, True)
    assert Evidence.objects.get().blob is not None


@pytest.mark.parametrize("name", ["evidence_replace", "evidence_remove"])
def test_only_those_who_edit_change_a_proof(name, acta, bob, reader, mia, stella, alice, as_):
    page = reverse(f"empresa:{name}", args=[acta.pk])
    for person in (bob, reader, mia, stella):
        assert as_(person).post(page, {**REASON, "file": upload("a.pdf", pdf())}).status_code == 404
    assert as_(alice).get(page).status_code == 405
    assert Evidence.objects.get().removed_at is None


def test_a_full_library_refuses_in_words_and_others_go_on(acta, acme, other, alice, bob, row, as_, settings):
    settings.COMPANY_BYTES = acta.blob.size + 10
    client = as_(alice)
    full = send(client, acme, upload("otra.pdf", pdf(pages=2)))
    assert (full.status_code, "«otra.pdf» no cabe: su empresa usa" in full.text) == (422, True)
    answer = {"version": row.version, "work": 2, "statement": "No se pierde", "files": [upload("o.pdf", pdf(pages=2))]}
    refused = client.post(reverse("empresa:fulfilment", args=[row.pk]), answer)
    assert (refused.status_code, "no cabe" in refused.text, "No se pierde" in refused.text) == (409, True, True)
    send(as_(bob), other, upload("corto.csv", b"a,b\n1,2\n"))
    assert [proof.company for proof in Evidence.objects.order_by("pk")] == [acme, other]


def test_ten_thousand_small_files_end_at_the_limit(acta, acme, alice, row, as_, settings):
    settings.COMPANY_FILES = most = use_of(acme).files + 1
    client = as_(alice)
    send(client, acme, upload("a.csv", b"a,b\n1,2\n"))
    full = send(client, acme, upload("b.csv", b"a,b\n1,3\n"))
    assert (full.status_code, f"y {most} de {most} archivos" in full.text, Evidence.objects.count()) == (422, True, 2)
    settings.COMPANY_FILES, settings.REQUIREMENT_FILES = 100, 2
    files = [upload(f"{n}.csv", b"a,b\n1,%d\n" % n) for n in range(3)]
    answer = {"version": row.version, "work": 2, "statement": "x", "files": files}
    refused = client.post(reverse("empresa:fulfilment", args=[row.pk]), answer)
    assert (refused.status_code, "admite hasta 2 archivos" in refused.text, row.links.count()) == (409, True, 0)


def test_a_file_put_in_the_library_is_told_once_in_the_companys_history(acta, acme, alice, as_):
    send(as_(alice), acme, upload("acta.pdf", _bytes(acta)))
    told = Event.objects.filter(verb="keep")
    assert [(event.company, event.actor, event.note) for event in told] == [(acme, alice, "acta.pdf")]


def test_a_kind_we_do_not_take_is_named_without_saying_its_name_deceives(acme, alice, as_):
    answer = send(as_(alice), acme, upload("malo.exe", b"MZ" + bytes(200)))
    assert "«malo.exe» no es un archivo admitido: cuenta su contenido, no su nombre." in answer.text


DATA = {"title": "Acta", "document_date": "", "covers_from": "", "covers_to": "", "expires_on": ""}


def test_two_who_name_one_proof_meet_with_both_texts_and_its_file_stays_the_first(acta, acme, alice, as_):
    bea = f.UserFactory(first_name="Bea")
    f.MembershipFactory(user=bea, company=acme)
    page = reverse("empresa:evidence", args=[acta.pk])
    assert as_(bea).post(page, DATA | {"version": 0, "title": "Acta de mayo"}).status_code == 302
    late = as_(alice).post(page, DATA | {"version": 0, "title": "Acta firmada", "expires_on": "2027-01-31"})
    assert late.status_code == 409
    assert ("Acta de mayo" in late.text, "Acta firmada" in late.text, "guardó Bea" in late.text) == (True,) * 3
    chosen = DATA | {"version": 1, "title": "Acta de mayo", "expires_on": "2027-01-31"}
    assert as_(alice).post(page, chosen).status_code == 302
    acta.refresh_from_db()
    assert (acta.title, str(acta.expires_on), acta.version, acta.number) == ("Acta de mayo", "2027-01-31", 2, 1)
    assert [e.data["changes"] for e in Event.objects.about(acta).filter(verb="edit")] == [
        {"title": ["acta", "Acta de mayo"]},
        {"expires_on": ["", "31/01/2027"]},
    ]
