"""The second wall: what a request may touch when the application's own filter is forgotten."""

from contextlib import suppress

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Company, Event, Site
from ecoeficiencia.walls import acting
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.walls.urls")]


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchone()[0] if cursor.description else None


@pytest.fixture
def two(acme, alice, plant, other, bob):
    """Acme, where Alice works, and another company with a site of its own."""
    return f.SiteFactory(company=other)


@pytest.mark.parametrize(
    ("name", "role"),
    [("alice", "eco_app"), ("mia", "eco_app"), ("otto", "eco_app"), ("stella", "eco_staff"), ("ada", "eco_staff")],
)
def test_a_request_is_served_as_a_role_without_power(request, as_, name, role):
    answer = as_(request.getfixturevalue(name)).get("/quien/").json()
    assert answer == {"role": role, "powers": [False, False, False]}


def test_the_public_is_served_as_such_a_role_too(client, db):
    assert client.get("/quien/").json() == {"role": "eco_app", "powers": [False, False, False]}


@pytest.mark.parametrize("address", ["/todas/", "/todas-sql/"])
def test_a_forgotten_filter_shows_a_member_their_company_only(as_, two, alice, bob, nadia, address):
    assert as_(alice).get(address).json() == {"names": ["Acme Exportaciones S.A.C."]}
    assert as_(bob).get(address).json() == {"names": ["Otra Empresa S.A."]}
    assert as_(nadia).get(address).json() == {"names": []}


def test_staff_see_all(as_, two, stella):
    assert len(as_(stella).get("/todas/").json()["names"]) == 2


def test_without_the_wall_the_same_view_shows_the_competitor(as_, two, alice):
    """The negative control: it is the policy that holds, not the view."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE companies_company DISABLE ROW LEVEL SECURITY")
    assert len(as_(alice).get("/todas/").json()["names"]) == 2


def test_a_forgotten_filter_changes_nothing_of_others(as_, two, acme, other, alice):
    assert as_(alice).post("/renombrar/").json() == {"count": 1}
    other.refresh_from_db()
    assert other.trade_name == ""


def test_a_forgotten_filter_deletes_nothing_of_others(as_, two, alice):
    f.SiteFactory(company=Company.objects.get(memberships__user=alice), name="De paso")
    f.forget_documents(site__name="Planta Ica")
    assert as_(alice).post("/borrar/").json() == {"count": 2}
    assert Site.objects.get() == two


def test_nothing_is_written_into_another_company(as_, two, acme, other, alice):
    client = as_(alice)
    assert client.post(f"/agregar/{acme.pk}/").status_code == 200
    with pytest.raises(ProgrammingError, match="row-level security"):
        client.post(f"/agregar/{other.pk}/")
    assert Site.objects.filter(name="Ajena", company=other).count() == 0


def test_what_ended_is_over_at_the_next_request(as_, participation, mia):
    client = as_(mia)
    assert client.get("/todas/").json() == {"names": ["Acme Exportaciones S.A.C."]}
    participation.assignments.update(ends_on=timezone.localdate() - timezone.timedelta(days=1))
    assert client.get("/todas/").json() == {"names": []}


def test_a_view_that_fails_takes_back_what_it_wrote(as_, two, alice):
    assert as_(alice).post("/a-medias/").status_code == 404
    assert Event.objects.filter(note="a medias").count() == 0


def test_a_request_costs_one_statement_more(as_, two, alice):
    client = as_(alice)
    with CaptureQueriesContext(connection) as queries:
        client.get("/todas/")
    asked = [q["sql"] for q in queries if "wall_enter" in q["sql"] or "set_config" in q["sql"]]
    assert len(asked) == 2, "one to enter; one to leave, because the test's transaction goes on"


def test_an_error_that_was_swallowed_is_not_taken_for_success(two, alice):
    refused = pytest.raises(transaction.TransactionManagementError, match="caught outside a savepoint")
    with refused, acting.serving(alice), suppress(ProgrammingError):
        sql("SELECT no_such_column")


def test_rules_that_must_see_all_do_and_no_longer(two, alice):
    with acting.serving(alice):
        assert Company.objects.count() == 1
        with acting.in_full():
            assert (Company.objects.count(), sql("SELECT current_user")) == (2, "eco_staff")
        assert (Company.objects.count(), sql("SELECT current_user")) == (1, "eco_app")
        with pytest.raises(ZeroDivisionError), acting.in_full():
            raise ZeroDivisionError
        assert (Company.objects.count(), sql("SELECT current_user")) == (1, "eco_app")


def test_nothing_is_left_on_the_connection_within_a_test(as_, two, alice):
    as_(alice).get("/todas/")
    left = [sql(f"SELECT coalesce(current_setting('wall.{name}', true), '')") for name in ("user", "known", "token")]
    assert (sql("SELECT current_user = session_user"), left) == (True, ["", "", ""])


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_on_a_connection_that_lives_on(client, as_):
    """Outside a test's transaction, as a web process holds it from one request to the next."""
    person = f.MembershipFactory().user
    assert len(as_(person).get("/todas/").json()["names"]) == 1
    assert sql("SELECT current_user = session_user")
    assert sql("SELECT coalesce(current_setting('wall.known', true), '')") == ""
    assert client.get("/quien/").json()["role"] == "eco_app"
    sql("SET ROLE eco_app")
    try:
        assert sql("SELECT count(*) FROM companies_company") == 0
    finally:
        sql("RESET ROLE")


def test_a_page_that_does_not_exist_still_knows_the_person(as_, two, alice):
    page = as_(alice).get("/no-existe/")
    assert page.status_code == 404
    assert "Ir a mi espacio" in page.content.decode()
