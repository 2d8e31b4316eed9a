"""A table of exports on its way in: which column is which, what each row says, and what is wrong with it.

Nothing is kept until every row is sound, known already, or left out by the person. The table travels with the page as
text (`as_text`), so that a row can be mended where it is shown and nothing typed is lost.
"""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from companies.countries import country
from companies.forms.exports import row_fields
from companies.models import ExportRecord
from ecoeficiencia.columns import amounts, days
from ecoeficiencia.tables import Unreadable, as_pasted, plain

LIMIT = 300  # rows at a time: each is kept with its line of history
MENDED = 60  # wrong rows that one page offers to mend: six fields each
NUMBER = "fila"
# What people call each column, without accents, signs and capitals.
TITLES = {
    "declaration": "declaracion dam dua declaracionaduanera declaracionaduaneradam numerodedam ndam nrodam numerodam",
    "exported_on": "fechadeembarque fechaembarque embarque fecha fechadeexportacion shipmentdate date",
    "tariff_code": "partidaarancelaria partida subpartida subpartidanacional subpartidaarancelaria hscode hs",
    "destination": "paisdedestino paisdestino pais destino country destination",
    "fob_usd": "valorfobus valorfob fob fobus fobusd valorfobusd usfob valorfobdolares fobdolares",
    "net_kg": "pesonetokg pesoneto kg kgnetos peso netweight netkg",
}
KEYS = tuple(TITLES)
NEEDED = tuple(key for key in KEYS if key != "net_kg")


class Unmatched(Exception):
    """Which column is which cannot be told; `rows`, the `guess` {place: key} and `why` go to the person."""

    def __init__(self, rows, guess, why):
        super().__init__(guess)
        self.rows, self.guess, self.why = rows, guess, why


@dataclass
class Line:
    """One row: what it says, what that means, and what is wrong by field. skipped: why it adds nothing."""

    number: int
    texts: dict
    values: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)
    skipped: str = ""
    left_out: bool = False

    def take(self, data):
        """Take what the page that shows this row for mending says of it."""
        self.texts |= {key: data[name].strip() for key in KEYS if (name := f"f{self.number}-{key}") in data}
        self.left_out = f"f{self.number}-omitir" in data

    @property
    def is_wrong(self):
        return bool(self.errors) and not self.left_out

    @property
    def is_new(self):
        return not (self.errors or self.skipped or self.left_out)

    @property
    def cells(self):
        """(field, what it says, what is wrong with it) in the order of the page."""
        return [(key, self.texts.get(key, ""), self.errors.get(key, "")) for key in KEYS]


class ExportTable:
    """The rows somebody brings to `company`, checked against each other and against what is on record."""

    def __init__(self, company, lines):
        self.company, self.lines = company, lines
        self._check()

    @property
    def wrong(self):
        return [line for line in self.lines if line.is_wrong]

    @property
    def new(self):
        return [line for line in self.lines if line.is_new]

    @property
    def skipped(self):
        return [line for line in self.lines if line.skipped and not line.errors]

    @property
    def to_mend(self):
        """The wrong rows, and those the person left out: they may come back."""
        return [line for line in self.lines if line.errors or line.left_out]

    def as_text(self):
        rows = ([line.number, *(line.texts.get(key, "") for key in KEYS)] for line in self.lines)
        return as_pasted([[NUMBER, *KEYS], *rows])

    def _check(self):
        fields = row_fields()
        for line in self.lines:
            for key, read in fields.items():
                try:
                    line.values[key] = read.clean(line.texts.get(key, ""))
                except ValidationError as error:
                    line.errors[key] = " ".join(error.messages)
        self._recognise()

    def _recognise(self):
        """Mark what is on record already and what repeats an earlier row; the same number with other facts is wrong."""
        numbers = [line.values.get("declaration") for line in self.lines]
        on_record = {row.declaration: row for row in self.company.exports.filter(declaration__in=filter(None, numbers))}
        first = {}
        for line in self.lines:
            number = line.values.get("declaration")
            if line.left_out or not number:
                continue
            if row := on_record.get(number):
                line.errors, line.skipped = {}, _known(line, row)
            elif earlier := first.get(number):
                self._compare(line, earlier)
            else:
                first[number] = line

    @staticmethod
    def _compare(line, earlier):
        if line.errors or earlier.errors:
            return
        if line.values == earlier.values:
            line.skipped = _("Repite la fila %(n)s.") % {"n": earlier.number}
            return
        line.errors["declaration"] = _(
            "La fila %(n)s trae la misma declaración con otros datos. Deje una sola fila, con el total."
        ) % {"n": earlier.number}

    def keep(self, *, by):
        """Put every new row on record, or none; return how many. Raises Unreadable while a row is wrong.

        The company's row is held meanwhile: what a colleague registered in this moment is recognised, not repeated.
        """
        with transaction.atomic():
            self.company.lock_row()
            fresh = ExportTable(self.company, [Line(o.number, o.texts, left_out=o.left_out) for o in self.lines])
            if fresh.wrong:
                raise Unreadable(_("Hay filas por corregir. No se registró ninguna."))
            for line in fresh.new:
                ExportRecord(company=self.company, **line.values).keep(by=by)
        return len(fresh.new)


def _known(line, row):
    if all(getattr(row, key) == value for key, value in line.values.items()) and len(line.values) == len(KEYS):
        return _("Ya está registrada.")
    return _("Ya está registrada, con otros datos. No se cambia: edítela en la lista.")


def read_lines(rows, places=None, titled=False):
    """The lines of `rows`, (number, cells) each, by `places` {place: key} or by what the columns say of themselves.

    titled: whether the first row has titles, when `places` are told. Days and amounts are read a column at a time and
    written as this page writes them. Raises Unmatched when the columns do not say, or which of two amounts is which
    without titles; Unreadable without a row.
    """
    titles = _by_titles(rows[0][1])
    if titles or titled:
        rows = rows[1:]
    guess = places or titles or _by_content(rows)
    two_amounts = {"fob_usd", "net_kg"} <= set(guess.values())
    if unknown := [key for key in NEEDED if key not in guess.values()]:
        raise Unmatched(rows, guess, _why_unknown(unknown, titles))
    if guess not in (places, titles) and two_amounts:
        why = _("Hay dos columnas de números y ningún título: dígale al sistema cuál es el valor FOB y cuál el peso.")
        raise Unmatched(rows, guess, why)
    if not rows:
        raise Unreadable(_("No hay filas debajo de los títulos."))
    return [Line(number, texts) for number, texts in _written_our_way(rows, guess)]


def _why_unknown(keys, titles):
    labels = row_fields()
    names = ", ".join(f"«{labels[key].label}»" for key in keys)
    if titles:
        return _("Entre los títulos de su tabla no reconocimos: %(names)s.") % {"names": names}
    return _("Su tabla no trae títulos, y por lo que hay en las celdas no supimos qué columna es: %(names)s.") % {
        "names": names
    }


def _written_our_way(rows, places):
    columns = {key: [_cell(cells, place) for _number, cells in rows] for place, key in places.items()}
    for key, read in (("exported_on", days), ("fob_usd", amounts), ("net_kg", amounts)):
        if key in columns:
            columns[key] = read(columns[key])
    numbers = columns.pop(NUMBER, None)
    for n, (number, _cells) in enumerate(rows):
        shown = int(numbers[n]) if numbers and numbers[n].isascii() and numbers[n].isdigit() else number
        yield shown, {key: texts[n] for key, texts in columns.items()}


def rows_as_text(rows):
    """Rows as they were read, to travel with a page; where one was empty an empty one is left, so that numbers stay."""
    by_number = dict(rows)
    return as_pasted(by_number.get(number, ()) for number in range(1, rows[-1][0] + 1))


def _cell(cells, place):
    return cells[place] if place < len(cells) else ""


def _by_titles(cells):
    """{place: key} when the first row names its columns, else {}."""
    found = {}
    for place, cell in enumerate(cells):
        word = re.sub(r"[^a-z0-9_]", "", plain(cell))
        key = next((key for key, words in TITLES.items() if word == key or word in words.split()), None)
        if word == NUMBER and place == 0:
            key = NUMBER
        if word and key and key not in found.values():
            found[place] = key
    return found if len(found) >= 2 else {}


def _by_content(rows):
    """{place: key} of the columns whose cells look like one thing; nothing where there are more columns than things."""
    width = max((len(cells) for _number, cells in rows), default=0)
    columns = {place: [t for _n, cells in rows if (t := _cell(cells, place))] for place in range(width)}
    columns = {place: texts for place, texts in columns.items() if texts}
    if len(columns) > len(KEYS):
        return {}
    found = {}
    for key in KEYS:
        fits = [place for place, texts in columns.items() if place not in found and _mostly(LOOKS[key], texts)]
        if fits:
            found[fits[0]] = key
    return found


def _mostly(looks, texts):
    return sum(map(looks, texts)) * 10 >= len(texts) * 6


def _is_country(text):
    try:
        return bool(country(text))
    except ValidationError:
        return False


LOOKS = {
    "declaration": lambda text: bool(re.fullmatch(r"\d{3}[ .-]?\d{4}[ .-]?\d{2}[ .-]?\d{6}", text)),
    "exported_on": lambda text: re.fullmatch(r"\d{2}/\d{2}/\d{4}", days([text])[0]) is not None,
    "tariff_code": lambda text: bool(re.fullmatch(r"\d{4}\.?\d{2}\.?\d{2}\.?\d{2}|\d{9}", text)),
    "destination": _is_country,
    "fob_usd": lambda text: re.fullmatch(r"[\d.]+", amounts([text])[0]) is not None,
    "net_kg": lambda text: re.fullmatch(r"[\d.]+", amounts([text])[0]) is not None,
}
