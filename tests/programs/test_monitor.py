"""The monitor's door: what waits, which companies, and nobody else's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import Event
from programs.models import Participation
from programs.portfolio import portfolio
from tests.factories import MonitorAssignmentFactory, ParticipationFactory, board


def test_the_home_says_what_waits(as_, mia, participation, plant):
    board(participation.assessment, plant, state="submitted")
    Participation.objects.update(proposed_ready_at=timezone.now() + timedelta(seconds=5))
    page = as_(mia).get(reverse("monitor:home")).text
    for words in ("3 requisitos por revisar", "GE-01", "Proponen ir a preauditoría", participation.company.legal_name):
        assert words in page


def test_a_monitor_without_companies_is_told_so(as_, otto):
    from companies.models import Duty
    from tests.factories import AppointmentFactory

    AppointmentFactory(user=otto, duty=Duty.MONITOR)
    assert "No tiene empresas asignadas." in as_(otto).get(reverse("monitor:home")).text
    assert "No tiene empresas asignadas." in as_(otto).get(reverse("monitor:companies")).text


def test_the_page_of_a_company(as_, mia, participation):
    page = as_(mia).get(reverse("monitor:company", args=[participation.company_id])).text
    for words in ("¿Por qué no avanza?", "Alice Paredes", "Medidas y ahorros"):
        assert words in page


def test_silence_is_counted_from_what_the_company_did(mia, alice, participation):
    today = timezone.localdate()
    Participation.objects.update(state_since=timezone.now() - timedelta(days=40))
    (row,) = portfolio(mia, today)
    assert (row.silence, row.is_silent) == (40, True)
    Event.record(participation, by=mia, verb="edit")
    assert portfolio(mia, today)[0].silence == 40
    Event.record(participation, by=alice, verb="edit")
    assert portfolio(mia, today)[0].silence == 0


@pytest.mark.parametrize("view", ["monitor:home", "monitor:companies"])
def test_other_duties_have_no_portfolio(as_, stella, alice, otto, view):
    for person in (stella, alice, otto):
        assert as_(person).get(reverse(view)).status_code == 404


def test_a_company_of_another_monitor_is_not_found(as_, mia, participation, bob, alice, stella):
    theirs = ParticipationFactory()
    assert as_(mia).get(reverse("monitor:company", args=[theirs.company_id])).status_code == 404
    for person in (bob, alice, stella):
        assert as_(person).get(reverse("monitor:company", args=[participation.company_id])).status_code == 404


def test_an_assignment_that_ended_closes_the_page(as_, mia, participation):
    yesterday = timezone.localdate() - timedelta(days=1)
    participation.assignments.update(ends_on=yesterday)
    assert as_(mia).get(reverse("monitor:company", args=[participation.company_id])).status_code == 404


@pytest.mark.parametrize("view", ["monitor:home", "monitor:companies"])
def test_the_portfolio_asks_the_same_of_the_database_at_three_and_at_thirty(as_, mia, participation, view):
    client, url = as_(mia), reverse(view)

    def more(n):
        for row in ParticipationFactory.create_batch(n, edition=participation.edition):
            MonitorAssignmentFactory(participation=row, monitor=mia)

    more(2)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    more(27)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
