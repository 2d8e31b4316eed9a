"""SUNAT's padrón reducido: a text file of millions of lines, checked line by line and put in place whole or not at all.

Format: 15 columns between `|`, ISO-8859-1, one taxpayer a line, perhaps a line of titles first and a last empty column.
The lines go to a temporary table as they are read, so memory stays the same however long the file is.
"""

import hashlib
import io
import zipfile
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ecoeficiencia.jobs import Job

from .models import Padron
from .ruc import PREFIXES, check_digit

COLUMNS = 15
LONGEST = 4096  # bytes of a line; real ones have some two hundred
KEPT = 50  # problems that are kept word by word
CHUNK = 2_000
WIDTHS = (11, 250, 40, 40, 6)


class Refused(Exception):
    """Nothing was loaded. `problems`: the first ones, each with its line; `count`: how many there are."""

    def __init__(self, problems, count=None):
        self.problems, self.count = problems, count or len(problems)
        super().__init__("\n".join(problems))


class Lines:
    """The good lines of a file as (line, ruc, name, state, condition, ubigeo); what is wrong is counted and kept."""

    def __init__(self, file, prefix="", progress=None):
        self.file, self.prefix, self.progress = file, prefix, progress or (lambda n: None)
        self.digest, self.read, self.broken, self.problems = hashlib.sha256(), 0, 0, []

    def __iter__(self):
        while raw := self.file.readline(LONGEST):
            self.digest.update(raw)
            self.read += 1
            if self.read % 100_000 == 0:
                self.progress(self.read)
            try:
                fields = self._fields(raw)
            except ValueError as error:
                self.note(self.read, str(error))
                continue
            if fields and fields[0].startswith(self.prefix):
                yield self.read, *fields

    def note(self, line, what):
        self.broken += 1
        if len(self.problems) < KEPT:
            self.problems.append(_("Línea %(line)s: %(what)s.") % {"line": line, "what": what})

    def _fields(self, raw):
        """The five columns that are kept; None for the titles and for empty lines. Raises ValueError."""
        if len(raw) == LONGEST and not raw.endswith(b"\n"):
            self._skip_line()
            raise ValueError(_("es demasiado larga; el archivo no parece el padrón"))
        parts = _decoded(raw).rstrip("\r\n").split("|")
        if parts == [""] or (self.read == 1 and parts[0].strip().upper() == "RUC"):
            return None
        if len(parts) == COLUMNS + 1 and not parts[-1].strip():
            parts.pop()
        if len(parts) != COLUMNS:
            raise ValueError(_("tiene %(found)s columnas y debe tener 15") % {"found": len(parts)})
        fields = ["" if part == "-" else part for part in (p.strip() for p in parts[:5])]
        _check(fields)
        return fields

    def _skip_line(self):
        while (more := self.file.readline(LONGEST)) and not more.endswith(b"\n"):
            self.digest.update(more)


def _decoded(raw):
    """The text of a line in ISO-8859-1. Raises ValueError when its bytes are those of another encoding."""
    text = raw.decode("latin-1")
    if not raw.isascii():
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            raise ValueError(_("está en UTF-8 y el padrón viene en ISO-8859-1"))
    if any((c < " " and c not in "\r\n\t") or "\x7f" <= c <= "\x9f" for c in text):
        raise ValueError(_("lleva caracteres que no son de texto ISO-8859-1"))
    return text


def _check(fields):
    ruc, name, state, condition, _ubigeo = fields
    if not (len(ruc) == 11 and ruc.isascii() and ruc.isdigit()):
        raise ValueError(_("«%(ruc)s» no es un RUC de 11 dígitos") % {"ruc": ruc[:20]})
    if not ruc.startswith(PREFIXES) or check_digit(ruc[:10]) != int(ruc[10]):
        raise ValueError(_("el dígito de control del RUC %(ruc)s no corresponde") % {"ruc": ruc})
    if not (name and state and condition):
        raise ValueError(_("le falta el nombre, el estado o la condición"))
    if any(len(text) > width for text, width in zip(fields, WIDTHS, strict=True)):
        raise ValueError(_("un dato es más largo de lo que el padrón admite"))


@contextmanager
def opened(path):
    """The bytes of the file, or of the only file inside a ZIP, read as they are needed."""
    path = Path(path)
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        names = [member for member in archive.namelist() if not member.endswith("/")]
        if len(names) != 1:
            raise Refused([_("El ZIP debe llevar un solo archivo y lleva %(n)s.") % {"n": len(names)}])
        with archive.open(names[0]) as file:
            yield io.BufferedReader(file)


def load(path, *, as_of, prefix="", tolerate=0, progress=None):
    """Replace the padrón by the file at `path`, as it was on day `as_of`; return the Padron row.

    prefix: keep only the RUCs that begin so. tolerate: how many broken lines may be left out. progress: called with
    the number of lines read, every hundred thousand. Raises Refused, and then nothing has changed.
    """
    newer = Padron.objects.filter(as_of__gt=as_of).first()
    if newer:
        raise Refused([_("El padrón cargado es más reciente: del %(day)s.") % {"day": f"{newer.as_of:%d/%m/%Y}"}])
    with opened(path) as file:
        lines = Lines(file, prefix, progress)
        with _stage() as table:
            table.fill(lines)
            table.index()
            for line, ruc, first in table.twins():
                lines.note(line, _("el RUC %(ruc)s ya está en la línea %(first)s") % {"ruc": ruc, "first": first})
            if lines.broken > tolerate:
                raise Refused(lines.problems, lines.broken)
            return _put_in_place(table, lines, Path(path).name, as_of)


def _put_in_place(table, lines, filename, as_of):
    with transaction.atomic():
        count = table.replace()
        if not count:
            raise Refused([_("El archivo no tiene ningún contribuyente.")])
        padron = Padron.objects.create(
            filename=filename[:200], sha256=lines.digest.hexdigest(), as_of=as_of, taxpayers=count,
            left_out=lines.broken, problems=lines.problems,
        )  # fmt: skip
        Job.enqueue("programs.recheck", key=f"recheck:padron:{padron.pk}", payload={})
    return padron


@contextmanager
def _stage():
    table = (PostgresStage if connection.vendor == "postgresql" else Stage)()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS padron_stage")
        cursor.execute(
            "CREATE TEMPORARY TABLE padron_stage"
            " (line bigint, ruc varchar(11), name text, state text, condition text, ubigeo text)"
        )
    try:
        yield table
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE IF EXISTS padron_stage")


class Stage:
    """The temporary table the lines go to before any of them counts."""

    def fill(self, lines):
        rows = iter(lines)
        with connection.cursor() as cursor:
            while chunk := list(islice(rows, CHUNK)):
                cursor.executemany("INSERT INTO padron_stage VALUES (%s, %s, %s, %s, %s, %s)", chunk)

    def index(self):
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX padron_stage_by_ruc ON padron_stage (ruc, line)")

    def twins(self):
        """(line, RUC, first line) of each line whose RUC an earlier one has, as they are read."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT s.line, s.ruc, t.first FROM padron_stage s JOIN"
                " (SELECT ruc, min(line) AS first FROM padron_stage GROUP BY ruc HAVING count(*) > 1) t"
                " ON s.ruc = t.ruc AND s.line > t.first ORDER BY s.line"
            )
            while rows := cursor.fetchmany(CHUNK):
                yield from rows

    def replace(self):
        """Put the lines in the place of the former padrón; the first of two with one RUC. Return how many."""
        with connection.cursor() as cursor:
            self._hold(cursor)
            cursor.execute("DELETE FROM companies_taxpayer")
            cursor.execute(
                "INSERT INTO companies_taxpayer (ruc, name, state, condition, ubigeo)"
                " SELECT ruc, name, state, condition, ubigeo FROM padron_stage s WHERE NOT EXISTS"
                " (SELECT 1 FROM padron_stage t WHERE t.ruc = s.ruc AND t.line < s.line)"
            )
            return cursor.rowcount

    def _hold(self, cursor):
        """SQLite has one writer at a time."""


class PostgresStage(Stage):
    def fill(self, lines):
        with connection.cursor() as cursor:
            cursor.copy_expert("COPY padron_stage FROM STDIN", Copied(lines))
            cursor.execute("ANALYZE padron_stage")

    def _hold(self, cursor):
        """Readers go on with the former padrón; a second load waits."""
        cursor.execute("LOCK TABLE companies_taxpayer IN SHARE ROW EXCLUSIVE MODE")


class Copied:
    """Rows as the text COPY reads, made as it asks for more."""

    ESCAPED = str.maketrans({"\\": "\\\\", "\t": " ", "\n": " ", "\r": " "})

    def __init__(self, rows):
        self.rows, self.rest = iter(rows), b""

    def read(self, size=8192):
        parts, length = [self.rest], len(self.rest)
        while length < size and (row := next(self.rows, None)) is not None:
            text = "\t".join([str(row[0]), *(value.translate(self.ESCAPED) for value in row[1:])]) + "\n"
            parts.append(text.encode())
            length += len(parts[-1])
        whole = b"".join(parts)
        self.rest = whole[size:]
        return whole[:size]
