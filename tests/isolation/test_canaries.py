"""Every page a person can reach, by address, by link, by list and by search: none shows a word of another company."""

import re
from html import unescape

import pytest

from ecoeficiencia.management.commands.print_permissions import page_of, tables

from .addresses import of_the_doors
from .canaries import PUBLIC, Canaries

pytestmark = pytest.mark.django_db
# Parameters of every list and search of the product; each is asked for a canary and for how all of them begin.
SEARCHES = ("q", "codigo", "persona", "empresa")
LINK = re.compile(rb'(?:href|src|hx-get)="(/[^"#]*)"')
UNRELATED = ["anonymous", "representative", "reader", "monitor", "pre-auditor", "external auditor", "body manager",
             "former member", "former monitor", "account and nothing else"]  # fmt: skip
MOST = 150  # pages a person


def reachable(world, crowd, label):
    """(path, content) of the pages that open to the person: those of the tables, then what they link to."""
    pages, waiting = tables(), []
    for address in of_the_doors():
        page = page_of(address.door, address.name, pages)
        for path, place in address.cases(world):
            if page.read & world.people[label].is_to(place):
                waiting.append(path)
    seen = set()
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        if path in seen or path.startswith(("/static/", "/cuenta/", "/admin/")):
            continue
        seen.add(path)
        response = crowd.ask(label, "GET", path)
        content = b"".join(response) if response.streaming else response.content
        yield path, response.status_code, content
        if "html" in response.get("Content-Type", ""):
            waiting += [unescape(link.decode()) for link in LINK.findall(content)]


def searched(world, crowd, label):
    """What the lists answer to a canary, and to how every canary begins."""
    pages = tables()
    for address in of_the_doors():
        page, (path, place) = page_of(address.door, address.name, pages), address.cases(world)[0]
        if "pk" in address.keys or not page.read & world.people[label].is_to(place):
            continue
        for words in ("zq7x", "zq7x001"):
            response = crowd.ask(label, "GET", path, dict.fromkeys(SEARCHES, words))
            content = b"".join(response) if response.streaming else response.content
            # What the person typed is shown to them again: that is not a leak. A row found would bring its other words.
            yield f"{path}?q={words}", response.status_code, re.sub(words.encode() + rb"(?![0-9a-z])", b"", content)


@pytest.fixture(scope="module")
def planted(shared_world):
    return Canaries(shared_world.rival.company)


@pytest.mark.parametrize("label", UNRELATED)
def test_nobody_reads_a_word_of_another_company(world, crowd, planted, label):
    leaks, faults, dead = [], [], []
    for walk in (reachable, searched):
        for path, status, content in walk(world, crowd, label):
            if told := planted.found_in(content) - PUBLIC:
                leaks.append(f"{path} shows {', '.join(sorted(told))}")
            if status >= 500:
                faults.append(path)
            if status == 404 and walk is reachable:
                dead.append(path)
    assert (leaks, faults, dead) == ([], [], [])


@pytest.mark.parametrize("label", ["staff: decider", "staff: reviewer"])
def test_nobody_of_the_staff_is_shown_the_way_to_what_does_not_open(world, crowd, label):
    assert [path for path, status, _content in reachable(world, crowd, label) if status == 404] == []


def test_its_own_people_and_staff_do_read_them(world, crowd):
    """Else the crawl above would prove nothing: with words in their own company, they find most columns."""
    own, told = Canaries(world.acme.company, first=500), set()
    for label in ("representative", "staff: coordinator"):
        for _path, _status, content in reachable(world, crowd, label):
            told |= own.found_in(content)
    wanted = {"companies.Company.legal_name", "companies.Site.name", "requirements_std.Evidence.title",
              "programs.Measure.title", "audits.NonConformity.statement", "companies.Mandate.full_name",
              "requirements_std.Evidence.blob (archivo)", "companies.SiteDocumentFile.blob (archivo)",
              "programs.CommitmentLetter.signed_copy (archivo)", "audits.CorrectiveAction.blob (archivo)",
              "programs.ApplicationRevision.record (archivo)"}  # fmt: skip
    assert wanted - told == set()
    assert len(told) >= 30
