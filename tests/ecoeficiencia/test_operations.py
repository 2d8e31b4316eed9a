"""What is written for those who run the product is what the code reads."""

import re
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.test import override_settings

ROOT = settings.BASE_DIR
SETTINGS = "".join(path.read_text() for path in (ROOT / "ecoeficiencia" / "settings").glob("*.py"))
READ = set(re.findall(r'\b(?:env|flag)\(\s*"(ECO_\w+)"', SETTINGS))


def mentioned_in(path):
    return set(re.findall(r"\bECO_[A-Z0-9]+(?:_[A-Z0-9]+)*\b", Path(ROOT / path).read_text()))


def test_every_setting_is_in_the_example_and_nothing_else():
    assert mentioned_in(".env.example") == READ


def test_every_setting_is_explained():
    assert READ - mentioned_in("docs/operations.md") == set()


def test_every_line_of_the_schedule_is_explained():
    text = (ROOT / "docs" / "operations.md").read_text()
    assert [line for line in settings.CELERY_BEAT_SCHEDULE if f"| {line} |" not in text] == []


def test_compose_sets_only_what_is_read():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    given = {name.removesuffix("_FILE") for service in services.values() for name in service.get("environment", ())}
    assert {name for name in given if name.startswith("ECO_")} - READ == set()


def test_secrets_of_compose_are_declared_and_never_in_the_repository():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", ())}
    assert used == set(compose["secrets"])
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_image_does_not_carry_local_data():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {"var", ".venv", ".env", ".git", "secrets"} <= set(ignored)


@override_settings(DEMO=True, EMAIL_URL="", CELERY_BROKER_URL="filesystem://localhost/")
def test_production_refuses_the_defaults_of_a_demonstration():
    with pytest.raises(SystemCheckError) as refused:
        call_command("check", deploy=True, tags=["security"])
    expected = {"E001", "E002", "E004"} | ({"E003"} if connection.vendor == "sqlite" else set())
    assert set(re.findall(r"ecoeficiencia\.(E\d+)", str(refused.value))) == expected


def test_the_glossary_knows_every_state():
    text = (ROOT / "docs" / "glossary.md").read_text()
    fields = [field for model in apps.get_models() for field in model._meta.fields if field.name == "state"]
    wanted = [f"`{value}` {label}" for field in fields if field.choices for value, label in field.choices]
    assert [each for each in wanted if each not in text] == []
