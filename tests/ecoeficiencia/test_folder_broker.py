"""The broker of the embedded default: half a message, a folder that is gone and a full disk end nobody's work."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from queue import Empty

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu import Connection

from ecoeficiencia.jobs import Job
from ecoeficiencia.management.commands import serve
from ecoeficiencia.tasks import run_job, sweep_files
from tests.faults.servers import Process, until

from .workers import PATIENCE, clock_of_the_machine, environment_of, forget_connections, publish_to, sent, tell

TRANSPORT = "ecoeficiencia.folder_broker:Transport"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "broker"


@pytest.fixture
def published(folder, monkeypatch):
    """This process publishes to the folder."""
    publish_to(monkeypatch, "filesystem://localhost/", TRANSPORT, folder=str(folder), max_retries=0)
    yield folder
    forget_connections()


@pytest.fixture
def queue(folder):
    """A channel to the folder, as a worker reads it."""
    with Connection(transport=TRANSPORT, transport_options={"folder": str(folder)}) as connection:
        yield connection.default_channel


def lying(folder, suffix=".msg"):
    return sorted(path for path in folder.iterdir() if path.suffix == suffix)


@contextmanager
def full_disk(size):
    """No file of this process grows beyond `size` bytes: what does not fit is refused, as on a full disk."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_messages_arrive_once_each_in_the_order_in_which_they_were_sent(published, queue):
    for number in (1, 2, 3):
        run_job.delay(number)
    assert queue._size("celery") == 3
    assert [queue.Message(queue._get("celery"), channel=queue).payload[0] for _ in range(3)] == [[1], [2], [3]]
    with pytest.raises(Empty):
        queue._get("celery")
    assert list(published.iterdir()) == []


def test_another_queue_s_messages_are_left_alone_and_one_s_own_can_be_thrown_away(published, queue):
    run_job.apply_async([1], queue="other")
    run_job.delay(2)
    assert (queue._purge("celery"), queue._size("celery"), queue._size("other")) == (1, 0, 1)


def broken(whole):
    """What may lie there instead of a message, by name, made of one that is whole."""
    message = json.loads(whole)
    return {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "zeros": bytes(len(whole)),
        "garbage": b"\xff\xfe\x00garbage",
        "list": b"[]",
        "nothing in it": b"{}",
        "deep": b"[" * 100_000,
        "body cut": json.dumps(message | {"body": message["body"][:-5]}).encode(),
        "body of another kind": json.dumps(message | {"content-type": "application/x-python-serialize"}).encode(),
        "no task": json.dumps(message | {"headers": {}}).encode(),
    }


def lay_broken(folder):
    """Put one of each kind before and one whole message after them; how many are broken."""
    run_job.delay(0)
    (whole,) = lying(folder)
    kinds = broken(whole.read_bytes())
    for n, content in enumerate(kinds.values()):
        (folder / f"0_{n}.celery.msg").write_bytes(content)
    (folder / "0_folder.celery.msg").mkdir()
    return len(kinds) + 1


@pytest.mark.django_db
def test_what_cannot_be_read_is_put_aside_and_the_next_message_arrives(published, queue, caplog, client, settings):
    settings.BROKER_FOLDER = published
    count = lay_broken(published)
    assert queue.Message(queue._get("celery"), channel=queue).payload[0] == [0]
    assert (len(lying(published)), len(lying(published, ".unreadable"))) == (0, count)
    assert [line.split()[0] for line in caplog.messages] == ["message"] * count
    assert f"eco_messages_unreadable {count}.0" in client.get("/metrics").content.decode()


@pytest.mark.django_db
def test_what_nobody_reads_goes_after_a_while(published, settings):
    settings.BROKER_FOLDER = published
    run_job.delay(1)
    for name, hours in (("a.part", 0), ("b.part", 2), ("c.unreadable", 2), ("d.unreadable", 24 * 8)):
        (published / name).touch()
        moment = (timezone.now() - timedelta(hours=hours)).timestamp()
        os.utime(published / name, (moment, moment))
    (message,) = lying(published)
    os.utime(message, (0, 0))
    sweep_files()
    assert {path.name for path in published.iterdir()} == {"a.part", "c.unreadable", message.name}


KILLED_WHILE_WRITING = """
import resource, signal, sys
from kombu import Connection
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
with Connection(transport=sys.argv[1], transport_options={"folder": sys.argv[2]}) as connection:
    channel = connection.default_channel
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    channel._put("celery", {"body": "x" * 1000})
"""


def test_who_is_killed_while_writing_leaves_no_message(folder, queue):
    """The system kills it at the hundredth byte."""
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, TRANSPORT, str(folder)]
    assert subprocess.run(command, cwd=settings.BASE_DIR).returncode == -signal.SIGXFSZ
    assert ([path.suffix for path in folder.iterdir()], queue._size("celery")) == ([".part"], 0)
    with pytest.raises(Empty):
        queue._get("celery")


def test_kombu_s_own_transport_takes_half_a_message_for_one(tmp_path):
    """Why there is one of ours: when this fails, kombu may have mended it."""
    places = dict.fromkeys(("data_folder_in", "data_folder_out"), str(tmp_path))
    with Connection("filesystem://", transport_options=places) as connection:
        channel = connection.default_channel
        with full_disk(100):
            channel._put("celery", {"body": "x" * 1000})
        with pytest.raises(json.JSONDecodeError):
            channel._get("celery")


@pytest.mark.django_db
def test_on_a_full_disk_the_change_is_saved_and_the_relay_sends_its_job_later(
    published, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        job = Job.enqueue("companies.deliver", "k", {"delivery": 0})
    with full_disk(100):
        callbacks[0]()
    assert list(published.iterdir()) == []
    assert Job.objects.get(pk=job.pk).sent_at is None
    assert f"job {job.key} not sent" in caplog.text
    assert Job.objects.relay() == 1
    assert len(lying(published)) == 1


def test_a_folder_that_is_gone_is_empty_and_made_again(published, queue):
    run_job.delay(1)
    shutil.rmtree(published)
    assert (queue._size("celery"), queue._purge("celery")) == (0, 0)
    with pytest.raises(Empty):
        queue._get("celery")
    run_job.delay(2)
    assert queue._size("celery") == 1


def test_a_folder_that_cannot_be_read_is_a_broker_that_is_away(folder):
    folder.write_text("somebody put a file here")
    with Connection(transport=TRANSPORT, transport_options={"folder": str(folder)}) as connection:
        with pytest.raises(NotADirectoryError):
            connection.transport.establish_connection()
        assert issubclass(NotADirectoryError, connection.connection_errors)


@pytest.fixture
def at_work(published, tmp_path):
    """The worker as `manage.py serve` runs it, on what lies in the folder."""
    process = Process(serve.Command().worker().arguments, environment_of(tmp_path), tmp_path / "worker.log")
    yield process
    process.kill()


@pytest.mark.django_db(transaction=True)
def test_the_worker_lives_through_broken_messages_and_a_folder_that_goes(at_work, published):
    count = lay_broken(published)
    with clock_of_the_machine():
        row = tell(1)
        born = at_work.start().child.pid
        assert sent(row, at_work), at_work.log.read_text()[-2000:]
        assert len(lying(published, ".unreadable")) == count
        shutil.rmtree(published)
        assert sent(tell(2), at_work), at_work.log.read_text()[-2000:]
        shutil.rmtree(published)
        published.write_text("not a folder")
        row = tell(3)
        assert until(lambda: "NotADirectoryError" in at_work.log.read_text(), PATIENCE)
        published.unlink()
        assert Job.objects.relay() == 1
        assert sent(row, at_work), at_work.log.read_text()[-2000:]
    assert (at_work.alive, at_work.child.pid) == (True, born)
