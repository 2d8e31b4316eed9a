"""Files on their way in: hostile ones, disks without room, connections that break."""

import io
import re
import select
import tempfile
import threading
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import psutil
from django.urls import reverse
from django.utils.html import escape
from PIL import Image

from ecoeficiencia.files.sentences import SENTENCES
from tests.files.corpus import HOSTILE, photo, xlsx

from . import rows
from .library import FILES, FORM, MB, cut, form, library, paper, small_disk
from .servers import until

NAMES = ("../../etc/cron.d/a.pdf", "nota\0.pdf", "acta\u202efdp.exe", "CON", ".htaccess", "a" * 250 + ".pdf")


def said(code):
    """A piece of the sentence of a refusal, as a page writes it."""
    return escape(re.split(r"%\(\w+\)s", str(SENTENCES[code]).split("»", 1)[1])[0].strip())


def hungry(n):
    """A small photo, of one colour, that takes hundreds of megabytes to open."""
    out = io.BytesIO()
    Image.new("RGB", (7900, 7900), (n % 256, 0, 99)).save(out, "JPEG", quality=20)
    return out.getvalue()


@contextmanager
def killing_inspections(web):
    """Whatever looks into a file is killed while the block runs, as a system without memory does. Yield the kills."""
    over, killed = threading.Event(), []

    def work():
        while not over.wait(0.005):
            for process in web.family():
                if is_inspection(process):
                    killed.append(process.pid)
                    process.kill()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def is_inspection(process):
    """Whether it is the last of the three in a row: the child of a warden, itself a child of the inspector."""
    try:
        line = process.parents()[:2]
        return all("inspector" in " ".join(each.cmdline()) for each in [process, *line])
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def hostile_files_beside_honest_ones(make, rounds):
    with library(make, ECO_INSPECTION_MB="300") as (s, lib):
        servers = {child.pid for child in psutil.Process(s.web.child.pid).children()}
        with lib.reading() as seen, lib.sending():
            for n in range(rounds):
                _refused(lib.send(hungry(n), "grande.jpg"), "demanding", "a hungry photo")
            for case, (name, content, code) in HOSTILE.items():
                _refused(lib.send(content(), name), code, case)
            for name in NAMES:
                assert lib.send(paper(name), name).status == 302, f"an honest file called {name[:20]!r} is refused"
            assert lib.send(paper(0), "a" * 4000 + ".pdf").status == 400  # no system gives a file such a name
        with killing_inspections(s.web) as killed:
            _refused(lib.send(hungry(rounds), "muerta.jpg"), "unverifiable", "what cannot be looked into")
        assert len(killed) >= 3, f"looked into {len(killed)} times"
        assert set(seen) == {200}, f"the site answered {set(seen)} meanwhile"
        assert {child.pid for child in psutil.Process(s.web.child.pid).children()} == servers, "a server died"
        assert lib.new().keys() == set(s.ledger.told), "what came in is not what was told"
        note = f"{len(HOSTILE) + rounds + 1} hostile files refused, {len(seen)} pages read meanwhile"
        return lib.outcome(rounds, note=note)


def _refused(answer, code, case):
    assert answer.status != 302, f"{case} came in"
    assert (answer.status, said(code) in answer.text) == (422, True), f"{case}: {answer.status}, not {said(code)!r}"


def disk_of_the_files_full(make, rounds):
    # First nobody asks whether there is room, as when others fill the disk meanwhile: the write itself fails.
    with library(make, room=17, ECO_FREE_SPACE_FLOOR_MB="-1000") as (s, lib):
        ballast = lib.media / "lastre"
        ballast.write_bytes(b"\0" * (8 * MB))
        kept, refused, n = [], [], 0
        while len(refused) < 3 * rounds:
            n += 1
            content = (f"{n}.pdf", paper(n, 900)) if n % 2 else (f"{n}.jpg", photo(size=(1300, 1300)))
            answer = lib.send(content[1], content[0])
            (kept if answer.status == 302 else refused).append((content, answer))
        _in_words(lib, kept, [answer for _content, answer in refused])
        s.web.kill()
        s.web.start(ECO_FREE_SPACE_FLOOR_MB="2")
        s.web.wait()
        assert lib.ready()["space"] == "low"
        _in_words(lib, kept, [lib.send(paper(-n)) for n in range(1, rounds + 1)])
        ballast.unlink()
        again = [lib.send(content, name).status for (name, content), _answer in refused[:2]]
        assert (again, lib.ready()["space"]) == ([302, 302], "ok")
        return lib.outcome(rounds, note=f"{len(refused) + rounds} refused in words, {len(kept)} taken before")


def _in_words(lib, kept, refused):
    """Refused with the status and the sentence of a full disk, without a trace; what is there can be read."""
    statuses = {answer.status for answer in refused}
    assert statuses == {507}, f"answers {statuses}"
    assert all("se quedó sin espacio" in answer.text for answer in refused)
    assert len(lib.new()) == len(kept), "a refused file left a row"
    until(lambda: not lib.incoming(), rows.PATIENCE)
    assert lib.incoming() == [], f"{len(lib.incoming())} uploads left over"
    assert lib.get(lib.path).status == 200
    pages = [lib.fetch(pk).status for pk in lib.new().values()]
    assert pages == [200] * len(kept), f"what was taken is answered {pages}"


def disk_of_the_system_full(make, rounds):
    with tempfile.TemporaryDirectory(prefix="eco-faults-") as tmp, small_disk(Path(tmp), 1):
        return _without_temporary_files(make, rounds, tmp)


def _without_temporary_files(make, rounds, tmp):
    with library(make, TMPDIR=tmp) as (_s, lib):
        fill(Path(tmp) / "lastre")  # only now: its processes chose this folder while there was room
        for n in range(rounds):
            sent = {"a.pdf": paper(n, 3000), "a.jpg": photo(size=(2500, 2500)), "a.xlsx": xlsx([("Mes", n)])}
            statuses = {lib.send(content, name).status for name, content in sent.items()}
            assert statuses == {302}, f"answers {statuses}"
        pages = [lib.get(f"/archivo/evidencia/{pk}/?ver=1").status for pk in lib.new().values()]
        assert set(pages) == {200}, f"looked at: {set(pages)}"
        return lib.outcome(rounds, note="files of more than 2.5 MB, which the framework would put there")


def fill(path):
    """Write until the disk takes nothing more."""
    try:
        with open(path, "wb", buffering=0) as file:
            while file.write(b"\0" * 4096):
                pass
    except OSError:
        pass


def connection_cut_in_an_upload(make, rounds):
    with library(make, FAULTS_SILENCE="3") as (_s, lib):
        papers = [paper(n, 2000) for n in range(4 * rounds)]
        for n, content in enumerate(papers[: 2 * rounds]):
            wire = _half_sent(lib, content)
            wire.close() if n % 2 else cut(wire)
        silent = [_half_sent(lib, papers[n % len(papers)]) for n in range(12)]  # more than there are threads
        page = until(lambda: lib.get(lib.path, timeout=2).status == 200, rows.PATIENCE, 0.5)
        assert page, "those who fell silent keep the site from answering"
        with dripping(lib, papers[-2:]):
            assert lib.get(lib.path).status == 200
        until(lambda: not lib.incoming(), rows.PATIENCE)
        assert (lib.incoming(), lib.new()) == ([], {}), "a part of a file stayed"
        for wire in silent:
            wire.close()
        assert {lib.send(content).status for content in papers} == {302}
        return lib.outcome(rounds, note=f"{2 * rounds} cut or reset, 12 silent, 2 slow; each sent again")


def _half_sent(lib, content):
    """A connection over which half an upload has arrived."""
    before = len(lib.incoming())
    wire = lib.wire(form({}, [("files", "acta.pdf", content)]), share=0.5)
    until(lambda: len(lib.incoming()) > before, 2, 0.02)  # not when no thread is free for it
    return wire


@contextmanager
def dripping(lib, papers):
    """Clients that send a byte now and then, until the block ends and they are gone."""
    wires, over = [_half_sent(lib, content) for content in papers], threading.Event()

    def work():
        while not over.wait(0.3):
            for wire in wires:
                with suppress(OSError):
                    wire.sendall(b"\0")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for wire in wires:
            cut(wire)


MEASURE = "title=Variadores+{n}&resource=energy&kind=technology&investment=42000&annual_saving=18500&envio={key}"


def answer_lost(make, rounds):
    from companies.models import SiteDocument
    from programs.models import Measure

    with library(make) as (s, lib):
        before, receipts = Measure.objects.count(), []
        licence = SiteDocument.objects.newest().filter(company=s.company, kind="licence").first()
        versions = licence.files.count()
        for n in range(rounds):
            body = MEASURE.format(n=n, key=f"medida-de-prueba-{n:04d}").encode()
            receipts.append(_twice(lib, reverse("empresa:measure_create", args=[s.company]), body, FORM))
            receipts.append(_file_twice(lib, lib.path, "files", paper(n), f"carga-de-prueba-{n:04d}"))
            newest = reverse("empresa:evidence_replace", args=[max(lib.new().values())])
            receipts.append(_file_twice(lib, newest, "file", paper(-n - 1), f"version-de-prueba-{n:04d}"))
            scan = reverse("empresa:site_file_replace", args=[licence.files.latest("pk").pk])
            body = form({"envio": f"licencia-de-prueba-{n:04d}"}, [("file", "licencia.pdf", paper(n + 5000))])
            receipts.append(_twice(lib, scan, body, FILES))
        made = Measure.objects.count() - before
        assert made == rounds, f"{made} measures of {rounds}"
        assert len(lib.new()) == 2 * rounds, f"{len(lib.new())} proofs of {2 * rounds}"
        scans = licence.files.count() - versions
        assert scans == rounds, f"{scans} versions of a licence of {rounds}"
        strange = [told for told in receipts if told[0] != 302 or told[1] != told[2]]
        assert strange == [], f"other receipts the second time: {strange[:3]}"
        note = "a file, a new version, a licence, a measure: sent again, one effect, one receipt"
        return lib.outcome(4 * rounds, note=note)


def _file_twice(lib, path, name, content, key):
    told = _twice(lib, path, form({"envio": key}, [(name, "acta.pdf", content)]), FILES)
    lib.s.ledger.note(sha256(content).hexdigest(), told[0], 0.0, None)
    return told


def _twice(lib, path, body, kind):
    """Send a form whose answer is lost on its way back, then again: (status, where it leads, where the first led)."""
    from ecoeficiencia.once import Sent

    wire = lib.wire(body, kind, path)
    assert select.select([wire], [], [], rows.READY)[0], "no answer was on its way"
    cut(wire)
    first = Sent.objects.order_by("pk").last()
    again = lib.ask("POST", path, body, kind)
    return again.status, again.headers.get("Location"), first and first.headers["Location"]


ROWS = {
    10: (hostile_files_beside_honest_ones, 3, "memory", r"hungry photo came in"),
    21: (disk_of_the_files_full, 2, "space", r"answers .*500"),
    23: (disk_of_the_system_full, 2, "handler", r"answers .*50[07]"),
    25: (connection_cut_in_an_upload, 4, "silence", r"keep the site from answering"),
    26: (answer_lost, 6, "once", r"measures of"),
}
