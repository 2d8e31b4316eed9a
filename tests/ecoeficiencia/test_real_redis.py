"""Through a real Redis and a real worker: what is published is done, what could not be is sent later."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import caches
from structlog.contextvars import bound_contextvars

from companies.throttle import delays
from ecoeficiencia.cache import SharedCache
from ecoeficiencia.jobs import Job
from tests.factories import UserFactory
from tests.faults.servers import Redis, free_port, until, worker
from tests.with_services import INSTALL_REDIS

from .workers import PATIENCE, clock_of_the_machine, environment_of, forget_connections, publish_to, sent, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def the_clock_of_the_machine():
    with clock_of_the_machine():
        yield


@pytest.fixture
def redis(tmp_path, monkeypatch):
    """A Redis of the test's own; this process publishes to it."""
    try:
        server = Redis(free_port(), tmp_path, dict(os.environ)).start()
    except FileNotFoundError:
        pytest.fail(INSTALL_REDIS)
    limits = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0}
    publish_to(monkeypatch, f"redis://127.0.0.1:{server.port}/0", **limits)
    yield server
    server.kill()
    forget_connections()


@pytest.fixture
def environment(redis, tmp_path):
    """Settings of the product, as another process on this machine reads them."""
    address = f"redis://127.0.0.1:{redis.port}"
    return environment_of(tmp_path, ECO_BROKER_URL=f"{address}/0", ECO_CACHE_URL=f"{address}/1")


@pytest.fixture
def at_work(environment, tmp_path):
    """A worker as production runs it: prefork, two children."""
    process = worker(environment, tmp_path / "worker.log").start()
    yield process
    process.kill()


def test_what_is_published_is_done_by_a_real_worker(at_work, tmp_path):
    with bound_contextvars(request_id="a" * 32):
        row = tell()
    job = Job.objects.get()
    assert job.sent_at is not None
    assert sent(row, at_work), at_work.log.read_text()[-2000:]
    assert until(lambda: Job.objects.filter(pk=job.pk, state="done", attempts=1).exists(), PATIENCE)
    assert len(list((tmp_path / "mail").iterdir())) == 1
    lines = [json.loads(line) for line in at_work.log.read_text().splitlines() if line.startswith("{")]
    mine = [line["event"] for line in lines if line.get("request_id") == "a" * 32]
    assert [text.split()[0] for text in mine] == ["mail", "job"]
    assert row.notice.user.email not in at_work.log.read_text()


def test_without_its_broker_a_change_is_saved_and_the_relay_sends_it_later(redis, at_work):
    assert sent(tell(0), at_work)
    redis.kill()
    row = tell()
    job = Job.objects.get(payload={"delivery": row.pk})
    assert (job.state, job.sent_at) == ("pending", None)
    redis.start()
    assert until(lambda: Job.objects.relay() == 1, PATIENCE)
    assert sent(row, at_work), at_work.log.read_text()[-2000:]


SIGN_IN = """
import django; django.setup()
from django.test import Client
wrong = {"login": "ana@pruebas.example", "password": "no-es-esta"}
for _ in range(2):
    Client().post("/cuenta/login/", wrong, HTTP_HOST="127.0.0.1")
"""


def sign_in_wrongly(environment):
    """Two attempts with a wrong password, by a process of its own."""
    command = [sys.executable, "-W", "ignore", "-c", SIGN_IN]
    subprocess.run(command, env=environment, cwd=settings.BASE_DIR, check=True)


@pytest.fixture
def cache(redis, settings, monkeypatch):
    settings.CACHES = {
        "default": {
            "BACKEND": "ecoeficiencia.cache.SharedCache",
            "LOCATION": f"redis://127.0.0.1:{redis.port}/1",
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        },
        "table": settings.CACHES["table"],
    }
    monkeypatch.setattr(SharedCache, "rest_until", 0.0)
    return caches["default"]


def test_a_cache_that_is_away_counts_on_in_the_database(redis, cache):
    cache.set("n", 1)
    assert (cache.get("n"), cache.incr("n"), caches["table"].get("n")) == (1, 2, None)
    redis.kill()
    assert cache.get("n") is None
    cache.set("n", 7)
    assert (cache.incr("n"), cache.get_many(["n"]), cache.get("n")) == (8, {"n": 8}, 8)
    assert caches["table"].get("n") == 8


def test_processes_count_attempts_to_sign_in_together(environment, cache):
    UserFactory(email="ana@pruebas.example")
    of_account, of_network = delays("ana@pruebas.example", "127.0.0.1")
    sign_in_wrongly(environment)
    sign_in_wrongly(environment)
    assert [cache.get(delay.key)[0] for delay in (of_account, of_network)] == [4, 4]
