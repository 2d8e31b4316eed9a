"""Whose eyes a request sees with, and who is at the keyboard.

`request.user` is always whose eyes: every query, policy of the database and page asks that person and nobody else.
`request.at_keyboard` is who signed in. The two differ while staff see as somebody or act in a company's name.
"""

import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from django.urls import get_resolver

from .dangerous import ACTS
from .models.membership import Duty

DUTIES = (Duty.COORDINATOR, Duty.ADMINISTRATOR)
SESSION_KEY = "en-lugar-de"
DOORS = frozenset({"public", "empresa", "monitor", "auditoria"})
WAY_OUT = frozenset({"public:stand_in_end", "account_logout"})
# A person's own: reading these marks something as read, or is their account.
THEIRS = frozenset(
    {"public:account", "public:notice_open", "public:unsent", "public:preferences", "empresa:invitation"}
)
# What only the company itself does: decisions, signatures, agreements, its people.
ITS_OWN_WORD = frozenset(
    {
        "empresa:register",
        "empresa:claim_new",
        "empresa:claim_withdraw",
        "empresa:apply",
        "empresa:application_submit",
        "empresa:application_mend",
        "empresa:application_withdraw",
        "empresa:letter",
        "empresa:letter_sign",
        "empresa:propose_ready",
        "empresa:audit_agree",
        "empresa:audit_change",
        "empresa:external_request",
        "empresa:external_cancel",
        "empresa:invitation",
        "empresa:invitation_cancel",
        "empresa:member_leave",
    }
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_current = ContextVar("standing_in", default=None)


@contextmanager
def standing(row):
    token = _current.set(row)
    try:
        yield
    finally:
        _current.reset(token)


def current():
    """The StandIn of this request, or None."""
    return _current.get()


def actor_for(by):
    """(who did it, in whose name) of an act that the code attributes to `by`."""
    row = current()
    if row is not None and by is not None and by.pk == row.person_id:
        return row.staff, row.person
    return by, None


def held_back(row):
    """Regular expressions, as a browser reads them, of the addresses where nothing may be sent to meanwhile."""
    return _own_words() if row.acts else [".*"]


@cache
def _own_words():
    """The addresses of a company that only it may act at."""
    doors, found = get_resolver().namespace_dict, []
    for name in sorted(name for name in ACTS | ITS_OWN_WORD if name.startswith("empresa:")):
        prefix, resolver = doors["empresa"]
        for ways in resolver.reverse_dict.getlist(name.partition(":")[2]):
            pattern = re.sub(r"\?P<\w+>", "?:", prefix + ways[1])
            found.append(f"^/{pattern}".replace("\\Z", "$"))
    return found


def admits(row, request, match):
    """Whether this may be asked for while standing in for somebody."""
    name = match.view_name
    if name in WAY_OUT:
        return True
    if match.namespace not in DOORS or name in THEIRS:
        return False
    if request.method in SAFE:
        return True
    statement = name == "empresa:application_section" and match.kwargs.get("section") == "declaracion"
    return row.acts and match.namespace == "empresa" and name not in ACTS | ITS_OWN_WORD and not statement
