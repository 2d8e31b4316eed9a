"""A reminder put off: quiet until the day chosen, back on it, and never beyond the day it falls due."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from companies.models import Notice, Snooze
from programs.models import Application
from programs.reminders import send
from tests.factories import MembershipFactory, SubmittedApplicationFactory

DUE = date(2026, 11, 27)  # a Friday; the tests happen on Tuesday the 24th


def day(n):
    return DUE + timedelta(days=n)


@pytest.fixture
def observed(acme, alice, edition):
    return SubmittedApplicationFactory(
        company=acme, edition=edition, created_by=alice, state=Application.State.OBSERVED, due_on=DUE
    )


def steps(user, state):
    rows = user.notices.filter(kind="reminder", delivery__state=state).order_by("pk")
    return [n.key.rpartition(":")[2] for n in rows]


def put_off(user, on, days):
    return user.notices.filter(held=False).first().snooze(on=on, days=days)


def test_it_is_quiet_until_the_day_and_back_on_it(observed, alice):
    send(day(-15))
    assert put_off(alice, day(-15), 3) == day(-12)
    assert [send(day(n)) for n in (-14, -13)] == [0, 0]
    assert [send(day(-12)), send(day(-12)), send(day(-11))] == [1, 0, 0]
    assert alice.notices.first().body == "El plazo es hasta el 27/11/2026: quedan 10 días hábiles."
    assert steps(alice, "pending") == ["15", "12"]


def test_the_rungs_it_covers_are_kept_on_record(observed, alice):
    send(day(-15))
    put_off(alice, day(-15), 14)
    assert [send(day(n)) for n in range(-14, -1)] == [0] * 13
    send(day(-1))
    assert (steps(alice, "pending"), steps(alice, "skipped")) == (["15", "1"], ["7", "3"])
    skipped = alice.notices.filter(delivery__state="skipped").first()
    assert skipped.delivery.error == "La persona lo pospuso hasta el 26/11/2026."


def test_the_ladder_goes_on_after_it(observed, alice):
    send(day(-15))
    put_off(alice, day(-15), 3)
    for n in range(-12, 1):
        send(day(n))
    assert steps(alice, "pending") == ["15", "12", "7", "3", "1", "0"]
    send(date(2026, 12, 4))
    assert steps(alice, "pending")[-1] == "+5"


def test_it_silences_only_who_asked_and_only_that_deadline(observed, alice, acme):
    colleague = MembershipFactory(company=acme).user
    send(day(-15))
    put_off(alice, day(-15), 14)
    assert send(day(-7)) == 1
    assert steps(colleague, "pending") == ["15", "7"]
    Application.objects.update(due_on=day(1))
    send(day(-7))
    assert steps(alice, "pending") == ["15", "15"]


@pytest.mark.parametrize(("on", "days"), [(-15, 30), (-3, 7), (-15, 2), (0, 1), (-15, 0), (-15, -3)])
def test_it_never_comes_back_too_late(observed, alice, on, days):
    send(day(-15))
    assert put_off(alice, day(on), days) is None
    assert Snooze.objects.count() == 0


def test_what_is_late_or_no_reminder_is_not_put_off(observed, alice):
    send(date(2026, 12, 4))
    late = alice.notices.get()
    other = Notice.objects.create(user=alice, key="application:1:observed:2026-12-30:4", kind="observed", title="Otro")
    odd = Notice.objects.create(user=alice, key="reminder:sin-fecha:4", kind="reminder", title="Otro")
    assert [Snooze.days_for(row, day(-30)) for row in (late, other, odd)] == [[], [], []]


def test_a_person_puts_it_off_in_the_centre(as_, observed, alice):
    send(day(-3))
    row, client = alice.notices.get(), as_(alice)
    assert "en 3 días" in client.get(reverse("public:notices")).text
    answer = client.post(reverse("public:notice_snooze", args=[row.pk]), {"days": "1"}, follow=True)
    assert "Se lo recordaremos de nuevo desde el 25/11/2026." in answer.text
    assert "Pospuesto hasta el 25/11/2026" in answer.text
    assert [send(day(-3)), send(day(-2))] == [0, 1]


@pytest.mark.parametrize("days", ["30", "0", "-1", "x", "", "9" * 40, "²"])
def test_a_day_that_will_not_do_is_refused_with_a_sentence(as_, observed, alice, days):
    send(day(-3))
    answer = as_(alice).post(reverse("public:notice_snooze", args=[alice.notices.get().pk]), {"days": days})
    assert answer.status_code == 409
    assert "volvería después de su vencimiento" in answer.text
    assert Snooze.objects.count() == 0


def test_somebody_elses_reminder_is_not_found(as_, observed, alice, bob):
    send(day(-3))
    url = reverse("public:notice_snooze", args=[alice.notices.get().pk])
    assert as_(bob).post(url, {"days": "1"}).status_code == 404
    assert as_(alice).get(url).status_code == 405


def test_putting_off_again_counts_from_the_new_day(observed, alice):
    send(day(-15))
    put_off(alice, day(-15), 3)
    put_off(alice, day(-14), 7)
    assert [send(day(-12)), send(day(-7))] == [0, 1]
    assert Snooze.objects.get().until == day(-7)
