"""Decreed days: who writes them, which terms follow, and what happens when a term passes."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from companies.models import Event, Notice
from ecoeficiencia.models import NonWorkingDay
from ecoeficiencia.workdays import Decreed, add_workdays, decreed_days
from programs.models import Appeal, Application
from programs.tasks import lapse_terms
from tests import factories as f

pytestmark = pytest.mark.django_db
START = date(2026, 11, 9)  # a Monday; ten business days end on 23/11/2026


@pytest.fixture
def mending(acme, alice, edition):
    return f.SubmittedApplicationFactory(
        company=acme, edition=edition, state="observed", due_from=START, due_on=add_workdays(START, 10)
    )


def decree(client, on, reason="Puente", norm="DS 001-2026-PCM"):
    return client.post(reverse("panel:workdays"), {"on": on, "reason": reason, "norm": norm})


def test_a_decreed_day_gives_the_company_one_day_more_and_tells_it(mending, alice, stella, as_):
    assert mending.due_on == date(2026, 11, 23)
    answer = decree(as_(stella), "2026-11-16")
    assert answer.status_code == 302
    mending.refresh_from_db()
    assert mending.due_on == date(2026, 11, 24)
    notice = Notice.objects.get(user=alice, kind="observed")
    assert (notice.title, notice.body) == (
        "Su plazo para corregir la postulación se alarga hasta el 24/11/2026",
        "El 16/11/2026 fue declarado no laborable y no se cuenta.",
    )
    assert Event.objects.about(mending).last().verb == "lengthen"


@pytest.mark.parametrize("on", ["2026-11-09", "2026-11-24", "2027-01-15"])
def test_a_decreed_day_outside_the_term_changes_nothing(mending, stella, as_, on):
    decree(as_(stella), on)
    mending.refresh_from_db()
    assert mending.due_on == date(2026, 11, 23)
    assert not Notice.objects.filter(kind="observed").exists()


def test_a_decreed_last_day_moves_the_term_on(mending, stella, as_):
    decree(as_(stella), "2026-11-23")
    mending.refresh_from_db()
    assert mending.due_on == date(2026, 11, 24)


def test_taking_a_day_back_shortens_no_term(mending, stella, as_):
    decree(as_(stella), "2026-11-16")
    decree(as_(stella), "2027-01-15")
    other, day = NonWorkingDay.objects.order_by("-on")
    refused = as_(stella).post(reverse("panel:workday_withdraw", args=[day.pk]), {"reason": " "})
    told = refused.text.count('<details class="confirm" open>'), ">Complete «Motivo».</a>" in refused.text
    assert (refused.status_code, told) == (422, (1, True))
    answer = as_(stella).post(reverse("panel:workday_withdraw", args=[day.pk]), {"reason": "Se derogó"})
    assert answer.status_code == 302
    mending.refresh_from_db()
    assert (mending.due_on, NonWorkingDay.objects.get()) == (date(2026, 11, 24), other)
    assert Event.objects.get(verb="undecree").note == "16/11/2026 Puente: Se derogó"
    again = as_(stella).post(reverse("panel:workday_withdraw", args=[day.pk]), {"reason": "Se derogó"})
    assert (again.status_code, "Ese día ya se retiró." in again.text) == (409, True)


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        ("2026-11-14", "Ese día ya no es laborable: fin de semana."),
        ("2026-12-08", "Ese día ya no es laborable: "),
        ("2026-13-40", "Introduzca una fecha válida."),
    ],
)
def test_a_day_that_cannot_be_decreed_is_refused_with_its_reason(stella, as_, on, sentence):
    answer = decree(as_(stella), on)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert NonWorkingDay.objects.count() == 0


def test_the_same_day_is_decreed_once(stella, as_):
    decree(as_(stella), "2026-11-16")
    answer = decree(as_(stella), "2026-11-16")
    assert answer.status_code == 422
    assert "Ese día ya está registrado como no laborable." in answer.content.decode()
    assert NonWorkingDay.objects.count() == 1


def test_only_those_who_keep_the_calendar_change_it(rita, alice, as_):
    assert as_(rita).get(reverse("panel:workdays")).status_code == 200
    assert decree(as_(rita), "2026-11-16").status_code == 404
    assert as_(alice).get(reverse("panel:workdays")).status_code == 404
    assert NonWorkingDay.objects.count() == 0


def test_a_term_that_passed_is_noted_once_and_both_sides_are_told(mending, alice, stella):
    with time_machine.travel("2026-11-23 23:00-05:00"):
        lapse_terms()
    assert not Notice.objects.filter(key__contains="lapsed").exists()
    with time_machine.travel("2026-11-24 00:05-05:00"):
        lapse_terms()
        lapse_terms()
    assert sorted(Notice.objects.filter(key__contains="lapsed").values_list("user__first_name", flat=True)) == [
        "Alice",
        "Stella",
    ]
    assert Event.objects.about(mending).filter(verb="lapse").count() == 1


def test_more_time_takes_the_lapse_back(mending, stella):
    with time_machine.travel("2026-11-24 12:00-05:00"):
        lapse_terms()
    row = Application.objects.get(pk=mending.pk)
    assert row.lapsed_at is not None
    row.extend(by=stella, due_on=row.due_on + timedelta(days=7), reason="Pidió más días")
    assert Application.objects.get(pk=mending.pk).lapsed_at is None


# Days of one department


@pytest.fixture
def cusco(mending):
    """The company mends from Cusco."""
    f.SiteFactory(company=mending.company, district=f.DistrictFactory(code="080101", department="Cusco"))
    return mending


def regional(client, on, department):
    data = {"on": on, "department": department, "reason": "Aniversario", "norm": "OR 001-2026"}
    return client.post(reverse("panel:workdays"), data)


@pytest.mark.parametrize(
    ("department", "due_on"),
    [("Cusco", date(2026, 11, 24)), ("Lima", date(2026, 11, 24)), ("Piura", date(2026, 11, 23))],
)
def test_a_regional_day_counts_at_the_company_s_seat_and_at_promperu_s_office(cusco, stella, as_, department, due_on):
    assert regional(as_(stella), "2026-11-16", department).status_code == 302
    cusco.refresh_from_db()
    assert cusco.due_on == due_on


def test_new_terms_are_counted_by_the_seat_of_each_company(cusco, other):
    NonWorkingDay.objects.create(on="2026-11-16", department="Cusco", reason="Aniversario")
    NonWorkingDay.objects.create(on="2026-11-17", department="Piura", reason="Aniversario")
    NonWorkingDay.objects.create(on="2026-11-18", reason="Puente")
    assert decreed_days(cusco.company.seat) == {date(2026, 11, 16), date(2026, 11, 18)}
    assert decreed_days(other.seat) == {date(2026, 11, 18)}  # without a site, those of the country and the office
    assert Decreed().of("Piura") == {date(2026, 11, 17), date(2026, 11, 18)}


def test_promperu_s_own_term_follows_its_office(acme, alice, stella, as_, edition):
    f.SiteFactory(company=acme, district=f.DistrictFactory(code="080101", department="Cusco"))
    row = f.SubmittedApplicationFactory(company=acme, edition=edition, state="rejected")
    appeal = Appeal.objects.create(
        application=row, grounds="Falta.", filed_by=alice, due_from=START, due_on=add_workdays(START, 10)
    )
    regional(as_(stella), "2026-11-16", "Cusco")
    appeal.refresh_from_db()
    assert appeal.due_on == date(2026, 11, 23)
    regional(as_(stella), "2026-11-16", "Lima")
    appeal.refresh_from_db()
    assert appeal.due_on == date(2026, 11, 24)


def test_the_same_day_may_be_decreed_in_two_departments_and_in_one_only_once(stella, as_):
    client = as_(stella)
    answers = [regional(client, "2026-11-16", place) for place in ("Cusco", "Lima", "Cusco")]
    assert [answer.status_code for answer in answers] == [302, 302, 422]
    assert "Ese día ya está registrado como no laborable." in answers[2].text
    page = client.get(reverse("panel:workdays")).text
    assert "Cusco" in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert [name for name in ids if ids.count(name) > 1] == []  # each dialog has ids of its own


def test_a_regional_day_is_not_decreed_on_top_of_a_national_one(stella, as_):
    decree(as_(stella), "2026-11-16")
    answer = regional(as_(stella), "2026-11-16", "Cusco")
    assert answer.status_code == 422
    assert "Ese día ya está registrado como no laborable en todo el país." in answer.text
