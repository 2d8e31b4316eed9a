"""Business days are counted by weeks; counting day by day must give the same."""

import csv
from datetime import date, timedelta

import pytest
from django.conf import settings

from companies.models.places import DEPARTMENTS
from ecoeficiencia.workdays import is_workday, workdays_between

DECREED = frozenset({date(2025, 5, 2), date(2025, 12, 26), date(2026, 1, 2), date(2026, 1, 3)})


@pytest.mark.parametrize("start", [date(2025, 4, 27) + timedelta(days=n) for n in range(8)], ids=str)
def test_weeks_and_days_give_the_same_count(start):
    one_by_one = 0
    for days in range(1, 420):
        on = start + timedelta(days=days)
        one_by_one += is_workday(on, DECREED)
        assert workdays_between(start, on, DECREED) == one_by_one
        assert workdays_between(on, start, DECREED) == -one_by_one


def test_the_departments_offered_are_those_of_inei():
    with (settings.BASE_DIR / "companies" / "data" / "ubigeo_inei.csv").open(encoding="utf-8") as file:
        assert {line["departamento"] for line in csv.DictReader(file)} == set(DEPARTMENTS)
