"""A client that falls silent in the middle of a request does not hold a thread for ever."""

import runpy
import socket
from types import SimpleNamespace

import pytest
from django.conf import settings
from gunicorn.config import Config

CONFIGURATION = runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))


def test_who_says_nothing_is_given_up_and_who_speaks_is_heard():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        CONFIGURATION["cut_silent"](SimpleNamespace(LISTENERS=[listener]), 0.1)
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as accepted:
            accepted.setblocking(True)
            client.sendall(b"hola")
            assert accepted.recv(4) == b"hola"
            with pytest.raises(BlockingIOError):
                accepted.recv(4)


def test_gunicorn_reads_it_wherever_it_is_started():
    known = Config()
    assert settings.BASE_DIR / known.config == settings.BASE_DIR / "gunicorn.conf.py"
    known.set("when_ready", CONFIGURATION["when_ready"])
    assert CONFIGURATION["SILENCE"] == 60
