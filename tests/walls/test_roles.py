"""Who owns the tables, who serves, and that a process which serves as the owner is told so."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import override_settings

from companies.tasks import gather_digests
from ecoeficiencia import checks
from ecoeficiencia.tasks import relay_jobs
from ecoeficiencia.walls import install, roles
from programs.tasks import send_reminders

pytestmark = pytest.mark.django_db


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def arranged():
    """The roles as production has them; ownership of this database goes back with the test's transaction."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with override_settings(ROLE_URLS=["", "postgres://eco_app:una%20clave@db/eco", "", ""]):
        call_command("create_roles", verbosity=0)


def signed_in_as(role):
    sql(f"SET LOCAL SESSION AUTHORIZATION {role}")


def told(**settings):
    with override_settings(DEMO=False, DEBUG=False, **settings):
        return [fault.id for fault in checks.the_database_role_is_not_almighty(None, databases=["default"])]


def test_every_role_has_what_it_needs_and_no_more(arranged):
    found = sql(
        "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles "
        "WHERE rolname LIKE 'eco\\_%%' ORDER BY rolname"
    )
    assert found == [
        ("eco_app", False, False, False, False),
        ("eco_backup", False, False, False, True),
        ("eco_owner", False, False, False, True),
        ("eco_public", False, False, False, False),
        ("eco_staff", False, False, False, False),
        ("eco_worker", False, False, False, False),
    ]
    assert sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == [("eco_owner",)]
    assert sql("SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = 'eco_app'") == [(True,)]


def test_running_it_again_changes_nothing(arranged):
    call_command("create_roles", verbosity=0)
    assert install.faults(connection) == []


def test_only_a_superuser_makes_roles(arranged):
    signed_in_as("eco_owner")
    with pytest.raises(CommandError, match="Only a superuser"):
        call_command("create_roles")


def test_an_address_of_somebody_else_is_refused():
    with override_settings(ROLE_URLS=["postgres://root:x@db/eco"]), pytest.raises(CommandError, match="'root'"):
        call_command("create_roles")


def test_the_owner_puts_up_walls_that_fell(arranged):
    signed_in_as("eco_owner")
    sql("DROP TRIGGER wall_update_programs_measure ON programs_measure")
    sql("DROP POLICY wall_read ON programs_measure")
    assert install.faults(connection) == ["programs_measure", "wall_update_programs_measure"]
    install.after_migrations(using="default")
    assert install.faults(connection) == []


def test_whoever_may_not_bypass_is_told_how_to_migrate(arranged):
    signed_in_as("eco_owner")
    sql("DROP POLICY wall_read ON programs_measure")
    signed_in_as("DEFAULT")
    sql("ALTER ROLE eco_owner NOBYPASSRLS")
    signed_in_as("eco_owner")
    with pytest.raises(install.NoRights, match="create_roles"):
        install.after_migrations(using="default")
    assert told(MIGRATES=True) == ["ecoeficiencia.E005"]


@pytest.mark.parametrize(
    ("role", "migrates", "faults"),
    [
        ("eco_app", False, []),
        ("eco_worker", False, []),
        ("eco_owner", True, []),
        ("eco_owner", False, ["ecoeficiencia.W108"]),
        ("eco_backup", False, ["ecoeficiencia.W108"]),
        ("eco_app", True, ["ecoeficiencia.E005"]),
    ],
)
def test_serving_as_the_owner_is_told(arranged, role, migrates, faults):
    signed_in_as(role)
    assert told(MIGRATES=migrates) == faults


@override_settings(DEMO=False, DEBUG=False)
def test_readiness_says_whether_the_walls_hold_whoever_serves(client, arranged):
    assert client.get("/health/ready").json()["database_role"] == "almighty"
    signed_in_as("eco_app")
    assert client.get("/health/ready").json()["database_role"] == "ok"


def test_verifying_as_a_role_that_does_not_see_all_is_refused(arranged):
    signed_in_as("eco_app")
    with pytest.raises(CommandError, match="Ejecútelo como eco_owner"):
        call_command("verify_all")


def test_what_happens_without_a_person_has_the_rights_it_needs(arranged, participation, stella):
    signed_in_as("eco_worker")
    send_reminders()
    gather_digests()
    relay_jobs()
    assert sql("SELECT current_user::text") == [("eco_worker",)]


def test_the_backup_reads_everything_and_writes_nothing(arranged, acme):
    signed_in_as("eco_backup")
    assert sql("SELECT legal_name FROM companies_company") == [(acme.legal_name,)]
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        sql("UPDATE companies_company SET legal_name = ''")


def test_the_doors_sign_in_without_a_person_and_see_nothing(arranged, acme):
    """What runs outside a request as the web's role: no company."""
    signed_in_as("eco_app")
    assert sql("SELECT count(*) FROM companies_company") == [(0,)]
    assert sql("SELECT pg_has_role('eco_app', 'eco_staff', 'SET'), pg_has_role('eco_app', 'eco_staff', 'USAGE')") == [
        (True, False)
    ]
    assert set(roles.SIGNING_IN) == {"eco_owner", "eco_app", "eco_worker", "eco_backup"}


def test_the_owner_loads_the_padron_and_nobody_else_makes_a_table(arranged, tmp_path):
    padron = tmp_path / "padron.txt"
    padron.write_text("20100130204|X S.A.|ACTIVO|HABIDO|150101||||||||||\n", encoding="latin-1")
    signed_in_as("eco_owner")
    call_command("import_padron", str(padron), date=date(2026, 11, 20), verbosity=0)
    signed_in_as("eco_app")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        sql("CREATE TEMPORARY TABLE prueba (a int)")
