"""What a person may look at in the page: the image of a page, the first rows of a table, the text of a letter."""

import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import pypdfium2
import texts
from refusal import Refused

MAX_SHEETS, MAX_ROWS, MAX_COLUMNS, MAX_TEXT = 5, 100, 20, 200  # rows a sheet, columns a row, characters a cell
MAX_PARAGRAPHS = 300
MAX_POINTS = 4_000_000  # pixels of the image of a page
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def preload():
    document = pypdfium2.PdfDocument.new()
    document.new_page(10, 10)
    document[0].render(scale=1).to_pil().save(io.BytesIO(), "JPEG")
    document.close()


def page(source, target, *, number, width):
    """Draw page `number` (from 1), `width` pixels wide, as a JPEG."""
    source.seek(0)
    document = pypdfium2.PdfDocument(source.read())
    if not 1 <= number <= len(document):
        raise Refused("no_pages")
    drawn = document[number - 1]
    across, down = drawn.get_size()
    scale = min(width / max(across, 1), (MAX_POINTS / max(across * down, 1)) ** 0.5)
    image = drawn.render(scale=scale, draw_annots=True, may_draw_forms=False).to_pil()
    image.convert("RGB").save(target, "JPEG", quality=80)
    return {"pages": len(document), "width": image.width, "height": image.height}


def table(source, target, *, kind):
    """Write the first rows of each sheet, or the paragraphs of a letter, as JSON."""
    if kind == "text/csv":
        shown = {"sheets": [{"name": "", "rows": _csv_rows(source)}]}
    elif kind.endswith("spreadsheetml.sheet"):
        shown = {"sheets": _sheets(zipfile.ZipFile(source))}
    else:
        shown = {"paragraphs": _paragraphs(zipfile.ZipFile(source))}
    target.write(json.dumps(shown).encode())
    return {"shown": "application/json"}


def _csv_rows(source):
    text, delimiter = texts.read(source)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [[cell[:MAX_TEXT] for cell in row[:MAX_COLUMNS]] for row, _n in zip(rows, range(MAX_ROWS), strict=False)]


def _sheets(archive):
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target") for relation in relations}
    names = set(archive.namelist())
    words = _shared(archive) if "xl/sharedStrings.xml" in names else []
    shown = []
    for sheet in list(book.iter(f"{MAIN}sheet"))[:MAX_SHEETS]:
        path = targets.get(sheet.get(LINK), "").lstrip("/")
        path = path if path.startswith("xl/") else f"xl/{path}"
        if path in names:
            shown.append({"name": sheet.get("name", "")[:MAX_TEXT], "rows": _rows(archive, path, words)})
    return shown


def _shared(archive):
    """The words that cells refer to by number."""
    with archive.open("xl/sharedStrings.xml") as part:
        return [
            "".join(text.text or "" for text in item.iter(f"{MAIN}t"))[:MAX_TEXT]
            for _event, item in ElementTree.iterparse(part)
            if item.tag == f"{MAIN}si"
        ]


def _rows(archive, path, words):
    rows = []
    with archive.open(path) as part:
        for _event, row in ElementTree.iterparse(part):
            if row.tag != f"{MAIN}row":
                continue
            rows.append([_cell(cell, words) for cell in row[:MAX_COLUMNS]])
            row.clear()
            if len(rows) == MAX_ROWS:
                break
    return rows


def _cell(cell, words):
    value = cell.findtext(f"{MAIN}v") or ""
    if cell.get("t") == "s":
        return words[int(value)] if value.isdigit() and int(value) < len(words) else ""
    if cell.get("t") == "inlineStr":
        value = "".join(text.text or "" for text in cell.iter(f"{MAIN}t"))
    return value[:MAX_TEXT]


def _paragraphs(archive):
    found = []
    with archive.open("word/document.xml") as part:
        for _event, paragraph in ElementTree.iterparse(part):
            if paragraph.tag != f"{WORD}p":
                continue
            if text := "".join(run.text or "" for run in paragraph.iter(f"{WORD}t")).strip():
                found.append(text[:2000])
            paragraph.clear()
            if len(found) == MAX_PARAGRAPHS:
                break
    return found
