import io
import zipfile

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from requirements_std.models import Assessment
from tests import factories as f


@pytest.fixture
def assessment(participation, plant):
    """Acme's rows: GE-01 and GE-02 of the organisation, AG-01 of the plant (AG-02 asks for a PTAR)."""
    opened = Assessment.objects.open(
        company=participation.company,
        standard_version=participation.edition.standard_version,
        sites=[plant],
        by=f.UserFactory(),
    )
    empty, participation.assessment = participation.assessment, opened
    participation.save()
    empty.delete()
    return opened


@pytest.fixture
def row(assessment):
    return assessment.fulfilments.get(requirement__code="GE-01")


@pytest.fixture
def proof(acme, alice):
    return acme.evidences.create(title="Política", filename="politica.pdf", uploaded_by=alice, blob=f.BlobFactory())


@pytest.fixture
def handed_in(row, proof, alice):
    row.save_work(work=3, statement="Se aplica desde marzo.", by=alice)
    row.add_evidence(existing=[proof], by=alice)
    row.submit(by=alice)
    return row


def pdf(password="", pages=1):
    buffer, document = io.BytesIO(), pikepdf.new()
    for _page in range(pages):
        document.add_blank_page()
    document.save(buffer, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return buffer.getvalue()


def docx():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return buffer.getvalue()


def photo():
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (20, 90, 60)).save(buffer, "JPEG")
    return buffer.getvalue()


def upload(name, content):
    return SimpleUploadedFile(name, content)
