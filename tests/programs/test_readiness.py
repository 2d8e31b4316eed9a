"""The gate to the pre-audit: each condition, the company's proposal, the monitor's answer."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Event, Notice, SiteDocument
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Attendance, Participation, Waiver
from tests.factories import SessionFactory, board

TODAY = timezone.localdate


@pytest.fixture
def ready(participation, plant):
    """Acme with eight workshops attended and every row accepted."""
    board(participation.assessment, plant)
    participation.assessment.recount()
    for number in range(1, 9):
        session = SessionFactory(edition=participation.edition, number=number)
        Attendance.objects.create(session=session, participation=participation, person="Ana")
    return again(participation)


def again(participation):
    return Participation.objects.select_related("assessment", "edition", "company").get(pk=participation.pk)


def keys(participation):
    return [m.key for m in again(participation).missing_for_preaudit(TODAY())]


def put(participation, state, n=1):
    rows = list(participation.assessment.fulfilments.all()[:n])
    participation.assessment.fulfilments.filter(pk__in=[r.pk for r in rows]).update(state=state)
    participation.assessment.recount()
    return rows


def waive(participation, key, by, expires=None):
    return Waiver.objects.create(
        participation=participation, condition=key, reason="Recuperación en curso.", approved_by=by,
        expires_on=expires or TODAY() + timedelta(days=30),
    )  # fmt: skip


def test_nothing_is_missing_when_all_is_met(ready):
    assert keys(ready) == []
    assert {m.key: m.done for m in ready.preaudit_checklist(TODAY())} == {"attendance": True, "accepted_share": True}


def test_attendance_below_the_minimum_of_the_edition(ready):
    Attendance.objects.filter(session__workshop__number=8).delete()
    assert keys(ready) == ["attendance"]
    (missing,) = again(ready).missing_for_preaudit(TODAY())
    assert missing.detail == "Asistió a 7 de 10. Mínimo de esta edición: 80 %."
    assert (missing.owner, missing.url) == ("company", reverse("empresa:workshops", args=[ready.company_id]))
    assert missing.since is not None


def test_a_row_never_handed_in(ready):
    (row,) = put(ready, "open")
    assert keys(ready) == ["accepted_share", "open"]
    missing = again(ready).missing_for_preaudit(TODAY())[1]
    assert (str(missing), missing.detail) == ("Falta presentar 1 requisito", row.requirement.code)


def test_an_observation_without_answer(ready):
    put(ready, "returned", 2)
    assert keys(ready) == ["accepted_share", "returned"]
    assert str(again(ready).missing_for_preaudit(TODAY())[1]) == "2 observaciones sin respuesta"


def test_a_row_in_review_waits_for_the_monitor_and_does_not_block_by_itself(ready, stella):
    put(ready, "submitted")
    assert keys(ready) == ["accepted_share"]
    waiting = next(m for m in again(ready).preaudit_checklist(TODAY()) if m.key == "waiting")
    assert (waiting.owner, waiting.waiting) == ("monitor", True)
    waive(ready, "accepted_share", stella)
    assert keys(ready) == []


def test_papers_that_expire_before_the_preaudit_are_a_warning(ready, plant):
    ready.edition.preaudit_starts_on = date(2028, 6, 1)
    ready.edition.save()
    SiteDocument.objects.filter(kind="itse").update(valid_until=date(2028, 1, 4))
    found = next(m for m in again(ready).preaudit_checklist(TODAY()) if m.key == "site_documents")
    assert (found.waiting, found.detail) == (True, "Vence el 04/01/2028.")
    assert keys(ready) == []


@pytest.mark.parametrize("key", ["attendance", "accepted_share"])
def test_a_waiver_in_force_lifts_its_condition_only(ready, stella, key):
    Attendance.objects.all().delete()
    put(ready, "submitted")
    row = waive(ready, key, stella)
    assert keys(ready) == [k for k in ("attendance", "accepted_share") if k != key]
    Waiver.objects.filter(pk=row.pk).update(expires_on=TODAY() - timedelta(days=1))
    assert keys(ready) == ["attendance", "accepted_share"]


def test_the_company_proposes_and_its_monitor_hears_of_it(as_, alice, mia, ready):
    as_(alice).post(reverse("empresa:propose_ready", args=[ready.pk]))
    row = again(ready)
    assert row.is_proposed_ready
    assert row.proposed_ready_by == alice
    assert Notice.objects.filter(user=mia, kind="readiness").count() == 1
    with pytest.raises(IllegalMove, match="ya propuso"):
        row.propose_ready(by=alice)


def test_a_company_with_something_missing_is_told_what(as_, alice, mia, ready, acme):
    put(ready, "returned")
    answer = as_(alice).post(reverse("empresa:propose_ready", args=[ready.pk]), follow=True)
    assert "Todavía no puede pasar a preauditoría" in answer.text
    assert again(ready).proposed_ready_at is None


def test_the_monitor_agrees_and_staff_hear_of_it(as_, alice, mia, stella, ready):
    ready.propose_ready(by=alice)
    url = reverse("monitor:agree_ready", args=[ready.pk])
    assert as_(mia).get(url).status_code == 405
    assert as_(mia).post(url).status_code == 302
    row = again(ready)
    assert row.state == Participation.State.READY
    assert [e.new for e in Event.objects.about(row).filter(verb="move")] == ["ready"]
    assert Notice.objects.filter(user=stella, kind="readiness").count() == 1
    assert as_(mia).post(url).status_code == 409


def test_the_monitor_does_not_agree_to_what_was_never_proposed(as_, mia, ready):
    answer = as_(mia).post(reverse("monitor:agree_ready", args=[ready.pk]))
    assert answer.status_code == 409
    assert "todavía no propuso" in answer.text


def test_the_monitor_declines_with_a_reason_the_company_reads(as_, alice, mia, ready):
    ready.propose_ready(by=alice)
    url = reverse("monitor:decline_ready", args=[ready.pk])
    answer = as_(mia).post(url, {"decline-reason": ""})
    assert answer.status_code == 422
    as_(mia).post(url, {"decline-reason": "Falta el plan de residuos firmado."})
    row = again(ready)
    assert (row.state, row.is_proposed_ready) == (Participation.State.IMPLEMENTING, False)
    assert (
        Notice.objects.get(user=alice, title__startswith="Su monitor pide").body == "Falta el plan de residuos firmado."
    )
    row.propose_ready(by=alice)
    assert again(ready).is_proposed_ready


def test_strangers_find_no_gate(as_, bob, alice, stella, mia, ready):
    ready.propose_ready(by=alice)
    for person in (bob, mia):
        assert as_(person).post(reverse("empresa:propose_ready", args=[ready.pk])).status_code == 404
    for person in (bob, alice, stella):
        assert as_(person).post(reverse("monitor:agree_ready", args=[ready.pk])).status_code == 404
        assert as_(person).post(reverse("monitor:decline_ready", args=[ready.pk])).status_code == 404
    assert again(ready).state == Participation.State.IMPLEMENTING
