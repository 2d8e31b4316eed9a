"""A form that is sent twice has one effect, and both get its answer."""

import re
import threading
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Event, ExportRecord
from ecoeficiencia import once
from ecoeficiencia.once import FIELD, Sent
from ecoeficiencia.tasks import forget_sent_forms
from programs.models import Measure
from requirements_std.models import Comment, Evidence
from tests import factories as f
from tests.counting import AROUND
from tests.racing import at_once
from tests.requirements_std.conftest import pdf

KEY = "clave-de-prueba-0001"
MEASURE = {
    "title": "Variadores", "resource": "energy", "kind": "technology", "investment": "42000", "annual_saving": "18500",
    "annual_cost": "0", FIELD: KEY,
}  # fmt: skip


@pytest.fixture
def address(acme):
    return reverse("empresa:measure_create", args=[acme.pk])


def words(answer):
    return [str(message) for message in answer.context["messages"]]


def test_every_form_carries_a_key_of_its_own(as_, alice, acme):
    page = as_(alice).get(reverse("empresa:team", args=[acme.pk])).text
    keys = re.findall(rf'name="{FIELD}" value="([^"]+)"', page)
    assert len(keys) == page.count("csrfmiddlewaretoken") > 1
    assert len(set(keys)) == len(keys)
    assert all(once.KEY.fullmatch(key) for key in keys)


def test_twice_the_same_is_done_once_and_answered_alike(as_, alice, address):
    client = as_(alice)
    first, second = client.post(address, MEASURE), client.post(address, MEASURE)
    assert (first.status_code, first.url) == (second.status_code, second.url) == (302, first.url)
    assert Measure.objects.count() == 1
    assert Event.objects.filter(verb="create", object_type="programs.measure").count() == 1


def test_the_words_of_the_answer_are_read_once_or_again_when_they_were_read(as_, alice, address):
    client = as_(alice)
    first = client.post(address, MEASURE)
    client.post(address, MEASURE)
    assert words(client.get(first.url)) == ["Registró la medida «Variadores»."]
    again = client.post(address, MEASURE, follow=True)
    assert words(again) == ["Registró la medida «Variadores»."]


def test_the_same_key_with_other_words_is_refused_and_nothing_is_lost(as_, alice, address):
    client = as_(alice)
    client.post(address, MEASURE)
    answer = client.post(address, MEASURE | {"title": "Otra medida", "description": "Texto largo\ncon dos líneas"})
    assert answer.status_code == 422
    assert "Este formulario ya se envió con otros datos" in answer.text
    assert "con dos líneas" in answer.text
    assert Measure.objects.count() == 1
    resent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text))
    assert resent[FIELD] != KEY
    assert client.post(address, resent).status_code == 302
    assert sorted(Measure.objects.values_list("title", flat=True)) == ["Otra medida", "Variadores"]


def test_a_refused_form_is_corrected_with_the_same_key(as_, alice, address):
    client = as_(alice)
    assert client.post(address, MEASURE | {"title": ""}).status_code == 422
    assert not Sent.objects.exists()
    assert client.post(address, MEASURE).status_code == 302


def test_the_key_is_a_persons_own(as_, alice, bob, acme, other, address):
    f.MembershipFactory(user=bob, company=acme)
    as_(alice).post(address, MEASURE)
    as_(bob).post(address, MEASURE)
    assert Measure.objects.count() == 2


def test_without_a_key_all_is_as_before(as_, alice, address):
    client = as_(alice)
    for _time in range(2):
        client.post(address, {name: value for name, value in MEASURE.items() if name != FIELD})
    assert Measure.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x", "a" * 65, "clave con espacios  ", "<script>aaaaaaaaaaa"])
def test_a_key_that_is_none_of_ours_counts_as_none(as_, alice, address, key):
    assert as_(alice).post(address, MEASURE | {FIELD: key}).status_code == 302
    assert not Sent.objects.exists()


def test_a_draft_saved_while_typing_uses_no_key(as_, alice, acme):
    address = reverse("empresa:site_new", args=[acme.pk])
    data = {"street": "Los Álamos", "campo": "street", FIELD: KEY}
    client = as_(alice)
    for _time in range(2):
        assert client.post(address, data, headers={"X-Requested-With": "autosave"}).status_code == 200
    assert not Sent.objects.exists()


def test_files_are_part_of_what_was_sent(as_, alice, acme):
    client, address = as_(alice), reverse("empresa:evidences", args=[acme.pk])

    paper = pdf()

    def send(content):
        return client.post(address, {FIELD: KEY, "files": SimpleUploadedFile("a.pdf", content, "application/pdf")})

    assert send(paper).status_code == 302
    assert send(paper).status_code == 302
    assert Evidence.objects.count() == 1
    other = send(paper + b"\n% distinto")
    assert other.status_code == 422
    assert "elíjalos otra vez" in other.text
    assert Evidence.objects.count() == 1


def test_an_effect_that_fails_keeps_no_key(as_, alice, address, monkeypatch):
    def broken(self, **kwargs):
        Measure.objects.create(
            company=kwargs["company"], created_by=kwargs["by"], title="x", resource="water", kind="reuse",
            investment=1, annual_saving=1,
        )  # fmt: skip
        raise RuntimeError("power cut")

    client = as_(alice)
    with monkeypatch.context() as patched:
        patched.setattr(Measure, "start", broken)
        with pytest.raises(RuntimeError):
            client.post(address, MEASURE)
    assert not Measure.objects.exists()
    assert not Sent.objects.exists()
    assert client.post(address, MEASURE).status_code == 302


def test_somebody_elses_page_stays_unfound(as_, bob, address):
    assert as_(bob).post(address, MEASURE).status_code == 404
    assert not Sent.objects.exists()


def test_signing_in_takes_no_part(db):
    Client().post("/cuenta/ingresar/", {"login": "x@pruebas.example", "password": "x", FIELD: KEY})
    assert not Sent.objects.exists()


def test_after_a_week_keys_are_forgotten(db):
    now = timezone.now()
    Sent.objects.create(actor="1", key="vieja", at=now - timedelta(days=8))
    Sent.objects.create(actor="1", key="nueva", at=now - timedelta(days=6))
    forget_sent_forms()
    assert list(Sent.objects.values_list("key", flat=True)) == ["nueva"]


def test_the_key_costs_two_statements(as_, alice, acme, django_assert_max_num_queries):
    row = f.ExportRecordFactory(company=acme)
    data = {name: getattr(row, name) for name in ("declaration", "exported_on", "tariff_code", "fob_usd")}
    client, address = as_(alice), reverse("empresa:export", args=[row.pk])
    plain = "SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"

    def statements(**more):
        with django_assert_max_num_queries(60) as seen:
            client.post(address, data | more)
        return len([query for query in seen.captured_queries if not query["sql"].startswith(plain)])

    statements(destination="Chile")  # from here on a word waits in the session
    assert statements(destination="Brasil", envio=KEY) == statements(destination="Bolivia") + 2
    assert ExportRecord.objects.get().destination == "Bolivia"


# Races: two requests at the same time, each on a connection of its own


def signed_in(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("key", "effects"), [(KEY, 1), ("", 2)], ids=["with the key", "control without it"])
def test_a_double_click_has_one_effect(alice, participation, key, effects):
    row = f.FulfilmentFactory(assessment=f.AssessmentFactory(company=participation.company))
    address = reverse("empresa:fulfilment_comment", args=[row.pk])
    clients = [signed_in(alice), signed_in(alice)]
    answers = at_once(*(lambda c=c: c.post(address, {"text": "¿Basta el recibo?", FIELD: key}) for c in clients))
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, answers[0].url)] * 2
    assert Comment.objects.count() == effects


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_at_work_the_second_is_told_to_wait(alice, acme, monkeypatch):
    """On SQLite it waits for the only writer, and the database says that it is busy."""
    monkeypatch.setattr(once, "PATIENCE", 0.2)
    address = reverse("empresa:measure_create", args=[acme.pk])
    claimed, answered = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            Sent.objects.claim(str(alice.pk), KEY, "x")
            claimed.set()
            answered.wait(10)

    def second():
        claimed.wait(10)
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            connection.cursor().execute("PRAGMA busy_timeout = 200")
        try:
            client = Client(raise_request_exception=False)
            client.cookies[configured.SESSION_COOKIE_NAME] = session
            return client.post(address, MEASURE)
        finally:
            answered.set()

    session = signed_in(alice).cookies[configured.SESSION_COOKIE_NAME].value
    answer = at_once(first, second)[1]
    assert (answer.status_code, "Retry-After" in answer) == (503 if connection.vendor == "sqlite" else 409, True)
    assert not Measure.objects.exists()


def test_saving_an_answer_with_its_key_and_its_history_takes_eight_statements(
    as_, alice, participation, django_assert_max_num_queries
):
    """Beyond what any page asks: the session, the person and their duties, the rule of the second factor."""
    row = f.FulfilmentFactory(assessment=f.AssessmentFactory(company=participation.company))
    client, address = as_(alice), reverse("empresa:fulfilment", args=[row.pk])
    client.post(address, {"work": 1, "statement": "Antes", "version": 0})
    floor = ("BEGIN", 'SELECT "django_session"', 'SELECT "companies_user"', 'SELECT "companies_appointment"."duty"')
    with django_assert_max_num_queries(60) as seen:
        client.post(address, {"work": 1, "statement": "Ahora", "version": 1, FIELD: KEY})
    asked = [
        query["sql"]
        for query in seen.captured_queries
        if not query["sql"].startswith(floor) and not AROUND.match(query["sql"])
    ]
    assert len([sql for sql in asked if "secondfactorrule" not in sql]) == 8
