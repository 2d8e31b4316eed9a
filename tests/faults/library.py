"""A company's files over HTTP: what was sent, what the client was told of it, and what of that is there.

The files of a row lie in a folder of their own, on a small disk when the row is about one.
"""

import hashlib
import http.client
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse

from tests.files.corpus import MB, pdf

from . import rows
from .servers import Broken, until
from .stack import TOKEN

BOUNDARY = "limite-de-prueba"
FORM = "application/x-www-form-urlencoded"
FILES = f"multipart/form-data; boundary={BOUNDARY}"
LONG_AGO = 10_000  # minutes: a row without workers leaves its jobs undone


@dataclass
class Answer:
    """status 0: nothing came back."""

    status: int
    text: str = ""
    content: bytes = b""
    headers: dict = field(default_factory=dict)


def paper(n, kilobytes=0):
    """A PDF that no other number gives; `kilobytes` of it no compression makes smaller."""

    def change(document):
        document.docinfo["/Title"] = f"Prueba {n}"
        if kilobytes:
            image = pikepdf.Stream(document, random.Random(n).randbytes(kilobytes * 1024))
            image.update({"/Subtype": pikepdf.Name.Image, "/Width": 1024, "/Height": kilobytes})
            image.update({"/ColorSpace": pikepdf.Name.DeviceGray, "/BitsPerComponent": 8})
            page = document.pages[0]
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=document.make_indirect(image)))

    return pdf(change)


def form(fields, files=()):
    """The body of a form with files. fields: name to text; files: (field, name, content)."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, filename, content in files:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


class Library:
    """The library of evidence of the stack's company. The stack's ledger holds the SHA-256 of what was taken."""

    def __init__(self, s, var):
        if not hasattr(s, "company"):
            s.sign_in()
        self.s, self.media = s, var / "media"
        self.path = reverse("empresa:evidences", args=[s.company])
        self.before = self.proofs()

    def session_of(self, user):
        """A session of somebody else's."""
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client.cookies["sesion"].value

    def together(self):
        """From now on requests wait for one another where they would write (FAULTS_PAUSE=edit)."""
        (self.s.folder / "together").touch()

    def alone(self):
        (self.s.folder / "together").unlink(missing_ok=True)

    # What a browser does

    def headers(self, kind="", session=""):
        known = {"Cookie": f"sesion={session or self.s.session}; csrf={TOKEN}", "X-CSRFToken": TOKEN}
        return known | ({"Content-Type": kind} if kind else {})

    def ask(self, method, path, body=None, kind="", session="", timeout=30, **more):
        wire = http.client.HTTPConnection("127.0.0.1", self.s.web.port, timeout=timeout)
        try:
            wire.request(method, path, body, self.headers(kind, session) | more)
            answer = wire.getresponse()
            content = answer.read()
            return Answer(answer.status, content.decode("utf-8", "replace"), content, dict(answer.headers))
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            wire.close()

    def get(self, path, **how):
        return self.ask("GET", path, **how)

    def send(self, content, name="acta.pdf", key=""):
        """Bring a file into the library through its form, and note in the ledger what came back."""
        began, sha256 = time.monotonic(), hashlib.sha256(content).hexdigest()
        body = form({"envio": key} if key else {}, [("files", name, content)])
        answer = self.ask("POST", self.path, body, FILES, timeout=60)
        retry = answer.headers.get("Retry-After")
        self.s.ledger.note(sha256, answer.status, time.monotonic() - began, retry)
        return answer

    @contextmanager
    def asking(self, content, key):
        """One file is on its way while the block runs."""
        thread = threading.Thread(target=self.send, args=(content,), kwargs={"key": key})
        thread.start()
        try:
            yield
        finally:
            thread.join()

    @contextmanager
    def sending(self, first=100_000, kilobytes=0):
        """Somebody sends file after file while the block runs."""
        over = threading.Event()

        def work():
            n = first
            while not over.is_set():
                self.send(paper(n, kilobytes))
                n += 1

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    @contextmanager
    def reading(self):
        """Somebody reads pages while the block runs; yield the list of what was answered."""
        over, answers = threading.Event(), []

        def work():
            while not over.wait(0.1):
                answers.extend(self.get(path).status for path in ("/health/live", self.path))

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield answers
        finally:
            over.set()
            thread.join()

    def fetch(self, proof):
        """Download a proof."""
        return self.get(reverse("public:evidence_file", args=[proof]))

    def ready(self):
        """What /health/ready says."""
        return json.loads(self.get("/health/ready").text or "{}")

    # A browser whose connection breaks

    def wire(self, body, kind=FILES, path="", share=1.0):
        """An open connection over which the head of a POST and this share of its body went."""
        head = f"POST {path or self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers(kind).items())
        wire = socket.create_connection(("127.0.0.1", self.s.web.port), 60)
        wire.sendall((head + lines + "\r\n").encode() + body[: int(len(body) * share)])
        return wire

    # What is there

    def proofs(self):
        """SHA-256 to key of the company's evidence."""
        from requirements_std.models import Evidence

        rows = Evidence.objects.filter(company=self.s.company, blob__isnull=False)
        return dict(rows.values_list("blob__sha256", "pk"))

    def new(self):
        """The proofs that came since the row began."""
        return {sha256: pk for sha256, pk in self.proofs().items() if sha256 not in self.before}

    def incoming(self):
        """What lies aside: uploads on their way, or left over."""
        return list((self.media / "incoming").glob("*"))

    def named(self):
        """(SHA-256 it is named by, SHA-256 it has) of every file that bears a name."""
        files = (path for path in (self.media / "blobs").glob("*/*") if path.is_file())
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def lost(self):
        """Acknowledged files without their row, their event, or their very bytes."""
        from companies.models import Event

        kept, files = self.proofs(), self.named()
        told = set(Event.objects.filter(verb__in=["keep", "version"]).values_list("object_id", flat=True))
        return [sha for sha in self.s.ledger.told if kept.get(sha) not in told or files.get(sha) != sha]

    def wrong(self):
        """What `manage.py verify_all` says; nothing when it agrees."""
        try:
            call_command("verify_all", late=LONG_AGO, stdout=open(os.devnull, "w"))  # noqa: SIM115
        except CommandError as error:
            return str(error)
        return ""

    def outcome(self, rounds, recovery=0.0, note=""):
        """Judge what every row about files must leave behind."""
        lost, told = self.lost(), set(self.s.ledger.told)
        assert lost == [], f"{len(lost)} of {len(told)} acknowledged files lost: {lost[:2]}"
        half = [name for name, sha256 in self.named().items() if name != sha256]
        assert half == [], f"{len(half)} files bear a name that is not theirs"
        until(lambda: not self.incoming(), rows.PATIENCE)
        assert self.incoming() == [], f"{len(self.incoming())} uploads left over"
        assert recovery < rows.PATIENCE, f"not well again after {recovery:.0f} s"
        assert not (wrong := self.wrong()), wrong
        return rows.Result(rounds, len(told), 0, 0, recovery, note)


def cut(wire):
    """End the connection at once, without a farewell: a reset."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


@contextmanager
def small_disk(folder, megabytes):
    """`folder` on a disk of its own, of so many megabytes."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"a small disk must be mounted, which takes root: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def library(make, room=0, **how):
    """Yield a stack whose files lie in a folder of their own, and its library. room: on a disk of so many megabytes."""
    base = Path(os.environ["ECO_VAR"]) / "media"
    with tempfile.TemporaryDirectory(prefix="eco-faults-", ignore_cleanup_errors=True) as name:
        var = Path(name)
        var.chmod(0o755)
        with small_disk(var / "media", room) if room else nullcontext():
            shutil.copytree(base, var / "media", dirs_exist_ok=True)
            how = {"start": {"worker": False, "beat": False}, **how}
            with override_settings(VAR_DIR=var, MEDIA_ROOT=var / "media"), make(ECO_VAR=str(var), **how) as s:
                yield s, Library(s, var)


__all__ = ["FILES", "FORM", "MB", "Answer", "Library", "cut", "form", "library", "paper", "small_disk"]
