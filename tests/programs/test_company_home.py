"""The company's home: one next step for each state, the stepper, and who may see it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.models import Audit
from companies.models import Company
from programs.dates import upcoming
from programs.models import Application, Participation
from programs.next_step import APPLICATION, PARTICIPATION, Facts, next_step
from programs.stepper import steps
from tests.factories import (
    ApplicationFactory,
    AuditFactory,
    CommitmentLetterFactory,
    MembershipFactory,
    SiteDocumentFactory,
    SiteFactory,
    SubmittedApplicationFactory,
    UserFactory,
)

A, P = Application.State, Participation.State
TODAY = timezone.localdate


def card(company):
    return next_step(Facts.of(company, TODAY()))


def test_every_state_has_its_card():
    assert set(APPLICATION) == set(A)
    assert set(PARTICIPATION) == set(P)


def test_without_an_application_the_open_call_is_offered(as_, alice, acme, edition):
    assert card(acme).title == f"Postule a {edition}"
    page = as_(alice).get(reverse("empresa:company", args=[acme.pk])).text
    assert "Empezar la postulación" in page


def test_without_a_call_nothing_is_asked(as_, alice, acme):
    assert card(acme).title == "Todavía no hay convocatoria abierta"
    assert as_(alice).get(reverse("empresa:company", args=[acme.pk])).status_code == 200


@pytest.mark.parametrize(
    ("state", "title", "owner"),
    [
        (A.SUBMITTED, "Le toca a PROMPERÚ desde el", "staff"),
        (A.OBSERVED, "Subsane su postulación", "company"),
        (A.MENDED, "Le toca a PROMPERÚ desde el", "staff"),
        (A.REJECTED, "Su postulación no fue admitida", "nobody"),
    ],
)
def test_the_card_of_an_application(as_, alice, acme, edition, state, title, owner):
    SubmittedApplicationFactory(company=acme, edition=edition, state=state)
    step = card(acme)
    assert step.title.startswith(title)
    assert step.owner == owner
    assert as_(alice).get(reverse("empresa:company", args=[acme.pk])).status_code == 200


def test_a_draft_is_continued(acme, edition):
    row = ApplicationFactory(company=acme, edition=edition)
    step = card(acme)
    assert (step.url, step.due) == (reverse("empresa:application", args=[row.pk]), edition.closes_on)


@pytest.mark.parametrize(
    ("state", "title", "owner"),
    [
        (P.LETTER_ISSUED, "Firme la carta de compromiso", "company"),
        (P.LETTER_SIGNED, "Le toca a PROMPERÚ", "staff"),
        (P.READY, "Le toca a PROMPERÚ", "staff"),
        (P.PREAUDIT, "Le toca al equipo auditor", "auditor"),
        (P.PREAUDIT_PASSED, "Solicite la auditoría externa", "company"),
        (P.EXTERNAL_REQUESTED, "Le toca al organismo", "body"),
        (P.DECISION, "Le toca a PROMPERÚ", "staff"),
        (P.CERTIFIED, "Su empresa está certificada", "nobody"),
        (P.NOT_CERTIFIED, "Su empresa no obtuvo la certificación", "nobody"),
    ],
)
def test_the_card_of_a_participation(as_, alice, acme, participation, state, title, owner):
    Participation.objects.update(state=state)
    CommitmentLetterFactory(participation=participation)
    step = card(acme)
    assert step.title.startswith(title)
    assert step.owner == owner
    page = as_(alice).get(reverse("empresa:company", args=[acme.pk]))
    assert page.status_code == 200
    if owner not in ("company", "nobody"):
        assert "No tiene que hacer nada." in page.text


def test_an_observed_requirement_comes_first(acme, participation):
    type(participation.assessment).objects.update(applicable=10, returned=2)
    assert card(acme).title == "Responda las 2 observaciones de su monitor"


def test_a_plan_to_accept_is_the_companys_turn(acme, participation):
    Participation.objects.update(state=P.PREAUDIT)
    audit = AuditFactory(participation=participation, state=Audit.State.PLANNED)
    assert card(acme).url == reverse("empresa:audit", args=[audit.pk])


def test_the_stepper_shows_where_the_company_is_and_leaves_out_what_was_not_needed(acme, participation):
    def shown():
        return [(str(s["label"]), s["kind"]) for s in steps(Facts.of(acme, TODAY()))]

    assert shown()[:5] == [
        ("Postulación", "done"), ("Carta", "done"), ("Implementación", "now"), ("Preauditoría", ""),
        ("Subsanación", "cond"),
    ]  # fmt: skip
    Participation.objects.update(state=P.DECISION)
    assert "Subsanación" not in [label for label, _kind in shown()]
    Participation.objects.update(state=P.CERTIFIED)
    assert {kind for _label, kind in shown()} == {"done"}


def test_a_reader_sees_the_home_and_a_stranger_does_not(as_, reader, bob, mia, stella, acme, participation):
    url = reverse("empresa:company", args=[acme.pk])
    assert as_(reader).get(url).status_code == 200
    for person in (bob, mia, stella):
        assert as_(person).get(url).status_code == 404


def test_a_person_of_two_companies_sees_each_apart(as_, alice, acme, other):
    MembershipFactory(user=alice, company=other)
    page = as_(alice).get(reverse("empresa:company", args=[other.pk])).text
    assert other.legal_name in page
    assert acme.legal_name not in page


def test_a_new_company_of_a_new_person(as_, acme):
    person = UserFactory()
    MembershipFactory(user=person, company=acme)
    assert as_(person).get(reverse("empresa:company", args=[acme.pk])).status_code == 200
    assert Company.objects.count() == 1


def test_a_document_that_was_replaced_is_no_date_to_come(acme, today):
    site = SiteFactory(company=acme, in_scope=True)
    SiteDocumentFactory(site=site, kind="itse", valid_until=today + timedelta(days=3))
    facts = Facts.of(acme, today)
    assert [row.on for row in upcoming(facts, today)] == [today + timedelta(days=3)]
    SiteDocumentFactory(site=site, kind="itse", valid_until=today + timedelta(days=400))
    assert upcoming(facts, today) == []
