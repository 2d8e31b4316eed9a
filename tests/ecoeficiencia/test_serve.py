"""The supervisor's small decisions; that it serves and stops is in tests/browser/test_supervisor.py."""

import socket
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from ecoeficiencia.jobs import Job
from ecoeficiencia.management.commands import serve


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind((serve.HOST, 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_taken_port_is_refused_with_a_sentence(taken):
    with pytest.raises(CommandError, match=f"No se puede usar el puerto {taken}: elija otro, por ejemplo PORT=8010."):
        serve.Command().free_port(str(taken))


@pytest.mark.parametrize("port", ["", "ocho mil", "-1", "99999"])
def test_what_is_no_port_is_refused_with_a_sentence(port):
    with pytest.raises(CommandError, match="No se puede usar el puerto"):
        serve.Command().free_port(port)


def test_beginning_anew_is_refused_outside_a_demonstration(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="Solo se empieza de nuevo en una demostración"):
        serve.Command().forget()


def test_beginning_anew_removes_what_the_demonstration_made_and_nothing_else(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    for name in ("db.sqlite3", "db.sqlite3-wal", "beat-schedule", "beat-schedule.db", "media/blobs/aa", "mail/1.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "mine.txt").write_text("kept")
    serve.Command().forget()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_child_that_ends_is_started_again_later_each_time(monkeypatch):
    clock, starts, said = SimpleNamespace(now=100.0), [], []
    monkeypatch.setattr(serve.time, "monotonic", lambda: clock.now)
    ended = SimpleNamespace(poll=lambda: 1, returncode=1)
    monkeypatch.setattr(serve.subprocess, "Popen", lambda *_, **__: starts.append(clock.now) or ended)
    child = serve.Child("El trabajador", ["celery"])
    for _ in range(200):
        child.look_after(said.append)
        clock.now += 0.5
    pauses = [later - sooner for sooner, later in pairwise(starts)]
    assert pauses[:4] == [1.5, 2.5, 4.5, 8.5]
    assert max(pauses) < 16
    assert said[0] == "El trabajador terminó (código 1); se inicia otra vez."


@pytest.fixture
def worker(monkeypatch):
    """A child that can be stopped, under a clock of the test, looked after by a watchdog."""
    clock, stopped = SimpleNamespace(now=1000.0), []
    monkeypatch.setattr(serve.time, "monotonic", lambda: clock.now)
    child = serve.Child("El trabajador", ["celery"])
    child.process = SimpleNamespace(poll=lambda: None, terminate=lambda: stopped.append(clock.now), wait=lambda _: 0)
    return SimpleNamespace(clock=clock, stopped=stopped, watchdog=serve.Watchdog(child))


def watch(worker, seconds):
    said = []
    for _ in range(seconds):
        worker.clock.now += 1
        worker.watchdog.look(said.append)
    return said


@pytest.mark.django_db
def test_a_worker_that_lives_and_does_nothing_is_started_again(worker, monkeypatch):
    monkeypatch.setattr(serve.connections, "close_all", lambda: None)
    Job.objects.create(key="a", kind="note", run_at=timezone.now() - timedelta(minutes=6))
    said = watch(worker, 299 + 2 + 302)
    assert worker.stopped == [1300.0, 1600.0]
    assert said[0] == "El trabajador no avanza aunque hay trabajos por hacer; se inicia otra vez."


@pytest.mark.django_db
def test_a_worker_that_keeps_up_is_left_alone(worker, monkeypatch):
    monkeypatch.setattr(serve.connections, "close_all", lambda: None)
    Job.objects.create(key="a", kind="note", run_at=timezone.now() - timedelta(minutes=4))
    Job.objects.create(key="b", kind="note", run_at=timezone.now() + timedelta(days=4))
    assert watch(worker, 1000) == []
    assert worker.stopped == []


def test_a_busy_database_is_no_reason_to_restart(worker, monkeypatch):
    def busy(now):
        raise OperationalError("database is locked")

    monkeypatch.setattr(serve.Job.objects, "late", busy)
    monkeypatch.setattr(serve.connections, "close_all", lambda: None)
    watch(worker, 1000)
    assert worker.stopped == []


def test_a_port_is_asked_before_anything_is_touched(taken, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    (tmp_path / "db.sqlite3").write_text("x")
    with pytest.raises(CommandError):
        call_command("serve", "--reset", "--port", str(taken))
    assert (tmp_path / "db.sqlite3").exists()
