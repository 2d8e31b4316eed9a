"""Preferences: when a mail leaves, what cannot be switched off, the word that it arrived."""

import pytest
from django.core import mail
from django.urls import reverse

from companies.models import Delivery, Notice, Preference

URL = "/avisos/preferencias/"


def tell(user, kind="comment", key="x", **more):
    return Notice.tell([user], key=key, kind=kind, title="Un aviso", url="/empresa/", **more)[0]


@pytest.mark.parametrize(
    ("how", "state"), [("now", "pending"), ("daily", "waiting"), ("weekly", "waiting"), ("centre", "skipped")]
)
def test_a_mail_leaves_when_the_person_chose(alice, how, state):
    Preference.objects.set_for(alice, "talk", how)
    row = tell(alice)
    assert row.delivery.state == state
    assert row in Notice.objects.visible_to(alice)


def test_a_legal_notice_leaves_at_once_whatever_was_chosen(alice, run_jobs):
    Preference.objects.set_for(alice, "process", "centre")
    tell(alice, kind="observed")
    run_jobs()
    assert [m.to for m in mail.outbox] == [[alice.email]]


def test_the_page_keeps_what_was_chosen_and_shows_the_legal_ones_fixed(as_, alice):
    page = as_(alice).get(URL).text
    assert "Resultado de admisión" in page
    assert "Avisos del sistema para el personal" not in page
    choices = {"process": "now", "work": "daily", "talk": "centre", "audits": "weekly", "reminders": "now"}
    assert as_(alice).post(URL, choices).status_code == 302
    assert dict(alice.preferences.values_list("group", "how")) == choices


def test_a_choice_that_does_not_exist_is_refused_and_nothing_changes(as_, alice):
    answer = as_(alice).post(URL, {"process": "nunca"})
    assert answer.status_code == 422
    assert alice.preferences.count() == 0


def test_a_visitor_signs_in_first(client, db):
    assert client.get(URL).status_code == 302


def test_the_reader_of_a_legal_notice_says_it_arrived_once(as_, alice, bob):
    row = tell(alice, kind="observed")
    url = reverse("public:notice_acknowledge", args=[row.pk])
    assert as_(bob).post(url).status_code == 404
    assert as_(alice).get(url).status_code == 405
    assert as_(alice).post(url).status_code == 302
    row.refresh_from_db()
    first = row.acknowledged_at
    assert first is not None
    assert row.read_at is not None
    assert as_(alice).post(url).status_code == 404
    row.refresh_from_db()
    assert row.acknowledged_at == first
    assert "Acuse de recibo" in as_(alice).get("/avisos/").text


def test_other_notices_ask_for_no_acknowledgement(as_, alice):
    row = tell(alice)
    assert as_(alice).post(reverse("public:notice_acknowledge", args=[row.pk])).status_code == 404
    assert "Acusar recibo" not in as_(alice).get("/avisos/").text


def test_telling_many_people_costs_few_queries(alice, bob, stella, django_assert_max_num_queries):
    Preference.objects.bulk_create([Preference(user=u, group="talk", how="centre") for u in (alice, bob, stella)])
    with django_assert_max_num_queries(8):
        Notice.tell([alice, bob, stella, alice], key="k", kind="comment", title="Hola")
    assert Delivery.objects.count() == 3
