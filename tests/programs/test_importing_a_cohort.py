"""A cohort that was running before the system: read first, brought in whole or not at all."""

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Duty, Invitation, TableImport
from programs.models import Application, Participation
from programs.verifications import application_numbers
from tests import factories as f
from tests.conftest import appointed

pytestmark = pytest.mark.django_db
TITLES = "Edición;RUC;Razón social;Correo;Admitida el;Etapa;Monitor;Expediente de origen"


@pytest.fixture
def rows(edition):
    edition.name = "Edición 2026"
    edition.save()
    appointed("Mario", Duty.MONITOR)
    return [
        f"Edición 2026;{f.ruc(7001)};Acme Uno S.A.C.;ana@uno.example;05/01/2026;Carta por firmar;;",
        f"Edición 2026;{f.ruc(7002)};Acme Dos S.A.C.;eva@dos.example;06/01/2026;En implementación;"
        "mario@pruebas.example;F-12",
    ]


def receive(person, *lines):
    content = "\r\n".join((TITLES, *lines)).encode()
    today = timezone.localdate()
    return TableImport.receive("cohort", content=content, filename="cohorte.csv", as_of=today, by=person)


def problems(person, *lines):
    return [str(problem) for problem in receive(person, *lines).table.problems]


def test_each_company_gets_its_file_its_letter_and_its_invitation(rows, stella):
    receive(stella, *rows).confirm(by=stella)
    one, two = Participation.objects.order_by("company__legal_name").reverse()
    assert (one.state, one.letter.state, one.assessment) == ("letter_issued", "issued", None)
    assert (two.state, two.letter.state) == ("implementing", "verified")
    assert two.assignments.get().monitor.first_name == "Mario"
    assert two.assessment.standard_version == two.edition.standard_version
    numbers = Application.objects.order_by("number").values_list("number", "decision_grounds")
    assert list(numbers) == [
        ("EXP-2026-00001", "Admitida antes del sistema, según cohorte.csv."),
        ("EXP-2026-00002", "Admitida antes del sistema, según cohorte.csv. Expediente de origen: F-12."),
    ]
    assert set(Invitation.objects.values_list("email", flat=True)) == {"ana@uno.example", "eva@dos.example"}


def test_a_company_that_is_there_already_keeps_its_people(rows, stella, acme, alice):
    line = rows[0].replace(f.ruc(7001), acme.ruc)
    receive(stella, line).confirm(by=stella)
    assert Company.objects.get(participations__isnull=False) == acme
    assert Invitation.objects.count() == 0


def test_everything_wrong_is_told_by_row_and_column(rows, stella, edition, acme):
    f.SubmittedApplicationFactory(company=acme, edition=edition)
    there = rows[0].replace(f.ruc(7001), acme.ruc)
    assert problems(
        stella, rows[1].replace("2026;2", "2031;2").replace("mario@", "otro@"), there, rows[0], rows[0]
    ) == [
        "Fila 5, RUC: repite la fila 4",
        "Fila 2, Edición: no hay una edición «Edición 2031»",
        "Fila 2, Monitor: falta, o no es el correo de alguien que acompaña empresas",
        "Fila 3, RUC: ya tiene una postulación en esa edición",
    ]
    assert problems(stella, rows[0].replace("05/01/2026", "05/01/2031")) == [
        "Fila 2, Admitida el: es posterior a la fecha de la lista"
    ]
    assert problems(stella, rows[0].replace("Acme Uno", "Acme " * 50)) == [
        "Fila 2, Razón social: pasa de 200 caracteres"
    ]
    assert problems(stella, rows[0].replace("ana@uno.example", "ana").replace("Carta por firmar", "Lista"))[0] == (
        "Fila 2, Correo: Introduzca una dirección de correo electrónico válida."
    )


def test_a_cohort_confirmed_twice_is_brought_in_once(rows, stella, as_):
    address = reverse("panel:import_confirm", args=[receive(stella, *rows).pk])
    assert as_(stella).post(address).status_code == 302
    assert as_(stella).post(address).status_code == 409
    assert Participation.objects.count() == 2


def test_one_row_that_fails_leaves_nothing_behind(rows, stella, monkeypatch):
    source = receive(stella, *rows)
    monkeypatch.setattr(Participation, "assign_monitor", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        source.confirm(by=stella)
    source.refresh_from_db()
    assert (source.state, Company.objects.count(), Application.objects.count()) == ("read", 0, 0)


def test_the_numbers_given_leave_no_gap(rows, stella):
    receive(stella, *rows).confirm(by=stella)
    assert list(application_numbers(True, None)) == []
