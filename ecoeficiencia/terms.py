"""Open terms in business days, and what makes them longer: a day decreed non-working while they run.

Each room registers in its `terms.py` the function that lengthens its own terms; it tells whom it concerns.
"""

from collections.abc import Callable

from django.utils.module_loading import autodiscover_modules

from .workdays import Decreed

Lengthen = Callable[..., int]
_rooms: list[Lengthen] = []


def lengthens(function: Lengthen) -> Lengthen:
    """Register `function(day, before, after)`: lengthen the open terms of a room and return how many.

    day: the NonWorkingDay. before, after: the decreed days (workdays.Decreed) without and with it.
    """
    if function not in _rooms:
        _rooms.append(function)
    return function


def lengthen_open(day) -> int:
    """Make every open term longer that runs over `day`, just decreed; return how many. In the caller's transaction."""
    autodiscover_modules("terms")
    before, after = Decreed(without=day), Decreed()
    return sum(function(day, before, after) for function in _rooms)
