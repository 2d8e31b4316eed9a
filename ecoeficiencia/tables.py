"""Tables people bring as XLSX or CSV: read whole, checked cell by cell, never trusted. And those they take along.

A file that cannot be read as a table is Unreadable, with one sentence; what is wrong inside is a list of problems, each
with its row and column as the person sees them in their program.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _

MAX_BYTES = 10 * 1024 * 1024
MAX_UNZIPPED = 40 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 60
MAX_CELL = 500


class Unreadable(Exception):
    """The file is no table; the message says why and what to do."""


@dataclass(frozen=True)
class Problem:
    """row: as numbered in the file, 1 the header. column: its title; "" when it is about the whole row."""

    row: int
    column: str
    what: str

    def __str__(self):
        where = _("Fila %(row)s") % {"row": self.row}
        return f"{where}, {self.column}: {self.what}" if self.column else f"{where}: {self.what}"


@dataclass(frozen=True)
class Column:
    """parse: from the cell's text to its value; raises ValidationError or ValueError with a sentence.

    limit: how many characters fit where the value is kept.
    """

    key: str
    title: str
    parse: Callable = str
    needed: bool = True
    help: str = ""
    limit: int = MAX_CELL


@dataclass(frozen=True)
class Row:
    number: int
    values: dict

    def __getitem__(self, key):
        return self.values.get(key)


@dataclass
class Table:
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


# Cells


def day(text):
    """A date as Excel keeps it (2026-11-30 …) or as Peru writes it (30/11/2026)."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(text[:10], form).date()
        except ValueError:
            continue
    raise ValueError(_("«%(text)s» no es una fecha. Escríbala como 30/11/2026.") % {"text": text})


def one_of(words):
    """A parser for `words`, {value: the word people write}; case and accents do not matter."""
    by_word = {plain(word): value for value, word in words.items()}

    def parse(text):
        if plain(text) not in by_word:
            known = ", ".join(str(word) for word in words.values())
            raise ValueError(_("«%(text)s» no se reconoce. Se admite: %(known)s.") % {"text": text, "known": known})
        return by_word[plain(text)]

    return parse


def plain(text):
    """Lower case, without accents or spaces around, to compare titles and words."""
    letters = unicodedata.normalize("NFKD", str(text).casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


# Files


def read_table(content: bytes, columns) -> Table:
    """Return the rows of `content` with the values `columns` ask for, and every problem found.

    Raises Unreadable for an empty, too large, broken or disguised file, or one without the titles asked for.
    """
    table = Table()
    lines = _lines(content, table.problems)
    _number, titles = next(lines, (0, ()))
    if not any(titles):
        raise Unreadable(_("El archivo no tiene filas. La primera debe llevar los títulos de las columnas."))
    places = _places(titles, columns)
    _read_rows(lines, places, table)
    return table


def read_grid(content: bytes, limit: int):
    """([(number, cells)], problems) of a table whose first row need not have titles; empty rows are left out.

    Raises Unreadable as `read_table` does, and for more than `limit` rows.
    """
    problems, rows = [], []
    for number, cells in _lines(content, problems):
        if any(cells):
            rows.append((number, [cell[:MAX_CELL] for cell in cells[:MAX_COLUMNS]]))
        if len(rows) > limit + 1:
            raise Unreadable(_("Hay más de %(limit)s filas. Divida la tabla.") % {"limit": limit})
    if not rows:
        raise Unreadable(_("No hay filas que leer."))
    return rows, problems


def _lines(content, problems):
    """(number, cells) of each row, as numbered in the file; what is wrong with single cells goes to `problems`."""
    if not content:
        raise Unreadable(_("El archivo está vacío (0 bytes)."))
    if len(content) > MAX_BYTES:
        raise Unreadable(_("El archivo pesa más de %(limit)s MB. Divídalo.") % {"limit": MAX_BYTES // 1048576})
    return _xlsx(content, problems) if content[:2] == b"PK" else _csv(content)


def _places(titles, columns):
    """{position: column}; the titles may come in any order, with more columns between."""
    found = [plain(title) for title in titles]
    missing = [c.title for c in columns if c.needed and plain(c.title) not in found]
    if missing:
        raise Unreadable(
            _("Faltan las columnas: %(missing)s. La primera fila dice: %(found)s.")
            % {"missing": ", ".join(map(str, missing)), "found": ", ".join(t for t in titles if t)[:200]}
        )
    twice = [c.title for c in columns if found.count(plain(c.title)) > 1]
    if twice:
        raise Unreadable(_("Hay columnas repetidas: %(twice)s.") % {"twice": ", ".join(map(str, twice))})
    return {found.index(plain(c.title)): c for c in columns if plain(c.title) in found}


def _read_rows(lines, places, table):
    for number, cells in lines:
        if not any(cells):
            continue
        if len(table.rows) >= MAX_ROWS:
            raise Unreadable(_("El archivo tiene más de %(limit)s filas. Divídalo.") % {"limit": MAX_ROWS})
        values = {}
        for place, column in places.items():
            text = cells[place] if place < len(cells) else ""
            try:
                values[column.key] = _value(text, column)
            except (ValidationError, ValueError) as error:
                what = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
                table.problems.append(Problem(number, str(column.title), what))
        table.rows.append(Row(number, values))


def _value(text, column):
    if not text:
        if column.needed:
            raise ValueError(_("está vacía"))
        return None
    if len(text) > column.limit:
        raise ValueError(_("pasa de %(limit)s caracteres") % {"limit": column.limit})
    return column.parse(text)


def _csv(content):
    text = _decoded(content)
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    separator = "\t" if "\t" in first else max(";,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise Unreadable(
            _("La línea %(n)s no se puede leer como CSV: revise sus comillas.") % {"n": reader.line_num}
        ) from error


def _decoded(content):
    if b"\0" in content[:4096] or content.startswith(b"%PDF-"):
        raise Unreadable(_("El archivo no es un XLSX ni un CSV. Guárdelo desde Excel como «Libro de Excel (.xlsx)»."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _xlsx(content, problems):
    sheet = _sheet(content)
    for merged in sheet.merged_cells.ranges:
        what = _("las celdas %(cells)s están combinadas; sepárelas") % {"cells": merged.coord}
        problems.append(Problem(merged.min_row, "", what))
    # A single cell far away would make the sheet look immense.
    within = {"max_row": min(sheet.max_row, MAX_ROWS + 50), "max_col": min(sheet.max_column, MAX_COLUMNS)}
    for number, cells in enumerate(sheet.iter_rows(**within), 1):
        for cell in cells:
            if cell.data_type == "f":
                what = _("%(cell)s es una fórmula; pegue su valor") % {"cell": cell.coordinate}
                problems.append(Problem(number, "", what))
            elif cell.data_type == "e":
                problems.append(Problem(number, "", _("%(cell)s es un error de Excel") % {"cell": cell.coordinate}))
        yield number, [_text(cell) for cell in cells]


def _sheet(content):
    """The first sheet of the workbook; small enough unpacked to be held in memory."""
    import openpyxl

    broken = _("El archivo está dañado o no es un libro de Excel. Vuelva a guardarlo como .xlsx.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable(broken) from error
    if sum(member.file_size for member in members) > MAX_UNZIPPED or len(members) > 1000:
        raise Unreadable(
            _("El archivo se expande a más de %(limit)s MB al abrirlo. Divídalo.") % {"limit": MAX_UNZIPPED // 1048576}
        )
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise Unreadable(broken)
    try:
        # No program writes one into a workbook: it is there to have the parser fetch or multiply something.
        if any(b"<!DOCTYPE" in archive.read(member).replace(b"\0", b"") for member in members):
            raise ValueError("a DOCTYPE")
        return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    except Exception as error:  # openpyxl raises whatever its parsers do; to the person all mean "broken"
        raise Unreadable(broken) from error


def _text(cell):
    """What the cell shows, as a person would type it; numbers without decimals lose the «.0» of Excel."""
    value = cell.value
    if value is None or cell.data_type in {"f", "e"}:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return str(Decimal(repr(value)))
    return str(value).strip()


# Tables to take along

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
# What may begin with a sign and computes nothing: -1,234.50 and +51 956 123 456.
FIGURE = re.compile(r"[+-]\d+(?:[.,]\d+)*\s?%?|\+\d[\d ]*")


def safe_cell(value):
    """`value` as a spreadsheet shows it and never runs it (abuse case 27 of docs/security.md).

    What would begin a formula gets an apostrophe, also after spaces or in wide letters; numbers and phones stay as
    they are.
    """
    if value is None or isinstance(value, (int, float, Decimal)):
        return value
    text = str(value)
    begins = unicodedata.normalize("NFKC", text.lstrip(" \u00a0\ufeff\u200b")[:1])
    return f"'{text}" if begins in FORMULA and not FIGURE.fullmatch(text) else text


def as_pasted(rows):
    """Rows of cells as one pastes them, tabs between. `read_grid` reads the same again; no program opens it."""
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(rows)
    return out.getvalue()


def csv_file(name, titles, rows=(), *, delimiter=","):
    """An answer that is downloaded as `name`: CSV in UTF-8 with the mark by which Excel knows it, each cell safe."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.write("\ufeff")
    writer = csv.writer(answer, delimiter=delimiter)
    writer.writerows([safe_cell(value) for value in cells] for cells in (titles, *rows))
    return answer
