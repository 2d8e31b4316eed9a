from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories as f


def line(audit, code):
    return audit.checks.get(requirement__code=code)


def test_the_list_filters_by_what_is_left_and_by_site(running, otto, plant, as_):
    check = line(running, "GE-01")
    running.record(check, by=otto, version=0, result="minor", method="documental", evidence_seen="x", note="y")
    client = as_(otto)

    def codes(query):
        page = client.get(f"/auditoria/{running.pk}/lista/{query}")
        return [c.requirement.code for c in page.context["checks"]]

    assert codes("") == ["GE-01", "GE-02", "AG-01"]
    assert codes("?ver=pendientes") == ["GE-02", "AG-01"]
    assert codes("?ver=nc") == ["GE-01"]
    assert codes(f"?sede={plant.pk}") == ["AG-01"]
    assert codes("?sede=organizacion&ver=pendientes") == ["GE-02"]
    assert codes("?sede=99999999999999999999&ver=pendientes") == []
    assert codes("?sede=x&ver=z") == ["GE-01", "GE-02", "AG-01"]


def asked_by(client, address):
    """How many queries a second visit of the page makes."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def many_checks(audit, count):
    requirement = line(audit, "AG-01").requirement
    for site in f.SiteFactory.create_batch(count, company=audit.participation.company):
        audit.checks.create(requirement=requirement, site=site)


@pytest.mark.parametrize("address", ["lista/", "", "hallazgos/"])
def test_the_audits_pages_ask_as_often_for_3_checks_as_for_30(running, otto, as_, address):
    client, address = as_(otto), f"/auditoria/{running.pk}/{address}"
    few = asked_by(client, address)
    many_checks(running, 27)
    assert running.checks.count() == 30
    assert asked_by(client, address) == few


def test_a_check_page_asks_as_often_for_3_checks_as_for_30(running, otto, as_):
    client, address = as_(otto), f"/auditoria/verificacion/{line(running, 'GE-01').pk}/"
    few = asked_by(client, address)
    many_checks(running, 27)
    assert asked_by(client, address) == few


def test_the_list_of_staff_asks_as_often_for_3_audits_as_for_20(preaudit, stella, as_):
    f.AuditFactory.create_batch(2)
    client = as_(stella)
    few = asked_by(client, "/panel/auditorias/")
    f.AuditFactory.create_batch(17)
    assert asked_by(client, "/panel/auditorias/") == few


def test_staff_filter_the_list(preaudit, stella, as_):
    f.AuditFactory(state="started")
    client = as_(stella)

    def found(query):
        return {audit.pk for audit in client.get(f"/panel/auditorias/?{query}").context["page"]}

    assert found("state=accepted") == {preaudit.pk}
    assert found("q=acme") == {preaudit.pk}
    assert found(f"edition={preaudit.participation.edition_id}") == {preaudit.pk}
    assert found("kind=certification") == set()
    assert len(found("kind=preaudit&orden=-company")) == 2


def test_the_lists_of_a_company_ask_as_often_for_1_nonconformity_as_for_10(correcting, alice, otto, as_):
    company = correcting.participation.company_id
    pages = {alice: f"/empresa/{company}/auditorias/", otto: f"/auditoria/{correcting.pk}/hallazgos/"}
    few = [asked_by(as_(person), page) for person, page in pages.items()]
    many_checks(correcting, 9)
    for check in correcting.checks.filter(result=""):
        correcting.nonconformities.create(
            check_line=check, number=f"NC-{check.pk}", grade="minor", statement="x", due_on=timezone.localdate()
        )
    assert [asked_by(as_(person), page) for person, page in pages.items()] == few


def test_what_is_over_comes_after_what_moves(preaudit, stella, as_):
    old = f.AuditFactory(state="confirmed", state_since=timezone.now() - timedelta(days=99))
    waiting = f.AuditFactory(state="started", state_since=timezone.now() - timedelta(days=9))
    found = [audit.pk for audit in as_(stella).get("/panel/auditorias/").context["page"]]
    assert found == [waiting.pk, preaudit.pk, old.pk]


def test_the_home_of_an_auditor_asks_as_often_for_2_audits_as_for_10(running, otto, as_):
    def named(state, declared):
        f.AuditFactory(state=state).team.create(user=otto, declared_at=declared)

    named("accepted", None)
    named("confirmed", timezone.now())
    client = as_(otto)
    few = asked_by(client, "/auditoria/")
    for state, declared in (("accepted", None), ("agreed", timezone.now()), ("confirmed", timezone.now())) * 3:
        named(state, declared)
    assert asked_by(client, "/auditoria/") == few
