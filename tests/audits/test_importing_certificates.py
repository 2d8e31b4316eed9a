"""Certificates granted before the system: into the register with their own number and days, whole or not at all."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.models import Certificate, RegisterEntry
from audits.verifications import numbers
from companies.models import TableImport
from tests import factories as f

pytestmark = pytest.mark.django_db
TITLES = "Número;Edición;RUC;Razón social;Otorgado el;Vigente hasta;Organismo;Decidió;Productos"
LINE = "CERT 012-2025;Edición 2026;{ruc};Acme Uno S.A.C.;10/05/2025;09/05/2027;Certificadora de Prueba;{who};Mango"


@pytest.fixture
def line(edition, body, dora):
    edition.name = "Edición 2026"
    edition.save()
    return LINE.format(ruc=f.ruc(7001), who=dora.email)


def receive(person, *lines):
    content = "\r\n".join((TITLES, *lines)).encode()
    today = timezone.localdate()
    return TableImport.receive("certificates", content=content, filename="certificados.csv", as_of=today, by=person)


def test_a_certificate_enters_the_register_and_can_be_verified(line, stella, dora, client):
    receive(stella, line).confirm(by=stella)
    certificate = Certificate.objects.get()
    assert (certificate.number, certificate.issued_on) == ("CERT 012-2025", date(2025, 5, 10))
    assert (certificate.valid_from, certificate.valid_until) == (date(2025, 5, 10), date(2027, 5, 9))
    assert certificate.status_on(timezone.localdate()) == "expiring"
    assert (certificate.decision.decided_by, certificate.decision.proposed_by) == (dora, stella)
    assert certificate.printed["imported"] == "certificados.csv"
    assert RegisterEntry.objects.get().act == "granted"
    assert RegisterEntry.objects.first_broken() == (None, "")
    page = client.get(reverse("public:verification", args=[certificate.code]))
    assert "CERT 012-2025" in page.text
    assert certificate.decision.participation.state == "certified"
    assert list(numbers(True, None)) == []


def test_everything_wrong_is_told_by_row_and_column(line, stella, dora):
    own = line.replace("CERT 012-2025", "BPE-2025-0001")
    nobody = line.replace(dora.email, stella.email).replace("Certificadora de Prueba", "Otra")
    late = line.replace("09/05/2027", "09/05/2024")
    problems = receive(stella, own, nobody, late).table.problems
    assert [str(problem) for problem in problems] == [
        "Fila 4, Número: repite la fila 3",
        "Fila 3, RUC: repite la fila 2",
        "Fila 4, RUC: repite la fila 2",
        "Fila 2, Número: es de la serie BPE, que numera el sistema",
        "Fila 3, Organismo: «Otra» no está entre los organismos registrados",
        "Fila 3, Decidió: debe ser el correo de quien decide certificaciones, y no quien importa",
        "Fila 4, Vigente hasta: es anterior al día en que se otorgó",
    ]


def test_a_certificate_is_imported_once(line, stella, as_):
    source = receive(stella, line)
    again = receive(stella, line)
    assert as_(stella).post(reverse("panel:import_confirm", args=[source.pk])).status_code == 302
    assert as_(stella).post(reverse("panel:import_confirm", args=[source.pk])).status_code == 409
    assert as_(stella).post(reverse("panel:import_confirm", args=[again.pk])).status_code == 409
    assert Certificate.objects.count() == 1
    assert "ya hay un certificado con ese número" in as_(stella).get(reverse("panel:import", args=[again.pk])).text
