"""`manage.py serve` as a person starts it: ready, mended, stopped without leaving a process behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest
from django.conf import settings

from tests import prepared

PATIENCE = 300  # seconds; a cold machine with much else to do: what decides is the condition waited for


def until(question, patience=PATIENCE):
    """Ask until the answer is true; return it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.1)
    raise AssertionError("it took too long")


def fetch(port, path):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
    except OSError:
        return None


@pytest.fixture
def server(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ECO_", "DJANGO_"))}
    environment |= {"ECO_VAR": str(tmp_path), "ECO_SECRET_KEY": "of this test"}
    environment |= {"ECO_SITE_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, start_new_session=True)
    yield psutil.Process(process.pid), port
    if process.poll() is None:
        process.kill()


def worker_of(supervisor):
    alive = [child for child in supervisor.children() if child.status() != psutil.STATUS_ZOMBIE]
    return next((child for child in alive if "worker" in child.cmdline()), None)


def gone(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_it_serves_mends_and_stops(server):
    supervisor, port = server
    assert until(lambda: fetch(port, "/health/live")) == b"ok"
    assert json.loads(fetch(port, "/health/ready"))["jobs"] == "ok"

    killed = worker_of(supervisor)
    killed.kill()
    until(lambda: (worker := worker_of(supervisor)) and worker != killed)

    family = supervisor.children(recursive=True)
    supervisor.send_signal(signal.SIGTERM)
    until(lambda: all(gone(process) for process in [supervisor, *family]))


def test_killed_outright_it_leaves_nobody_behind(tmp_path, request, django_db_blocker):
    with django_db_blocker.unblock():
        prepared.lay(tmp_path / "db.sqlite3")  # that it begins with nothing is seen above
    supervisor, port = request.getfixturevalue("server")
    until(lambda: fetch(port, "/health/live"))
    family = supervisor.children(recursive=True)
    supervisor.kill()
    until(lambda: all(gone(process) for process in family))
