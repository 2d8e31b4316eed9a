"""Tables from Excel and CSV: what can be read, and what is told when it cannot."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from ecoeficiencia.tables import Column, Problem, Unreadable, csv_file, day, one_of, read_table, safe_cell

COLUMNS = (
    Column("name", "Razón social"),
    Column("kind", "Tipo", one_of({"a": "Económica", "b": "Documentaria"})),
    Column("on", "Fecha", day, needed=False),
)


def book(*rows, change=None):
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    if change:
        change(workbook.active)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def values(content):
    table = read_table(content, COLUMNS)
    assert table.problems == []
    return [(row.number, row["name"], row["kind"], row["on"]) for row in table.rows]


TITLES = ["RAZON SOCIAL ", "otra", "tipo", "Fecha"]


def test_titles_may_come_in_any_order_and_case_with_others_between():
    rows = (["Ácme", 1, "económica", date(2026, 3, 1)], [None, None, None, None], ["B", 2, "DOCUMENTARIA", ""])
    content = book(TITLES, *rows)
    assert values(content) == [(2, "Ácme", "a", date(2026, 3, 1)), (4, "B", "b", None)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_is_read_as_excel_writes_it(separator, encoding):
    rows = (["Razón social", "Tipo", "Fecha"], ["Ñandú", "Económica", "01/03/2026"])
    text = "\r\n".join(separator.join(row) for row in rows)
    assert values(text.encode(encoding)) == [(2, "Ñandú", "a", date(2026, 3, 1))]


def test_every_wrong_cell_is_told_with_its_row_and_column():
    table = read_table(book(TITLES, ["", 1, "otra cosa", "mañana"], ["A" * 501, 1, "Económica", "31/02/2026"]), COLUMNS)
    assert table.problems == [
        Problem(2, "Razón social", "está vacía"),
        Problem(2, "Tipo", "«otra cosa» no se reconoce. Se admite: Económica, Documentaria."),
        Problem(2, "Fecha", "«mañana» no es una fecha. Escríbala como 30/11/2026."),
        Problem(3, "Razón social", "pasa de 500 caracteres"),
        Problem(3, "Fecha", "«31/02/2026» no es una fecha. Escríbala como 30/11/2026."),
    ]


def test_formulas_merged_cells_and_errors_are_told():
    def change(sheet):
        sheet["A3"] = '=HYPERLINK("http://x.example")'
        sheet.merge_cells("A4:B4")
        sheet["D2"] = "#REF!"

    table = read_table(book(TITLES, ["A", 1, "Económica", ""], ["B", 1, "Económica", ""], change=change), COLUMNS)
    assert [str(p) for p in table.problems[:3]] == [
        "Fila 4: las celdas A4:B4 están combinadas; sepárelas",
        "Fila 2: D2 es un error de Excel",
        "Fila 3: A3 es una fórmula; pegue su valor",
    ]


def bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 1024 * 1024))
    return content.getvalue()


def far_cell():
    return book(TITLES, ["A", 1, "Económica", ""], change=lambda sheet: sheet.__setitem__("XFD1048576", "x"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "está vacío"),
        (b"\x89PNG\r\n\0\0\0", "no es un XLSX ni un CSV"),
        (b"PK\x03\x04roto", "dañado"),
        (book(["Nombre", "Tipo"], ["A", "Económica"]), "columnas: Razón social. La primera fila dice: Nombre, Tipo."),
        (book(["Tipo", "Tipo", "Razón social"]), "Hay columnas repetidas: Tipo."),
        (book([]), "no tiene filas"),
        (b"x" * (10 * 1024 * 1024 + 1), "pesa más de 10 MB"),
        ("\n".join(["Razón social;Tipo"] + ["A;Económica"] * 20_001).encode(), "más de 20000 filas"),
    ],
)
def test_a_file_that_is_no_table_says_why(content, sentence):
    with pytest.raises(Unreadable) as refusal:
        read_table(content, COLUMNS)
    assert sentence in str(refusal.value)


def test_a_bomb_is_refused_before_it_is_opened():
    with pytest.raises(Unreadable, match="se expande a más de 40 MB"):
        read_table(bomb(), COLUMNS)


def test_one_cell_far_away_does_not_make_a_huge_table():
    assert len(read_table(far_cell(), COLUMNS).rows) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_that_would_have_the_parser_multiply_something_is_refused(encoding):
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'.encode(encoding)
    content = io.BytesIO(book(TITLES, ["A", "", "económica", ""]))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/more.xml", bomb)
    with pytest.raises(Unreadable, match="dañado"):
        read_table(content.getvalue(), COLUMNS)


RUN = ["=1+1", "+1+1", "-1-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "\0=1", " =1", "\u200b=1", "＝1+1", "＠x", "-",
       "+51-956", "+51(1)2", "-2+3+cmd|' /C calc'!A0"]  # fmt: skip


@pytest.mark.parametrize("text", RUN)
def test_a_cell_that_would_be_a_formula_is_shown_and_not_run(text):
    assert safe_cell(text) == f"'{text}"


FIGURES = ["-1,234.50", "+12", "-5 %", "+51 956 123 456", "+51956123456", "−5", "20512333797", "1-1"]


@pytest.mark.parametrize("value", ["", "Acme S.A.C.", "a=b", *FIGURES])
def test_numbers_phones_and_words_are_written_as_they_are(value):
    assert safe_cell(value) == value


def test_what_is_no_text_stays_what_it_is():
    assert [safe_cell(v) for v in (None, -3, Decimal("-3.50"), True, date(2026, 3, 1))] == [
        None, -3, Decimal("-3.50"), True, "2026-03-01",
    ]  # fmt: skip


def test_a_table_to_take_along_is_known_by_excel_and_safe_in_titles_and_rows():
    answer = csv_file("x.csv", ["=A", "B"], [["@x", -1], ['a;"b', None]], delimiter=";")
    assert answer.content.decode("utf-8") == '\ufeff\'=A;B\r\n\'@x;-1\r\n"a;""b";\r\n'
    assert answer["Content-Disposition"] == 'attachment; filename="x.csv"'
