"""Files as they lie: written once, named by their SHA-256, complete on the disk before any row speaks of them.

The order is fixed, so that a crash between any two steps leaves at worst a file that nobody knows, which is swept:
write aside, flush to the disk, give it its name, flush the folder, commit the row.
"""

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

NO_LINKS = {errno.EPERM, errno.EXDEV, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}


def is_local():
    """Whether files live in a folder of ours, not in a service."""
    return isinstance(storages["default"], WriteOnce)


def incoming():
    """The folder of what comes in, on the disk where the files live; on our own when they live in a service."""
    folder = Path(settings.MEDIA_ROOT if is_local() else settings.VAR_DIR) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class WriteOnce(FileSystemStorage):
    """A folder where a name, once given, keeps its bytes."""

    def get_available_name(self, name, max_length=None):
        return name

    def _save(self, name, content):
        path = Path(self.path(name))
        if self._is_there(path, content.size):
            return name
        _make_folder(path.parent)
        with tempfile.NamedTemporaryFile(dir=incoming(), prefix="escrito-") as aside:
            source = self._aside(content, aside)
            os.fsync(source.fileno())
            _name(source.name, path)
        _flush_folder(path.parent)
        return name

    def _is_there(self, path, size):
        """Whether the file is kept already. Its time is renewed, so that no sweep takes it for forgotten."""
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)
            if path.stat().st_size == size:
                return True
            path.unlink()  # cut short by a fault of the disk: what comes now mends it
        return False

    def _aside(self, content, aside):
        """The open file beside its final place: the one received, or a copy of what is in memory."""
        if hasattr(content, "path") and Path(content.path).parent == incoming():
            content.flush()
            return content.file
        for chunk in content.chunks():
            aside.write(chunk)
        aside.flush()
        return aside


def _make_folder(folder):
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _flush_folder(folder.parent)


def _name(source, path):
    """Give the file its name in one step; somebody who gave it meanwhile wrote the same bytes."""
    try:
        os.link(source, path)
    except FileExistsError:
        pass
    except OSError as error:  # a file system without links
        if error.errno not in NO_LINKS:
            raise
        beside = path.with_suffix(f".{os.getpid()}")
        shutil.copyfile(source, beside)
        with open(beside, "rb") as copy:
            os.fsync(copy.fileno())
        os.replace(beside, path)
    path.chmod(0o440)


def _flush_folder(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
