"""Workshops T0-T10, their sessions, and who was there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import Event
from programs.models import Attendance, Participation, Session, Workshop
from tests.factories import MembershipFactory, ParticipationFactory, SessionFactory


@pytest.fixture
def session(edition, participation):
    return SessionFactory(edition=edition, number=1)


def attend(participation, number, person="Ana Ruiz", edition=None):
    session = SessionFactory(edition=edition or participation.edition, number=number)
    return Attendance.objects.create(session=session, participation=participation, person=person)


def fresh(participation):
    return Participation.objects.with_attendance().get(pk=participation.pk)


def test_an_edition_gets_t0_to_t10_once_with_the_hours_the_source_states(edition):
    assert edition.create_workshops() == 11
    assert edition.create_workshops() == 0
    hours = dict(edition.workshops.values_list("number", "hours"))
    assert [n for n, h in hours.items() if h is None] == [5, 6, 10]
    assert (hours[0], float(hours[8])) == (1, 2.5)


def test_attendance_counts_modules_not_sessions_nor_people_nor_the_talk(participation):
    for number in (0, 1, 1, 2):
        attend(participation, number)
    attend(participation, 2, person="Luis Soto")
    row = fresh(participation)
    assert row.modules_attended == 2
    assert row.attendance_share == 0.2
    assert Participation.objects.get(pk=participation.pk).modules_attended == 2


def test_one_company_does_not_count_for_another(participation):
    other = ParticipationFactory(edition=participation.edition)
    attend(other, 1)
    assert fresh(participation).modules_attended == 0


def test_staff_take_attendance_of_members_and_of_a_person_by_name(as_, stella, session, participation, alice):
    url = reverse("panel:session", args=[session.pk])
    box = f"m{participation.pk}-{alice.pk}"
    answer = as_(stella).post(url, {"present": [box], f"new-{participation.pk}": "  Ana   Ruiz "})
    assert answer.status_code == 302
    assert list(session.attendances.order_by("person").values_list("person", "user", "source", "recorded_by")) == [
        ("Alice Paredes", alice.pk, "hand", stella.pk),
        ("Ana Ruiz", None, "hand", stella.pk),
    ]
    event = Event.objects.about(session).get()
    assert (event.verb, event.company) == ("attend", participation.company)
    assert "Alice Paredes, Ana Ruiz" in event.note


def test_saving_twice_makes_no_duplicates_and_no_history(as_, stella, session, participation, alice):
    url, data = reverse("panel:session", args=[session.pk]), {
        "present": [f"m{participation.pk}-{alice.pk}"],
        f"new-{participation.pk}": "ana ruiz",
    }  # fmt: skip
    as_(stella).post(url, data)
    as_(stella).post(url, data | {f"new-{participation.pk}": "Ana Ruiz"})
    assert Attendance.objects.count() == 2
    assert Event.objects.about(session).count() == 1


def test_an_unticked_person_is_removed_with_its_line_of_history(as_, stella, session, participation):
    row = Attendance.objects.create(session=session, participation=participation, person="Ana Ruiz")
    as_(stella).post(reverse("panel:session", args=[session.pk]), {"known": [row.pk]})
    assert Attendance.objects.count() == 0
    assert [e.verb for e in Event.objects.about(session)] == ["unattend"]


def test_what_a_colleague_wrote_meanwhile_stays(as_, stella, session, participation):
    Attendance.objects.create(session=session, participation=participation, person="Ana Ruiz")
    as_(stella).post(reverse("panel:session", args=[session.pk]), {})
    assert Attendance.objects.count() == 1


def test_a_session_to_come_takes_no_attendance(as_, stella, session, participation, alice):
    Session.objects.update(starts_at=timezone.now() + timedelta(hours=3))
    url = reverse("panel:session", args=[session.pk])
    assert "La asistencia se registra desde entonces." in as_(stella).get(url).text
    answer = as_(stella).post(url, {"present": [f"m{participation.pk}-{alice.pk}"]})
    assert answer.status_code == 409
    assert "La asistencia se registra desde entonces." in answer.text
    assert Attendance.objects.count() == 0


def test_a_name_in_another_alphabet_is_told_and_the_others_are_kept(as_, stella, session, participation):
    other = ParticipationFactory(edition=participation.edition)
    names = {f"new-{participation.pk}": "Аna Ruiz", f"new-{other.pk}": "Eva Paz"}  # its first letter is Cyrillic
    answer = as_(stella).post(reverse("panel:session", args=[session.pk]), names, follow=True)
    assert "No añadió a «Аna Ruiz». El carácter «А» no es del alfabeto latino." in answer.text
    assert list(Attendance.objects.values_list("person", flat=True)) == ["Eva Paz"]


@pytest.mark.parametrize(
    "data", [{"present": ["mx", "p999"]}, {"known": ["x"]}, {"new-99999": "Nadie"}, {"new-x": "A"}]
)
def test_a_garbled_sheet_changes_nothing(as_, stella, session, participation, data):
    assert as_(stella).post(reverse("panel:session", args=[session.pk]), data).status_code == 302
    assert Attendance.objects.count() == 0


def test_a_session_is_scheduled_and_changed(as_, stella, edition):
    edition.create_workshops()
    workshop = edition.workshops.get(number=4)
    data = {
        "edicion": edition.pk, "workshop": workshop.pk, "starts_at": "2026-12-02T10:00", "ends_at": "2026-12-02T12:00",
        "mode": "online", "link": "https://sala.example", "place": "", "speaker": "Renzo",
    }  # fmt: skip
    assert as_(stella).post(reverse("panel:session_create"), data).status_code == 302
    row = Session.objects.get()
    assert timezone.localtime(row.starts_at).hour == 10
    url = reverse("panel:session_edit", args=[row.pk])
    answer = as_(stella).post(url, data | {"ends_at": "2026-12-02T09:00"})
    assert answer.status_code == 422
    assert "La sesión termina después de empezar." in answer.text
    answer = as_(stella).post(url, data | {"mode": "onsite"})
    assert "Indique el lugar: la sesión es presencial." in answer.text


def test_the_company_sees_who_went_and_what_is_missing(as_, alice, participation, acme):
    participation.edition.create_workshops()
    attend(participation, 1, "Ana Ruiz")
    SessionFactory(edition=participation.edition, number=2, starts_at=timezone.now() + timedelta(days=5))
    page = as_(alice).get(reverse("empresa:workshops", args=[acme.pk])).text
    for words in (
        "Ana Ruiz",
        "Bajo el mínimo",
        "Mínimo de esta edición: 80 %",
        "sin horas indicadas",
        "1 de 10 talleres",
    ):
        assert words in page


def test_strangers_find_no_workshops(as_, bob, alice, mia, nadia, acme, session):
    assert as_(bob).get(reverse("empresa:workshops", args=[acme.pk])).status_code == 404
    for person in (alice, mia, nadia):
        assert as_(person).get(reverse("panel:workshops")).status_code == 404
        assert as_(person).post(reverse("panel:session", args=[session.pk]), {}).status_code == 404
        assert as_(person).get(reverse("panel:session_create")).status_code == 404


def test_a_decider_reads_the_sheet_and_does_not_schedule(as_, dora, session):
    assert as_(dora).get(reverse("panel:session", args=[session.pk])).status_code == 200
    assert as_(dora).get(reverse("panel:session_create")).status_code == 404


def test_the_sheet_asks_the_same_of_the_database_at_three_and_at_thirty(as_, stella, session, edition):
    client, url = as_(stella), reverse("panel:session", args=[session.pk])

    def more(n):
        for row in ParticipationFactory.create_batch(n, edition=edition):
            MembershipFactory(company=row.company)

    more(2)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    more(20)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


def test_the_workshops_page_counts_without_asking_each_session(as_, stella, edition):
    edition.create_workshops()
    client, url = as_(stella), reverse("panel:workshops")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for workshop in Workshop.objects.all():
        SessionFactory.create_batch(2, edition=edition, number=workshop.number)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) - len(few) <= 1
