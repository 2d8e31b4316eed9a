"""PDF: it opens, it is whole, it expands to something reasonable, and nothing in it runs or carries other files."""

import contextlib
import io
import re
import zlib

import pikepdf
from refusal import Refused

MAX_PAGES = 500
MAX_OBJECTS = 200_000
MAX_STREAM = 64 * 1024 * 1024  # bytes one stream may expand to
MAX_STREAMS = 192 * 1024 * 1024  # and all of them
MAX_PIXELS = 200_000_000  # of one image, as it declares them
TAIL = 2048  # bytes at the end, among which the end mark must be
MARK = b"%%EOF"
PIECE = 64 * 1024
# What is forbidden, by the sentence that tells of it.
ACTIVE = {
    "/JS": "script", "/JavaScript": "script", "/Launch": "launch", "/ImportData": "launch", "/SubmitForm": "launch",
    "/EmbeddedFile": "attached", "/EmbeddedFiles": "attached", "/EF": "attached", "/GoToE": "attached",
    "/XFA": "xfa", "/RichMedia": "media", "/Movie": "media", "/Sound": "media", "/Screen": "media",
}  # fmt: skip
SUSPECT = re.compile(b"(?:" + "|".join(ACTIVE).encode() + rb")\b")
PACKED = re.compile(rb"/(?:ObjStm|XRef)\b[^\0]{0,400}?stream\r?\n", re.DOTALL)


def preload():
    document = pikepdf.new()
    document.add_blank_page()
    kept = io.BytesIO()
    document.save(kept)
    kept.seek(0)
    check(kept)


def check(source):
    _check_end(source)
    _check_packed(source)
    source.seek(0)
    try:
        document = pikepdf.open(source, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Refused("password") from None
    with document:
        if document.is_encrypted:
            raise Refused("protected")
        pages = len(document.pages)
        if not pages:
            raise Refused("no_pages")
        if pages > MAX_PAGES:
            raise Refused("pages", pages=pages, limit=MAX_PAGES)
        _check_objects(document)
    return {"pages": pages}


def _check_end(source):
    """The end mark is there, and hardly anything after it."""
    source.seek(0, io.SEEK_END)
    source.seek(max(0, source.tell() - TAIL))
    if MARK not in source.read():
        raise Refused("incomplete")


def _check_packed(source):
    """Streams that the library expands while it opens the file."""
    source.seek(0)
    content = source.read()
    for found in PACKED.finditer(content):
        _expanded(memoryview(content)[found.end() :], MAX_STREAM)


def _check_objects(document):
    total = 0
    for count, thing in enumerate(document.objects):
        if count > MAX_OBJECTS:
            raise Refused("demanding")
        if not isinstance(thing, pikepdf.Object):
            continue  # a number, or nothing where a later revision has no object
        if SUSPECT.search(thing.unparse(resolved=True)):
            _check_active(thing)
        if isinstance(thing, pikepdf.Stream):
            total += _size(thing)
            if total > MAX_STREAMS:
                raise Refused("expands")


def _check_active(thing, depth=0):
    """Look for forbidden names as keys and as values; text that only contains such a word is innocent."""
    if depth > 50:
        raise Refused("demanding")
    if isinstance(thing, pikepdf.Name):
        if str(thing) in ACTIVE:
            raise Refused(ACTIVE[str(thing)])
    elif isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        for key in thing.keys():  # noqa: SIM118  (a PDF object is not quite a dict)
            if key in ACTIVE:
                raise Refused(ACTIVE[key])
            _check_part(thing[key], depth)
    elif isinstance(thing, pikepdf.Array):
        for part in thing:
            _check_part(part, depth)


def _check_part(part, depth):
    if isinstance(part, pikepdf.Object) and not part.is_indirect:  # what is indirect is met by itself
        _check_active(part, depth + 1)


def _size(stream):
    """How many bytes `stream` expands to; an image is taken at its word, which is all a reader will draw."""
    if stream.get("/Subtype") == pikepdf.Name.Image:
        if int(stream.get("/Width", 0)) * int(stream.get("/Height", 0)) > MAX_PIXELS:
            raise Refused("pixels")
        return 0
    filters = stream.get("/Filter", [])
    filters = [filters] if isinstance(filters, pikepdf.Name) else list(filters)
    content = stream.read_raw_bytes()
    while filters and filters.pop(0) in {pikepdf.Name.FlateDecode, pikepdf.Name("/Fl")}:
        nested = bool(filters)
        content = _expanded(content, MAX_STREAM, keep=nested)
        if not nested:
            return content
    return len(content)


def _expanded(content, limit, keep=False):
    """Expand zlib data in pieces, never more than `limit`; return its size, or all of it when `keep`."""
    machine, kept, size, view = zlib.decompressobj(), [], 0, memoryview(content)
    with contextlib.suppress(zlib.error):  # a reader shows what came before; so do we count it
        for start in range(0, len(view), PIECE):
            rest = view[start : start + PIECE]
            while rest and not machine.eof:
                opened = machine.decompress(rest, 1024 * 1024)
                size += len(opened)
                if size > limit:
                    raise Refused("expands")
                if keep:
                    kept.append(opened)
                rest = machine.unconsumed_tail
            if machine.eof:
                break
    return b"".join(kept) if keep else size
