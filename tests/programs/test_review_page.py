"""What the review page and the queue ask of the database, in every state of an application, and what they then tell."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programs.models import Waiver
from tests import counting
from tests import factories as f

from .test_review import ready

pytestmark = pytest.mark.django_db
GROUNDS = "Cumple los requisitos de la convocatoria."


@pytest.mark.parametrize("many", [3, 300])
def test_the_review_page_and_the_queue_ask_no_more_than_twelve_times(
    filed,
    rita,
    as_,
    many,
    edition,
):
    for n in range(many):
        f.SubmittedApplicationFactory(edition=edition, number=f"EXP-2025-{n:05d}")
    client = as_(rita)
    item = filed.items.get(key="itse")
    client.get(reverse("panel:applications"))
    address = reverse("panel:application", args=[filed.pk])
    for page in (reverse("panel:applications"), f"{address}?punto={item.pk}"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        assert counting.asked(queries) <= 12


def refused(filed, rita, verdict, today):
    row = ready(filed, rita, today)
    item = row.items.get(key="exports")
    row.decide_item(item, verdict=verdict, reason="No se lee.", by=rita, seen=item.version)
    return row


def brought_to(state, filed, rita, stella, today):
    if state == "submitted":
        return filed
    if state in {"with one rejected", "observed"}:
        row = refused(filed, rita, "rejected" if state == "with one rejected" else "observed", today)
        if state == "observed":
            row.observe(by=rita, on=today)
        return row
    row = ready(filed, rita, today)
    if state == "waiting":
        row.edition.quota = 0
        row.edition.save()
        row.wait(by=stella, grounds=GROUNDS)
    if state == "admitted":
        row.admit(by=stella, grounds=GROUNDS)
    return row


@pytest.mark.parametrize("many", [3, 60])
@pytest.mark.parametrize(
    ("state", "most"),
    [
        ("submitted", 12),
        ("with one rejected", 12),
        ("observed", 12),
        ("admitted", 12),
        # Before the decision the company's papers are read as they are today: mandate, sites, papers, exports, oath.
        ("all accepted", 18),
        ("waiting", 18),
    ],
)
def test_the_review_page_asks_as_seldom_in_every_state(filed, rita, stella, as_, today, edition, state, most, many):
    for n in range(many):
        f.SubmittedApplicationFactory(edition=edition, number=f"EXP-2025-{n:05d}")
    row = brought_to(state, filed, rita, stella, today)
    address = reverse("panel:application", args=[row.pk])
    for person in (rita, stella):
        client = as_(person)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert counting.asked(queries) <= most


def test_what_changed_since_it_was_handed_in_is_told_before_admitting(filed, rita, stella, acme, as_, today):
    row = ready(filed, rita, today)
    acme.exports.all().delete()
    page = as_(stella).get(reverse("panel:application", args=[row.pk]))
    assert "Falta registrar una exportación directa" in page.text


def test_a_refused_item_that_was_lifted_is_no_bar_on_the_page(filed, rita, stella, as_, today):
    row = refused(filed, rita, "rejected", today)
    address = reverse("panel:application", args=[row.pk])
    assert "Exportaciones directas: rechazado" in as_(stella).get(address).text
    Waiver.grant(
        application=row, condition="exports", reason="Exporta por encargo.", by=stella,
        expires_on=today + timedelta(days=30), on=today,
    )  # fmt: skip
    answer = as_(stella).get(address)
    assert answer.context["to_admit"] == []
