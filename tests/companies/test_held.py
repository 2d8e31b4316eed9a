"""A file the antivirus holds: who is told, and the page where staff see it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.held import SENT
from companies.models import Event, Notice, SiteDocumentFile
from ecoeficiencia.files import scanning
from ecoeficiencia.files.sweeping import referring
from ecoeficiencia.models import Blob
from tests.counting import asked

FOUND = "Eicar-Signature"
PAGE = "/panel/archivos-retenidos/"


@pytest.fixture
def antivirus(settings, monkeypatch):
    """antivirus(says): clamd, the network's edge, with fresh signatures and that word about every file."""

    def says(word):
        settings.CLAMAV_URL = "tcp://127.0.0.1:9"
        monkeypatch.setattr(scanning, "scan", lambda file: word)
        monkeypatch.setattr(scanning, "signatures_from", timezone.now)

    return says


def held_proof(company, user, content=b"malo"):
    blob = Blob.store(content, "application/pdf", state=Blob.State.PENDING)
    return company.evidences.create(title="Acta", filename="acta.pdf", uploaded_by=user, blob=blob)


@pytest.fixture
def proof(acme, alice):
    return held_proof(acme, alice)


def test_whoever_sent_it_and_who_administers_are_told_once(antivirus, proof, ada, alice, stella, run_jobs):
    antivirus(FOUND)
    for _again in range(2):
        scanning.scan_waiting()
        run_jobs()
        Blob.objects.get().look_again()
    told = {n.user: n for n in Notice.objects.filter(kind="held")}
    assert told.keys() == {alice, ada}
    assert told[alice].title == "El antivirus retuvo «acta.pdf»"
    assert (told[alice].url, told[alice].company) == (f"/empresa/evidencia/{proof.pk}/", proof.company)
    assert (told[ada].url, told[ada].body) == (PAGE, "Eicar-Signature")


def test_the_same_bytes_of_two_companies_tell_each_of_its_own(antivirus, proof, other, bob, alice, ada, run_jobs):
    other.evidences.create(title="Otra", filename="copia.pdf", uploaded_by=bob, blob=proof.blob)
    antivirus(FOUND)
    scanning.scan_waiting()
    run_jobs()
    told = dict(Notice.objects.filter(kind="held").exclude(user=ada).values_list("user", "title"))
    assert told == {alice.pk: "El antivirus retuvo «acta.pdf»", bob.pk: "El antivirus retuvo «copia.pdf»"}


def test_a_clean_file_tells_nobody(antivirus, proof, ada, run_jobs):
    antivirus("")
    scanning.scan_waiting()
    run_jobs()
    assert not Notice.objects.filter(kind="held").exists()


def test_a_file_without_a_sender_is_told_to_who_runs_the_company(antivirus, plant, alice, reader, run_jobs):
    blob = Blob.store(b"malo", "application/pdf", state=Blob.State.PENDING)
    SiteDocumentFile.objects.filter(document__site=plant, document__kind="itse").update(blob=blob, uploaded_by=None)
    antivirus(FOUND)
    scanning.scan_waiting()
    run_jobs()
    assert list(Notice.objects.filter(kind="held").values_list("user", flat=True)) == [alice.pk]


def test_every_row_with_a_file_somebody_sent_says_whose_it_is():
    made = {"ecoeficiencia.Blob", "programs.DecisionLetter", "programs.ApplicationRevision", "programs.StatementCopy",
            "audits.Certificate"}  # fmt: skip
    assert {model._meta.label for model, _column in referring()} == made | SENT.keys()


def test_an_administrator_sees_them_and_has_them_looked_at_again(settings, proof, ada, stella, as_):
    Blob.objects.update(state=Blob.State.INFECTED, finding="Eicar-Signature")
    page = as_(ada).get(PAGE).text
    assert ("acta.pdf" in page, str(proof.company) in page, "Eicar-Signature" in page) == (True, True, True)
    assert as_(stella).get(PAGE).status_code == 404
    again = reverse("panel:held_file_rescan", args=[proof.blob_id])
    assert "No hay antivirus configurado" in as_(ada).post(again).text
    settings.CLAMAV_URL = "tcp://127.0.0.1:9"
    assert as_(ada).post(again).url == PAGE
    assert Blob.objects.get().state == Blob.State.PENDING
    assert Event.objects.get(verb="rescan").actor == ada
    assert as_(ada).post(again).status_code == 409


def test_the_page_asks_the_same_whatever_it_shows(acme, alice, ada, as_):
    client, counts = as_(ada), []
    client.get(PAGE)
    for rows in (3, 12):
        for n in range(rows):
            held_proof(acme, alice, b"malo %d %d" % (rows, n))
        Blob.objects.update(state=Blob.State.INFECTED)
        with CaptureQueriesContext(connection) as statements:
            client.get(PAGE)
        counts.append(asked(statements))
    assert counts[0] == counts[1]


def test_the_machine_s_pages_are_in_the_menu_of_who_administers_only(ada, stella, as_):
    assert 'href="/panel/trabajos/"' in as_(ada).get("/panel/personas/").text
    assert 'href="/panel/trabajos/"' not in as_(stella).get("/panel/personas/").text
