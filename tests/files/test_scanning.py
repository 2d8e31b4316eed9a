"""The antivirus: what it says is done, what it does not say is never taken for «clean»."""

import socket
import threading
from contextlib import ExitStack, contextmanager

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from ecoeficiencia.files import scanning
from ecoeficiencia.files.blob import store
from ecoeficiencia.models import Blob

from .clamd import Clamd, told_version
from .corpus import pdf

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def clamd(settings):
    """clamd(says) listens, and files wait for it."""

    def start(says, **how):
        server = running.enter_context(Clamd(says, **how))
        settings.CLAMAV_URL = server.address
        return server

    with ExitStack() as running:
        yield start


@pytest.fixture
def waiting(settings, db, received):
    settings.CLAMAV_URL = settings.CLAMAV_URL or "tcp://127.0.0.1:9"
    blob = store(received("acta.pdf", pdf()))
    assert blob.state == Blob.State.PENDING
    return blob


def state(blob):
    blob.refresh_from_db()
    return blob.state, blob.finding


def test_what_it_finds_clean_is_free_and_it_saw_every_byte(waiting, clamd):
    server = clamd(b"stream: OK\0")
    assert scanning.scan_waiting() == 1
    assert state(waiting) == ("clean", "")
    assert (server.seen, scanning.scanner()) == ([pdf()], "ok")


def test_what_it_finds_infected_is_held_and_refused_from_then_on(waiting, clamd, received):
    clamd(b"stream: Eicar-Signature FOUND\0")
    scanning.scan_waiting()
    assert state(waiting) == ("infected", "Eicar-Signature")
    with pytest.raises(ValidationError, match="contiene un virus conocido"):
        received("otra.pdf", pdf())


@pytest.mark.parametrize("says", [None, b"", b"garbage\0", b"stream: OK but not quite\0", b"\xff\xfe\0"])
def test_what_it_does_not_say_leaves_the_file_waiting(says, waiting, clamd):
    clamd(says)
    scanning.scan_waiting()
    assert (state(waiting), scanning.scanner()) == (("pending", ""), "away")


def test_silence_leaves_the_file_waiting(waiting, clamd, monkeypatch):
    monkeypatch.setattr(scanning, "TIMEOUT", 0.2)
    held = threading.Event()
    clamd(lambda content: held.wait(2) and None)
    scanning.scan_waiting()
    held.set()
    assert state(waiting)[0] == "pending"


def test_nobody_there_leaves_the_file_waiting_however_often(waiting):
    for _round in range(5):
        assert scanning.scan_waiting() == 0
    assert (state(waiting)[0], scanning.scanner()) == ("pending", "away")


def test_a_file_it_cannot_look_into_three_times_is_not_verifiable(waiting, clamd):
    clamd(b"INSTREAM size limit exceeded. ERROR\0")
    seen = []
    for _round in range(3):
        scanning.scan_waiting()
        seen.append(state(waiting)[0])
    assert seen == ["pending", "pending", "unverifiable"]


def test_old_signatures_are_noticed(waiting, clamd):
    clamd(b"stream: OK\0", version=told_version(hours=50))
    scanning.scan_waiting()
    assert scanning.scanner() == "old"


def test_without_an_antivirus_nothing_waits_and_it_says_so(settings, db, received):
    assert settings.CLAMAV_URL == ""
    assert store(received("acta.pdf", pdf())).state == Blob.State.CLEAN
    assert (scanning.scan_waiting(), scanning.scanner()) == (0, "off")


def test_it_is_asked_over_a_socket_of_the_machine_too(tmp_path, settings):
    @contextmanager
    def listening():
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(tmp_path / "clamd"))
        server.listen()
        yield server
        server.close()

    with listening() as server:
        settings.CLAMAV_URL = f"unix://{tmp_path}/clamd"

        def answer():
            talk, _peer = server.accept()
            with talk:
                talk.recv(65536)
                talk.sendall(b"stream: Eicar FOUND\0")

        thread = threading.Thread(target=answer)
        thread.start()
        assert scanning.scan(ContentFile(EICAR)) == "Eicar"
        thread.join()


@pytest.fixture(autouse=True)
def forget(db):
    cache.delete("scanner")
    yield
    cache.delete("scanner")
