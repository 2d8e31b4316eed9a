import re

import pytest
from django.test import override_settings

from ecoeficiencia.jobs import Job

pytestmark = pytest.mark.django_db


def test_the_figures_tell_of_pages_jobs_and_mails(client):
    client.get("/verificar/")
    Job.objects.create(key="k", kind="none", run_at="2026-01-01T00:00Z")
    answer = client.get("/metrics")
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, "text/plain")
    text = answer.content.decode()
    assert 'eco_jobs{state="pending"} 1.0' in text
    assert 'eco_mails{state="failed"} 0.0' in text
    assert "eco_jobs_retrying 0.0" in text
    assert float(re.search(r"^eco_oldest_job_seconds (\S+)", text, re.M)[1]) > 300
    assert 'eco_http_seconds_count{door="public",status="2xx"}' in text


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-Proto": "https"}])
def test_a_proxy_on_the_same_machine_does_not_open_it(client, headers):
    assert client.get("/metrics", headers=headers).status_code == 404


def test_only_this_machine_reads_it_without_a_token(client):
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    with override_settings(BEHIND_PROXY=True):
        assert client.get("/metrics").status_code == 404


@override_settings(METRICS_TOKEN="una-clave")
def test_a_token_is_asked_of_everybody(client):
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer otra"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer una-clave"}).status_code == 200
    assert client.post("/metrics", headers={"Authorization": "Bearer una-clave"}).status_code == 405


def test_pages_of_somebody_signed_in_are_not_kept(client, alice):
    client.force_login(alice)
    assert client.get("/ayuda/")["Cache-Control"] == "private, no-store"
    client.logout()
    assert "no-store" not in client.get("/ayuda/").get("Cache-Control", "")
