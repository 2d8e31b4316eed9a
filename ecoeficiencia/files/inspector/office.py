"""XLSX and DOCX: an honest archive of harmless parts, which expands to something reasonable."""

import re
import struct
import zipfile
import zlib
from xml.parsers import expat

from refusal import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_MEMBERS = 2_000
MAX_EXPANDED = 100 * 1024 * 1024  # bytes of all members together
MAX_RATIO, SMALL = 200, 1024 * 1024  # a member above SMALL may not expand more than so many times
MACROS = re.compile(r"vbaproject|vbadata|macrosheets/|activex/|\.exe$|\.dll$|\.js$|\.vbs$|\.bat$", re.IGNORECASE)
INSERTED = re.compile(r"/embeddings/|oleobject|\.ole$|\.(zip|xlsx|xlsm|docx|docm|pptx|pdf|html?|svg)$", re.IGNORECASE)
MACRO_TYPES = (b"macroEnabled", b"vbaProject")
HARMLESS = ("/hyperlink",)  # the only relation that may leave the document, and only to these
SCHEMES = re.compile(r"(?:https?|mailto|tel):|#", re.IGNORECASE)
FIELD = re.compile(r"\b(?:DDE(?:AUTO)?|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b")
LOCAL = struct.Struct("<4s5H3I2H")


def kind_of(source):
    """The type its members tell, and the archive."""
    source.seek(0)
    archive = zipfile.ZipFile(source)
    names = set(archive.namelist())
    if "EncryptedPackage" in names:
        raise Refused("password")
    if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
        return XLSX, archive
    if "[Content_Types].xml" in names and "word/document.xml" in names:
        return DOCX, archive
    if "[Content_Types].xml" in names and "xl/workbook.bin" in names:
        raise Refused("old_office")
    raise Refused("kind")


def check(source, archive):
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise Refused("members", count=len(members), limit=MAX_MEMBERS)
    _check_layout(source, archive, members)
    if sum(member.file_size for member in members) > MAX_EXPANDED:
        raise Refused("expands")
    for member in members:
        _check_name(member)
    total = 0
    for member in members:
        part = Part(member.filename)
        total += _feed(source, member, part, MAX_EXPANDED - total)
        part.close()
    return {"members": len(members)}


def _check_layout(source, archive, members):
    """Members lie one after another from the first byte on, none on top of another, and nothing follows."""
    end = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        if member.flag_bits & 1:
            raise Refused("password")
        if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Refused("broken", why="compression")
        if member.header_offset < end or (end == 0 and member.header_offset):
            raise Refused("two_in_one")
        end = _data_offset(source, member) + member.compress_size
    if archive.comment or len({m.filename.lower() for m in members}) != len(members):
        raise Refused("two_in_one")


def _data_offset(source, member):
    source.seek(member.header_offset)
    head = LOCAL.unpack(source.read(LOCAL.size))
    if head[0] != b"PK\x03\x04":
        raise Refused("broken", why="header")
    name = source.read(head[9])
    if name.decode("utf-8" if head[2] & 0x800 else "cp437") != member.orig_filename:
        raise Refused("two_in_one")
    return member.header_offset + LOCAL.size + head[9] + head[10]


def _check_name(member):
    name = member.filename
    if name.startswith(("/", "\\")) or ".." in name.split("/") or "\\" in name or "\0" in member.orig_filename:
        raise Refused("broken", why="name")
    if MACROS.search(name):
        raise Refused("macros")
    if INSERTED.search(name):
        raise Refused("inserted")
    if "externallinks/" in name.lower():
        raise Refused("external")


def _feed(source, member, part, room):
    """Give `part` what the member really holds, whatever its header says; return how many bytes that was."""
    source.seek(_data_offset(source, member))
    left, size = member.compress_size, 0
    machine = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
    most = max(SMALL, member.compress_size * MAX_RATIO)
    while left:
        piece = source.read(min(left, 64 * 1024))
        if not piece:
            raise Refused("incomplete")
        left -= len(piece)
        while piece:
            opened = machine.decompress(piece, 1024 * 1024) if machine else piece
            size += len(opened)
            if size > min(room, most):
                raise Refused("expands")
            part.feed(opened)
            piece = machine.unconsumed_tail if machine else b""
    if size != member.file_size:
        raise Refused("broken", why="size")
    return size


class Part:
    """One member on its way through: XML is parsed, without entities; the rest must not be what it does not seem."""

    def __init__(self, name):
        self.name, self.first = name, b""
        lower = name.lower()
        self.parser = None
        if lower.endswith((".xml", ".rels", ".vml")):
            self.parser = expat.ParserCreate()
            self.parser.StartDoctypeDeclHandler = self._doctype
            self.parser.buffer_text = True
            self.field = []
            if lower.endswith(".rels"):
                self.parser.StartElementHandler = self._relation
            elif lower.startswith("word/"):
                self.parser.StartElementHandler, self.parser.EndElementHandler = self._open, self._close
        self.inside = False
        self.types = lower == "[content_types].xml"

    def feed(self, piece):
        if len(self.first) < 16:
            self.first += piece[:16]
        if self.types and any(kind in piece for kind in MACRO_TYPES):
            raise Refused("macros")
        if self.parser:
            self.parser.Parse(piece, False)
        elif self.first.startswith((b"PK\x03\x04", b"MZ", bytes.fromhex("d0cf11e0"))):
            raise Refused("inserted")

    def close(self):
        if self.parser:
            self.parser.Parse(b"", True)
            if FIELD.search("".join(self.field)):
                raise Refused("dde")

    def _doctype(self, *declared):
        raise Refused("entities")

    def _relation(self, tag, attributes):
        """A part may point outside only by a link that a person must press."""
        if attributes.get("TargetMode", "").lower() != "external":
            return
        if not attributes.get("Type", "").endswith(HARMLESS):
            raise Refused("external")
        if not SCHEMES.match(attributes.get("Target", "").strip()):
            raise Refused("external")

    def _open(self, tag, attributes):
        for name, value in attributes.items():
            if name.rpartition(":")[2] == "instr":
                self.field.append(f" {value} ")
        self.inside = tag.rpartition(":")[2] == "instrText"
        self.parser.CharacterDataHandler = self.field.append if self.inside else None

    def _close(self, tag):
        self.parser.CharacterDataHandler = None
        if tag.rpartition(":")[2] == "p":
            self.field.append(" ")
