"""Digests: one mail a person and period, whatever was down; nothing lost when the mail server fails."""

from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

import pytest
from django.core import mail
from django.utils import timezone

from companies.digests import cutoff, gather
from companies.models import Delivery, Digest, Notice, Preference
from companies.sending import _still_due
from companies.tasks import send_digest


def lima(text):
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("rhythm", "now", "moment"),
    [
        ("daily", "2026-11-24T07:59", "2026-11-23T08:00"),
        ("daily", "2026-11-24T08:00", "2026-11-24T08:00"),
        ("daily", "2026-11-29T12:00", "2026-11-27T08:00"),  # a Sunday
        ("daily", "2026-12-09T12:00", "2026-12-07T08:00"),  # the 8th and 9th are holidays
        ("weekly", "2026-11-26T12:00", "2026-11-23T08:00"),
        ("weekly", "2026-11-23T07:00", "2026-11-16T08:00"),
    ],
)
def test_the_last_hour_at_which_a_digest_was_due(rhythm, now, moment):
    assert cutoff(rhythm, lima(now)) == lima(moment)


@pytest.fixture
def daily(alice):
    Preference.objects.set_for(alice, "talk", "daily")

    def tell(n, at, kind="comment"):
        row = Notice.tell([alice], key=f"k:{n}", kind=kind, title=f"Aviso {n}", url="/empresa/")[0]
        Notice.objects.filter(pk=row.pk).update(created_at=lima(at))
        return row

    return tell


def test_a_days_notices_leave_in_one_mail_at_eight(daily, alice, run_jobs):
    daily(1, "2026-11-23T10:00")
    daily(2, "2026-11-23T17:00")
    assert gather(lima("2026-11-24T07:59")) == 0
    assert gather(lima("2026-11-24T08:00")) == 1
    assert gather(lima("2026-11-24T08:15")) == 0
    run_jobs()
    (message,) = mail.outbox
    assert message.subject == "Resumen de avisos: 2 · Ecoeficiencia Perú"
    assert "Aviso 1" in message.body and "Aviso 2" in message.alternatives[0].content
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_days_of_downtime_bring_one_digest(daily, run_jobs):
    for n, day in enumerate((17, 18, 19, 20), 1):
        daily(n, f"2026-11-{day}T10:00")
    assert gather(lima("2026-11-24T10:00")) == 1
    assert gather(lima("2026-11-24T10:15")) == 0
    run_jobs()
    assert len(mail.outbox) == 1


def test_what_came_after_eight_waits_for_the_next(daily):
    daily(1, "2026-11-24T09:00")
    assert gather(lima("2026-11-24T20:00")) == 0
    assert gather(lima("2026-11-25T08:00")) == 1


def test_a_clock_set_back_makes_no_second_digest(daily):
    daily(1, "2026-11-20T10:00")
    assert [gather(lima(now)) for now in ("2026-11-24T09:00", "2026-11-23T09:00", "2026-11-24T09:00")] == [1, 0, 0]
    assert Digest.objects.count() == 1


class Backend:
    error = SMTPException("greylisted")

    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        raise self.error


def test_a_server_that_fails_loses_nothing(daily, settings, run_jobs):
    daily(1, "2026-11-20T10:00")
    gather(lima("2026-11-24T09:00"))
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Backend"
    with pytest.raises(SMTPException):
        send_digest(Digest.objects.get().pk)
    assert (Delivery.objects.get().state, Digest.objects.get().state) == ("waiting", "pending")
    settings.EMAIL_BACKEND = working
    send_digest(Digest.objects.get().pk)
    send_digest(Digest.objects.get().pk)
    assert len(mail.outbox) == 1


def test_a_refused_address_ends_as_failed(daily, alice, settings, monkeypatch):
    monkeypatch.setattr(Backend, "error", SMTPRecipientsRefused({alice.email: (550, b"nobody")}))
    daily(1, "2026-11-20T10:00")
    gather(lima("2026-11-24T09:00"))
    settings.EMAIL_BACKEND = f"{__name__}.Backend"
    send_digest(Digest.objects.get().pk)
    assert (Delivery.objects.get().state, Digest.objects.get().state) == ("failed", "failed")
    alice.refresh_from_db()
    assert alice.mail_refused_at is not None


def test_what_is_done_by_then_is_left_out(daily, monkeypatch, run_jobs):
    daily(1, "2026-11-20T10:00")
    monkeypatch.setitem(_still_due, "comment", lambda notice: False)
    gather(lima("2026-11-24T09:00"))
    run_jobs()
    assert (mail.outbox, Delivery.objects.get().state) == ([], "skipped")


def test_a_weekly_digest_waits_for_monday(alice):
    Preference.objects.set_for(alice, "talk", "weekly")
    row = Notice.tell([alice], key="k", kind="comment", title="Aviso")[0]
    Notice.objects.filter(pk=row.pk).update(created_at=lima("2026-11-24T10:00"))
    monday = lima("2026-11-30T08:00")
    assert [gather(monday - timedelta(minutes=1)), gather(monday)] == [0, 1]
