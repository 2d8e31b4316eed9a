"""The broker of the embedded default: a folder with one file a message, which is whole or not there.

kombu's transport of the same kind gives a file its name before it writes it, and takes a short write for a whole one:
a worker that looks meanwhile, or after a kill or a full disk, reads half a message and ends. Here a message is named
when it is written, and one that cannot be read is put aside; its job is sent again, for the job table is the truth
(docs/adr/0003, docs/adr/0021).
"""

import contextlib
import logging
import os
import time
import uuid
from datetime import timedelta
from pathlib import Path
from queue import Empty

from kombu.transport import virtual
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

PART, WHOLE, ASIDE = ".part", ".msg", ".unreadable"
UNFINISHED, LOOKED_AT = timedelta(hours=1), timedelta(days=7)  # how long what nobody reads is kept


def aside(folder):
    """The messages that were put aside."""
    return sorted(Path(folder).glob(f"*{ASIDE}"))


def sweep(folder, now):
    """Take away what a killed process did not finish, and what was put aside long enough to be looked at."""
    for paths, age in ((Path(folder).glob(f"*{PART}"), UNFINISHED), (aside(folder), LOOKED_AT)):
        for path in paths:
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < (now - age).timestamp():
                    path.unlink()


class Channel(virtual.Channel):
    """Queues that one message goes to; what every process must know of them is the name of their files."""

    @property
    def folder(self):
        return Path(self.connection.client.transport_options["folder"])

    def _put(self, queue, message, **kwargs):
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"{time.time_ns()}_{uuid.uuid4()}.{queue}{PART}"
        try:
            part.write_bytes(dumps(message).encode())
            part.rename(part.with_suffix(WHOLE))
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
            raise

    def _get(self, queue, timeout=None):
        for path in self._waiting(queue):
            if message := self._take(path):
                return message
        raise Empty

    def _take(self, path):
        """The message, which nobody else gets then; None when somebody was faster, or nothing can be read of it."""
        try:
            message = self._read(path)
            path.unlink()
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever is in it must not end the worker
            self._put_aside(path, error)
            return None
        return message

    def _read(self, path):
        """What is in the file, once it is known that the worker can make a task of it."""
        message = loads(path.read_bytes().decode())
        made = self.Message(message, channel=self)
        if not (made.headers["id"] and made.headers["task"] and len(made.payload) == 3):
            raise ValueError("no task")
        return message

    def _put_aside(self, path, error):
        with contextlib.suppress(FileNotFoundError):
            path.rename(path.with_suffix(ASIDE))
            logger.error("message %s put aside, its job will be sent again: %r", path.name, error)

    def _waiting(self, queue):
        """The files of the queue, the oldest first; none when somebody took the folder away."""
        with contextlib.suppress(FileNotFoundError):
            names = sorted(os.listdir(self.folder))
            return [self.folder / name for name in names if name.endswith(f".{queue}{WHOLE}")]
        return []

    def _size(self, queue):
        return len(self._waiting(queue))

    def _purge(self, queue):
        waiting = self._waiting(queue)
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)


class Transport(virtual.Transport):
    """A folder that cannot be read or written is a broker that is away: the worker waits for it as for another."""

    Channel = Channel
    connection_errors = (*virtual.Transport.connection_errors, OSError)
    # No exchange that many listen to: with it a worker also takes commands, which nobody gives.
    implements = virtual.Transport.implements.extend(exchange_type=frozenset(["direct"]))
    default_port = 0
    driver_type = driver_name = "folder"

    def establish_connection(self):
        with contextlib.suppress(FileNotFoundError):
            os.listdir(self.client.transport_options["folder"])
        return super().establish_connection()

    def driver_version(self):
        return ""
