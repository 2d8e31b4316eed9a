"""Reminders: the ladder, catching up after downtime, exactly once, the sources of this room."""

import threading
from datetime import date, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from companies.models import Delivery, Notice, SiteDocument
from ecoeficiencia.jobs import Job
from ecoeficiencia.models import NonWorkingDay
from programs import reminders
from programs.models import Application, Participation
from programs.reminders import EXPIRY, DueItem, register_source, rung, send, when
from programs.tasks import send_reminders
from tests.factories import (
    CommitmentLetterFactory,
    CompanyFactory,
    DistrictFactory,
    MembershipFactory,
    SessionFactory,
    SiteFactory,
    SubmittedApplicationFactory,
)

DUE = date(2026, 11, 27)  # a Friday


def item(**more):
    return DueItem(**{"key": "x:1", "due_on": DUE, "title": "Haga algo", "company": CompanyFactory.build(pk=1), **more})


def day(n):
    return DUE + timedelta(days=n)


@pytest.mark.parametrize(
    ("on", "step"),
    [
        (day(-16), ""), (day(-15), "15"), (day(-8), "15"), (day(-7), "7"), (day(-3), "3"), (day(-2), "3"),
        (day(-1), "1"), (day(0), "0"), (day(1), "0"), (date(2026, 12, 4), "+5"),
        (date(2026, 12, 14), "+5"), (date(2026, 12, 15), "+10"),  # the 8th and 9th are holidays
    ],
)  # fmt: skip
def test_the_ladder_of_a_deadline(on, step):
    assert rung(item(), on) == step


def test_a_decreed_day_is_no_business_day():
    assert rung(item(), date(2026, 12, 4), decreed=frozenset({date(2026, 12, 1)})) == "0"


def test_what_does_not_repeat_is_worth_sending_only_for_its_days():
    paper = item(ladder=EXPIRY, repeats=False, useful_for=30)
    assert [rung(paper, day(n)) for n in (-181, -180, -60, -1, 0, 30, 31)] == ["", "180", "60", "7", "0", "0", ""]


def test_what_only_waits_is_told_every_five_business_days():
    letter = item(ladder=(), started=True)
    assert [rung(letter, day(n)) for n in (0, 3, 7)] == ["", "", "+5"]
    assert when(letter, day(7)) == "Espera desde el 27/11/2026."


@given(st.integers(-40, 60))
def test_rungs_never_go_back(n):
    order = ["", "15", "7", "3", "1", "0", *(f"+{5 * k}" for k in range(1, 20))]
    assert order.index(rung(item(), day(n))) <= order.index(rung(item(), day(n + 1)))


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (day(-4), "Vence el 27/11/2026. Quedan 4 días."),
        (day(-1), "Vence el 27/11/2026. Queda 1 día."),
        (day(0), "Vence hoy, 27/11/2026."),
        (day(2), "Venció el 27/11/2026, hace 2 días."),
    ],
)
def test_the_date_is_said_as_it_is_read_that_day(on, words):
    assert when(item(), on) == words


def test_a_term_the_rules_count_in_business_days_says_so():
    assert when(item(in_workdays=True), day(-4)) == "El plazo es hasta el 27/11/2026: quedan 4 días hábiles."
    assert when(item(in_workdays=True), day(4)) == "El plazo es hasta el 27/11/2026: venció hace 2 días hábiles."


@pytest.fixture
def observed(acme, alice, edition):
    return SubmittedApplicationFactory(
        company=acme, edition=edition, created_by=alice, state=Application.State.OBSERVED, due_on=DUE
    )


def steps_told(user):
    rows = user.notices.filter(kind="reminder", held=False).order_by("pk")
    return [n.key.rpartition(":")[2] for n in rows]


def steps_skipped(user):
    rows = user.notices.filter(kind="reminder", delivery__state="skipped").order_by("pk")
    return [n.key.rpartition(":")[2] for n in rows]


def test_running_twice_tells_once(observed, alice):
    assert send(day(-7)) == 1
    assert send(day(-7)) == 0
    assert steps_told(alice) == ["7"]


def test_a_worker_down_for_days_sends_only_the_last_useful_rung(observed, alice):
    send(day(-15))
    send(day(-2))  # down since: the rungs 7 and 3 were reached meanwhile
    send(day(-2))
    assert steps_told(alice) == ["15", "3"]
    send(date(2026, 12, 22))
    assert steps_told(alice) == ["15", "3", "+15"]
    assert steps_skipped(alice) == ["7", "1", "0", "+5", "+10"]


def test_a_clock_set_back_tells_nothing_again(observed, alice):
    send(day(-15))
    send(day(-2))
    assert [send(day(-14)), send(day(-6)), send(day(-3))] == [0, 0, 0]
    assert steps_told(alice) == ["15", "3"]


def test_a_reminder_of_what_is_done_by_then_is_not_mailed(observed, alice, run_jobs):
    send(day(-3))
    Application.objects.update(state=Application.State.MENDED)
    run_jobs()
    delivery = alice.notices.get().delivery
    assert (mail.outbox, delivery.state) == ([], "skipped")
    assert delivery.error == "Lo que recordaba ya estaba hecho."


def test_memory_holds_one_batch_at_a_time(observed, alice, monkeypatch):
    for _n in range(7):
        SubmittedApplicationFactory(edition=observed.edition, state=Application.State.OBSERVED, due_on=DUE)
    sizes, inner = [], reminders._send_batch
    monkeypatch.setattr(reminders, "BATCH", 3)
    monkeypatch.setattr(reminders, "_send_batch", lambda batch, *rest: sizes.append(len(batch)) or inner(batch, *rest))
    send(DUE)
    assert sizes == [3, 3, 2]


def test_ten_business_days_late_staff_hear_of_it_too(observed, alice, stella):
    send(date(2026, 12, 4))
    assert steps_told(stella) == []
    send(date(2026, 12, 15))
    assert steps_told(stella) == ["+10"]
    assert stella.notices.get().url == reverse("panel:company", args=[observed.company_id])
    assert steps_told(alice) == ["+5", "+10"]


def test_late_steps_are_counted_by_the_calendar_of_the_company_s_own_terms(observed, alice, plant, bob, other):
    """A day decreed in Ica lies in the middle: who is there hears of it a business day later than who is elsewhere."""
    elsewhere = DistrictFactory(code="040101", name="Arequipa", province="Arequipa", department="Arequipa")
    SiteFactory(company=other, district=elsewhere)
    SubmittedApplicationFactory(edition=observed.edition, company=other, state=Application.State.OBSERVED, due_on=DUE)
    NonWorkingDay.objects.create(on=date(2026, 12, 1), reason="Aniversario de Ica", department="Ica")
    assert observed.company.seat == "Ica"
    send(date(2026, 12, 4))
    assert (steps_told(alice), steps_told(bob)) == (["0"], ["+5"])
    send(date(2026, 12, 7))
    assert steps_told(alice) == ["0", "+5"]


def test_a_deadline_that_moves_has_a_ladder_of_its_own(observed, alice):
    send(day(-1))
    Application.objects.update(due_on=day(14))
    send(day(-1))
    assert steps_told(alice) == ["1", "15"]


def test_what_was_answered_is_no_longer_due(observed, alice):
    Application.objects.update(state=Application.State.MENDED)
    assert send(day(0)) == 0


def test_readers_and_strangers_are_not_reminded(observed, alice, reader, bob):
    send(day(0))
    assert set(Notice.objects.values_list("user", flat=True)) == {alice.pk}


def test_the_task_sends_mail_through_the_jobs(observed, alice, run_jobs):
    Application.objects.update(due_on=timezone.localdate())
    send_reminders()
    send_reminders()
    run_jobs()
    (message,) = mail.outbox
    assert message.to == [alice.email]
    assert "Subsane su postulación observada" in message.subject
    assert "vence hoy" in message.body


def test_an_unsigned_letter_is_reminded(participation, alice):
    Participation.objects.update(state=Participation.State.LETTER_ISSUED)
    CommitmentLetterFactory(participation=participation, issued_on=date(2026, 11, 2))
    send(date(2026, 11, 9))
    assert [n.title for n in alice.notices.all()] == ["Firme y suba la carta de compromiso"]


def test_tomorrows_workshop_is_told_the_day_before_and_not_after(participation, alice):
    at = timezone.make_aware(datetime.combine(DUE, time(10)))
    SessionFactory(edition=participation.edition, number=4, starts_at=at, place="Auditorio")
    assert send(day(-2)) == 0
    send(day(-1))
    row = alice.notices.get()
    assert row.title.startswith("Taller: T4")
    assert "Empieza a las 10:00. Auditorio" in row.body
    assert send(day(1)) == 0


def test_only_the_newest_paper_of_a_site_is_reminded(participation, plant, alice):
    SiteDocument.objects.filter(kind="itse").update(valid_until=day(30))
    old = SiteDocument.objects.get(kind="itse")
    send(day(0))
    assert "sede Planta Ica" in alice.notices.get().title
    Notice.objects.all().delete()
    old.pk = None
    old.valid_until = day(700)
    old.save()
    assert send(day(0)) == 0


def test_another_room_adds_its_dates(monkeypatch, acme, alice):
    monkeypatch.setattr(reminders, "_sources", [])

    @register_source
    def mine(on):
        yield DueItem(key="mine:1", due_on=on, title="De otra sala", company=acme, users=(alice,))

    register_source(mine)
    assert send(DUE) == 1


def test_an_edition_full_of_deadlines_costs_the_same_once_told(observed, django_assert_max_num_queries):
    for _n in range(10):
        SubmittedApplicationFactory(edition=observed.edition, state=Application.State.OBSERVED, due_on=DUE)
    send(DUE)
    with django_assert_max_num_queries(20):
        assert send(DUE) == 0


def test_a_first_run_asks_as_often_for_thirty_companies_as_for_three(observed, django_assert_max_num_queries):
    asked = []
    for more, days in ((3, 0), (27, 1)):
        for _n in range(more):
            row = SubmittedApplicationFactory(
                edition=observed.edition, state=Application.State.OBSERVED, due_on=DUE + timedelta(days=days)
            )
            MembershipFactory(company=row.company)
        with django_assert_max_num_queries(60) as queries:
            assert send(DUE) == more + (1 if days == 0 else 0)
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_the_same_moment_tell_each_person_once(observed, alice):
    for _n in range(5):
        row = SubmittedApplicationFactory(edition=observed.edition, state=Application.State.OBSERVED, due_on=DUE)
        MembershipFactory(company=row.company)
    start, new = threading.Barrier(4), []

    def worker():
        start.wait()
        new.append(send(DUE))
        connection.close()

    threads = [threading.Thread(target=worker) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(new), Notice.objects.count(), Delivery.objects.count()) == (6, 6, 6)
    assert Job.objects.filter(kind="companies.deliver").count() == 6
