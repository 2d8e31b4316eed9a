"""Decisions on one or many: letters, the waiting list, the numbered file, the phrases and the queue."""

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Delivery, Event, Notice
from ecoeficiencia.lifecycle import IllegalMove
from programs.cockpit import Cockpit
from programs.models import Application, DecisionLetter, Edition, Participation, Phrase
from tests import factories as f
from tests.conftest import appointed
from tests.racing import at_once
from tests.signing import sign_statement

from .test_review import decide, ready, text

pytestmark = pytest.mark.django_db
GROUNDS = "Cumple los requisitos de la convocatoria."


@pytest.fixture
def three(acme, alice, plant, edition, rita, today):
    """Three complete applications, handed in one after another, every item accepted."""
    rows = []
    for n in range(3):
        company = acme if n == 0 else f.CompanyFactory(legal_name=f"Empresa {n} S.A.C.")
        if n:
            f.MandateFactory(company=company)
            site = f.SiteFactory(company=company)
            f.SiteDocumentFactory(site=site)
            f.SiteDocumentFactory(site=site, kind="itse", valid_until="2028-01-04", issued_on="2026-01-05")
        f.ExportRecordFactory(company=company, exported_on=today - timedelta(days=60))
        row = f.ApplicationFactory(company=company, edition=edition, created_by=alice)
        row.company.mandates.update(user=None)
        sign_statement(row, by=alice, on=today)
        row.submit(by=alice, on=today)
        rows.append(ready(row, rita, today))
    return rows


def asked(rows):
    return [f"{row.pk}-{row.version}" for row in rows]


def states(rows):
    return [Application.objects.get(pk=row.pk).state for row in rows]


def send(client, rows, outcome="admit", grounds=GROUNDS):
    data = {"pk": asked(rows), "outcome": outcome} | ({"grounds": grounds} if grounds is not None else {})
    return client.post(reverse("panel:applications_decide"), data)


# Several together


def test_a_batch_is_shown_first_and_changes_nothing(three, stella, as_):
    page = send(as_(stella), three, grounds=None)
    assert page.status_code == 200
    assert page.text.count("Se admite") == 3
    assert states(three) == ["submitted"] * 3


def test_places_are_given_in_order_of_arrival_and_the_rest_wait(three, edition, stella, alice, run_jobs, as_):
    edition.quota = 2
    edition.save()
    page = send(as_(stella), three, grounds=None)
    assert (page.text.count("Se admite"), page.text.count("Pasa a lista de espera")) == (2, 1)
    assert send(as_(stella), three).status_code == 302
    assert states(three) == ["admitted", "admitted", "waiting"]
    assert Participation.objects.count() == 2
    kinds = ["admission", "admission", "waiting"]
    assert list(DecisionLetter.objects.order_by("pk").values_list("kind", flat=True)) == kinds
    run_jobs()
    letter = DecisionLetter.objects.get(application=three[0])
    assert GROUNDS in letter.text
    answer = as_(alice).get(reverse("public:decision_letter_file", args=[letter.pk]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_the_preview_says_who_does_not_qualify_and_why(three, stella, as_):
    three[1].items.filter(key="exports").update(verdict="rejected", reason="No exporta.")
    page = send(as_(stella), three, grounds=None)
    assert page.text.count("Se admite") == 2
    assert "Exportaciones directas: rechazado." in page.text


def test_a_batch_sent_twice_has_one_effect_and_says_so(three, stella, as_):
    client, rows = as_(stella), asked(three)
    data = {"pk": rows, "outcome": "admit", "grounds": GROUNDS}
    assert client.post(reverse("panel:applications_decide"), data).status_code == 302
    again = client.post(reverse("panel:applications_decide"), data)
    assert again.status_code == 409
    assert again.text.count("Ya la decidió Stella") == 3
    assert (Participation.objects.count(), DecisionLetter.objects.count()) == (3, 3)


def test_two_people_who_send_the_same_batch_decide_each_once(three, stella, ada, as_):
    other = appointed("Sofía", "coordinator")
    first, second = asked(three[:2]), asked(three)
    for person, rows in ((stella, first), (other, second)):
        as_(person).post(reverse("panel:applications_decide"), {"pk": rows, "outcome": "admit", "grounds": GROUNDS})
    assert states(three) == ["admitted"] * 3
    assert Participation.objects.count() == 3
    told = Application.objects.filter(state="admitted").values_list("decided_by__first_name", flat=True).order_by("pk")
    assert list(told) == ["Stella", "Stella", "Sofía"]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_at_the_same_moment_decide_each_once_and_within_the_quota(three, edition, stella, as_):
    """Neither is half-applied: each page says what it did and who was first for the rest."""
    edition.quota = 2
    edition.save()
    people = [as_(stella), as_(appointed("Sofía", "coordinator"))]
    batches = [asked(three), list(reversed(asked(three[:2])))]
    data = [{"pk": rows, "outcome": "admit", "grounds": GROUNDS} for rows in batches]
    url = reverse("panel:applications_decide")
    answers = at_once(*(partial(client.post, url, sent) for client, sent in zip(people, data, strict=True)))
    assert sorted(states(three)) == ["admitted", "admitted", "waiting"]
    assert (Participation.objects.count(), DecisionLetter.objects.count()) == (2, 3)
    assert Event.objects.filter(object_type="programs.application", verb="move", new="admitted").count() == 2
    whole = [answer.status_code for answer in answers]
    assert set(whole) <= {302, 409} and 409 in whole
    for answer in answers:
        if answer.status_code == 409:
            late = "Ya la decidió", "Otra persona cambió", "El cupo de la edición está completo"
            assert any(sentence in answer.text for sentence in late)


def test_what_changed_since_it_was_shown_is_not_decided_unseen(three, stella, rita, as_):
    shown = asked(three)
    three[1].assign_reviewer(rita, by=rita)
    data = {"pk": shown, "outcome": "admit", "grounds": GROUNDS}
    answer = as_(stella).post(reverse("panel:applications_decide"), data)
    assert answer.status_code == 409
    assert "Otra persona cambió" in answer.text
    assert states(three) == ["admitted", "submitted", "admitted"]


def test_a_batch_needs_its_motivation_and_its_duty(three, stella, rita, as_):
    assert send(as_(stella), three, grounds="").status_code == 422
    assert send(as_(rita), three).status_code == 404
    assert states(three) == ["submitted"] * 3


def test_several_are_rejected_together(three, stella, as_):
    assert send(as_(stella), three[:2], outcome="reject", grounds="No exportan.").status_code == 302
    assert states(three) == ["rejected", "rejected", "submitted"]


def test_files_are_given_to_a_reviewer_together(three, stella, rita, as_):
    data = {"pk": asked(three), "reviewer": rita.pk, "desde": "estado=submitted"}
    answer = as_(stella).post(reverse("panel:applications_assign"), data)
    assert answer.url == reverse("panel:applications") + "?estado=submitted"
    assert set(Application.objects.values_list("reviewer__first_name", flat=True)) == {"Rita"}
    assert Notice.objects.filter(user=rita, key__contains=":reviewer:").count() == 3


def test_a_company_on_the_waiting_list_is_admitted_when_a_place_is_free(three, edition, stella, alice, as_):
    edition.quota = 2
    edition.save()
    f.MembershipFactory(user=alice, company=three[2].company)
    send(as_(stella), three)
    waiting = Application.objects.get(state="waiting")
    with pytest.raises(IllegalMove, match="cupo de la edición está completo"):
        waiting.admit(by=stella, grounds=GROUNDS)
    words = "En la lista de espera es la n.º 1 de 1."
    assert words in text(as_(alice).get(reverse("empresa:company", args=[waiting.company_id])))
    assert words in text(as_(alice).get(reverse("empresa:application", args=[waiting.pk])))
    label = "En lista de espera, con lugar libre"
    assert next(q.n for q in Cockpit(Edition.objects.get(pk=edition.pk)).queues(stella) if q.label == label) == 0
    Participation.objects.get(application=three[0]).withdraw(by=stella, reason="Cerró.")
    assert Notice.objects.get(user=stella, key__endswith=":place-free").url == reverse(
        "panel:application", args=[waiting.pk]
    )
    assert next(q.n for q in Cockpit(Edition.objects.get(pk=edition.pk)).queues(stella) if q.label == label) == 1
    Application.objects.get(pk=waiting.pk).admit(by=stella, grounds=GROUNDS)
    assert states(three)[2] == "admitted"
    drafts = Delivery.objects.filter(notice__company=waiting.company, notice__kind="admission", notice__user=alice)
    assert list(drafts.order_by("pk").values_list("state", flat=True)) == ["discarded", "held"]


def test_with_places_left_nobody_is_put_on_the_list(three, stella):
    with pytest.raises(IllegalMove, match="Hay lugares libres"):
        three[0].wait(by=stella, grounds=GROUNDS)


def test_a_company_that_still_has_days_to_mend_is_not_rejected(filed, stella, rita, as_):
    decide(filed, rita, "observed", "Ilegible", only="itse")
    decide(filed, rita)
    filed.observe(by=rita)
    said = f"La empresa puede subsanar hasta el {filed.due_on:%d/%m/%Y}."
    page = as_(stella).get(reverse("panel:application", args=[filed.pk]))
    assert (said in page.text, reverse("panel:application_reject", args=[filed.pk]) in page.text) == (True, False)
    batch = as_(stella).post(reverse("panel:applications_decide"), {"pk": [str(filed.pk)], "outcome": "reject"})
    assert said in batch.text
    with pytest.raises(IllegalMove):
        filed.reject(by=stella, grounds="No responde.", on=filed.due_on)
    filed.reject(by=stella, grounds="No respondió.", on=filed.due_on + timedelta(days=1))
    assert filed.state == "rejected"


# The numbered file


@pytest.fixture
def rejected(filed, stella, rita):
    decide(filed, rita, "rejected", "No exporta.")
    filed.reject(by=stella, grounds="No acredita exportaciones directas.")
    return Application.objects.get(pk=filed.pk)


def test_the_file_numbers_every_act_and_the_company_reads_the_same_numbers(rejected, stella, alice, as_):
    staff = as_(stella).get(reverse("panel:application_file", args=[rejected.pk]))
    assert staff.status_code == 200
    inside = Application.objects.get(pk=rejected.pk).entries(inside=True)
    outside = Application.objects.get(pk=rejected.pk).entries(inside=False)
    assert [e.number for e in inside] == list(range(1, len(inside) + 1))
    assert {(e.number, e.event.pk) for e in outside} < {(e.number, e.event.pk) for e in inside}
    assert {"review", "open"} & {e.event.verb for e in outside} == set()
    page = as_(alice).get(reverse("empresa:application_file", args=[rejected.pk]))
    assert "No acredita exportaciones directas." in page.text
    assert "Expediente abierto" not in page.text


def test_who_opened_the_file_is_noted_once_a_day(filed, stella, rita, as_):
    for person in (stella, stella, rita):
        as_(person).get(reverse("panel:application_file", args=[filed.pk]))
    opened = Event.objects.about(filed).filter(verb="open").order_by("pk")
    assert [event.actor for event in opened] == [stella, rita]


# Phrases and the queue


def test_a_phrase_of_the_bank_is_a_reason(filed, rita, as_):
    client, item = as_(rita), filed.items.get(key="itse")
    client.post(reverse("panel:phrases"), {"condition": "itse", "text": "No se lee el sello."})
    phrase = Phrase.objects.get()
    page = client.get(reverse("panel:application", args=[filed.pk]) + f"?punto={item.pk}")
    assert "No se lee el sello." in page.text
    other = client.get(reverse("panel:application", args=[filed.pk]) + f"?punto={filed.items.get(key='legal').pk}")
    assert "No se lee el sello." not in other.text
    data = {"verdict": "observed", "reason": "", "phrase": phrase.pk, "seen": item.version}
    assert client.post(reverse("panel:application_item", args=[filed.pk, item.pk]), data).status_code == 302
    item.refresh_from_db()
    assert item.reason == "No se lee el sello."
    client.post(reverse("panel:phrase_retire", args=[phrase.pk]))
    assert "No se lee el sello." not in client.get(reverse("panel:phrases")).text


def test_the_queue_filters_by_sector_and_by_how_long_they_wait(edition, stella, as_):
    food = f.SubmittedApplicationFactory(edition=edition)
    old = f.SubmittedApplicationFactory(
        edition=edition, company__activity=f.ActivityFactory(code="1311", name="Hilatura"),
        state_since=timezone.now() - timedelta(days=30),
    )  # fmt: skip
    late = f.SubmittedApplicationFactory(edition=edition, state="observed", due_on="2026-01-05")

    def shown(query):
        text = as_(stella).get(reverse("panel:applications") + query).text
        return [row for row in (food, old, late) if row.number in text]

    assert shown("?sector=13") == [old]
    assert shown("?espera=10") == [old]
    assert shown("?espera=vencido") == [late]
    assert shown("?sector=10&espera=vencido") == [late]
