from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from ecoeficiencia import tasks
from ecoeficiencia.jobs import Job, JobQuerySet


def test_the_process_answers_without_a_database(client):
    answer = client.get("/health/live")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert client.post("/health/live").status_code == 405


@pytest.mark.django_db
def test_ready_tells_the_age_of_the_oldest_job(client):
    Job.objects.create(key="a", kind="note", run_at=timezone.now() - timedelta(minutes=1))
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"
    assert 60 <= answer.json()["oldest_job_seconds"] < 90


@pytest.mark.django_db
def test_ready_tells_of_jobs_that_fail_for_an_hour(client):
    later = timezone.now() + timedelta(minutes=8)
    Job.objects.create(key="a", kind="note", run_at=later, error="no mail server")
    assert client.get("/health/ready").json()["retrying_jobs"] == 0
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["retrying_jobs"]) == (200, 1)


@pytest.mark.django_db
def test_ready_refuses_when_nobody_does_the_jobs(client):
    Job.objects.create(key="a", kind="note", run_at=timezone.now() - timedelta(minutes=6))
    Job.objects.create(key="b", kind="note", run_at=timezone.now() + timedelta(days=6))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["jobs"]) == (503, "late")


@pytest.mark.django_db
def test_ready_refuses_without_a_database(client, monkeypatch):
    def down(self, now):
        raise DatabaseError("connection refused")

    monkeypatch.setattr(JobQuerySet, "due", down)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"database": "down"})


@pytest.mark.django_db
def test_ready_tells_whether_the_clock_ticks(client, monkeypatch):
    cache.delete("clock")
    assert client.get("/health/ready").json()["clock"] == "unknown"
    tasks.relay_jobs()
    assert client.get("/health/ready").json()["clock"] == "ok"
    cache.set("clock", (timezone.now() - timedelta(minutes=11)).isoformat())
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["clock"]) == (200, "late")


@pytest.mark.django_db
def test_without_its_cache_the_site_is_still_ready(client, monkeypatch):
    def away(key):
        raise ConnectionError("no cache here")

    monkeypatch.setattr(tasks.cache, "get", away)
    assert client.get("/health/ready").json()["clock"] == "unknown"


def test_a_cache_that_is_away_does_not_stop_the_relay(monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError("no cache here")

    relayed = []
    monkeypatch.setattr(tasks.cache, "set", away)
    monkeypatch.setattr(JobQuerySet, "relay", lambda self: relayed.append(1))
    tasks.relay_jobs()
    assert len(relayed) == 1
