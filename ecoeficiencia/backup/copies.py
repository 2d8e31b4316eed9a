"""A copy: the database first, its files after. A row never comes before its file, so none of them is missing.

Files are written once and taken away seven days after the last row needed them, at the earliest: what the database of
a copy speaks of is there as long as copying takes less.
"""

import hashlib
import json
import os
import shutil
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import django
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from ecoeficiencia import heads

from .databases import BackupError, blobs, counts, database, is_empty

MANIFEST, LIST = "manifest.json", "blobs.txt"
TAKEN, PROVEN = "last-backup", "last-restore"  # files of ECO_VAR whose time says when


class Stopwatch:
    """How long each step took, told as it ends."""

    def __init__(self, say):
        self.say, self.seconds = say, {}

    @contextmanager
    def step(self, name):
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 1)
        self.say(_("%(step)s: %(seconds)s s") % {"step": name, "seconds": self.seconds[name]})


def take(destination, say):
    """Copy everything into `destination`; return the folder of the copy and what is wrong with the files."""
    store, watch = Path(destination), Stopwatch(say)
    folder = store / timezone.localtime().strftime("%Y-%m-%dT%H%M%S-%f")
    partial = folder.with_name(f".{folder.name}")
    partial.mkdir(parents=True)
    known, copier = heads.latest(), database()  # asked before: what they say is in the database that follows
    with watch.step(_("base de datos")), copier.dump(partial / copier.NAME) as cursor:
        rows, files = counts(cursor), blobs(cursor)
    with watch.step(_("archivos")):
        wrong = [fault for sha256, size in files if (fault := _copy_out(sha256, size, store))]
    listing = "".join(f"{sha256} {size}\n" for sha256, size in files)
    (partial / LIST).write_text(listing)
    manifest = {
        "at": timezone.now().isoformat(),
        "database": {"vendor": connection.vendor, "name": copier.NAME, "sha256": _digest(partial / copier.NAME)},
        "rows": rows,
        "heads": [list(head) for head in known],
        "blobs": {"count": len(files), "bytes": sum(size for _name, size in files), "sha256": _text_digest(listing)},
        "wrong": wrong,
        "versions": {"django": django.get_version(), "migrations": _migrations()},
        "seconds": watch.seconds,
    }
    _finish(partial, folder, manifest)
    if not wrong:
        stamp(TAKEN)
    return folder, wrong


def _finish(partial, folder, manifest):
    """Write the manifest, flush all of it to the disk, and only then call it a copy."""
    (partial / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False))
    for path in partial.iterdir():
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    partial.rename(folder)


def _copy_out(sha256, size, store):
    """Copy one file into the store unless it is there; return what is wrong with it, or nothing."""
    target = _place(store, sha256)
    if target.exists() and target.stat().st_size == size:
        return ""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(".partial")
    try:
        with default_storage.open(_name(sha256)) as source, open(beside, "wb") as copy:
            shutil.copyfileobj(source, copy, 1024 * 1024)
            copy.flush()
            os.fsync(copy.fileno())
    except FileNotFoundError:
        return _("falta %(name)s") % {"name": _name(sha256)}
    if _digest(beside) != sha256:
        beside.unlink()
        return _("%(name)s está dañado") % {"name": _name(sha256)}
    beside.rename(target)
    return ""


def read(folder):
    """The manifest of a copy and the list of its files, whole and as they were written. Raises BackupError."""
    folder = Path(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        listing = (folder / LIST).read_text()
    except (OSError, ValueError) as error:
        raise BackupError(_("%(folder)s no es una copia: no tiene manifiesto.") % {"folder": folder}) from error
    if _text_digest(listing) != manifest["blobs"]["sha256"]:
        raise BackupError(_("La lista de archivos de la copia está dañada."))
    dump = manifest["database"]
    if not (folder / dump["name"]).exists() or _digest(folder / dump["name"]) != dump["sha256"]:
        raise BackupError(_("La base de datos de la copia está dañada."))
    if dump["vendor"] != connection.vendor:
        raise BackupError(_("La copia es de otra clase de base de datos: %(vendor)s.") % {"vendor": dump["vendor"]})
    return manifest, [(line.split()[0], int(line.split()[1])) for line in listing.splitlines()]


def restore(folder, say, *, overwrite=False, accept_loss=False):
    """Make the database in use, and its files, what the copy says. Raises BackupError before anything is touched."""
    watch, folder = Stopwatch(say), Path(folder)
    with watch.step(_("comprobación de la copia")):
        manifest, files = read(folder)
        missing = [sha for sha, size in files if not _is_there(_place(folder.parent, sha), size)]
    if missing and not accept_loss:
        raise BackupError(
            _("A la copia le faltan %(n)s archivos: %(first)s…") % {"n": len(missing), "first": missing[0]}
        )
    if not overwrite and not is_empty():
        raise BackupError(_("La base de datos ya tiene datos. Use una vacía, o --overwrite para reemplazarla."))
    shorter = _shorter(manifest)
    if shorter and not accept_loss:
        raise BackupError(" ".join(shorter))
    with watch.step(_("archivos")):
        for sha256, size in files:
            if sha256 not in missing:
                _copy_in(sha256, size, folder.parent)
    with watch.step(_("base de datos")):
        database().restore(folder / manifest["database"]["name"], overwrite)
        _check_rows(manifest)
    _set_heads(manifest)
    with watch.step(_("migraciones")):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    return manifest


def _shorter(manifest):
    """A sentence for each chain (the public register, the history) that was longer here than in the copy."""
    copied = {stream: sequence for stream, sequence, _digest in manifest["heads"]}
    return [
        _("La cadena %(stream)s llegó aquí hasta %(here)s y en la copia hasta %(copy)s: se perderían asientos. "
          "Busque una copia más nueva, o repita con --accept-loss.")
        % {"stream": stream, "here": sequence, "copy": copied.get(stream, 0)}
        for stream, sequence, _digest in heads.latest()
        if sequence > copied.get(stream, 0)
    ]  # fmt: skip


def _set_heads(manifest):
    """Forget the ends that a loss, accepted, left in the air, and remember those of the copy."""
    for stream, sequence, digest in heads.latest():
        default_storage.delete(f"heads/{stream}/{sequence:012d}-{digest}")
    for stream, sequence, digest in manifest["heads"]:
        heads.keep(stream, sequence, digest)


def _check_rows(manifest):
    with connection.cursor() as cursor:
        here = counts(cursor)
    for table, count in manifest["rows"].items():
        if here.get(table) != count:
            raise BackupError(
                _("%(table)s tiene %(here)s filas y debía tener %(count)s.")
                % {"table": table, "here": here.get(table), "count": count}
            )


def _copy_in(sha256, size, store):
    """Put a file of the store among those in use, unless it is there whole."""
    source = _place(store, sha256)
    if _digest(source) != sha256:
        raise BackupError(_("En la copia, el archivo %(sha)s está dañado.") % {"sha": sha256})
    try:
        with default_storage.open(_name(sha256)) as there:
            if there.size == size and _stream_digest(there) == sha256:
                return
        default_storage.delete(_name(sha256))
    except FileNotFoundError:
        pass
    with open(source, "rb") as file:
        default_storage.save(_name(sha256), File(file))


def stamp(name):
    """Remember that this went well now; its age is watched."""
    (Path(settings.VAR_DIR) / name).write_text(timezone.now().isoformat())


def age(name):
    """Seconds since `name` went well last; None when it never did."""
    try:
        written = (Path(settings.VAR_DIR) / name).read_text().strip()
        return (timezone.now() - datetime.fromisoformat(written)).total_seconds()
    except (OSError, ValueError, TypeError):
        return None


def _name(sha256):
    return f"blobs/{sha256[:2]}/{sha256}"


def _place(store, sha256):
    return store / _name(sha256)


def _is_there(path, size):
    return path.exists() and path.stat().st_size == size


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stream_digest(file):
    digest = hashlib.sha256()
    for chunk in file.chunks(1024 * 1024):
        digest.update(chunk)
    return digest.hexdigest()


def _text_digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _migrations():
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app")
        return dict(cursor.fetchall())
