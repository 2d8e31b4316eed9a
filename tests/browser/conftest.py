"""One world for a walk through the product: a server, demonstration data, and people with browsers of their own."""

import os
import shutil
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import setup_databases
from playwright.sync_api import sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests import prepared

from .world import World

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


@pytest.fixture(autouse=True)
def var_of_its_own():
    """The files of the walk outlive one test: they lie in the world's folder."""


@contextmanager
def living_in(folder):
    """Everything is written into this folder: files, mails, and a database no other test sees."""
    files = {
        "MEDIA_ROOT": folder / "media",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(folder / "mail"),
    }
    name = str(folder / "walk.sqlite3")
    if not os.path.exists(name):
        prepared.lay(name)
    with override_settings(**files), prepared.named(NAME=name):
        setup_databases(verbosity=0, interactive=False, keepdb=True, aliases={"default"}, serialized_aliases=set())
        yield


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory, django_test_environment, django_db_blocker):
    """A folder with the demonstration as it is loaded; each module walks through a copy."""
    folder = tmp_path_factory.mktemp("demonstration")
    with django_db_blocker.unblock(), living_in(folder):
        call_command("load_demo", verbosity=0)
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory, demonstration, django_db_blocker):
    """The demonstration served on a free port. Whatever the tests of the module do to it stays until they end."""
    folder = tmp_path_factory.mktemp("walk")
    shutil.copytree(demonstration, folder, dirs_exist_ok=True)
    pictures = os.environ.get("ECO_SCREENSHOTS") or settings.BASE_DIR / "var" / "screenshots"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's loop runs in the thread of the tests
    with django_db_blocker.unblock(), living_in(folder):
        server = LiveServer("127.0.0.1")
        try:
            with sync_playwright() as playwright, override_settings(SITE_URL=server.url):
                chromium = "/usr/bin/chromium" if os.path.exists("/usr/bin/chromium") else shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                yield World(server.url, browser, folder, pictures)
                browser.close()
                connection.close()  # inside playwright's loop this is another one than outside
        finally:
            server.stop()
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
