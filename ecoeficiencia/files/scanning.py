"""The antivirus, where there is one: a small client of clamd's INSTREAM. What it has not looked at, nobody gets."""

import re
import socket
import struct
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import models, transaction
from django.utils import timezone

from ecoeficiencia.jobs import Job

from .blob import Blob

CHUNK = 64 * 1024
TIMEOUT = 20  # seconds clamd may be silent
TRIES = 3
OLD = timedelta(hours=48)  # signatures older than this miss what goes round
BUDGET = 40  # seconds one round may take; the next goes on
FOUND, VERSION = re.compile(r"^stream: (.+) FOUND$"), re.compile(r"^ClamAV [^/]+/\d+/(.+)$")


class ScannerAway(Exception):
    """clamd cannot be reached, or breaks off: nothing is known of the file."""


class ScanFailed(Exception):
    """clamd answered that it could not look into this very file."""


def scan(file):
    """Have clamd look at `file`: the name of what it found, or "" when it found nothing.

    Raises ScannerAway or ScanFailed; then the file is as unknown as before.
    """
    with _connection() as connection:
        try:
            connection.sendall(b"zINSTREAM\0")
            for chunk in file.chunks(CHUNK):
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
        except ConnectionError:
            pass  # it hangs up on a file above its limit, and has said so
        except OSError as error:
            raise ScannerAway(str(error)) from error
        answer = _answer(connection)
    if answer == "stream: OK":
        return ""
    if found := FOUND.match(answer):
        return found[1][:200]
    if answer.endswith("ERROR"):
        raise ScanFailed(answer[:200])
    raise ScannerAway(f"clamd said {answer[:80]!r}")


def signatures_from():
    """The moment clamd's signatures are of. Raises ScannerAway."""
    with _connection() as connection:
        try:
            connection.sendall(b"zVERSION\0")
        except OSError as error:
            raise ScannerAway(str(error)) from error
        answer = _answer(connection)
    if not (found := VERSION.match(answer)):
        raise ScannerAway(f"clamd said {answer[:80]!r}")
    return datetime.strptime(found[1].strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)


def _connection():
    address = urlsplit(settings.CLAMAV_URL)
    try:
        if address.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(TIMEOUT)
            connection.connect(address.path)
            return connection
        return socket.create_connection((address.hostname, address.port or 3310), timeout=TIMEOUT)
    except OSError as error:
        raise ScannerAway(str(error)) from error


def _answer(connection):
    try:
        with connection.makefile("rb") as answers:
            return answers.read(4096).rstrip(b"\0\n").decode("utf-8", "replace")
    except OSError as error:
        raise ScannerAway(str(error)) from error


def scan_blob(blob):
    """Settle what a waiting file is. Raises ScannerAway: it goes on waiting, and is never taken for clean."""
    with blob.open() as file:
        try:
            finding = scan(file)
            state = Blob.State.INFECTED if finding else Blob.State.CLEAN
        except ScanFailed as error:
            finding = str(error)
            state = Blob.State.UNVERIFIABLE if blob.tries + 1 >= TRIES else Blob.State.PENDING
    waiting = Blob.objects.filter(pk=blob.pk, state=Blob.State.PENDING)
    with transaction.atomic():
        settled = waiting.update(state=state, finding=finding, tries=models.F("tries") + 1)
        if settled and state in Blob.HELD:
            Job.enqueue("files.held", f"files.held:{blob.pk}:{state}", {"blob": blob.pk})


def scan_waiting():
    """Look at the files that wait, the oldest first; return how many were looked at. Notes how the antivirus fares."""
    if not settings.CLAMAV_URL:
        return 0
    until, settled = time.monotonic() + BUDGET, 0
    try:
        _note("old" if timezone.now() - signatures_from() > OLD else "ok")
        for blob in Blob.objects.filter(state=Blob.State.PENDING).order_by("tries", "pk")[:500]:
            if time.monotonic() > until:
                break
            scan_blob(blob)
            settled += 1
    except ScannerAway:
        _note("away")
    return settled


def _note(how):
    cache.set("scanner", how, timeout=15 * 60)


def scanner():
    """How the antivirus fared when it was last asked: ok, old, away, off, or unknown."""
    if not settings.CLAMAV_URL:
        return "off"
    try:
        return cache.get("scanner") or "unknown"
    except Exception:  # whatever the cache's transport raises
        return "unknown"
