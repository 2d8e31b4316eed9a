"""The permission tables against the product: every address, asked for by everybody there is, with GET and POST.

The tables are the permissions.py of each app, printed into docs/permissions.md. Whoever adds an address adds its row
there, and, where it shows a record of a new kind, says which in tests/isolation/addresses.py.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.audience import Who
from ecoeficiencia.management.commands.print_permissions import addresses as all_addresses
from ecoeficiencia.management.commands.print_permissions import page_of, tables

from .isolation.addresses import DOORS, of_the_admin, of_the_doors

pytestmark = pytest.mark.django_db
LOGIN = ("/cuenta/login/", "/admin/login/")


def outcome(response):
    """What an answer amounts to: served, nothing (404), the wrong method (405), sent to sign in, or a fault."""
    if response.status_code == 302 and response["Location"].split("?")[0] in LOGIN:
        return "login"
    if response.status_code >= 500 or response.status_code == 403:
        return f"fault {response.status_code}"
    return {404: "nothing", 405: "method"}.get(response.status_code, "served")


def expected(page, method, relations):
    """The outcomes that the table allows; a person sent away need not learn whether the method was right."""
    served, other = (page.read, page.act) if method == "GET" else (page.act, page.read)
    if served & relations:
        return {"served"}
    away = "nothing" if Who.ACCOUNT in relations else "login"
    if served:
        return {away}
    return {"method"} if other & relations and Who.ACCOUNT in relations else {away, "method"}


@pytest.mark.parametrize("door", DOORS)
def test_every_address_answers_everybody_as_its_table_says(world, quick, door):
    pages, wrong = tables(), []
    for address in of_the_doors(door):
        page = page_of(door, address.name, pages)
        for path, place in address.cases(world):
            for label, person in world.people.items():
                for method in ("GET", "POST"):
                    wanted = expected(page, method, person.is_to(place))
                    got = outcome(quick.ask(label, method, path, address.data(world)))
                    if got not in wanted:
                        wrong.append(f"{address} {method} {path} as {label}: {got}, not {' or '.join(sorted(wanted))}")
    assert wrong == [], "\n".join(["", *wrong])


def test_every_address_has_a_row_and_says_whose_record_it_shows(world):
    """Also what print_permissions --check says; here beside the crawl that needs both."""
    pages, missing = tables(), []
    for door, name, path in all_addresses():
        if page_of(door, name, pages) is None:
            missing.append(f"{path}: add Page({name!r}, …) to `{door}` in its app's permissions.py")
    for address in of_the_doors():
        try:
            address.cases(world)
        except LookupError as error:
            missing.append(error.args[0])
    assert missing == [], "\n".join(["", *missing])


def test_no_address_answers_other_methods(world, crowd):
    wrong = []
    for address in of_the_doors():
        path, _place = address.cases(world)[0]
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            if (got := crowd.ask("representative", method, path).status_code) != 405:
                wrong.append(f"{address} {method}: {got}")
    assert wrong == []


# Somebody who stands in the same door for another company, and so comes closest to the record.
STRANGERS = {
    "public": ("representative of another company", "pre-auditor of another company"),
    "empresa": ("representative of another company",),
    "monitor": ("monitor of another company",),
    "auditoria": ("pre-auditor of another company", "body manager of another company"),
    "panel": ("representative of another company",),
}


def words(response):
    """An answer without what is drawn anew for each: the token of its forms."""
    token = rb'csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": ?"\w+"'
    return response.status_code, response["Content-Type"], re.sub(token, b"", response.content)


@pytest.mark.parametrize("door", DOORS)
def test_somebody_elses_record_is_answered_like_none(world, crowd, door):
    """The same words and the same number of statements: neither the page nor its time tells that the record exists."""
    pages, differ = tables(), []
    for address in of_the_doors(door):
        page = page_of(door, address.name, pages)
        if (absent := address.absent(world)) is None or Who.ANYBODY in page.read | page.act:
            continue
        path, _place = address.cases(world)[0]
        asks = [("GET", {})] * bool(page.read) + [("POST", {"HX-Request": "true"})] * bool(page.act)
        for label in STRANGERS[door]:
            for method, headers in asks:
                answers = []
                for asked in (path, absent):
                    with CaptureQueriesContext(connection) as statements:
                        response = crowd.ask(label, method, asked, **headers)
                    answers.append((*words(response), len(statements)))
                if answers[0] != answers[1] or answers[0][0] != 404:
                    told = [(status, kind, len(body), count) for status, kind, body, count in answers]
                    differ.append(f"{method} {address} as {label}: {told[0]}, and of none {told[1]}")
    assert differ == [], "\n".join(["", *differ])


ACCOUNTS = ["account_login", "account_signup", "account_reset_password", "account_inactive", "mfa_authenticate",
            "account_email", "account_change_password", "mfa_index", "usersessions_list", "account_logout"]  # fmt: skip


@pytest.mark.parametrize("name", ACCOUNTS)
def test_account_pages_are_each_persons_own(world, quick, name):
    page, path = page_of("outside", name), reverse(name)
    asked = {label: outcome(quick.ask(label, "GET", path)) for label in ("anonymous", "disabled representative")}
    if Who.ANYBODY in page.read:
        assert set(asked.values()) <= {"served", "login"}  # what is one step of signing in leads to its beginning
    else:
        assert set(asked.values()) == {"login"}
    assert outcome(quick.ask("account and nothing else", "GET", path)) == "served"


def test_the_technical_administration_opens_to_who_administers_the_system(world, quick):
    """Everybody at its entrance; at each of its addresses, who comes closest."""
    page, wrong = page_of("outside", "admin:index"), []
    close = ["anonymous", "staff: coordinator", "staff: administrator"]
    for name, path in of_the_admin(world):
        for label in world.people if name == "admin:index" else close:
            got, allowed = outcome(quick.ask(label, "GET", path)), bool(page.read & world.people[label].is_to(""))
            # 403: what the administration lets nobody do, be it to add or to delete.
            if got != "fault 403" and (got == "served") != allowed:
                wrong.append(f"{name} as {label}: {got}")
    assert wrong == [], "\n".join(["", *wrong])
