"""What a file is, by its bytes, and whether it may come in."""

import io
import zipfile

import documents
import office
import pictures
import previews
import texts
from refusal import Refused

PDF, CSV = "application/pdf", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")


def preload():
    """Read now what inspections will need: they may open no file themselves."""
    documents.preload()
    pictures.preload()
    previews.preload()
    texts.preload()


def kind_of(head, name):
    """The type the first bytes tell; CSV has none, there the name decides which of our checks to pass."""
    if head.startswith(b"%PDF-"):
        return PDF
    if picture := pictures.kind_of(head):
        return picture
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(OLD_OFFICE):
        raise Refused("old_office")
    if name.lower().endswith((".csv", ".txt")):
        return CSV
    raise Refused("kind")


def check(source, target, *, name, kinds):
    """Return the type of `source` and what is known of it; a photo is written to `target` without what it tells.

    Raises Refused, or whatever a parser raises over a broken file.
    """
    source.seek(0)
    kind = kind_of(source.read(64), name)
    if kind == "zip":
        if not {XLSX, DOCX} & set(kinds):
            raise Refused("kind")
        kind, archive = office.kind_of(source)
    if kind not in kinds:
        raise Refused("kind")
    if kind in {XLSX, DOCX}:
        return {"kind": kind, **office.check(source, archive)}
    if _is_also_a_zip(source):
        raise Refused("two_in_one")
    if kind == PDF:
        return {"kind": kind, **documents.check(source)}
    if kind == CSV:
        return {"kind": kind, **texts.check(source)}
    return {"kind": kind, **pictures.check(source, target, kind)}


def _is_also_a_zip(source):
    """Whether an archive hides behind something else, for a program that reads files from their end."""
    source.seek(0, io.SEEK_END)
    source.seek(max(0, source.tell() - 70_000))
    tail = source.read()
    if b"PK\x05\x06" not in tail:
        return False
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            return bool(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
