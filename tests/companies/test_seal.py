"""History only grows: the database refuses to change it, and a chain tells when somebody did all the same."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, migrations, models, transaction
from django.utils import timezone

from audits.verifications import register_chain
from companies.models import Event, Seal
from companies.models.seal import STREAM
from companies.tasks import seal_history
from ecoeficiencia import heads
from ecoeficiencia.walls import growing, install
from tests import factories as f

COLUMNS = {
    "at": "2020-01-01 00:00:00+00:00", "actor_id": None, "company_id": None, "object_type": "companies.site",
    "object_id": 99, "verb": "otro", "old": "x", "new": "x", "note": "otra cosa", "data": '{"changes": {}}',
}  # fmt: skip


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.rowcount


@pytest.fixture
def chain(acme, alice, django_capture_on_commit_callbacks):
    """Five sealed events, and the head kept."""
    events = [Event.record(acme, by=alice, verb="check", note=f"hecho {n}") for n in range(5)]
    with django_capture_on_commit_callbacks(execute=True):
        seal_history()
    return events


@pytest.fixture
def unguarded(db):
    """Somebody who may do anything with the database; rolled back with the test."""
    install.take_down(connection)


def faults():
    return list(Seal.objects.faults())


# The database refuses


@pytest.mark.parametrize("model", growing.growing_models(), ids=lambda model: model._meta.label)
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_only_grows(chain, model, act):
    f.CertificateFactory()
    assert model._base_manager.exists()
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        sql(act.format(model._meta.db_table))


def test_of_what_is_signed_only_the_printed_copy_is_added(db):
    assert {(m._meta.label, m.SEALED_BUT) for m in growing.sealed_models()} == {("programs.Signature", ("pdf",))}


def test_history_and_register_only_grow():
    assert {m._meta.label for m in growing.growing_models()} >= {
        "audits.RegisterEntry", "companies.Event", "companies.Seal",
    }  # fmt: skip


def test_a_row_is_not_replaced_either(chain):
    event = chain[0]
    columns = [field.column for field in Event._meta.concrete_fields]
    words = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    same = f"{words} INTO companies_event ({', '.join(columns)}) SELECT {', '.join(columns)} FROM companies_event"
    with pytest.raises(IntegrityError), transaction.atomic():
        sql(f"{same} WHERE id = %s", event.pk)
    assert Event.objects.count() == 5 + 0


@pytest.mark.django_db
def test_a_table_is_not_emptied_at_once():
    if connection.vendor == "sqlite":  # has no TRUNCATE: emptying is deleting, refused above
        return
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        sql("TRUNCATE companies_seal")


@pytest.mark.django_db(transaction=True)
def test_the_guards_survive_a_migration_that_makes_the_table_again(acme):
    """SQLite drops a table's triggers then."""
    field, longer = Event._meta.get_field("verb"), models.CharField(max_length=60)
    longer.set_attributes_from_name("verb")
    longer.model = Event
    install.before_migrations(using="default", plan=[(migrations.Migration("x", "companies"), False)])
    with connection.schema_editor() as editor:
        editor.alter_field(Event, field, longer)
        editor.alter_field(Event, longer, field)
    call_command("migrate", verbosity=0)
    assert "wall_grows_change_companies_event" in install.standing(connection)
    Event.record(acme, by=None, verb="check")
    with pytest.raises(IntegrityError, match="only grows"):
        sql("DELETE FROM companies_event")


def test_a_guard_that_is_gone_is_named(db):
    name = "wall_grows_change_companies_event"
    on = " ON companies_event" if connection.vendor == "postgresql" else ""
    sql(f'DROP TRIGGER "{name}"{on}')
    with pytest.raises(CommandError, match=f"paredes entre empresas: {name} no está como"):
        call_command("verify_all")


def test_a_real_installation_is_not_emptied(settings, chain):
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(CommandError, match="not emptied"):
        call_command("flush", interactive=False)
    assert Event.objects.count() == 5


# The chain


def test_an_untouched_chain_holds(chain):
    assert faults() == []
    assert list(Seal.objects.order_by("sequence").values_list("sequence", "event")) == [
        (n, event.pk) for n, event in enumerate(chain, 1)
    ]


def test_sealing_again_adds_only_what_is_new(chain, acme, alice):
    late = Event.record(acme, by=alice, verb="check")
    seal_history()
    seal_history()
    assert list(Seal.objects.order_by("sequence").values_list("event", flat=True))[5:] == [late.pk]
    assert faults() == []


@pytest.mark.parametrize("column", COLUMNS)
def test_each_column_that_is_changed_is_noticed(chain, unguarded, column):
    target = chain[2]
    assert sql(f"UPDATE companies_event SET {column} = %s WHERE id = %s", COLUMNS[column], target.pk) == 1
    assert faults() == [f"el hecho {target.pk} (eslabón 3) no dice lo que decía"]


def test_every_column_of_an_event_is_in_the_test_above():
    assert {field.attname for field in Event._meta.concrete_fields} - {"id"} == COLUMNS.keys()


@pytest.mark.parametrize(
    ("column", "value"), [("content", "0" * 64), ("digest", "0" * 64), ("salt", "0"), ("sequence", 77)]
)
def test_each_column_of_a_link_is_noticed(chain, unguarded, column, value):
    sql(f"UPDATE companies_seal SET {column} = %s WHERE sequence = 3", value)
    [fault] = faults()
    assert "eslabón 3" in fault


@pytest.mark.parametrize(("place", "named"), [(0, 1), (2, 3), (4, 5)])
def test_a_removed_event_is_noticed_wherever_it_stood(chain, unguarded, place, named):
    sql("DELETE FROM companies_seal WHERE event_id = %s", chain[place].pk)
    sql("DELETE FROM companies_event WHERE id = %s", chain[place].pk)
    expected = "faltan los últimos eslabones: hubo 5" if place == 4 else f"falta el eslabón {named}"
    assert faults()[0] == expected


def test_two_swapped_events_are_noticed(chain, unguarded):
    sql("UPDATE companies_event SET note = 'hecho 1' WHERE id = %s", chain[3].pk)
    sql("UPDATE companies_event SET note = 'hecho 3' WHERE id = %s", chain[1].pk)
    assert faults() == [f"el hecho {chain[1].pk} (eslabón 2) no dice lo que decía"]


def test_two_swapped_links_are_noticed(chain, unguarded):
    sql("UPDATE companies_seal SET sequence = 99 WHERE sequence = 2")
    sql("UPDATE companies_seal SET sequence = 2 WHERE sequence = 4")
    sql("UPDATE companies_seal SET sequence = 4 WHERE sequence = 99")
    assert faults()[0].startswith("el eslabón 2")


def test_a_tail_cut_off_with_its_counter_is_told_by_the_kept_head(chain, unguarded):
    sql("DELETE FROM companies_seal WHERE sequence > 3")
    sql("DELETE FROM companies_event WHERE id > %s", chain[2].pk)
    sql("UPDATE ecoeficiencia_counter SET last = 3 WHERE series = %s", STREAM)
    assert faults() == ["termina antes del eslabón 5, que existió"]


def test_a_tail_written_anew_is_told_by_the_kept_head(chain, unguarded):
    """All digests computed again: the chain holds in itself, and is not the one that was."""
    sql("DELETE FROM companies_seal WHERE sequence > 3")
    sql("UPDATE ecoeficiencia_counter SET last = 3 WHERE series = %s", STREAM)
    sql("UPDATE companies_event SET note = 'mejor así' WHERE id = %s", chain[4].pk)
    assert Seal.objects.seal() == 2
    assert faults() == ["el eslabón 5 no es el que existió"]


def test_a_head_brought_from_elsewhere_is_believed(chain, monkeypatch):
    monkeypatch.setattr(heads, "_told", {})
    digest = Seal.objects.get(sequence=4).digest
    call_command("verify_all", head=[f"{STREAM}:4:{digest}"], stdout=StringIO())
    with pytest.raises(CommandError, match="cadena de la historia: termina antes del eslabón 9"):
        call_command("verify_all", head=[f"{STREAM}:9:{digest}"])
    with pytest.raises(CommandError, match="no tiene la forma"):
        call_command("verify_all", head=["historia:x"])


def test_only_the_last_head_is_kept(chain, acme, alice, django_capture_on_commit_callbacks):
    Event.record(acme, by=alice, verb="check")
    with django_capture_on_commit_callbacks(execute=True):
        seal_history()
    [name] = default_storage.listdir(f"heads/{STREAM}")[1]
    assert name.startswith("000000000006-")


def test_an_event_that_nobody_seals_is_named(acme, alice):
    event = Event.objects.create(
        at=timezone.now() - timedelta(hours=1), object_type="companies.company", object_id=acme.pk, verb="check"
    )
    with pytest.raises(CommandError, match=f"cadena de la historia: el hecho {event.pk} no está en la cadena"):
        call_command("verify_all")


def test_the_register_keeps_its_head_too(unguarded, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        f.CertificateFactory()
        f.CertificateFactory()
    sql("DELETE FROM audits_registerentry WHERE sequence = 2")
    assert list(register_chain(quick=True, late=None)) == ["termina antes del eslabón 2, que existió"]
