"""What comes in and what does not: the corpus, the limits of the child, and how its death is borne."""

import os
import signal
import subprocess
import sys
import tempfile
import threading

import pytest
from django.core.exceptions import ValidationError

from ecoeficiencia.files import inspection
from ecoeficiencia.files.inspection import Inspector, Unavailable, inspector
from ecoeficiencia.files.kinds import KINDS
from ecoeficiencia.files.sentences import SENTENCES

from .corpus import HONEST, HOSTILE, pdf, photo

MEMORY_KB = 512 * 1024
CPU_SECONDS = 2


def look(content, name="a.pdf", ask=inspector.ask):
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(content)
        source.flush()
        return ask("check", source, target, name=name, kinds=list(KINDS))


@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_hostile_comes_in_and_its_refusal_is_cheap_and_in_words(case, received):
    name, make, code = HOSTILE[case]
    content = make()
    with pytest.raises(ValidationError) as refused:
        received(name, content)
    assert refused.value.code == code
    assert refused.value.message.startswith("«") and refused.value.message.endswith(".")
    if content:
        answer = look(content, name)
        assert (answer["refused"], answer["cpu"] <= CPU_SECONDS, answer["peak_kb"] <= MEMORY_KB) == (code, True, True)


@pytest.mark.parametrize("case", HONEST)
def test_what_is_honest_comes_in(case, received):
    name, make, kind = HONEST[case]
    assert received(name, make()).content_type == kind


def test_every_refusal_has_its_own_sentence():
    assert {code for _name, _make, code in HOSTILE.values()} <= set(SENTENCES)
    assert len({str(sentence) for sentence in SENTENCES.values()}) == len(SENTENCES)


def test_the_limit_of_memory_holds(settings):
    settings.INSPECTION = {**settings.INSPECTION, "memory": 130 * 1024 * 1024}
    answer = look(photo(size=(6000, 5000)), "grande.jpg")
    assert answer["refused"] == "demanding"


def test_the_limit_of_time_holds(settings):
    settings.INSPECTION = {**settings.INSPECTION, "cpu": 1}
    busy = pdf(lambda d: setattr(d.pages[0], "Contents", d.make_stream(b"0 0 600 700 re f\n" * 100_000)))
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(busy)
        source.flush()
        answer = inspector.ask("page", source, target, number=1, width=1100)
    assert answer["refused"] == "demanding"
    assert answer["cpu"] < 2


def test_the_site_answers_while_a_file_is_looked_into(client, db):
    busy = pdf(lambda d: setattr(d.pages[0], "Contents", d.make_stream(b"0 0 600 700 re f\n" * 100_000)))

    def draw():
        with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
            source.write(busy)
            source.flush()
            inspector.ask("page", source, target, number=1, width=1100)

    drawing = threading.Thread(target=draw)
    look(pdf())  # the child is there
    drawing.start()
    answers = [client.get("/health/live").status_code for _n in range(3)]
    assert (answers, drawing.is_alive()) == ([200, 200, 200], True)
    drawing.join()


def test_a_child_that_is_killed_is_started_again():
    own = Inspector()
    assert look(pdf(), ask=own.ask)["pages"] == 1
    os.kill(own.process.pid, signal.SIGKILL)
    own.process.wait()
    assert look(pdf(), ask=own.ask)["pages"] == 1
    own.stop()


def test_a_file_whose_inspection_always_dies_is_not_verifiable(received, monkeypatch):
    asked = []
    monkeypatch.setattr(Inspector, "_ask_once", lambda *given: asked.append(given))
    with pytest.raises(ValidationError) as refused:
        received("raro.pdf", pdf())
    assert (len(asked), refused.value.code) == (3, "unverifiable")
    assert "no es verificable" in refused.value.message


def test_too_many_files_at_once_are_asked_to_wait(received, monkeypatch):
    monkeypatch.setattr(inspection, "QUEUE", 0)
    monkeypatch.setattr(inspector, "turns", threading.BoundedSemaphore(1))
    inspector.turns.acquire()
    with pytest.raises(ValidationError) as refused:
        received("acta.pdf", pdf())
    assert "Espere un minuto" in refused.value.message


def test_an_answer_that_names_no_known_type_is_not_believed(received, monkeypatch):
    monkeypatch.setattr(Inspector, "_ask_once", lambda *given: {"kind": "text/html"})
    with pytest.raises(ValidationError) as refused:
        received("a.pdf", pdf())
    assert refused.value.code == "kind"


def test_no_child_at_all_is_a_sentence(monkeypatch):
    monkeypatch.setattr(inspection, "PROGRAM", "/no/hay/tal/programa")
    own = Inspector()
    with pytest.raises(Unavailable):
        look(pdf(), ask=own.ask)
    own.stop()


def test_the_web_process_opens_no_file_of_anybody():
    """No library that reads documents or photos is in a process that serves pages."""
    code = (
        "import ecoeficiencia.wsgi, sys, django.urls; django.urls.get_resolver().url_patterns;"
        "import ecoeficiencia.files.forms, ecoeficiencia.files.serving;"
        "print([n for n in ('pikepdf', 'PIL', 'pillow_heif', 'pypdfium2', 'lxml') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
