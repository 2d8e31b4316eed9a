"""Bytes on their way in: written at once to the disk the files live on, and hashed while they are read."""

import errno
import hashlib
import os
import shutil
import tempfile

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from .keeping import incoming

NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class ReceivedFile(UploadedFile):
    """A file in the folder of what comes in, until it is kept or forgotten. `sha256` is of all that was read.

    problem: why it could not be received whole or drawn anew (a key of sentences.py), or nothing.
    """

    def __init__(self, name, content_type="", charset=None, extra=None):
        file = tempfile.NamedTemporaryFile(dir=incoming(), prefix="subida-")  # noqa: SIM115  (closed by the request)
        super().__init__(file, name, content_type, 0, charset, extra)
        self.digest, self.problem, self.rendition = hashlib.sha256(), "", None

    @classmethod
    def copy_of(cls, other):
        """Whatever else a form may be given, as if it had been received."""
        copy = cls(other.name, getattr(other, "content_type", ""))
        for chunk in other.chunks():
            copy.take(chunk)
        copy.size = other.size
        return copy

    @property
    def sha256(self):
        return self.digest.hexdigest()

    @property
    def path(self):
        return self.file.name

    def take(self, chunk):
        """Write what arrived; note it when the disk has no room left, so that the form can say so."""
        self.size += len(chunk)
        if self.problem or self.size > settings.UPLOAD_MAX_BYTES:
            return
        self.digest.update(chunk)
        try:
            self.file.write(chunk)
            self.file.flush()
        except OSError as error:
            if error.errno not in NO_SPACE:
                raise
            self.lack_space()

    def lack_space(self):
        self.problem = "no_space"
        self.file.truncate(0)

    def reread(self):
        """Learn size and hash of what another process wrote into it."""
        self.size = os.fstat(self.fileno()).st_size
        self.seek(0)
        self.digest = hashlib.file_digest(self.file, "sha256")
        self.seek(0)
        return self

    def close(self):
        if self.rendition:
            self.rendition.close()
        super().close()


class DiskHandler(FileUploadHandler):
    """Receives every file of a form, small or large, and none when the disk is nearly full."""

    chunk_size = 256 * 1024

    def __init__(self, request=None):
        super().__init__(request)
        self.received = []  # what the answer depends on, and what is closed after it (middleware.py)

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        self.room = shutil.disk_usage(incoming()).free - content_length > settings.FREE_SPACE_FLOOR

    def new_file(self, field_name, file_name, content_type, content_length, charset=None, content_type_extra=None):
        super().new_file(field_name, file_name, content_type, content_length, charset, content_type_extra)
        self.file = ReceivedFile(file_name, content_type, charset, content_type_extra)
        self.received.append(self.file)
        if not self.room:
            self.file.lack_space()

    def receive_data_chunk(self, raw_data, start):
        self.file.take(raw_data)

    def file_complete(self, file_size):
        self.file.size = file_size
        self.file.seek(0)
        return self.file

    def upload_interrupted(self):
        if hasattr(self, "file"):
            self.file.close()
