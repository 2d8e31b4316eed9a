"""The countries of destination: ISO 3166-1, with the names of CLDR 48 in Spanish of Peru and English."""

import csv
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ecoeficiencia.tables import plain

FILE = Path(__file__).parent / "data" / "countries.csv"


@cache
def called():
    """[(name people read, whatever else the country is called)] by name; without Peru, from which everything leaves."""
    rows = sorted(_rows(), key=lambda row: plain(row["nombre"]))
    return [
        (row["nombre"], " ".join([row["ingles"], *row["tambien"].split("|"), row["iso2"], row["iso3"]])) for row in rows
    ]


def country(text):
    """The name of the country that `text` calls by its name, another it bears, or its ISO code.

    Raises ValidationError with what to write. Check: «EE.UU.», «usa» and «US» give Estados Unidos.
    """
    found = _by_name().get(_bare(text))
    if found is None:
        raise ValidationError(
            _("No reconocemos «%(text)s» como país de destino. Escríbalo en español, por ejemplo Países Bajos.")
            % {"text": text}
        )
    return found


@cache
def _rows():
    with FILE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def _by_name():
    found = {}
    for row in _rows():
        for name in (row["iso2"], row["iso3"], row["ingles"], *row["tambien"].split("|"), row["nombre"]):
            found[_bare(name)] = row["nombre"]
    found.pop("", None)
    return found


def _bare(name):
    return plain(name).replace(".", "").replace("&", "y")
