"""Templates of mails: written, refused with a sentence, tried, restored; a broken one stops nothing."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from companies.calendar import entry, invitation_file
from companies.models import BrokenTemplate, Delivery, MailTemplate, Notice
from companies.models.template import fill_in

URL = "/panel/plantillas/comment/"
WORDS = {"subject": "{empresa}: {titulo}", "body": "Hola, {persona}. {texto}"}


def tell(user, company=None, **more):
    return Notice.tell([user], key="k", kind="comment", title="Aviso", body="Cuerpo.", company=company, **more)[0]


def test_a_written_template_is_what_is_mailed(as_, stella, alice, acme, run_jobs):
    assert as_(stella).post(URL, WORDS).status_code == 302
    tell(alice, acme)
    run_jobs()
    assert mail.outbox[0].subject == f"{acme}: Aviso · Ecoeficiencia Perú"
    assert "Hola, Alice Paredes. Cuerpo." in mail.outbox[0].body


@pytest.mark.parametrize(
    ("body", "sentence"),
    [("Hola {nombre}", "«{nombre}» no es un dato que el sistema conozca."), ("Hola {persona", "Hay una llave suelta."),
     ("{persona.password}", "no es un dato que el sistema conozca.")],
)  # fmt: skip
def test_a_wrong_placeholder_is_refused_with_a_sentence(as_, stella, body, sentence):
    answer = as_(stella).post(URL, {"subject": "Hola", "body": body})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert body in answer.text
    assert MailTemplate.objects.count() == 0


def test_the_preview_is_on_real_data_and_saves_nothing(as_, stella, alice, acme):
    tell(alice, acme)
    page = as_(stella).post(URL, {**WORDS, "preview": "1"})
    assert "Hola, Alice Paredes. Cuerpo." in page.text
    assert MailTemplate.objects.count() == 0


def test_a_test_goes_to_the_writer_only(as_, stella, alice):
    tell(alice)
    as_(stella).post(URL, {**WORDS, "test": "1"})
    (message,) = mail.outbox
    assert (message.to, message.subject[:7]) == ([stella.email], "Prueba:")
    assert MailTemplate.objects.count() == 0


def test_restoring_keeps_the_history(as_, stella, alice, run_jobs):
    as_(stella).post(URL, WORDS)
    as_(stella).post(f"{URL}restaurar/")
    tell(alice)
    run_jobs()
    assert mail.outbox[0].subject == "Aviso · Ecoeficiencia Perú"
    assert [row.number for row in MailTemplate.objects.all()] == [2, 1]
    assert "Versión 1" in as_(stella).get(URL).text


def test_a_broken_template_stops_no_mail_and_staff_hear_of_it_once(stella, alice, bob, run_jobs):
    MailTemplate.objects.write("comment", subject="{roto}", body="x", by=stella)
    tell(alice)
    tell(bob)
    run_jobs()
    assert [m.subject for m in mail.outbox if m.to != [stella.email]] == ["Aviso · Ecoeficiencia Perú"] * 2
    assert stella.notices.get().title == "No se pudo usar la plantilla «Mensaje»"
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_only_coordinators_write_templates(as_, alice, rita):
    assert as_(alice).get(URL).status_code == 404
    assert as_(rita).get(URL).status_code == 404
    assert as_(rita).post(f"{URL}restaurar/").status_code == 404


def test_an_unknown_kind_is_not_found(as_, stella):
    assert as_(stella).get("/panel/plantillas/nada/").status_code == 404


def test_the_list_names_every_kind(as_, stella):
    assert "Resultado de admisión" in as_(stella).get("/panel/plantillas/").text


@given(st.text())
def test_values_are_never_read_as_templates(value):
    assert fill_in("<{titulo}>", {"titulo": value}) == f"<{value}>"


@given(st.text(alphabet="{}abc.!:[0]"))
def test_words_are_filled_in_or_refused(words):
    try:
        assert not set(fill_in(words, {})) & set("{}")
    except BrokenTemplate:
        assert set(words) & set("{}")


def test_an_announced_date_comes_as_a_calendar_file(alice, run_jobs):

    tell(alice, url="/empresa/", calendar=entry("x-1", "Auditoría", date(2026, 11, 30), date(2026, 12, 1), "Ica"))
    run_jobs()
    ((name, content, kind),) = mail.outbox[0].attachments
    text = content if isinstance(content, str) else content.decode()
    assert (name, kind) == ("fecha.ics", "text/calendar; method=PUBLISH")
    assert 'Content-Type: text/calendar; method="PUBLISH"' in mail.outbox[0].message().as_string()
    for line in ("DTSTART;VALUE=DATE:20261130", "DTEND;VALUE=DATE:20261202", "LOCATION:Ica", "SUMMARY:Auditoría"):
        assert line in text


def test_an_hour_is_lima_s(alice):

    row = tell(alice, calendar=entry("x-2", "Taller", datetime(2026, 11, 30, 15, tzinfo=UTC)))
    text = invitation_file(row).decode()
    assert "BEGIN:VTIMEZONE\r\nTZID:America/Lima" in text
    assert "DTSTART;TZID=America/Lima:20261130T100000" in text
