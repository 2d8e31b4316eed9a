"""Business days: the worked results of the counting rules, and what must hold for any term."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from ecoeficiencia.workdays import (
    add_months,
    add_workdays,
    is_workday,
    lengthened,
    national_holidays,
    next_workday,
    workdays_between,
)


def given(*strategies):
    """Any example; the machine's speed is no property."""
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    return lambda test: patient(given_any(*strategies)(test))


DECREED = frozenset([date(2025, 5, 2), date(2025, 12, 26), date(2026, 1, 2)])
days = st.dates(date(2015, 1, 1), date(2040, 12, 31))
terms = st.integers(1, 90)
calendars = st.frozensets(st.dates(date(2015, 1, 1), date(2041, 12, 31)), max_size=12)


@pytest.mark.parametrize(
    ("start", "count", "decreed", "ends"),
    [
        (date(2025, 4, 30), 10, DECREED, date(2025, 5, 16)),
        (date(2025, 4, 30), 10, frozenset(), date(2025, 5, 15)),
        (date(2025, 7, 18), 15, DECREED, date(2025, 8, 14)),
        (date(2025, 12, 24), 1, DECREED, date(2025, 12, 29)),
    ],
)
def test_a_term_in_business_days_ends_as_worked_out_by_hand(start, count, decreed, ends):
    assert add_workdays(start, count, decreed) == ends


@pytest.mark.parametrize(
    ("start", "months", "ends"),
    [
        (date(2025, 12, 31), 2, date(2026, 3, 2)),
        (date(2025, 6, 15), 24, date(2027, 6, 15)),
        (date(2024, 2, 29), 12, date(2025, 3, 3)),
        (date(2026, 1, 31), 1, date(2026, 3, 2)),
        (date(2025, 10, 31), 2, date(2025, 12, 31)),
    ],
)
def test_a_term_in_months_ends_as_worked_out_by_hand(start, months, ends):
    assert add_months(start, months, DECREED) == ends


def test_the_holidays_of_2026_are_those_of_the_law():
    working_week = [day for day in national_holidays(2026)]
    assert working_week == [
        date(2026, *day)
        for day in (
            (1, 1), (4, 2), (4, 3), (4, 5), (5, 1), (6, 7), (6, 29), (7, 23), (7, 28), (7, 29), (8, 6), (8, 30),
            (10, 8), (11, 1), (12, 8), (12, 9), (12, 25),
        )
    ]  # fmt: skip


@given(days, terms, calendars)
def test_a_term_never_ends_on_a_day_that_does_not_count(start, count, decreed):
    assert is_workday(add_workdays(start, count, decreed), decreed)


@given(days, st.integers(0, 90), calendars)
def test_counting_back_gives_the_days_that_were_added(start, count, decreed):
    assert workdays_between(start, add_workdays(start, count, decreed), decreed) == count


@given(days, terms, calendars)
def test_no_shorter_term_reaches_as_far(start, count, decreed):
    last = add_workdays(start, count, decreed)
    assert workdays_between(start, last - timedelta(days=1), decreed) == count - 1


@given(days, st.integers(0, 60), calendars)
def test_a_term_in_months_never_ends_on_a_day_that_does_not_count(start, months, decreed):
    ends = add_months(start, months, decreed)
    assert is_workday(ends, decreed)
    assert ends >= start


@given(days, calendars)
def test_the_next_business_day_is_the_day_itself_when_it_counts(day, decreed):
    assert (next_workday(day, decreed) == day) == is_workday(day, decreed)


@given(days, terms, calendars, days)
def test_a_decreed_day_only_lengthens_and_leaves_the_same_days_to_work(start, count, decreed, new):
    before = decreed - {new}
    due_on = add_workdays(start, count, before)
    later = lengthened(start, due_on, before, before | {new})
    assert later >= due_on
    assert workdays_between(start, later, before | {new}) == count


@pytest.mark.parametrize("count", [add_workdays, add_months])
def test_there_are_no_negative_terms(count):
    with pytest.raises(ValueError, match="negative"):
        count(date(2026, 1, 5), -1)
