import subprocess
import sys
from datetime import date

import pikepdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from ecoeficiencia import pdf
from ecoeficiencia.models import Blob
from ecoeficiencia.pdf_drawings import drawing, modules
from programs.models import CommitmentLetter
from programs.tasks import commitment_letter


def text_of(content, tmp_path):
    path = tmp_path / "documento.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def letter(acme, plant, participation):
    return CommitmentLetter.objects.create(
        participation=participation,
        issued_on=date(2026, 8, 18),
        representative={"full_name": "Alice Paredes Soto", "document": "DNI 40112233", "position": "Gerente general"},
    )


def test_the_letter_names_the_company_its_representative_and_the_minimum(letter, tmp_path):
    commitment_letter(letter.pk)
    letter.refresh_from_db()
    with letter.pdf.open() as file:
        words = " ".join(text_of(file.read(), tmp_path).split())
    assert "Acme Exportaciones S.A.C." in words
    assert "Alice Paredes Soto" in words
    assert "80 % de los módulos" in words
    assert letter.reference in words


def test_printing_twice_keeps_the_first_document(letter):
    commitment_letter(letter.pk)
    first = CommitmentLetter.objects.get(pk=letter.pk).pdf
    commitment_letter(letter.pk)
    assert CommitmentLetter.objects.get(pk=letter.pk).pdf == first
    assert Blob.objects.count() == 3  # the two papers of the site, and the letter


def test_documents_are_pdf_a_tagged_and_titled(letter, tmp_path):
    content = pdf.render("letter.html", letter.printed())
    (tmp_path / "carta.pdf").write_bytes(content)
    with pikepdf.open(tmp_path / "carta.pdf") as document:
        assert document.Root.MarkInfo.Marked
        assert document.open_metadata().pdfa_status == "3U"
        assert letter.reference in str(document.docinfo["/Title"])


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "http://127.0.0.1:9/x.png", "file:///documento/../secreto", "ftp://x/y"]
)
def test_a_document_fetches_nothing_but_our_own_files(address, settings, tmp_path):
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "hostile.html").write_text(f'<p>x<img src="{address}"></p>')
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    with pytest.raises(FatalURLFetchingError):
        pdf.render("hostile.html", {})


def test_a_code_says_the_whole_address_and_a_drawing_is_laid_as_it_was_drawn(settings, tmp_path):
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "proof.html").write_text(
        '<section class="anexo"><img src="qr/{{ proof|urlencode:"" }}" alt="{{ proof }}"></section>'
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    proof = "https://sitio.example/verificar/ab12/?a=1&b=ñ"
    for _time in range(2):  # the second is laid from what the first took down
        (tmp_path / "codigo.pdf").write_bytes(pdf.render("proof.html", {"proof": proof}))
        with pikepdf.open(tmp_path / "codigo.pdf") as document:
            streams = [one.read_bytes() for one in document.objects if isinstance(one, pikepdf.Stream)]
        assert sum(modules(proof).lines in stream for stream in streams) == 1
        assert sum(drawing((pdf.ASSETS / "art" / "cinta.svg").read_text()).lines in stream for stream in streams) == 1


@pytest.mark.parametrize("shape", ['opacity="0.5"', 'fill-opacity="0.5"', 'stroke="#000" stroke-opacity="0.5"'])
def test_a_drawing_that_needs_more_than_lines_is_refused(shape):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0H9V9Z" {}/></svg>'
    assert drawing(svg.format("")).get_intrinsic_size(1, 16) == (9, 9, 1)
    with pytest.raises((ValueError, KeyError)):
        drawing(svg.format(shape))


def test_what_a_company_types_is_text_in_a_document(letter, tmp_path):
    letter.representative["full_name"] = '<img src="file:///etc/hostname"> & Hijos'
    words = text_of(pdf.render("letter.html", letter.printed()), tmp_path)
    assert '<img src="file:///etc/hostname"> & Hijos' in " ".join(words.split())


def test_a_web_process_never_loads_the_press():
    code = (
        "import django, django.urls, sys; django.setup(); import ecoeficiencia.urls, ecoeficiencia.wsgi; "
        "django.urls.get_resolver().url_patterns; heavy = ('weasyprint', 'openpyxl', 'fontTools', 'numpy', 'lxml'); "
        "print([m for m in heavy if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip().splitlines()[-1] == "[]"
