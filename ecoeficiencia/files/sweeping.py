"""What goes away by itself: uploads that were broken off, bytes that no row speaks of, rows that nobody needs any more.

A file is never taken away while it could be in use: see `keeping.WriteOnce`, which renews the time of a file that is
sent once more, and `Blob.store`, which takes a row back that was about to go.
"""

import contextlib
import logging
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from .blob import Blob
from .keeping import incoming, is_local
from .serving import PREVIEWS

logger = logging.getLogger(__name__)

BROKEN_OFF = timedelta(hours=1)  # no upload takes longer
UNKNOWN = timedelta(hours=24)  # a file without a row this old was left by a crash
UNUSED = timedelta(days=7)  # a row that nothing refers to goes after that; backups rely on it
SEEN = timedelta(days=7)  # previews nobody looked at
BUDGET = 40  # seconds one round of reading may take


def sweep(now=None):
    """Take away what may go; return how many uploads, files and rows went."""
    now = now or timezone.now()
    broken = _older(incoming().glob("*"), now - BROKEN_OFF)
    _older(PREVIEWS.glob("*/*"), now - SEEN)
    rows = _unused(now)
    return {"uploads": broken, "rows": rows, "files": _unknown(now)}


def _older(paths, moment):
    gone = 0
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < moment.timestamp():
                path.unlink()
                gone += 1
    return gone


def referring():
    """(model, column) of everything that may need a file."""
    fields = Blob._meta.get_fields(include_hidden=True)
    return [(field.related_model, field.field.attname) for field in fields if field.one_to_many or field.one_to_one]


def unreferenced():
    """Rows that nothing refers to."""
    rows = Blob.objects.all()
    for model, column in referring():
        rows = rows.filter(~Exists(model._base_manager.filter(**{column: OuterRef("pk")})))
    return rows


def _unused(now):
    """Note since when a row is not needed, and let those go that have not been for long enough."""
    loose = set(unreferenced().values_list("pk", flat=True))
    Blob.objects.filter(loose_since__isnull=False).exclude(pk__in=loose).update(loose_since=None)
    Blob.objects.filter(pk__in=loose, loose_since=None).update(loose_since=now)
    gone = 0
    for blob in Blob.objects.filter(loose_since__lte=now - UNUSED):
        with transaction.atomic():
            # Asked again in the statement that deletes: somebody may have sent the same bytes meanwhile.
            gone += unreferenced().filter(pk=blob.pk, loose_since__lte=now - UNUSED)._raw_delete("default")
    return gone


def _unknown(now):
    """Take away files that no row speaks of. First out of the way, then a last look, then for good."""
    gone = 0
    for name, path in _old_files(now - UNKNOWN):
        if Blob.objects.filter(sha256=name).exists():
            continue
        if is_local():
            gone += _unlink(name, path, now)
        else:
            default_storage.delete(path)
            gone += 1
    if gone:
        logger.info("swept %s files that no row spoke of", gone)
    return gone


def _old_files(moment):
    """(SHA-256, path) of files last written before `moment`."""
    with contextlib.suppress(FileNotFoundError):
        for folder in default_storage.listdir("blobs")[0]:
            for name in default_storage.listdir(f"blobs/{folder}")[1]:
                path = f"blobs/{folder}/{name}"
                with contextlib.suppress(FileNotFoundError):
                    if _written(path) < moment:
                        yield name, path


def _written(path):
    written = default_storage.get_modified_time(path)
    return written if written.tzinfo else written.replace(tzinfo=UTC)


def _unlink(name, path, now):
    path = Path(default_storage.path(path))
    aside = incoming() / f"{name}.gone"
    with contextlib.suppress(FileNotFoundError):
        os.rename(path, aside)
        renewed = datetime.fromtimestamp(aside.stat().st_mtime, UTC) >= now - UNKNOWN
        if renewed or Blob.objects.filter(sha256=name).exists():
            os.rename(aside, path)
            return 0
        aside.unlink()
        return 1
    return 0


def verify_some():
    """Read files and compare them with their names, the longest unread first; how many are not right."""
    until, wrong = time.monotonic() + BUDGET, 0
    for blob in Blob.objects.order_by(F("verified_at").asc(nulls_first=True), "pk")[:2000]:
        if time.monotonic() > until:
            break
        wrong += not blob.is_whole()
        Blob.objects.filter(pk=blob.pk).update(verified_at=timezone.now())
    return wrong


def free_space():
    """Bytes free where files are received."""
    return shutil.disk_usage(incoming()).free
