"""What nobody means, sent to every address: no fault, no way out of the site."""

import re

import pytest
from django.db import connection
from django.forms import ModelForm
from django.test.utils import CaptureQueriesContext

from ecoeficiencia.management.commands.print_permissions import page_of, tables

from .addresses import of_the_doors
from .filling import writes

pytestmark = pytest.mark.django_db
ASKERS = ("representative", "staff: coordinator", "monitor", "pre-auditor", "body manager", "staff: decider",
          "staff: administrator")  # fmt: skip
NONSENSE = {"page": 10**9, "per_page": 10**6, "orden": "password", "ver": "' OR 1=1 --",
            "estado": "\x00", "q": "[" * 300, "sede": "9" * 40, "edicion": "-1", "pk": "9" * 40, "punto": "x",
            "codigo": "../" * 30}  # fmt: skip
ELSEWHERE = ("https://evil.example/", "//evil.example/", "/\\evil.example/")


def served(world, method):
    """(path, label) of each address with somebody whom it serves."""
    pages = tables()
    for address in of_the_doors():
        page, (path, place) = page_of(address.door, address.name, pages), address.cases(world)[0]
        allowed = page.read if method == "GET" else page.act
        if label := next((one for one in ASKERS if allowed & world.people[one].is_to(place)), None):
            yield path, label


def test_nonsense_in_an_address_is_no_fault(world, crowd):
    wrong = [
        f"{path} as {label}: {answer.status_code}"
        for path, label in served(world, "GET")
        if (answer := crowd.ask(label, "GET", path, NONSENSE)).status_code >= 500
    ]
    assert wrong == []


# What is written when something is read: that somebody was there, who read which file, and which notice was seen.
NOTED = re.compile(r'\s*[A-Z ]+ "(django_session|usersessions_usersession|cache|companies_event)"')
SEEN = {"public:notice_open"}
FILE = re.compile(r"\w+:(\w+_(file|pdf|record|evidence|copy)|site_document)")  # which our own pages may frame


def test_reading_changes_nothing_and_no_answer_may_be_framed_or_run(world, crowd):
    """An act behind a link would need no token; a page without its policy would be a way in."""
    wrote, loose = [], []
    for path, label in served(world, "GET"):
        with CaptureQueriesContext(connection) as statements:
            answer = crowd.ask(label, "GET", path)
        done = [sql for sql in writes(statements.captured_queries) if not NOTED.match(sql)]
        if done and answer.resolver_match.view_name not in SEEN:
            wrote.append(f"{path} as {label}: {done[0][:200]}")
        policy = answer.get("Content-Security-Policy", "")
        may_frame = "none|self" if FILE.fullmatch(answer.resolver_match.view_name) else "none"
        shut = re.search(f"frame-ancestors '({may_frame})'|sandbox", policy)
        if "default-src 'none'" not in policy or not shut or "unsafe" in policy:
            loose.append(f"{path} as {label}: {policy}")
        if answer.get("X-Content-Type-Options") != "nosniff":
            loose.append(f"{path} as {label}: {answer.headers}")
        if label != "anonymous" and "no-store" not in answer.get("Cache-Control", ""):
            loose.append(f"{path} as {label} may be kept: {answer.get('Cache-Control')}")
    assert (wrote, loose) == ([], [])


def test_a_body_in_another_alphabet_is_no_fault(world, crowd):
    wrong = []
    for path, label in served(world, "POST"):
        client, _cookies = crowd.clients[label]
        answer = client.generic(
            "POST", path, "a=1".encode("utf-16"), "application/x-www-form-urlencoded; charset=utf-16"
        )
        if answer.status_code >= 500:
            wrong.append(f"{path} as {label}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_address_leads_out_of_the_site(world, crowd, undrawn, elsewhere):
    asked = dict.fromkeys(("next", "volver", "desde", "tablero", "back", "url"), elsewhere)
    out = []
    for method in ("GET", "POST"):
        for path, label in served(world, method):
            answer = crowd.ask(label, method, path, asked)
            for to in (answer.get("Location", "/"), answer.get("HX-Redirect", "/")):
                if to.startswith(("http", "//", "/\\")):
                    out.append(f"{method} {path} as {label}: {to}")
    assert out == []


def test_another_host_is_not_answered(crowd):
    assert crowd.ask("anonymous", "GET", "/", host="evil.example").status_code == 400
    claimed = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    answer = crowd.ask("anonymous", "GET", "/", **claimed)
    assert (answer.status_code, b"evil.example" in answer.content) == (200, False)


# What a person never writes into a form; a form that has a field of that name means another thing.
NEVER = {"company", "state", "user", "created_by", "is_staff", "is_superuser", "code", "held", "decided_by",
         "valid_until", "issued_on", "token_hash", "audit", "participation", "application"}  # fmt: skip
MEANT = {"SiteDocumentForm": {"issued_on", "valid_until"}}


def all_forms(base=ModelForm):
    for form in base.__subclasses__():
        yield form
        yield from all_forms(form)


def test_no_form_takes_what_only_the_product_writes():
    found = {}
    for form in all_forms():
        ours = form.__module__.split(".")[0] in {"companies", "requirements_std", "programs", "audits"}
        if ours and (taken := set(form.base_fields) & NEVER - MEANT.get(form.__name__, set())):
            found[form.__name__] = sorted(taken)
    assert found == {}
