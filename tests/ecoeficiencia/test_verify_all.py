"""`manage.py verify_all`: silent about what is whole, naming the first thing that is not."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from audits.models import RegisterEntry
from companies.models import Delivery, Membership, Notice
from ecoeficiencia.jobs import Job
from ecoeficiencia.models import Blob, Counter
from ecoeficiencia.walls import install
from programs.models import Application
from tests import factories as f

pytestmark = pytest.mark.django_db


def verify(**options):
    out = StringIO()
    call_command("verify_all", stdout=out, **options)
    return out.getvalue()


def sql(text, *values):
    """Write behind Django's back."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def break_file(blob, content):
    with default_storage.open(blob.path, "wb") as file:
        file.write(content)


def test_what_is_whole_passes(acme, alice):
    Blob.store(b"whole", "text/plain")
    said = verify()
    assert "claves foráneas: en orden." in said
    assert "registro público: en orden." in said
    assert "Aviso" not in said


def test_a_flipped_byte_is_named():
    blob = Blob.store(b"evidence", "text/plain")
    break_file(blob, b"Evidence")
    with pytest.raises(CommandError, match=rf"archivos: archivo {blob.pk}: {blob.path} no es lo que se guardó."):
        verify()
    assert "archivos: en orden." in verify(quick=True)


def test_a_shorter_file_is_named_even_in_a_hurry():
    blob = Blob.store(b"evidence", "text/plain")
    break_file(blob, b"evid")
    with pytest.raises(CommandError, match=r"no es lo que se guardó"):
        verify(quick=True)


def test_a_missing_file_is_named():
    blob = Blob.store(b"evidence", "text/plain")
    default_storage.delete(blob.path)
    with pytest.raises(CommandError, match=rf"archivos: archivo {blob.pk}: falta {blob.path}."):
        verify(quick=True)


@pytest.fixture
def register(db):
    """Four lines about one certificate."""
    certificate = f.CertificateFactory()
    Application.objects.update(number="EXP-2026-00001")
    Counter.objects.create(series="EXP", year=2026, last=1)
    with transaction.atomic():
        for act in ("suspended", "reinstated", "withdrawn"):
            RegisterEntry.append(certificate, act, on=timezone.localdate(), reason="x")
    return RegisterEntry.objects.order_by("sequence")


def past_the_walls(text, *values):
    """As somebody who may do anything with the database, and puts its walls up again."""
    install.take_down(connection)
    sql(text, *values)
    install.after_migrations(using="default")


@pytest.mark.parametrize("column", ["act", "payload", "previous"])
def test_a_changed_line_of_the_register_is_named(register, column):
    last = register.last()
    past_the_walls(f"UPDATE audits_registerentry SET {column} = %s WHERE id = %s", '"w"', last.pk)
    with pytest.raises(CommandError, match=rf"registro público: asiento {last.sequence} "):
        verify()


def test_a_line_taken_out_of_the_register_is_named(register):
    past_the_walls("DELETE FROM audits_registerentry WHERE id = %s", register[1].pk)
    with pytest.raises(CommandError, match=r"registro público: asiento 3 .*: falta el asiento 2"):
        verify()


def test_a_gap_in_the_numbers_is_named(edition):
    for n in (1, 3):
        f.ApplicationFactory(edition=edition, number=f"EXP-2026-{n:05d}")
    Counter.objects.create(series="EXP", year=2026, last=3)
    with pytest.raises(CommandError, match=r"números de expediente: el número EXP-2026-2 falta."):
        verify()


def test_a_number_the_counter_never_gave_is_named(edition):
    f.ApplicationFactory(edition=edition, number="EXP-2026-00001")
    with pytest.raises(CommandError, match=r"el número EXP-2026-1 no lo dio el contador."):
        verify()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_points_nowhere_is_named():
    member = f.MembershipFactory()
    try:
        point_nowhere(member)
        with pytest.raises(CommandError, match=f"Membership {member.pk}: company señala a 999, que no existe"):
            verify()
    finally:
        Membership.objects.all().delete()


def point_nowhere(member):
    if connection.vendor == "postgresql":
        before, after = "SET session_replication_role = replica", "SET session_replication_role = DEFAULT"
    else:
        before, after = "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"
    sql(before)
    install.before_migrations(using="default", plan=["something"])
    sql("UPDATE companies_membership SET company_id = 999 WHERE id = %s", member.pk)
    install.after_migrations(using="default")
    sql(after)


def test_a_wall_that_fell_is_named(db):
    name = "wall_update_programs_measure"
    sql(f"DROP TRIGGER {name}" + (" ON programs_measure" if connection.vendor == "postgresql" else ""))
    with pytest.raises(CommandError, match=f"paredes entre empresas: {name} no está como esta versión la escribe"):
        verify()


def test_a_job_nobody_does_is_named():
    Job.objects.create(key="forgotten", kind="note", run_at=timezone.now() - timedelta(minutes=30))
    with pytest.raises(CommandError, match=r"trabajos: trabajo forgotten: espera hace 30 minutos."):
        verify()
    assert "trabajos: en orden." in verify(late=60)


def test_a_mail_without_the_job_that_sends_it_is_named(nadia):
    Notice.tell([nadia], key="k", kind="k", title="Hola")
    verify()
    Job.objects.all().delete()
    with pytest.raises(CommandError, match=rf"la entrega {Delivery.objects.get().pk} está por enviar"):
        verify()


def test_dead_jobs_are_told_but_are_no_damage():
    Job.objects.create(key="dead", kind="note", state=Job.State.DEAD, run_at=timezone.now())
    assert "Aviso: 1 trabajos abandonados esperan a una persona." in verify()
