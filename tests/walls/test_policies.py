"""Row-level security of every table: as wide as `visible_to`, and never as wide as another company."""

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from audits.models import AuditMember, BodyPerson
from companies.models import Duty
from ecoeficiencia import walls
from ecoeficiencia.walls import acting, install, policies
from programs.models import MonitorAssignment
from tests import factories as f

pytestmark = pytest.mark.django_db
TABLES = walls.tables()
# Read by everybody: the register and what it certifies.
SHOWN = {label for label, entry in TABLES.items() if entry.also_read in ("true", "valid_from <= {today}")}
# Of whoever wrote it, and of no colleague.
OWN = {label for label, entry in TABLES.items() if not entry.circles}

RELATED = ("member", "monitor", "auditor", "named", "manager", "preauditor")
# A member before; at the body, and not in the audit; in the audit, and no longer at the body or in the duty.
UNRELATED = ("former", "colleague", "left", "retired", "nobody")


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def people(worlds, db):
    """Those who have to do with the first company, by their relation."""
    mine = worlds[0]
    company, audit = mine["companies.Company"], mine["audits.Audit"]
    found = {name: f.UserFactory() for name in (*RELATED, *UNRELATED)}
    f.MembershipFactory(company=company, user=found["member"])
    f.MembershipFactory(company=company, user=found["former"], ends_on="2025-01-01")
    MonitorAssignment.objects.filter(pk=mine["programs.MonitorAssignment"].pk).update(monitor=found["monitor"])
    at_body = {"body": audit.body, "starts_on": "2024-01-01"}
    for name, declared in (("auditor", timezone.now()), ("named", None), ("left", timezone.now())):
        AuditMember.objects.create(audit=audit, user=found[name], declared_at=declared)
    for name in ("auditor", "named", "colleague"):
        BodyPerson.objects.create(user=found[name], role="auditor", **at_body)
    BodyPerson.objects.create(user=found["manager"], role="manager", **at_body)
    for role in ("auditor", "manager"):
        BodyPerson.objects.create(user=found["left"], role=role, ends_on="2025-01-01", **at_body)
    preaudit = f.AuditFactory(participation=audit.participation, scope=audit.scope)
    for name, ends_on in (("preauditor", None), ("retired", "2025-01-01")):
        f.AppointmentFactory(user=found[name], duty=Duty.PREAUDITOR, starts_on="2024-01-01", ends_on=ends_on)
        AuditMember.objects.create(audit=preaudit, user=found[name], declared_at=timezone.now())
    return found


def seen(model, user):
    with acting.serving(user):
        return set(model._base_manager.values_list("pk", flat=True))


@pytest.mark.parametrize("label", TABLES)
def test_every_table_is_closed_to_its_owner_too(label):
    table = TABLES[label].model._meta.db_table
    assert sql("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table) == [(True, True)]
    assert policies.counts()[table] == len(sql("SELECT 1 FROM pg_policies WHERE tablename = %s", table))
    assert install.faults(connection) == []


@pytest.mark.parametrize("label", TABLES)
def test_a_member_reaches_the_rows_of_their_company_and_no_other(label, worlds, people):
    mine, theirs = (world[label].pk for world in worlds)
    found = seen(TABLES[label].model, people["member"])
    assert (mine in found) == (label not in OWN)
    assert (theirs in found) == (label in SHOWN)


@pytest.mark.parametrize("label", TABLES)
def test_nobody_of_another_company_is_shown_a_row(label, worlds, people):
    """Whatever the relation, the other company's row stays hidden; without one, so does this one."""
    mine, theirs = (world[label].pk for world in worlds)
    for name, person in people.items():
        assert (theirs in seen(TABLES[label].model, person)) == (label in SHOWN), name
    for name in UNRELATED:
        assert (mine in seen(TABLES[label].model, people[name])) == (label in SHOWN), name


def test_a_draft_is_its_writers_own_while_they_work_at_the_company(worlds, people, stella):
    draft = worlds[0]["companies.FormDraft"]
    model = type(draft)
    assert {"companies.FormDraft"} == OWN
    assert seen(model, draft.user) == {draft.pk}
    assert {name: seen(model, person) for name, person in people.items()} == {name: set() for name in people}
    assert model.objects.visible_to(stella).count() == 0
    draft.user.memberships.update(ends_on="2025-01-01")
    assert seen(model, draft.user) == set()


def test_nobody_writes_a_draft_of_a_colleague(worlds, people):
    draft = worlds[0]["companies.FormDraft"]
    refused = pytest.raises((ProgrammingError, IntegrityError), match="row-level security")
    with refused, acting.serving(people["member"]):
        type(draft)._base_manager.bulk_create([copy_of(draft)])


def models_that_say_who_sees_them():
    found = [model for model in apps.get_models() if hasattr(model.objects, "visible_to")]
    return [model._meta.label for model in found if model._meta.label in TABLES]


@pytest.mark.parametrize("label", models_that_say_who_sees_them())
def test_the_wall_hides_nothing_that_the_application_shows(label, worlds, people):
    """The policies follow `visible_to`: one is changed with the other."""
    model = TABLES[label].model
    for name, person in people.items():
        shown = set(model.objects.visible_to(person).values_list("pk", flat=True))
        assert shown <= seen(model, person), name


def test_each_relation_goes_as_far_as_its_circle(worlds, people):
    """What the declarations mean, written out for one table of each kind."""
    mine = worlds[0]
    reached = {
        name: {
            label
            for label in ("companies.Company", "requirements_std.Comment", "requirements_std.Evidence",
                          "audits.Audit", "audits.Check", "programs.Measure")
            if mine[label].pk in seen(TABLES[label].model, person)
        }
        for name, person in people.items()
    }  # fmt: skip
    every = {"companies.Company", "requirements_std.Comment", "requirements_std.Evidence", "audits.Audit",
             "audits.Check", "programs.Measure"}  # fmt: skip
    audited = {"companies.Company", "requirements_std.Evidence", "audits.Audit", "audits.Check"}
    assert reached == {
        "member": every,
        "monitor": every,
        "auditor": audited,
        "named": {"companies.Company", "audits.Audit"},
        "manager": {"companies.Company", "audits.Audit"},
        "preauditor": {"companies.Company", "requirements_std.Evidence"},
        **{name: set() for name in UNRELATED},
    }


def copy_of(row):
    return type(row)(**{x.attname: getattr(row, x.attname) for x in row._meta.concrete_fields if not x.primary_key})


WRITTEN = [label for label, entry in TABLES.items() if "INSERT" in entry.app and label != walls.TENANT]


@pytest.mark.parametrize("label", WRITTEN)
def test_no_row_is_written_for_another_company(label, worlds, people):
    row = worlds[1][label]
    refused = pytest.raises((ProgrammingError, IntegrityError), match="row-level security")
    with refused, acting.serving(people["member"]):
        type(row)._base_manager.bulk_create([copy_of(row)])


def test_whoever_opens_a_company_reaches_that_one(worlds, people):
    company = copy_of(worlds[1]["companies.Company"])
    company.ruc = f.ruc(99001)
    with acting.serving(people["nobody"]):
        company.save()
        assert set(type(company)._base_manager.values_list("pk", flat=True)) == {company.pk}
    assert seen(type(company), people["nobody"]) == set()


@pytest.mark.parametrize("label", TABLES)
def test_no_row_of_another_company_is_changed_or_deleted(label, worlds, people):
    entry, row = TABLES[label], worlds[1][label]
    table = entry.model._meta.db_table
    for act, statement in (("UPDATE", f'UPDATE "{table}" SET id = id'), ("DELETE", f'DELETE FROM "{table}"')):
        with acting.serving(people["member"]):
            if act not in entry.app:
                with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                    sql(f"{statement} WHERE id = %s", row.pk)
            else:
                assert sql(f"{statement} WHERE id = %s RETURNING id", row.pk) == []


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["companies_event", "audits_registerentry"])
def test_history_and_register_only_grow_for_everybody(table, statement, people, stella):
    for person in (people["member"], stella):
        with acting.serving(person), refused_for_want_of_rights(), transaction.atomic():
            sql(statement.format(table))


def refused_for_want_of_rights():
    return pytest.raises(ProgrammingError, match=r"permission denied|must be owner")


def test_the_doors_cannot_name_themselves_staff(people):
    for statement in (
        "INSERT INTO companies_appointment (user_id, duty, starts_on) VALUES (1, 'administrator', '2026-01-01')",
        "UPDATE programs_edition SET quota = 1",
        "CREATE TABLE loot (id int)",
        "SET LOCAL ROLE eco_owner",
        "ALTER TABLE companies_company DISABLE ROW LEVEL SECURITY",
    ):
        sql("SET SESSION AUTHORIZATION eco_app")  # as it signs in: not a superuser that took the role
        try:
            with acting.serving(people["member"]), pytest.raises(ProgrammingError), transaction.atomic():
                sql(statement)
        finally:
            sql("SET SESSION AUTHORIZATION DEFAULT")


def test_the_public_figures_read_a_few_columns_only(people):
    with acting.serving(people["nobody"]), acting.as_public():
        sql("SELECT id, legal_name FROM companies_company")
        for statement in ("SELECT phone FROM companies_company", "SELECT * FROM requirements_std_evidence"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                sql(statement)


def test_a_worker_sees_all_and_owns_nothing(worlds):
    with acting.as_worker():
        assert sql("SELECT current_user")[0][0] == "eco_worker"
        assert len(sql("SELECT id FROM companies_company")) >= 2
        with pytest.raises(ProgrammingError), transaction.atomic():
            sql("DROP TABLE companies_company")


BY_INDEX = [label for label, entry in TABLES.items() if label not in SHOWN and not entry.by_row]


@pytest.mark.parametrize("label", BY_INDEX)
def test_a_forgotten_filter_does_not_read_the_whole_table(label, people):
    """With sequential scans priced out, PostgreSQL still takes one where the policy cannot use an index."""
    table = TABLES[label].model._meta.db_table
    with acting.serving(people["monitor"]):
        sql("SET LOCAL enable_seqscan = off")
        plan = "\n".join(line for (line,) in sql(f'EXPLAIN SELECT * FROM "{table}"'))
    assert f"Seq Scan on {table}" not in plan, plan
    assert "Index Cond" in plan or "Index Only Scan" in plan
