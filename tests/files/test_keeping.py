"""Files as they lie: once, whole, before any row; what a crash leaves; what is swept and what is not."""

import os
import warnings
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from ecoeficiencia.files import sweeping
from ecoeficiencia.files.keeping import incoming
from ecoeficiencia.models import Blob

pytestmark = pytest.mark.django_db


def lies(blob):
    return Path(default_storage.path(blob.path))


def aged(path, **age):
    moment = (timezone.now() - timedelta(**age)).timestamp()
    os.utime(path, (moment, moment))


def test_the_same_bytes_are_kept_once_and_cannot_be_written_over():
    one, two = Blob.store(b"evidencia", "text/plain"), Blob.store(b"evidencia", "text/plain")
    assert (one, Blob.objects.count()) == (two, 1)
    assert lies(one).stat().st_mode & 0o777 == 0o440


def test_a_file_that_a_fault_cut_short_is_mended_by_the_next_who_sends_it():
    blob = Blob.store(b"evidencia entera", "text/plain")
    lies(blob).unlink()
    lies(blob).write_bytes(b"evid")
    Blob.store(b"evidencia entera", "text/plain")
    assert lies(blob).read_bytes() == b"evidencia entera"


def test_a_file_system_without_links_is_copied_to(monkeypatch):
    def refused(*given):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    blob = Blob.store(b"sin enlaces", "text/plain")
    assert (lies(blob).read_bytes(), list(incoming().iterdir())) == (b"sin enlaces", [])


def keeps_until(step, at, when):
    """A process that keeps a file and ends in the middle of it, as if it were killed; its exit code."""
    with warnings.catch_warnings(action="ignore"):  # of threads it does not have: it writes a file, and ends
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        real, seen = getattr(os, step), []

        def dying(*given, **how):
            seen.append(step)
            if len(seen) == at and when == "before":
                os._exit(9)
            done = real(*given, **how)
            if len(seen) == at:
                os._exit(9)
            return done

        setattr(os, step, dying)
        default_storage.save("blobs/ab/abc", ContentFile(b"x" * 100_000))
    finally:
        os._exit(0)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("step", "at"), [("fsync", 1), ("fsync", 2), ("fsync", 3), ("link", 1)])
def test_killed_at_any_step_no_half_file_bears_a_name(step, at, when, tmp_path):
    """The third flush is of the folder, after which the row is written: a crash never leaves a row without its file."""
    assert keeps_until(step, at, when) == 9
    named = [path.stat().st_size for path in (tmp_path / "media" / "blobs").rglob("*") if path.is_file()]
    assert named in ([], [100_000])


def test_what_a_crash_left_is_swept_after_a_day_and_not_before():
    orphan = Path(default_storage.path(default_storage.save("blobs/ab/" + "ab" * 32, ContentFile(b"huerfano"))))
    aged(orphan, hours=23)
    assert sweeping.sweep()["files"] == 0
    aged(orphan, hours=25)
    assert (sweeping.sweep()["files"], orphan.exists()) == (1, False)


def test_what_is_sent_again_while_it_is_swept_stays(monkeypatch):
    """Sent between the look and the removal: its time is new, so it is given back."""
    name = "blobs/ab/" + "ab" * 32
    orphan = Path(default_storage.path(default_storage.save(name, ContentFile(b"vuelve"))))
    aged(orphan, hours=25)
    real = os.rename

    def sent_meanwhile(source, target):
        if Path(source) == orphan:
            default_storage.save(name, ContentFile(b"vuelve"))
        real(source, target)

    monkeypatch.setattr(os, "rename", sent_meanwhile)
    assert (sweeping.sweep()["files"], orphan.read_bytes()) == (0, b"vuelve")


def test_an_upload_broken_off_is_gone_after_an_hour():
    left = incoming() / "subida-x"
    left.write_bytes(b"%PDF-")
    aged(left, minutes=50)
    assert sweeping.sweep()["uploads"] == 0
    aged(left, minutes=70)
    assert (sweeping.sweep()["uploads"], left.exists()) == (1, False)


def test_a_row_that_nobody_needs_goes_after_seven_days_and_its_file_with_it(acme, alice):
    needed = acme.evidences.create(title="A", filename="a.txt", uploaded_by=alice, blob=Blob.store(b"a", "text/plain"))
    loose, now = Blob.store(b"suelto", "text/plain"), timezone.now()
    assert sweeping.sweep(now)["rows"] == 0
    assert sweeping.sweep(now + timedelta(days=6, hours=23))["rows"] == 0
    assert sweeping.sweep(now + timedelta(days=7, hours=1))["rows"] == 1
    assert list(Blob.objects.values_list("pk", flat=True)) == [needed.blob_id]
    assert (lies(loose).exists(), lies(needed.blob).exists()) == (False, True)


def test_a_row_that_is_needed_again_stays(acme, alice):
    loose, now = Blob.store(b"suelto", "text/plain"), timezone.now()
    sweeping.sweep(now)
    acme.evidences.create(title="A", filename="a.txt", uploaded_by=alice, blob=loose)
    assert sweeping.sweep(now + timedelta(days=8))["rows"] == 0
    loose.refresh_from_db()
    assert loose.loose_since is None


def test_sent_again_within_the_seven_days_it_is_no_longer_loose():
    blob = Blob.store(b"suelto", "text/plain")
    sweeping.sweep()
    Blob.store(b"suelto", "text/plain")
    assert Blob.objects.get(pk=blob.pk).loose_since is None


def test_everything_that_may_need_a_file_is_asked():
    asked = {f"{model._meta.label}.{column}" for model, column in sweeping.referring()}
    assert {"requirements_std.Evidence.blob_id", "audits.CorrectiveAction.blob_id", "programs.CommitmentLetter.pdf_id",
            "programs.CommitmentLetter.signed_copy_id", "companies.SiteDocument.blob_id",
            "companies.SiteDocumentFile.blob_id", "audits.Certificate.pdf_id",
            "ecoeficiencia.Blob.shown_id"} <= asked  # fmt: skip


def test_a_bit_that_flips_is_found_named_and_forgiven_when_mended():
    blob, other = Blob.store(b"evidencia", "text/plain"), Blob.store(b"otra", "text/plain")
    lies(blob).chmod(0o640)
    lies(blob).write_bytes(b"evidencio")
    assert sweeping.verify_some() == 1
    blob.refresh_from_db()
    assert (blob.is_ready, blob.damaged_at is not None, other.is_whole()) == (False, True, True)
    with pytest.raises(CommandError, match=f"archivo {blob.pk}: {blob.path} no es lo que se guardó"):
        call_command("verify_all")
    lies(blob).write_bytes(b"evidencia")
    assert sweeping.verify_some() == 0
    assert Blob.objects.get(pk=blob.pk).is_ready
