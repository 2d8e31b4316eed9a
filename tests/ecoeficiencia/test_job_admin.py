"""Dead jobs in the administration: read, and given another chance."""

import pytest
from django.utils import timezone

from ecoeficiencia.jobs import MAX_ATTEMPTS, Job
from tests.factories import UserFactory

LIST = "/admin/ecoeficiencia/job/"


@pytest.fixture
def administrator(as_):
    return as_(UserFactory(is_staff=True, is_superuser=True))


@pytest.fixture
def dead(db):
    return Job.objects.create(
        key="note:7", kind="note", run_at=timezone.now(), state=Job.State.DEAD, attempts=MAX_ATTEMPTS, error="no paper"
    )


def test_an_administrator_reads_why_a_job_was_given_up(administrator, dead):
    page = administrator.get(LIST)
    assert page.status_code == 200
    assert "no paper" in page.content.decode()


def test_an_administrator_gives_it_another_chance(administrator, dead):
    page = administrator.post(LIST, {"action": "revive", "_selected_action": [dead.pk]}, follow=True)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == (Job.State.PENDING, 0)
    assert "Se intentará de nuevo 1 trabajo." in page.content.decode()


def test_nobody_writes_jobs_by_hand(administrator, dead):
    assert administrator.get(f"{LIST}add/").status_code == 403
    assert administrator.post(f"{LIST}{dead.pk}/change/", {"state": "done"}).status_code == 403
    assert administrator.post(f"{LIST}{dead.pk}/delete/", {"post": "yes"}).status_code == 403


def test_others_do_not_see_them(as_, alice, dead):
    assert as_(alice).get(LIST).status_code in {302, 403, 404}
