"""Bytes on their way in: where they go, what their names become, and a disk without room."""

import errno
import gc
import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from ecoeficiencia.files import receiving
from ecoeficiencia.files.inspection import Inspector
from ecoeficiencia.files.keeping import incoming
from ecoeficiencia.files.names import clean_name
from ecoeficiencia.models import Blob
from requirements_std.models import Evidence

from .corpus import pdf, photo

PDF = "application/pdf"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("acta.pdf", "acta.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\ana\\Acta final.PDF", "Acta final.PDF"),
        ("nota\0.pdf", "nota.pdf"),
        ("nota.pdf\r\nSet-Cookie: a=b", "nota.pdfSet-Cookie_ a=b.pdf"),
        ("acta\u202efdp.exe", "actafdp.exe.pdf"),
        ("factura.pdf.exe", "factura.pdf.exe.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("CON", "_CON.pdf"),
        ("con.pdf", "_con.pdf"),
        ("nul.tar.pdf", "_nul.tar.pdf"),
        ("a" * 4000 + ".pdf", "a" * 146 + ".pdf"),
        ("a." + "x" * 4000, "a." + "x" * 144 + ".pdf"),
        ('"><script>.pdf', "_script_.pdf"),
        ("Ñandú é.pdf", "Ñandú é.pdf"),
        ("...", "archivo.pdf"),
    ],
)
def test_a_name_is_safe_in_anybodys_folder(sent, kept):
    if sent == '"><script>.pdf':
        kept = clean_name(sent, PDF)
        assert not set('"<>') & set(kept)
    assert clean_name(sent, PDF) == kept
    assert len(kept) <= 150


def upload(client, company, *files):
    return client.post(reverse("empresa:evidences", args=[company.pk]), {"files": list(files)})


@pytest.mark.parametrize(
    "name", ["a" * 4000 + ".pdf", "a." + "x" * 4000, "nota\r\n.pdf", "\u202efdp.exe", ".htaccess", "CON"]
)
def test_any_name_travels_through_a_form_and_back(name, acme, alice, as_):
    client = as_(alice)
    assert upload(client, acme, SimpleUploadedFile(name, pdf())).status_code == 302
    answer = client.get(reverse("public:evidence_file", args=[Evidence.objects.get().pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, PDF)
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert "\n" not in answer["Content-Disposition"]


def test_what_was_received_is_hashed_kept_and_leaves_nothing_aside(acme, alice, as_):
    content = pdf()
    assert upload(as_(alice), acme, SimpleUploadedFile("acta.pdf", content)).status_code == 302
    blob = Blob.objects.get()
    assert blob.sha256 == hashlib.sha256(content).hexdigest()
    with blob.open() as file:
        assert file.read() == content
    assert list(incoming().iterdir()) == []


def test_what_exceeds_the_limit_is_counted_and_not_written(received, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    file = received("a.pdf", b"x" * 900, look=False)
    file.take(b"x" * 5000)
    assert (file.size, file.path and file.file.seek(0, 2)) == (5900, 900)


def test_a_disk_that_is_nearly_full_refuses_in_words_and_writes_nothing(acme, alice, as_):
    client = as_(alice)
    with override_settings(FREE_SPACE_FLOOR=10**18):
        answer = upload(client, acme, SimpleUploadedFile("acta.pdf", pdf()))
    assert answer.status_code == 507
    assert "se quedó sin espacio" in answer.text
    assert (Blob.objects.count(), list(incoming().iterdir())) == (0, [])
    assert upload(client, acme, SimpleUploadedFile("acta.pdf", pdf())).status_code == 302


def test_a_disk_that_fills_up_while_writing_refuses_in_words(acme, alice, as_, monkeypatch):
    def full(self, chunk):
        raise OSError(errno.ENOSPC, "No space left on device")

    class Full:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        write = full

    opened = receiving.tempfile.NamedTemporaryFile
    monkeypatch.setattr(receiving.tempfile, "NamedTemporaryFile", lambda **how: Full(opened(**how)))
    answer = upload(as_(alice), acme, SimpleUploadedFile("acta.pdf", pdf()))
    assert answer.status_code == 507
    assert "se quedó sin espacio" in answer.text
    assert Blob.objects.count() == 0


def test_a_disk_that_fills_up_while_keeping_is_507_and_no_row(acme, alice, as_, monkeypatch):
    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ecoeficiencia.files.keeping._name", full)
    client = as_(alice)
    client.raise_request_exception = False
    answer = upload(client, acme, SimpleUploadedFile("acta.pdf", pdf()))
    assert (answer.status_code, Blob.objects.count(), Evidence.objects.count()) == (507, 0, 0)
    assert "se quedó sin espacio" in answer.text


def test_a_disk_that_fills_up_while_a_photo_is_drawn_anew_is_not_the_photo_s_fault(acme, alice, as_, monkeypatch):
    ask = Inspector.ask
    with open("/dev/full", "wb") as full:
        monkeypatch.setattr(Inspector, "ask", lambda own, task, file, out, **how: ask(own, task, file, full, **how))
        answer = upload(as_(alice), acme, SimpleUploadedFile("foto.jpg", photo()))
    assert (answer.status_code, Blob.objects.count()) == (507, 0)
    assert "se quedó sin espacio" in answer.text


class Broken(io.BytesIO):
    """A body whose connection is reset in the middle."""

    def read(self, *size):
        if chunk := super().read(*size):
            return chunk
        raise ConnectionResetError


def test_a_connection_that_breaks_leaves_nothing_aside(acme, alice, as_):
    client, token = as_(alice), "f" * 32
    client.handler.enforce_csrf_checks = True
    client.cookies["csrf"] = token
    whole = encode_multipart(BOUNDARY, {"files": SimpleUploadedFile("acta.pdf", pdf() + b"\n" * 600_000)})
    sent = {"wsgi.input": Broken(whole[:400_000]), "CONTENT_LENGTH": len(whole), "CONTENT_TYPE": MULTIPART_CONTENT}
    address = reverse("empresa:evidences", args=[acme.pk])
    gc.disable()  # which would tidy up, sooner or later
    try:
        answer = client.generic("POST", address, headers={"X-CSRFToken": token}, **sent)
        assert list(incoming().iterdir()) == []
    finally:
        gc.enable()
    assert (answer.status_code, Blob.objects.count()) == (422, 0)
