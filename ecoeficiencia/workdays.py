"""Business days in Peru: holidays of the `holidays` library plus the table of decreed days.

Counting rules of TUO LPAG arts. 144-145 (DS 004-2019-JUS), worked results in domain.md 2.9.
"""

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from functools import lru_cache

import holidays
from django.conf import settings


@lru_cache(maxsize=64)
def national_holidays(year):
    """{day: name} of the holidays every year has."""
    return dict(sorted(holidays.PE(years=year, language="es").items()))


class Decreed:
    """The decreed non-working days now on record, read once, by where they hold.

    without: a NonWorkingDay to leave out, as if it had not been decreed.
    """

    def __init__(self, without=None):
        from .models import NonWorkingDay

        rows = NonWorkingDay.objects.exclude(pk=without.pk) if without else NonWorkingDay.objects.all()
        self.by_department = defaultdict(set)
        for department, on in rows.values_list("department", "on"):
            self.by_department[department].add(on)

    def of(self, department=""):
        """The days on which a term of somebody in `department` does not run, to be passed to the counters below.

        Those of the whole country, of that department, and of the one where PROMPERÚ's office is (ADR 19).
        """
        found = self.by_department
        return frozenset().union(*(found.get(place, ()) for place in ("", settings.OFFICE_DEPARTMENT, department)))


def decreed_days(department=""):
    """The decreed days for one term; see Decreed, which serves many."""
    return Decreed().of(department)


def is_workday(on: date, decreed=frozenset()) -> bool:
    return on.weekday() < 5 and on not in national_holidays(on.year) and on not in decreed


def add_workdays(start: date, days: int, decreed=frozenset()) -> date:
    """Return the last day of a term of `days` business days notified on `start` (which is not counted).

    No days end where they start. Raises ValueError when days is negative.
    Check: 10 days from 30/04/2025 give 16/05/2025 with 02/05/2025 decreed; 15 from 18/07/2025 give 14/08/2025.
    """
    if days < 0:
        raise ValueError("A term has no negative days.")
    on = start
    while days > 0:
        on += timedelta(days=1)
        if is_workday(on, decreed):
            days -= 1
    return on


def workdays_before(on: date, days: int, decreed=frozenset()) -> date:
    """The latest day from which `days` business days have passed on `on`. Check: 10 before 16/05/2025 is 30/04/2025."""
    while days > 0:
        days -= is_workday(on, decreed)
        on -= timedelta(days=1)
    return on


def next_workday(on: date, decreed=frozenset()) -> date:
    """`on` itself when it is a business day, else the first one after it."""
    while not is_workday(on, decreed):
        on += timedelta(days=1)
    return on


def add_months(start: date, months: int, decreed=frozenset()) -> date:
    """Return the last day of a term of `months` notified on `start`, date to date, moved on to a business day.

    In a month without that day the term ends on the first business day of the following month (art. 145.3).
    Raises ValueError when months is negative.
    Check: 2 months from 31/12/2025 end on 02/03/2026; 24 from 15/06/2025 on 15/06/2027.
    """
    if months < 0:
        raise ValueError("A term has no negative months.")
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if start.day > monthrange(year, month + 1)[1]:
        year, month = divmod(year * 12 + month + 1, 12)
        return next_workday(date(year, month + 1, 1), decreed)
    return next_workday(date(year, month + 1, start.day), decreed)


def lengthened(start: date, due_on: date, before, after) -> date:
    """The last day by the calendar `after` of a term that ends on `due_on` by the calendar `before`; never sooner.

    before, after: the decreed days by each calendar.
    """
    return max(due_on, add_workdays(start, workdays_between(start, due_on, before), after))


def workdays_between(start: date, end: date, decreed=frozenset()) -> int:
    """Business days after `start` up to and including `end`; negative when `end` is before `start`."""
    if end < start:
        return -workdays_between(end, start, decreed)
    weeks, rest = divmod((end - start).days, 7)
    days = weeks * 5 + sum((end - timedelta(days=n)).weekday() < 5 for n in range(rest))
    off = decreed.union(*map(national_holidays, range(start.year, end.year + 1)))
    return days - sum(start < day <= end and day.weekday() < 5 for day in off)


def anniversary_eve(start: date, years: int) -> date:
    """The last day of a validity of `years` from `start`: the eve of the anniversary.

    Check: two years from 15/06/2025 end on 14/06/2027; from 29/02/2024 on 28/02/2026.
    """
    try:
        return start.replace(year=start.year + years) - timedelta(days=1)
    except ValueError:  # 29 February in a common year
        return date(start.year + years, 3, 1) - timedelta(days=1)
