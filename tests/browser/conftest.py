"""One world for a walk through the product: a server, demonstration data, and people with browsers of their own."""

import os
import shutil

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from .world import World


@pytest.fixture(autouse=True)
def var_of_its_own():
    """The files of the walk outlive one test: they lie in the world's folder."""


@pytest.fixture(scope="module")
def world(tmp_path_factory, django_db_setup, django_db_blocker):
    """The demonstration served on a free port. Whatever the tests of the module do to it stays until they end."""
    from playwright.sync_api import sync_playwright
    from pytest_django.live_server_helper import LiveServer

    folder = tmp_path_factory.mktemp("walk")
    pictures = os.environ.get("ECO_SCREENSHOTS") or settings.BASE_DIR / "var" / "screenshots"
    mail = {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(folder / "mail"),
    }
    chromium = "/usr/bin/chromium" if os.path.exists("/usr/bin/chromium") else shutil.which("chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's loop runs in the thread of the tests
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder / "media", **mail):
        call_command("createcachetable", verbosity=0)
        call_command("load_demo", verbosity=0)
        server = LiveServer("127.0.0.1")
        try:
            with sync_playwright() as playwright, override_settings(SITE_URL=server.url):
                browser = playwright.chromium.launch(
                    executable_path=chromium,
                    args=[
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                    ],
                )
                yield World(server.url, browser, folder, pictures)
                browser.close()
        finally:
            server.stop()
            call_command("flush", interactive=False, verbosity=0)
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
