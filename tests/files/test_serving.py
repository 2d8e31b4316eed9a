"""The way out: who asked was checked by the view; here what they get, and in which wrapping."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from ecoeficiencia.files.serving import PREVIEWS
from ecoeficiencia.models import Blob
from requirements_std.models import Evidence

from .corpus import docx, pdf, photo, xlsx


@pytest.fixture
def keep(acme, alice, as_):
    """keep(name, content) sends a file as Alice and gives the address of the proof."""

    def send(name, content):
        files = {"files": [SimpleUploadedFile(name, content)]}
        assert as_(alice).post(reverse("empresa:evidences", args=[acme.pk]), files).status_code == 302
        return reverse("public:evidence_file", args=[Evidence.objects.latest("pk").pk])

    return send


def body(answer):
    return b"".join(answer.streaming_content)


def test_a_download_is_wrapped_so_that_no_browser_opens_it(keep, alice, as_):
    answer = as_(alice).get(keep("Acta 1ª.pdf", pdf()))
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Acta%201%C2%AA.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    assert body(answer) == pdf()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_handed_out_without_place_device_or_passenger(kind, keep, alice, as_):
    sent = photo(kind, comment=b"<?php evil(); ?>" if kind == "JPEG" else b"") + b"<script>alert(1)</script>"
    address, client = keep(f"foto.{kind.lower()}", sent), as_(alice)
    for asked in (address, f"{address}?ver=1"):
        got = body(client.get(asked))
        shown = Image.open(io.BytesIO(got))
        assert (shown.size, dict(shown.getexif())) == ((640, 480), {0x0112: 6})  # which side is up, nothing else
        assert [word for word in (b"Fabricante", b"<?php", b"<script", b"GPS") if word in got] == []
    kept = Evidence.objects.get().blob
    with kept.open() as original:
        assert original.read() == sent


def test_an_older_photo_gets_its_picture_when_it_is_first_asked_for(acme, alice, as_):
    blob = Blob.store(photo(), "image/jpeg", state="clean")
    proof = acme.evidences.create(title="F", filename="f.jpg", uploaded_by=alice, blob=blob)
    answer = as_(alice).get(reverse("public:evidence_file", args=[proof.pk]))
    assert b"Fabricante" not in body(answer)
    assert Blob.objects.get(pk=blob.pk).shown is not None


def test_a_document_is_looked_at_as_pictures_of_its_pages(keep, alice, bob, as_):
    address = keep("acta.pdf", pdf(lambda document: document.add_blank_page()))
    page = as_(alice).get(f"{address}?ver=1")
    assert [f'src="?pagina={n}"' in page.text for n in (1, 2, 3)] == [True, True, False]
    image = as_(alice).get(f"{address}?pagina=2")
    assert (image["Content-Type"], Image.open(io.BytesIO(body(image))).width) == ("image/jpeg", 1100)
    for wrong in ("3", "0", "-1", "x", "999999999999"):
        assert as_(alice).get(f"{address}?pagina={wrong}").status_code == 404
    assert as_(bob).get(f"{address}?pagina=1").status_code == 404


def test_a_spreadsheet_is_looked_at_as_text(keep, alice, as_):
    rows = [("Mes", "kWh"), ("<script>alert(1)</script>", 12.5)]
    page = as_(alice).get(keep("luz.xlsx", xlsx(rows)) + "?ver=1").text
    assert ("&lt;script&gt;alert(1)&lt;/script&gt;" in page, "12.5" in page, "<script>alert" in page) == (
        True,
        True,
        False,
    )


def test_a_letter_and_a_list_are_looked_at_as_text(keep, alice, as_):
    client = as_(alice)
    assert "Política de agua" in client.get(keep("carta.docx", docx()) + "?ver=1").text
    assert "<td>Año</td>" in client.get(keep("luz.csv", "Mes,Año\nenero,12\n".encode("cp1252")) + "?ver=1").text


def test_what_is_made_to_be_looked_at_can_be_thrown_away(keep, alice, as_):
    address, client = keep("acta.pdf", pdf()), as_(alice)
    first = body(client.get(f"{address}?pagina=1"))
    for made in PREVIEWS.glob("*/*"):
        made.unlink()
    assert body(client.get(f"{address}?pagina=1")) == first


def test_a_damaged_file_is_not_handed_out_and_the_page_says_so(keep, alice, as_, caplog):
    address = keep("acta.pdf", pdf())
    blob = Blob.objects.get()
    from pathlib import Path

    from django.core.files.storage import default_storage

    path = Path(default_storage.path(blob.path))
    path.chmod(0o640)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    answer = as_(alice).get(address)
    assert (answer.status_code, "está dañado en nuestro servidor" in answer.text) == (503, True)
    assert "is damaged or missing" in caplog.text
    path.unlink()
    assert as_(alice).get(address).status_code == 503


@pytest.mark.parametrize(
    ("state", "words"),
    [("pending", "espera al antivirus"), ("infected", "retuvo este archivo"), ("unverifiable", "no es verificable")],
)
def test_what_is_not_known_to_be_clean_is_given_to_nobody(state, words, keep, alice, stella, mia, as_):
    address = keep("acta.pdf", pdf())
    Blob.objects.update(state=state)
    for person in (alice, stella, mia):
        for asked in (address, f"{address}?ver=1", f"{address}?pagina=1"):
            answer = as_(person).get(asked)
            assert (answer.status_code, words in answer.text) == (409, True)
