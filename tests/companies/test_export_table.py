"""Exports by the table: pasted from Excel or from a file, seen first, put on record whole or not at all."""

import html
import io
import re
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Event, ExportRecord
from ecoeficiencia.columns import amounts, days
from tests import factories as f
from tests.counting import asked

HEAD = "DAM\tFecha de embarque\tPartida\tPaís de destino\tFOB US$\tPeso neto (kg)"
ROWS = (
    "118-2026-40-000101\t15/03/2026\t0806.10.00.00\tPaíses Bajos\t48,500.00\t12,000\n"
    "118202640000102\t2/4/2026\t806100000\tEE.UU.\tUS$ 1,250.5\t\n"
)


@pytest.fixture
def table(as_, alice, acme):
    """table(**what) sends the page and returns the answer."""
    client, url = as_(alice), reverse("empresa:export_table", args=[acme.pk])

    def send(**what):
        return client.post(url, what)

    return send


def carried(answer):
    """What the page sends along when its button is pressed."""
    return html.unescape(re.search(r'<textarea name="text" hidden>(.*?)</textarea>', answer.text, re.DOTALL)[1])


def kept():
    return [
        (r.declaration, str(r.exported_on), r.tariff_code, r.destination, str(r.fob_usd), r.net_kg and str(r.net_kg))
        for r in ExportRecord.objects.order_by("declaration")
    ]


def xlsx(*rows, merged=""):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("exportaciones.xlsx", content.getvalue())


def test_rows_pasted_from_excel_are_seen_first_and_kept_when_confirmed(table, acme, alice):
    seen = table(text=f"{HEAD}\n{ROWS}")
    assert (seen.status_code, ExportRecord.objects.count()) == (200, 0)
    assert "Registrar 2 exportaciones" in seen.text
    assert table(text=carried(seen), registrar="1").url == reverse("empresa:profile", args=[acme.pk])
    assert kept() == [
        ("118-2026-40-000101", "2026-03-15", "0806.10.00.00", "Países Bajos", "48500.00", "12000.00"),
        ("118-2026-40-000102", "2026-04-02", "0806.10.00.00", "Estados Unidos", "1250.50", None),
    ]
    assert [(e.actor, e.verb) for e in Event.objects.filter(object_type="companies.exportrecord")] == [
        (alice, "create")
    ] * 2


def test_without_titles_the_columns_tell_what_they_are(table):
    seen = table(text="Chile\t118-2026-40-000103\t2026-05-06\t2,500.00\t2008.99.90.00\n")
    table(text=carried(seen), registrar="1")
    assert kept() == [("118-2026-40-000103", "2026-05-06", "2008.99.90.00", "Chile", "2500.00", None)]


def test_two_amounts_without_titles_are_asked_about_and_never_guessed(table):
    asks = table(text=ROWS)
    assert "Qué es cada columna" in asks.text
    assert "Hay dos columnas de números y ningún título" in asks.text
    chosen = {f"columna-{n}": key for n, key in enumerate(
        ["declaration", "exported_on", "tariff_code", "destination", "net_kg", "fob_usd"]
    )}  # fmt: skip
    twice = table(text=carried(asks), columnas="1", **chosen | {"columna-4": "fob_usd"})
    assert (twice.status_code, "Eligió dos veces: Valor FOB (US$)." in twice.text) == (422, True)
    seen = table(text=carried(twice), columnas="1", **chosen)
    assert "48,500.00" in seen.text and "1 fila por corregir" in seen.text  # the second row has no FOB now


def test_a_column_that_is_missing_is_named(table):
    asks = table(text="118-2026-40-000103\tChile\n118-2026-40-000104\tChile\n")
    answer = table(text=carried(asks), columnas="1", **{"columna-0": "declaration", "columna-1": "destination"})
    assert answer.status_code == 422
    assert "Falta decir qué columna es: " in answer.text


def test_a_wrong_row_is_named_by_row_and_column_mended_there_and_nothing_is_kept_before(table, acme):
    text = f"{HEAD}\n{ROWS}118-2026-40-105\t31/02/2026\t7701.10.00.00\tNarnia\t-3\t\n"
    seen = table(text=text)
    assert "1 fila por corregir" in seen.text and "Fila 4" in seen.text
    for words in ("La DAM se escribe", "No es una fecha", "No hay una partida 77.01", "No reconocemos «Narnia»"):
        assert words in seen.text
    again = table(text=carried(seen), registrar="1", **{"f4-destination": "Chile", "f4-declaration": "118-2026-40-105"})
    assert (again.status_code, ExportRecord.objects.count()) == (422, 0)
    assert 'value="Chile"' in again.text and "Narnia" not in again.text
    mended = {
        "f4-declaration": "118-2026-40-000105", "f4-exported_on": "28/02/2026", "f4-tariff_code": "2008.99.90.00",
        "f4-destination": "Chile", "f4-fob_usd": "3,000", "f4-net_kg": "",
    }  # fmt: skip
    assert table(text=carried(again), registrar="1", **mended).status_code == 302
    assert acme.exports.count() == 3


def test_a_wrong_row_may_be_left_out_and_come_back(table, acme):
    seen = table(text=f"{HEAD}\n{ROWS}no\t15/03/2026\t0806.10.00.00\tChile\t5\t\n")
    out = table(text=carried(seen), **{"f4-omitir": "on", "f4-declaration": "no"})
    assert "por corregir" not in out.text and 'name="f4-omitir" checked' in out.text
    back = table(text=carried(out), **{"f4-declaration": "no"})
    assert "1 fila por corregir" in back.text
    assert table(text=carried(out), registrar="1", **{"f4-omitir": "on"}).status_code == 302
    assert acme.exports.count() == 2


def test_what_is_on_record_or_repeats_a_row_is_recognised_and_not_changed(table, acme):
    f.ExportRecordFactory(company=acme, declaration="118-2026-40-000101", destination="Chile")
    rows = ROWS.splitlines()
    seen = table(text="\n".join([HEAD, *rows, rows[1]]))
    assert "2 filas que no añaden nada" in seen.text
    assert "Ya está registrada, con otros datos." in seen.text and "Repite la fila 3." in seen.text
    table(text=carried(seen), registrar="1")
    assert [(d[0], d[3]) for d in kept()] == [("118-2026-40-000101", "Chile"), ("118-2026-40-000102", "Estados Unidos")]


def test_one_declaration_with_two_different_rows_is_asked_about(table):
    first, _second = ROWS.splitlines()
    seen = table(text="\n".join([HEAD, first, first.replace("48,500.00", "9.00")]))
    assert "La fila 2 trae la misma declaración con otros datos." in seen.text


def test_what_a_colleague_registers_meanwhile_is_not_registered_twice(table, acme):
    seen = table(text=f"{HEAD}\n{ROWS}")
    f.ExportRecordFactory(company=acme, declaration="118-2026-40-000102")
    assert table(text=carried(seen), registrar="1").status_code == 302
    assert acme.exports.count() == 2


def test_a_workbook_is_read_with_its_numbers_dates_and_wrong_cells(table, acme):
    file = xlsx(
        ["Declaración", "Embarque", "Partida", "Destino", "FOB", "Peso neto (kg)"],
        ["118-2026-40-000201", date(2026, 3, 4), 806100000, "NL", 48500.5, "=2*3"],
    )
    seen = table(file=file)
    assert "F2 es una fórmula; pegue su valor" in seen.text
    table(text=carried(seen), registrar="1")
    assert kept() == [("118-2026-40-000201", "2026-03-04", "0806.10.00.00", "Países Bajos", "48500.50", None)]


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ({"text": "  "}, "Pegue al menos una fila, o elija un archivo."),
        ({"text": HEAD}, "No hay filas debajo de los títulos."),
        ({"text": f"{HEAD}\n" + ROWS * 151}, "Hay más de 300 filas."),
        ({"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04roto")}, "El archivo está dañado"),
    ],
)
def test_what_is_no_table_is_a_sentence(table, what, sentence):
    answer = table(**what)
    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_while_promperu_reviews_no_table_gets_in(table, acme, edition, alice):
    f.SubmittedApplicationFactory(company=acme, edition=edition, created_by=alice)
    assert table(text=f"{HEAD}\n{ROWS}").status_code == 409


def test_a_page_of_many_rows_asks_as_little_as_one_of_few(table):
    def cost(n):
        rows = "".join(ROWS.splitlines(True)[0].replace("000101", f"{k:06d}") for k in range(n))
        with CaptureQueriesContext(connection) as found:
            assert table(text=f"{HEAD}\n{rows}").status_code == 200
        return asked(found)

    assert cost(3) == cost(200)


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["04/03/2026"], ["04/03/2026"]),
        (["11/30/2026", "04/03/2026"], ["30/11/2026", "03/04/2026"]),
        (["11/30/2026", "30/11/2026"], ["11/30/2026", "30/11/2026"]),
        (["3-4-26", "2026-04-03 00:00:00", "3 de abril de 2026", "03-abr-26"], ["03/04/2026"] * 4),
        (["31/02/2026", "", "ayer"], ["31/02/2026", "", "ayer"]),
    ],
)
def test_days_are_read_a_column_at_a_time(texts, read):
    assert days(texts) == read


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["1.234,50", "2.000"], ["1234.50", "2000"]),
        (["1,234.50", "2,000"], ["1234.50", "2000"]),
        (["2.000"], ["2.000"]),
        (["US$ 1,234,567.8", "48 500", "12,5", "S/ 3"], ["1234567.8", "48500", "12.5", "S/ 3"]),
        (["-3", "1e5", "", "x"], ["-3", "1e5", "", "x"]),
    ],
)
def test_amounts_are_read_a_column_at_a_time(texts, read):
    assert amounts(texts) == read


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("DAM\tFecha\n118-2026-40-000101\t15/03/2026", "Entre los títulos de su tabla no reconocimos: «Partida aranc"),
        ("118-2026-40-000101\t15/03/2026", "Su tabla no trae títulos, y por lo que hay en las celdas no supimos"),
    ],
)
def test_when_the_columns_are_asked_for_it_says_why(table, text, why):
    asks = table(text=text)
    assert "Qué es cada columna" in asks.text and why in asks.text


def test_a_new_export_begins_with_the_country_of_the_last_one(as_, alice, acme):
    client, new = as_(alice), reverse("empresa:export_new", args=[acme.pk])
    assert client.get(new).context["form"]["destination"].value() == ""
    f.ExportRecordFactory(company=acme, destination="España")
    page = client.get(new)
    assert page.context["form"]["destination"].value() == "España"
    assert "El de la última que registró." in page.text
    assert re.search(r'<input[^>]*name="destination"[^>]*>', page.text)[0].count("autocomplete") == 0
