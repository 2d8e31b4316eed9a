import json
import logging

import pytest
from django.utils.module_loading import import_string

from ecoeficiencia.logs import logging_settings


@pytest.fixture
def line():
    """Write one line through the production formatter and return it as a collector reads it."""
    formatter = logging_settings("INFO", json=True)["formatters"]["line"]
    shape = import_string(formatter.pop("()"))(**formatter)

    def write(message, *values, exc_info=None):
        record = logging.LogRecord("eco", logging.ERROR, __file__, 1, message, values, exc_info)
        return json.loads(shape.format(record))

    return write


def test_a_line_is_json_with_its_level_and_name(line):
    written = line("file %s is too large", 12)
    assert (written["event"], written["level"], written["logger"]) == ("file 12 is too large", "error", "eco")


def test_addresses_and_tax_numbers_are_masked(line):
    assert line("mail to ana.rojas@acme.example for 20999000011 failed")["event"] == (
        "mail to [oculto] for [oculto] failed"
    )


def test_a_traceback_is_masked_too(line):
    try:
        raise ValueError("no ana@acme.example")
    except ValueError as error:
        written = line("boom", exc_info=(type(error), error, error.__traceback__))
    assert "ValueError: no [oculto]" in written["exception"]


def test_each_answer_bears_the_id_of_its_request(client):
    given = client.get("/health/live", headers={"X-Request-ID": "0123456789abcdef0123456789abcdef"})
    assert given["X-Request-ID"] == "0123456789abcdef0123456789abcdef"
    forged = client.get("/health/live", headers={"X-Request-ID": "x y\tz"})
    assert len(forged["X-Request-ID"]) == 32
