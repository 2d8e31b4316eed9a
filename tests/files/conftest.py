import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ecoeficiencia.files.forms import look_into
from ecoeficiencia.files.receiving import ReceivedFile


@pytest.fixture
def received(settings):
    """received(name, content) is a file as a form gets it, looked into when `look`."""

    def make(name, content, look=True):
        file = ReceivedFile.copy_of(SimpleUploadedFile("x", content))
        file.name = name
        file.seek(0)
        if look:
            look_into(file)
        return file

    return make
