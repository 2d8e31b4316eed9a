"""CSV: readable text in columns, without formulas that a spreadsheet would carry out."""

import csv
import io
import re

from refusal import Refused

ENCODINGS = ("utf-8-sig", "cp1252")
DELIMITERS = ",;\t|"
MAX_ROWS = 200_000
MAX_CELL = 32_767  # characters Excel keeps in a cell
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
FORMULA = re.compile(r"[\s\x00]*[=@＝＠]|[\s\x00]*[+\-](?![\d.,\s]|$)|[\s\x00]*[+\-].*[|!(]")


def preload():
    for encoding in (*ENCODINGS, "cp437", "ascii", "latin-1", "utf-16"):
        "n".encode(encoding).decode(encoding)
    list(csv.reader(io.StringIO("a;b"), delimiter=";"))


def read(source):
    """The text, and what separates its columns."""
    source.seek(0)
    content = source.read()
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused("kind")
    head = text.lstrip("\ufeff \t\r\n")[:2000]
    if CONTROL.search(text) or head.startswith(("<", "{", "%!", "#!", "MZ")):
        raise Refused("kind")
    return text, max(DELIMITERS, key=head.count)


def check(source):
    text, delimiter = read(source)
    csv.field_size_limit(MAX_CELL)
    rows = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows += 1
            if rows > MAX_ROWS:
                raise Refused("rows", limit=MAX_ROWS)
            if any(FORMULA.match(cell) for cell in row):
                raise Refused("formula", row=rows)
    except csv.Error:
        raise Refused("csv_row", row=rows + 1) from None
    if rows < 1 or delimiter not in text:
        raise Refused("no_columns")
    return {"rows": rows}
