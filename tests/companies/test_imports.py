"""Tables staff bring: read first, shown, put in place once when confirmed."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from companies import registers
from companies.models import Debtor, Event, TableImport
from tests.factories import ruc

pytestmark = pytest.mark.django_db


def book(*rows):
    workbook = openpyxl.Workbook()
    for row in (["RUC", "Razón social", "Tipo", "Detalle"], *rows):
        workbook.active.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def upload(client, content, *, on=None, name="deudas.xlsx"):
    data = {"file": SimpleUploadedFile(name, content), "as_of": on or timezone.localdate().isoformat()}
    return client.post(reverse("panel:import_upload", args=["debtors"]), data)


GOOD = book([int(ruc(1)), "Acme", "Económica", "Feria 2024"], [ruc(2), "Otra", "documentaria", None])


def test_a_list_is_shown_first_and_put_in_place_when_confirmed(stella, as_):
    client = as_(stella)
    answer = upload(client, GOOD)
    assert answer.status_code == 302
    assert Debtor.objects.count() == 0
    page = client.get(answer.url).text
    assert f"{ruc(1)} · Económica · Acme" in page
    source = TableImport.objects.get()
    assert client.post(reverse("panel:import_confirm", args=[source.pk])).status_code == 302
    assert list(Debtor.objects.values_list("ruc", "kind", "detail")) == [
        (ruc(1), "economic", "Feria 2024"),
        (ruc(2), "documentary", ""),
    ]
    source.refresh_from_db()
    assert (source.state, source.result) == ("confirmed", "2 cuentas: 1 económica, 1 documentaria.")
    assert Event.objects.about(source).get().verb == "import"


def test_a_list_confirmed_twice_has_one_effect(stella, as_):
    client = as_(stella)
    upload(client, GOOD)
    address = reverse("panel:import_confirm", args=[TableImport.objects.get().pk])
    assert client.post(address).status_code == 302
    again = client.post(address)
    assert again.status_code == 409
    assert "ya se confirmó o se descartó" in again.text
    assert Debtor.objects.count() == 2


def test_a_list_with_problems_shows_them_and_cannot_be_confirmed(stella, as_):
    client = as_(stella)
    good = [ruc(1), "Acme", "Económica", ""]
    answer = upload(client, book(good, good, ["20", "", "Otra", ""]))
    page = client.get(answer.url).text
    assert "2 problemas; filas leídas: 3" in page and "Con problemas" in page
    assert "«20» no es un RUC de 11 dígitos" in page
    refused = client.post(reverse("panel:import_confirm", args=[TableImport.objects.get().pk]))
    assert refused.status_code == 409
    assert Debtor.objects.count() == 0
    assert TableImport.objects.get().state == "read"


def test_a_row_that_repeats_another_is_told(stella, as_):
    client = as_(stella)
    answer = upload(client, book([ruc(1), "Acme", "Económica", ""], [ruc(1), "Acme", "Económica", ""]))
    assert "repite la fila 2" in client.get(answer.url).text


def test_a_file_that_is_no_list_stays_on_the_page_with_its_reason(stella, as_):
    for content, sentence in (
        (b"", "0 bytes"),
        (b"%PDF-1.7", "no es un XLSX ni un CSV"),
        (b"PK\3\4", "dañado"),
        (b"a;b\n1;2", "Faltan las columnas"),
    ):
        answer = upload(as_(stella), content)
        assert answer.status_code == 422
        assert sentence in answer.text
    assert TableImport.objects.count() == 0
    assert upload(as_(stella), GOOD, on="2999-01-01").status_code == 422


def test_a_discarded_list_is_never_put_in_place(stella, as_):
    client = as_(stella)
    upload(client, GOOD)
    pk = TableImport.objects.get().pk
    assert client.post(reverse("panel:import_discard", args=[pk])).status_code == 302
    assert client.post(reverse("panel:import_confirm", args=[pk])).status_code == 409
    assert Debtor.objects.count() == 0


def test_the_newest_list_counts_and_who_is_not_in_it_owes_nothing(stella, as_):
    client = as_(stella)
    for on, content in (("2026-01-05", GOOD), ("2026-02-05", book([ruc(2), "Otra", "Económica", ""]))):
        upload(client, content, on=on)
        client.post(reverse("panel:import_confirm", args=[TableImport.objects.first().pk]))
    assert registers.debts_standing(ruc(1)).found == {"economic_debt": False, "documentary_debt": False}
    assert registers.debts_standing(ruc(2)).found == {"economic_debt": True, "documentary_debt": False}
    assert registers.debts_standing(ruc(2)).source == "Lista de cuentas pendientes del 05/02/2026, deudas.xlsx"
    older = client.get(upload(client, GOOD, on="2026-02-04").url).text
    assert "la lista es del 04/02/2026 y ya está cargada una del 05/02/2026" in older


def test_a_model_of_the_table_is_given(stella, as_):
    answer = as_(stella).get(reverse("panel:import_model", args=["debtors"]))
    assert answer.content.decode("utf-8-sig") == "RUC;Tipo;Razón social;Detalle\r\n"


def test_only_staff_of_the_right_duty_imports(alice, dora, as_):
    for person in (alice, dora):
        client = as_(person)
        assert upload(client, GOOD).status_code == 404
        assert client.get(reverse("panel:import_model", args=["debtors"])).status_code == 404
    assert as_(alice).get(reverse("panel:imports")).status_code == 404
    assert as_(dora).get(reverse("panel:imports")).status_code == 200
