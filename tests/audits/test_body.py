import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.models import BodyPerson, CertificationBody
from companies.models import Event
from tests import factories as f

pytestmark = pytest.mark.django_db
NEW = {
    "name": "Evaluadora Nueva de Prueba", "resolution": "RES-PRUEBA-9", "enabled_from": "2026-01-01",
    "enabled_until": "2027-12-31", "status": "enabled", "sectors": "Alimentos",
}  # fmt: skip


def page(body, act="", *more):
    return reverse(f"panel:body{act}", args=[body.pk, *more])


def test_a_coordinator_registers_a_body(as_, stella):
    response = as_(stella).post(reverse("panel:body_new"), NEW)
    body = CertificationBody.objects.get()
    assert (response.status_code, response.url) == (302, page(body))
    assert [(e.verb, e.new, e.actor) for e in Event.objects.about(body)] == [("create", "enabled", stella)]
    assert "RES-PRUEBA-9" in as_(stella).get(reverse("panel:bodies")).content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"enabled_until": "2025-01-01"}, "El término es anterior al inicio."),
        ({"name": ""}, "Escriba el nombre del organismo."),
        ({"ruc": "123"}, "El RUC debe tener 11 dígitos. Escribió 3."),
    ],
)
def test_what_is_wrong_with_a_body_is_said_and_nothing_is_lost(as_, stella, change, sentence):
    response = as_(stella).post(reverse("panel:body_new"), NEW | change)
    text = response.content.decode()
    assert response.status_code == 422
    assert sentence in text and "RES-PRUEBA-9" in text
    assert CertificationBody.objects.count() == 0


@pytest.mark.parametrize("name", ["Eva1uadora Nueva de Prueba", "EVALUADORA NUEVA DE PRUEBÁ."])
def test_a_body_drawn_like_another_is_refused(as_, stella, name):
    as_(stella).post(reverse("panel:body_new"), NEW)
    response = as_(stella).post(reverse("panel:body_new"), NEW | {"name": name})
    assert response.status_code == 422
    assert "Se confunde con «Evaluadora Nueva de Prueba»" in response.content.decode()
    assert CertificationBody.objects.count() == 1


def test_suspending_a_body_needs_a_reason_and_leaves_history(as_, stella, body):
    words = NEW | {"name": body.name, "status": "suspended"}
    refused = as_(stella).post(page(body), words)
    assert (refused.status_code, "Escriba por qué cambia el estado" in refused.content.decode()) == (422, True)
    as_(stella).post(page(body), words | {"note": "Resolución 12"})
    body.refresh_from_db()
    event = Event.objects.about(body).last()
    assert (body.status, event.new, event.note) == ("suspended", "suspended", "Resolución 12")
    assert event.data["changes"]["status"] == ["Habilitado", "Suspendido"]


def test_people_are_invited_and_ended(as_, stella, body, nadia):
    client = as_(stella)
    wrong = client.post(page(body, "_person"), {"persona-email": "nadie", "persona-role": "auditor"})
    assert wrong.status_code == 422
    client.post(page(body, "_person"), {"persona-email": "x@pruebas.example", "persona-role": "manager"})
    assert "x@pruebas.example" in client.get(page(body)).text
    for _time in range(2):
        body.add_person(nadia, "manager", by=stella)
    person = BodyPerson.objects.get()
    assert (person.user, person.role, person.starts_on) == (nadia, "manager", timezone.localdate())
    assert [client.post(page(body, "_person_end", person.pk)).status_code for _n in range(2)] == [302, 409]
    person.refresh_from_db()
    assert person.ends_on == timezone.localdate()


def test_only_coordination_edits_bodies(as_, body, dora, alice, cora, nadia):
    assert as_(dora).get(reverse("panel:bodies")).status_code == 200
    for user in (dora, alice, cora, nadia):
        assert as_(user).get(page(body)).status_code == 404
        assert as_(user).post(page(body, "_person"), {}).status_code == 404
        assert as_(user).get(reverse("panel:body_new")).status_code == 404
    for user in (alice, cora, nadia):
        assert as_(user).get(reverse("panel:bodies")).status_code == 404


def test_the_list_asks_as_much_for_three_as_for_twenty(as_, stella):
    client, counts = as_(stella), []
    for wanted in (3, 20):
        while CertificationBody.objects.count() < wanted:
            f.CertificationBodyFactory()
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("panel:bodies"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
