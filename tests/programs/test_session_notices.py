"""A session that is scheduled, moved or cancelled: whom it is told, once, and what their calendars receive."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from companies.models import Event
from companies.tasks import deliver
from programs.models import Participation, Session
from programs.reminders import send
from tests.factories import MembershipFactory, ParticipationFactory, SessionFactory, UserFactory

AT = timezone.make_aware(datetime(2026, 12, 2, 10))


@pytest.fixture
def workshop(edition):
    edition.create_workshops()
    return edition.workshops.get(number=4)


@pytest.fixture
def scheduled(workshop, participation, stella):
    session = Session(workshop=workshop, starts_at=AT, ends_at=AT + timedelta(hours=2), link="https://sala.example")
    session.keep(by=stella)
    return session


def change(session, by, **facts):
    for name, value in facts.items():
        setattr(session, name, value)
    session.keep(by=by)


def told(user):
    return [(n.title.partition(":")[0], n.body) for n in user.notices.order_by("pk")]


def calendar_of(message):
    ((_name, content, kind),) = message.attachments
    text = content if isinstance(content, str) else content.decode()
    return kind, text.replace("\r\n ", "").split("\r\n")


def test_the_companies_in_training_are_told_and_invited(scheduled, alice, bob, run_jobs):
    run_jobs()
    assert told(alice) == [("Nueva fecha de taller", "Será el 02/12/2026, 10:00. https://sala.example")]
    assert told(bob) == []
    (message,) = mail.outbox
    kind, lines = calendar_of(message)
    assert kind == "text/calendar; method=REQUEST"
    for line in (
        "METHOD:REQUEST",
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        "DTSTART;TZID=America/Lima:20261202T100000",
        "DTEND;TZID=America/Lima:20261202T120000",
    ):
        assert line in lines
    assert 'ATTENDEE;CN="Alice Paredes":mailto:alice@pruebas.example' in lines
    assert [line for line in lines if line.startswith("ORGANIZER")] == [
        'ORGANIZER;CN="Programa Ecoeficiencia":mailto:ecoeficiencia@demo.example'
    ]


def test_moved_it_keeps_its_place_in_the_calendar_with_a_higher_sequence(scheduled, alice, stella, run_jobs):
    run_jobs()
    change(scheduled, stella, starts_at=AT + timedelta(days=1), ends_at=None)
    run_jobs()
    assert told(alice)[1] == (
        "Cambió la sesión del taller",
        "Será el 03/12/2026, 10:00. https://sala.example\nAntes era el 02/12/2026, 10:00.",
    )
    (_k, first), (_k, second) = (calendar_of(message) for message in mail.outbox)
    uids = [line for line in (*first, *second) if line.startswith("UID:")]
    assert len(uids) == 2 and len(set(uids)) == 1
    assert "SEQUENCE:1" in second


def test_cancelled_it_leaves_the_calendar_and_says_why(as_, scheduled, alice, stella, run_jobs):
    run_jobs()
    url = reverse("panel:session_cancel", args=[scheduled.pk])
    assert as_(stella).post(url, {"cancelar-reason": "El expositor está enfermo."}).status_code == 302
    run_jobs()
    assert told(alice)[1] == (
        "Se canceló la sesión del taller",
        "Era el 02/12/2026, 10:00.\nEl expositor está enfermo.",
    )
    kind, lines = calendar_of(mail.outbox[1])
    assert kind == "text/calendar; method=CANCEL"
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:1"} <= set(lines)
    assert [e.verb for e in Event.objects.about(scheduled)] == ["create", "cancel"]


@pytest.mark.parametrize("facts", [{"speaker": "Otra persona"}, {}])
def test_what_no_calendar_holds_is_no_news(scheduled, alice, stella, run_jobs, facts):
    run_jobs()
    change(scheduled, stella, **facts)
    run_jobs()
    assert (len(told(alice)), scheduled.sequence) == (1, 0)


@pytest.mark.parametrize("facts", [{"place": "Auditorio"}, {"link": "https://otra.example"}, {"mode": "onsite"}])
def test_another_place_is_news(scheduled, alice, stella, run_jobs, facts):
    run_jobs()
    change(scheduled, stella, **facts)
    run_jobs()
    assert told(alice)[1][0] == "Cambió la sesión del taller"
    assert "Antes" not in told(alice)[1][1]


def test_changed_twice_at_once_only_the_last_is_told(scheduled, alice, stella, run_jobs):
    change(scheduled, stella, starts_at=AT + timedelta(days=1), ends_at=None)
    change(scheduled, stella, starts_at=AT + timedelta(days=2))
    run_jobs()
    assert [body.splitlines()[0] for _title, body in told(alice)] == ["Será el 04/12/2026, 10:00. https://sala.example"]


def test_a_session_noted_afterwards_is_told_to_nobody(workshop, participation, alice, stella, run_jobs):
    Session(workshop=workshop, starts_at=timezone.now() - timedelta(days=1)).keep(by=stella)
    run_jobs()
    assert told(alice) == []


@pytest.mark.parametrize("state", ["preaudit", "correcting", "certified"])
def test_companies_past_their_training_are_not_told(workshop, participation, alice, stella, run_jobs, state):
    Participation.objects.update(state=state)
    Session(workshop=workshop, starts_at=AT).keep(by=stella)
    run_jobs()
    assert told(alice) == []


def test_another_edition_is_not_told(workshop, participation, stella, run_jobs):
    elsewhere = ParticipationFactory()
    member = MembershipFactory(company=elsewhere.company, user=UserFactory()).user
    Session(workshop=workshop, starts_at=AT).keep(by=stella)
    run_jobs()
    assert told(member) == []


def test_a_cancelled_session_is_not_reminded_nor_shown_as_next(as_, scheduled, alice, acme, stella, run_jobs):
    scheduled.cancel(by=stella, reason="Feriado")
    assert send(AT.date() - timedelta(days=1)) == 0
    page = as_(alice).get(reverse("empresa:workshops", args=[acme.pk])).text
    assert "cancelada" in page
    assert "Enlace a la sesión" not in page
    assert "Sin asistencia" not in page
    assert "cancelada" in as_(stella).get(reverse("panel:workshops")).text


def test_a_reminder_of_a_session_cancelled_meanwhile_is_not_mailed(scheduled, alice, stella, run_jobs):
    run_jobs()
    send(AT.date() - timedelta(days=1))
    scheduled.cancel(by=stella, reason="Feriado")
    deliver(alice.notices.get(kind="reminder").delivery.pk)
    assert alice.notices.get(kind="reminder").delivery.state == "skipped"


def test_the_reminder_bears_the_same_entry_of_the_calendar(scheduled, alice, run_jobs):
    run_jobs()
    send(AT.date() - timedelta(days=1))
    first, reminder = (n.calendar for n in alice.notices.order_by("pk"))
    assert first == reminder


def test_a_cancelled_session_takes_neither_changes_nor_attendance_nor_a_second_cancellation(as_, scheduled, stella):
    scheduled.cancel(by=stella, reason="Feriado")
    client, sentence = as_(stella), "La sesión se canceló el"
    edit = client.post(
        reverse("panel:session_edit", args=[scheduled.pk]),
        {"workshop": scheduled.workshop_id, "starts_at": "2026-12-05T10:00", "mode": "online"},
    )
    attend = client.post(reverse("panel:session", args=[scheduled.pk]), {})
    again = client.post(reverse("panel:session_cancel", args=[scheduled.pk]), {"cancelar-reason": "Otra vez"})
    assert [answer.status_code for answer in (edit, attend, again)] == [409, 409, 409]
    assert sentence in edit.text and sentence in attend.text
    assert "Otra persona canceló la sesión antes que usted." in again.text
    assert sentence in client.get(reverse("panel:session", args=[scheduled.pk])).text
    scheduled.refresh_from_db()
    assert scheduled.cancel_reason == "Feriado"


def test_a_session_that_began_is_not_cancelled(as_, stella, edition):
    session = SessionFactory(edition=edition, number=1)
    answer = as_(stella).post(reverse("panel:session_cancel", args=[session.pk]), {"cancelar-reason": "Tarde"})
    assert answer.status_code == 409
    assert "La sesión ya empezó: no se puede cancelar." in answer.text


def test_without_a_reason_nothing_is_cancelled_and_the_form_says_so(as_, scheduled, stella):
    answer = as_(stella).post(reverse("panel:session_cancel", args=[scheduled.pk]), {"cancelar-reason": " "})
    assert answer.status_code == 422
    assert "Escriba el motivo: la empresa lo leerá." in answer.text
    scheduled.refresh_from_db()
    assert scheduled.cancelled_at is None


def test_only_coordinators_cancel(as_, scheduled, dora, alice, mia):
    url = reverse("panel:session_cancel", args=[scheduled.pk])
    for person in (dora, alice, mia):
        assert as_(person).post(url, {"cancelar-reason": "No"}).status_code == 404
    assert as_(dora).get(url).status_code == 404


def test_the_log_of_its_mails_is_on_the_page_of_the_session(as_, scheduled, stella, run_jobs):
    run_jobs()
    page = as_(stella).get(reverse("panel:session", args=[scheduled.pk])).text
    assert "Nueva fecha de taller: T4 Eficiencia energética" in page
    assert "Alice Paredes" in page
