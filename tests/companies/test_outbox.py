"""The outbox: drafts held, edited, sent or discarded; failed mails tried again; who may."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Delivery, Notice, User
from companies.tasks import deliver


def tell(user, n=1, kind="admission", **more):
    row = Notice.tell([user], key=f"k:{n}", kind=kind, title=f"Resultado {n}", body="Fue admitida.", **more)[0]
    return row.delivery


def act(name, row):
    return reverse(f"panel:mail_{name}", args=[row.pk])


@pytest.fixture
def held(alice, acme):
    return tell(alice, company=acme)


def test_an_admission_result_is_held_and_unseen(as_, alice, held, run_jobs):
    run_jobs()
    assert (held.state, mail.outbox) == ("held", [])
    assert "Resultado 1" not in as_(alice).get("/avisos/").text
    assert alice.notices.unread().count() == 0


def test_a_draft_is_edited_and_sent_with_its_words(as_, alice, stella, held, run_jobs):
    client = as_(stella)
    client.post(act("edit", held), {"subject": "Bienvenida", "body": "Empiece hoy."})
    client.post(act("send", held))
    run_jobs()
    (message,) = mail.outbox
    assert message.subject == "Bienvenida · Ecoeficiencia Perú"
    assert "Empiece hoy." in message.body
    held.refresh_from_db()
    assert (held.state, held.decided_by) == ("sent", stella)
    assert "Resultado 1" in as_(alice).get("/avisos/").text


def test_a_draft_leaves_with_the_words_on_the_screen_saved_or_not(as_, stella, held, run_jobs):
    refused = as_(stella).post(act("send", held), {"subject": "", "body": "Lo que escribí."})
    assert (refused.status_code, "Lo que escribí." in refused.text) == (422, True)
    as_(stella).post(act("send", held), {"subject": "Bienvenida", "body": "Empiece hoy."})
    run_jobs()
    (message,) = mail.outbox
    assert (message.subject, "Empiece hoy." in message.body) == ("Bienvenida · Ecoeficiencia Perú", True)


def test_a_discarded_draft_is_never_sent(as_, alice, stella, held, run_jobs):
    as_(stella).post(act("discard", held))
    answer = as_(stella).post(act("send", held))
    run_jobs()
    held.refresh_from_db()
    assert (answer.status_code, held.state, mail.outbox) == (409, "discarded", [])
    assert alice.notices.unread().count() == 0


def test_an_empty_draft_is_refused_and_what_was_written_stays(as_, stella, held):
    answer = as_(stella).post(act("edit", held), {"subject": "", "body": "Lo que escribí."})
    assert answer.status_code == 422
    assert "Lo que escribí." in answer.text
    held.refresh_from_db()
    assert held.body == ""


def test_several_drafts_are_shown_before_they_leave(as_, alice, bob, stella, run_jobs):
    rows = [tell(alice, 1), tell(bob, 2)]
    chosen = {"pk": [row.pk for row in rows]}
    page = as_(stella).post(reverse("panel:mails_send"), chosen)
    assert "Resultado 1" in page.text and "Resultado 2" in page.text
    assert mail.outbox == []
    as_(stella).post(reverse("panel:mails_send"), {**chosen, "sure": "send"})
    as_(stella).post(reverse("panel:mails_send"), {**chosen, "sure": "send"})
    run_jobs()
    assert sorted(m.to[0] for m in mail.outbox) == sorted([alice.email, bob.email])


def test_a_failed_mail_is_tried_again(as_, alice, stella, run_jobs):
    row = tell(alice, kind="comment")
    run_jobs()
    Delivery.objects.update(state="failed", error="550")
    as_(stella).post(act("retry", row))
    run_jobs()
    row.refresh_from_db()
    assert (row.state, row.retries, len(mail.outbox)) == ("sent", 1, 2)


def test_filters_find_by_state_kind_person_and_text(as_, alice, bob, stella):
    tell(alice, 1)
    tell(bob, 2, kind="comment")
    client, url = as_(stella), reverse("panel:mails")
    for query, shown in [("estado=held", 1), ("tipo=comment", 2), ("q=bob@", 2), ("q=Resultado+1", 1)]:
        page = client.get(f"{url}?{query}").text
        assert [n for n in (1, 2) if f">Resultado {n}<" in page] == [shown], query


def test_only_staff_read_and_only_coordinators_act(as_, alice, rita, held):
    assert as_(alice).get(reverse("panel:mails")).status_code == 404
    assert as_(alice).get(reverse("panel:mail", args=[held.pk])).status_code == 404
    assert as_(rita).get(reverse("panel:mail", args=[held.pk])).status_code == 200
    assert as_(rita).post(act("send", held)).status_code == 404
    assert as_(rita).get(act("send", held)).status_code == 404


def test_the_outbox_asks_the_same_at_three_and_at_twenty(as_, alice, acme, stella):
    client, url = as_(stella), reverse("panel:mails")
    for n in range(3):
        tell(alice, n, company=acme)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for n in range(3, 20):
        tell(alice, n, company=acme)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


def test_an_address_with_a_line_break_fails_for_good_and_staff_hear_of_it_once(alice, stella):
    User.objects.filter(pk=alice.pk).update(email="alice@x.example\nBcc: otro@x.example")
    for n in (1, 2):
        deliver(tell(alice, n, kind="comment").pk)
    assert set(Delivery.objects.filter(notice__user=alice).values_list("state", flat=True)) == {"failed"}
    alice.refresh_from_db()
    assert alice.mail_refused_at is not None
    assert stella.notices.get().kind == "bounce"
    assert mail.outbox == []


def test_a_good_mail_takes_the_mark_off(alice, run_jobs):
    User.objects.filter(pk=alice.pk).update(mail_refused_at="2026-01-01T00:00Z")
    tell(alice, kind="comment")
    run_jobs()
    alice.refresh_from_db()
    assert alice.mail_refused_at is None


def test_marks_that_turn_a_name_around_do_not_leave(alice, run_jobs):
    User.objects.filter(pk=alice.pk).update(first_name="Ali\u202ece\u2066", last_name="")
    tell(alice, kind="comment")
    run_jobs()
    assert "Estimado(a) Alice:" in mail.outbox[0].body


def test_the_log_is_on_the_record_it_is_about(participation, alice, acme):
    key = f"participation:{participation.pk}:started"
    Notice.tell([alice], key=key, kind="participation", title="Empieza", company=acme)
    Notice.tell([alice], key=f"participation:{participation.pk}9:x", kind="participation", title="De otra")
    Notice.tell([alice], key=f"reminder:{key}", kind="reminder", title="Recuerde")
    assert [row.notice.title for row in Delivery.objects.about(participation)] == ["Recuerde", "Empieza"]


FIRST, SECOND = {"subject": "Bienvenida", "body": "Empiece hoy."}, {"subject": "Resultado 1", "body": "Lo mío."}


def words(row):
    row.refresh_from_db()
    return {"subject": row.subject, "body": row.body}


@pytest.mark.parametrize("way", ["edit", "send"])
def test_two_people_who_write_one_draft_choose_between_both_texts(as_, alice, stella, held, run_jobs, way):
    as_(stella).post(act("edit", held), FIRST | {"version": 0})
    late = as_(stella).post(act(way, held), SECOND | {"version": 0})
    assert (late.status_code, words(held), held.state) == (409, FIRST, "held")
    assert "Empiece hoy." in late.text and "Lo mío." in late.text
    # Only the body was written by both; the subject the second left as it was.
    assert [choice.name for choice in late.context["choices"]] == ["body"]
    assert ("subject", "Bienvenida") in late.context["settled"] and ("version", 1) in late.context["settled"]
    assert (late.context["action"], late.context["back"]) == (act("edit", held), f"/panel/correos/{held.pk}/")
    chosen = as_(stella).post(late.context["action"], {"subject": "Bienvenida", "body": "Lo mío.", "version": 1})
    run_jobs()
    assert (chosen.status_code, words(held), held.state) == (302, FIRST | {"body": "Lo mío."}, "held")
    assert mail.outbox == []


def test_what_the_first_saved_as_the_template_says_is_no_choice(as_, stella, held):
    as_(stella).post(act("edit", held), {"subject": "Bienvenida", "body": "Fue admitida.", "version": 0})
    late = as_(stella).post(act("edit", held), {"subject": "El mío", "body": "Lo mío.", "version": 0})
    assert (late.status_code, [choice.name for choice in late.context["choices"]]) == (409, ["subject"])
    assert ("body", "Lo mío.") in late.context["settled"]


def test_the_page_of_a_draft_sends_the_version_it_shows(as_, stella, held):
    as_(stella).post(act("edit", held), FIRST | {"version": 0})
    page = as_(stella).get(reverse("panel:mail", args=[held.pk]))
    assert page.context["form"].initial["version"] == 1
    assert page.text.count('name="version" value="1"') == 2  # to save or send, and to discard
    assert as_(stella).post(act("send", held), FIRST | {"version": 1}).status_code == 302
    held.refresh_from_db()
    assert held.state == "pending"


def test_a_correction_of_a_mail_that_left_is_shown_beside_what_was_done(as_, stella, held):
    as_(stella).post(act("send", held))
    for way in ("edit", "send"):
        late = as_(stella).post(act(way, held), SECOND | {"version": 0})
        assert (late.status_code, "Lo mío." in late.text, "alguien lo atendió antes" in late.text) == (409, True, True)


def test_a_draft_corrected_meanwhile_is_neither_discarded_nor_sent_with_others_unread(as_, bob, stella, held, run_jobs):
    other, client = tell(bob, 2), as_(stella)
    chosen = {"pk": [held.pk, other.pk]}
    shown = client.post(reverse("panel:mails_send"), chosen).text
    assert f'name="version-{held.pk}" value="0"' in shown
    client.post(act("edit", held), FIRST | {"version": 0})
    late = client.post(act("discard", held), {"version": 0})
    assert (late.status_code, "léalo otra vez" in late.text) == (409, True)
    seen = {f"version-{held.pk}": 0, f"version-{other.pk}": 0, "sure": "send"}
    answer = client.post(reverse("panel:mails_send"), chosen | seen, follow=True)
    run_jobs()
    assert "1 cambió mientras usted lo leía" in answer.text
    assert (words(held), held.state, [m.to for m in mail.outbox]) == (FIRST, "held", [[bob.email]])
