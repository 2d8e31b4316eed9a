"""The digital signatures of a PDF as the child reads them, with certificates of our own making."""

import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import cache

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from ecoeficiencia import pdf as press
from ecoeficiencia.files import signatures
from ecoeficiencia.files.blob import store
from ecoeficiencia.files.forms import UploadField
from ecoeficiencia.files.inspection import Unavailable, inspector
from tests import factories as f
from tests.files import corpus

AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@cache
def signer(name="Rosa Huamán Quispe", organisation="Conservas del Alba S.A.C."):
    """A key and a certificate that vouches for itself."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)]
    )
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(AT - timedelta(days=1)).not_valid_after(AT + timedelta(days=9))
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    packed = pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, serialization.NoEncryption())
    return signers.SimpleSigner.load_pkcs12_data(packed, other_certs=[])


def signed(content, who=None, field="Firma1"):
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    append_signature_field(writer, SigFieldSpec(sig_field_name=field))
    meta = signers.PdfSignatureMetadata(field_name=field)
    return signers.sign_pdf(writer, meta, signer=who or signer(), timestamper=None).getvalue()


def changed_after(content):
    """The same document with something else in a later revision, as an editor saves it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    writer.root["/Lang"] = generic.TextStringObject("es")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def altered(content):
    """One byte of what was signed is another; the structure stays."""
    place = content.index(b"/MediaBox")
    figure = next(n for n in range(place, place + 60) if content[n : n + 1].isdigit())
    return content[:figure] + (b"7" if content[figure : figure + 1] != b"7" else b"8") + content[figure + 1 :]


def broken(content):
    """The signature's own bytes are no signature."""
    start = content.index(b"/Contents <") + len(b"/Contents <")
    return content[:start] + b"ff" * 40 + content[start + 80 :]


def taken(content, name="carta.pdf"):
    return UploadField(signatures=True).clean(SimpleUploadedFile(name, content))


def read(content):
    return taken(content).facts["signatures"]


def test_a_document_without_signatures_is_said_to_have_none():
    assert read(corpus.pdf()) == []


def test_who_signed_when_by_their_word_and_that_it_covers_everything():
    (found,) = read(signed(corpus.pdf()))
    assert (found["state"], found["signer"], found["organisation"], found["issuer"]) == (
        "intact", "Rosa Huamán Quispe", "Conservas del Alba S.A.C.", "Rosa Huamán Quispe",
    )  # fmt: skip
    assert datetime.fromisoformat(found["at"]).tzinfo is not None


def test_several_signers_each_told_and_the_first_does_not_cover_the_second():
    twice = signed(signed(corpus.pdf()), signer("Luis Pérez Soto", "Otra S.A."), "Firma2")
    assert [(s["signer"], s["state"]) for s in read(twice)] == [
        ("Rosa Huamán Quispe", "extended"),
        ("Luis Pérez Soto", "intact"),
    ]


def test_a_document_changed_after_it_was_signed():
    assert [s["state"] for s in read(changed_after(signed(corpus.pdf())))] == ["changed"]


def test_a_byte_of_what_was_signed_that_is_another():
    assert [s["state"] for s in read(altered(signed(corpus.pdf())))] == ["altered"]


def test_a_broken_signature_is_told_and_is_no_error():
    assert read(broken(signed(corpus.pdf()))) == [{"state": "broken"}]


@pytest.mark.parametrize(
    "change",
    [
        lambda field: field.V.__setitem__("/ByteRange", pikepdf.Array([0, 10**9, 2 * 10**9, 5])),
        lambda field: field.V.__setitem__("/ByteRange", pikepdf.Array([])),
        lambda field: field.V.__setitem__("/Contents", pikepdf.String("")),
        lambda field: field.V.__delitem__("/Contents"),
        lambda field: field.V.__delitem__("/ByteRange"),
    ],
)
def test_signatures_without_sense_are_told_and_are_no_error(change):
    with pikepdf.open(io.BytesIO(signed(corpus.pdf()))) as document:
        change(document.Root.AcroForm.Fields[0])
        content = corpus.saved(document)
    assert [s["state"] in {"broken", "altered"} for s in read(content)] == [True]


def test_a_kind_of_signature_we_do_not_know_is_said():
    with pikepdf.open(io.BytesIO(signed(corpus.pdf()))) as document:
        document.Root.AcroForm.Fields[0].V.SubFilter = pikepdf.Name("/adbe.x509.rsa_sha1")
        content = corpus.saved(document)
    assert read(content) == [{"state": "unknown"}]


def test_fields_that_lead_to_themselves_do_not_keep_the_child_busy():
    def loop(document):
        field = document.make_indirect(pikepdf.Dictionary(T="a", Kids=pikepdf.Array()))
        field.Kids.append(field)
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))

    assert read(corpus.pdf(loop)) in ([], None)


def test_our_own_letter_signed_outside_comes_back_and_is_read(db):
    content = press.render("letter.html", f.CommitmentLetterFactory().printed())
    assert [s["state"] for s in read(signed(content))] == ["intact"]


def test_when_nobody_could_read_them_the_file_is_kept_all_the_same(monkeypatch):
    asked = inspector.ask

    def busy(task, *args, **facts):
        if task == "signatures":
            raise Unavailable("busy")
        return asked(task, *args, **facts)

    monkeypatch.setattr(inspector, "ask", busy)
    file = taken(corpus.pdf())
    assert (file.content_type, file.facts["signatures"]) == ("application/pdf", None)


def shown(blob):
    return " ".join(Template("{% signatures blob %}").render(Context({"blob": blob})).split())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: corpus.pdf(), "Este PDF no tiene firmas digitales."),
        (lambda: signed(corpus.pdf()), "Intacta: cubre todo el documento"),
        (lambda: changed_after(signed(corpus.pdf())), "El documento se modificó después de esta firma."),
        (lambda: altered(signed(corpus.pdf())), "Lo firmado no coincide con la firma"),
        (lambda: broken(signed(corpus.pdf())), "La firma está dañada y no se puede leer."),
    ],
)
def test_the_page_says_what_was_read_and_vouches_for_nothing(db, make, words):
    text = shown(store(taken(make())))
    assert words in text
    assert ("No verificamos la validez legal" in text) is ("firmas digitales." not in words)


def test_what_could_not_be_read_is_said_and_what_nobody_asked_is_not(db):
    blob = store(taken(corpus.pdf()))
    blob.facts = {"signatures": None}
    assert "No pudimos leer las firmas digitales" in shown(blob)
    blob.facts = {}
    assert shown(blob) == ""


def test_bytes_that_came_before_without_being_asked_are_read_when_they_come_again(db):
    content = signed(corpus.pdf())
    first = store(UploadField().clean(SimpleUploadedFile("a.pdf", content)))
    assert "signatures" not in first.facts
    again = store(taken(content))
    assert (again.pk, [s.signer for s in signatures.signatures_of(again)]) == (first.pk, ["Rosa Huamán Quispe"])


def test_a_web_process_never_loads_the_library():
    code = (
        "import django, django.urls, sys; django.setup(); import ecoeficiencia.urls; "
        "django.urls.get_resolver().url_patterns; print([m for m in sys.modules if m.split('.')[0] == 'pyhanko'])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip().splitlines()[-1] == "[]"
