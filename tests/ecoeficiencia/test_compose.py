"""What docker-compose.yml and the Dockerfile start is what the product and its libraries understand."""

import json
import re
import shlex

import click
import pytest
import yaml
from celery.bin.celery import celery
from django.conf import settings
from django.core.management import get_commands
from django.utils.module_loading import import_string
from gunicorn.config import Config

from ecoeficiencia.celery import app

ROOT = settings.BASE_DIR
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
ONCE = {"roles", "migrate"}  # they run, end, and are not started again
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_services_are_those_the_product_needs():
    assert set(SERVICES) == {"roles", "migrate", "web", "worker", "beat", "postgres", "redis"}
    assert {"roles", "migrate", "web", "worker", "beat"} == OURS


def command_of(service):
    """Its own command, or the image's."""
    if command := SERVICES[service].get("command"):
        return command
    return json.loads(re.search(r"^CMD (\[.*?\])$", DOCKERFILE.replace("\\\n", ""), re.M)[1])


def test_the_web_server_starts_our_application_with_options_it_knows():
    program, *arguments = command_of("web")
    parsed = Config().parser().parse_args(arguments)
    assert (program, parsed.args) == ("gunicorn", ["ecoeficiencia.wsgi"])
    assert import_string("ecoeficiencia.wsgi.application")
    assert (parsed.workers, parsed.threads, parsed.timeout) == (3, 4, 60)
    assert parsed.bind == ["0.0.0.0:8000"]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]  # a proxy with TLS stands before it


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("worker", {"pool": "prefork", "concurrency": "2", "loglevel": "info"}),
        ("beat", {"pidfile": "", "loglevel": "info"}),
    ],
)
def test_celery_is_started_with_options_it_knows(service, expected):
    program, app_option, app_name, name, *arguments = command_of(service)
    assert (program, app_option, name) == ("celery", "-A", service)
    assert import_string(f"{app_name}.celery.app") is app
    command = celery.commands[name]
    options, left, _order = command.make_parser(click.Context(command)).parse_args(arguments)
    assert {key: options[key] for key in expected} == expected
    assert left == []


def test_the_database_is_brought_up_to_date_by_commands_that_exist():
    shell, flag, line = command_of("migrate")
    steps = [shlex.split(step) for step in line.split("&&")]
    assert (shell, flag) == ("sh", "-c")
    assert all(step[:2] == ["python", "manage.py"] for step in steps)
    asked = [step[2] for step in steps]
    assert asked == ["check", "migrate", "createcachetable"]
    assert set(asked) <= set(get_commands())
    assert {SERVICES[name]["restart"] for name in ONCE} == {"no"}


def test_each_part_signs_in_to_the_database_as_a_role_of_its_own():
    assert command_of("roles") == ["python", "manage.py", "create_roles"]
    urls = {name: SERVICES[name]["environment"]["ECO_DATABASE_URL_FILE"] for name in OURS}
    assert urls == {
        "roles": "/run/secrets/superuser_url",
        "migrate": "/run/secrets/owner_url",
        "web": "/run/secrets/app_url",
        "worker": "/run/secrets/worker_url",
        "beat": "/run/secrets/worker_url",
    }
    assert [name for name in OURS if "superuser_url" in SERVICES[name]["secrets"]] == ["roles"]
    assert [name for name in OURS if SERVICES[name]["environment"].get("ECO_MIGRATES")] == ["migrate"]


def test_redis_keeps_what_it_was_given_and_refuses_rather_than_forgets():
    program, *arguments = command_of("redis")
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert program == "redis-server"
    assert (options["--appendonly"], options["--maxmemory-policy"]) == ("yes", "noeviction")


@pytest.mark.parametrize("service", sorted(set(SERVICES) - ONCE))
def test_each_service_says_whether_it_is_well_and_how_much_it_may_take(service):
    facts = SERVICES[service]
    assert facts["healthcheck"]["test"]
    assert set(facts["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert facts["restart"] == "unless-stopped"
    assert facts["logging"]["options"]["max-size"]


@pytest.mark.parametrize("service", sorted(OURS))
def test_our_own_run_as_nobody_in_particular_and_write_only_where_they_must(service):
    facts = SERVICES[service]
    assert facts["read_only"] is True
    assert (facts["cap_drop"], facts["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert "privileged" not in facts and "user" not in facts
    assert facts["volumes"] == ["files:/data"]


def test_the_image_is_nobody_s_in_particular():
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.M)
    assert users == ["10001"]
    assert "--uid 10001" in DOCKERFILE
    assert DOCKERFILE.index("collectstatic") < DOCKERFILE.index("\nUSER ")


@pytest.mark.parametrize("service", sorted(OURS))
def test_what_is_secret_comes_from_files(service):
    facts = SERVICES[service]
    given = facts["environment"]
    for name in ("ECO_SECRET_KEY", "ECO_DATABASE_URL", "ECO_EMAIL_URL"):
        assert name not in given
        path = given[f"{name}_FILE"]
        assert path.removeprefix("/run/secrets/") in facts["secrets"]


def test_brokers_and_caches_are_those_of_the_file():
    given = SERVICES["web"]["environment"]
    assert re.fullmatch(r"redis://redis:6379/\d", given["ECO_BROKER_URL"])
    assert re.fullmatch(r"redis://redis:6379/\d", given["ECO_CACHE_URL"])
    assert given["ECO_BROKER_URL"] != given["ECO_CACHE_URL"]


def test_the_probes_ask_for_pages_that_exist(client, db):
    probe = " ".join(SERVICES["web"]["healthcheck"]["test"])
    live = re.search(r"http://127.0.0.1:8000(/[\w/]+)", probe)[1]
    ready = SERVICES["worker"]["environment"]["PROBE"].removeprefix("http://web:8000")
    assert [client.get(path).status_code for path in (live, ready)] == [200, 200]


def test_the_clock_s_probe_looks_at_the_file_the_clock_writes():
    probe = SERVICES["beat"]["healthcheck"]["test"][1]
    name = settings.CELERY_BEAT_SCHEDULE_FILENAME.rpartition("/")[2]
    assert f"'{name}*'" in probe
    assert "ECO_VAR=/data" in DOCKERFILE and "/data" in probe
