"""The book of savings: registering, editing, moving on, verifying."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Event, Notice
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Measure
from tests.factories import MeasureFactory

GOOD = {
    "title": "Variadores de velocidad", "resource": "energy", "kind": "technology", "investment": "42000",
    "annual_saving": "18500", "annual_cost": "0", "physical_saving": "", "physical_unit": "", "description": "",
}  # fmt: skip
S = Measure.State


@pytest.fixture
def measure(acme, alice):
    return MeasureFactory(company=acme, created_by=alice)


def test_a_company_registers_a_measure_and_sees_what_it_gives_back(as_, alice, acme):
    client = as_(alice)
    answer = client.post(reverse("empresa:measure_create", args=[acme.pk]), GOOD)
    assert answer.url == reverse("empresa:measures", args=[acme.pk])
    row = Measure.objects.get()
    assert (row.company, row.created_by, row.state) == (acme, alice, S.IDEA)
    assert [e.verb for e in Event.objects.about(row)] == ["create"]
    page = client.get(reverse("empresa:measure", args=[row.pk])).text
    for words in ("2.3 años", "S/ 24,688.36", "34 %", "12 % al año"):
        assert words in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"investment": "-1"}, "El monto no puede ser negativo."),
        ({"investment": "mucho"}, "Escriba un monto en soles, por ejemplo 1500.50."),
        ({"annual_cost": "-3"}, "El monto no puede ser negativo."),
        ({"physical_saving": "120"}, "Indique la unidad del ahorro físico"),
        ({"title": ""}, 'aria-invalid="true"'),
    ],
)
def test_bad_figures_are_named_and_nothing_is_lost(as_, alice, acme, changed, sentence):
    answer = as_(alice).post(
        reverse("empresa:measure_create", args=[acme.pk]), GOOD | {"description": "Bombas 3 y 4"} | changed
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Bombas 3 y 4" in answer.text
    assert Measure.objects.count() == 0


def test_a_loss_is_shown_as_it_is(as_, alice, acme):
    MeasureFactory(company=acme, investment=1000, annual_saving=100, annual_cost=400)
    page = as_(alice).get(reverse("empresa:measures", args=[acme.pk])).text
    assert "no recupera" in page
    assert "S/ -300.00" in page


def test_totals_keep_declared_apart_from_verified_and_leave_out_the_discarded(acme):
    for state, saving in ((S.IDEA, 10), (S.IMPLEMENTED, 100), (S.VERIFIED, 1000), (S.DISCARDED, 7)):
        MeasureFactory(company=acme, state=state, investment=5, annual_saving=saving)
    totals = Measure.objects.totals()
    assert (totals["measures"], totals["investment"]) == (3, 15)
    assert (totals["planned"], totals["declared"], totals["verified"]) == (1110, 1100, 1000)


def test_a_measure_moves_on_step_by_step(as_, alice, measure):
    client, url = as_(alice), reverse("empresa:measure_advance", args=[measure.pk])
    for state in (S.APPROVED, S.IN_PROGRESS, S.IMPLEMENTED):
        assert client.post(url, {"to": state}).status_code == 302
    measure.refresh_from_db()
    assert measure.state == S.IMPLEMENTED
    assert measure.implemented_on is not None
    assert client.get(url).status_code == 405


def test_a_company_does_not_verify_its_own_measure(as_, alice, measure):
    Measure.objects.update(state=S.IMPLEMENTED)
    answer = as_(alice).post(reverse("empresa:measure_advance", args=[measure.pk]), {"to": S.VERIFIED})
    assert answer.status_code == 409
    measure.refresh_from_db()
    assert measure.state == S.IMPLEMENTED


def test_the_monitor_verifies_and_the_company_hears_of_it(as_, mia, alice, measure):
    Measure.objects.update(state=S.IMPLEMENTED)
    as_(mia).post(reverse("monitor:measure_verify", args=[measure.pk]), {f"v{measure.pk}-note": "Visto en el recibo."})
    measure.refresh_from_db()
    assert measure.state == S.VERIFIED
    assert Notice.objects.filter(user=alice, kind="measure").count() == 1
    with pytest.raises(IllegalMove, match="ya no se edita"):
        measure.change(by=alice, fields=["title"])


def test_the_monitor_returns_a_measure_only_with_a_reason(as_, mia, measure):
    Measure.objects.update(state=S.IMPLEMENTED)
    url = reverse("monitor:measure_return", args=[measure.pk])
    answer = as_(mia).post(url, {f"d{measure.pk}-reason": ""})
    assert answer.status_code == 422
    assert "Escriba el motivo" in answer.text
    as_(mia).post(url, {f"d{measure.pk}-reason": "Falta el recibo de agosto."})
    measure.refresh_from_db()
    assert measure.state == S.IN_PROGRESS


def test_two_people_editing_do_not_overwrite_each_other(as_, alice, measure):
    url = reverse("empresa:measure", args=[measure.pk])
    assert as_(alice).post(url, GOOD | {"title": "Primero", "version": 0}).status_code == 302
    answer = as_(alice).post(url, GOOD | {"title": "Segundo", "version": 0})
    assert answer.status_code == 409
    assert "Otra persona guardó antes que usted" in answer.text
    assert "Segundo" in answer.text
    measure.refresh_from_db()
    assert measure.title == "Primero"


def test_a_reader_reads_and_writes_nothing(as_, reader, measure):
    url = reverse("empresa:measure", args=[measure.pk])
    assert as_(reader).get(url).status_code == 200
    assert as_(reader).post(url, GOOD).status_code == 404
    assert as_(reader).post(reverse("empresa:measure_discard", args=[measure.pk]), {}).status_code == 404


def test_a_stranger_finds_no_measure(as_, bob, measure, acme):
    client = as_(bob)
    for view, pk in (
        ("empresa:measure", measure.pk),
        ("empresa:measures", acme.pk),
        ("empresa:measure_create", acme.pk),
    ):
        assert client.get(reverse(view, args=[pk])).status_code == 404
    for view in (
        "empresa:measure_advance",
        "empresa:measure_discard",
        "monitor:measure_verify",
        "monitor:measure_return",
    ):
        assert client.post(reverse(view, args=[measure.pk]), {"to": S.APPROVED}).status_code == 404


def test_a_discarded_measure_may_be_taken_up_again(as_, alice, measure):
    as_(alice).post(
        reverse("empresa:measure_discard", args=[measure.pk]), {"discard-reason": "No alcanza el presupuesto."}
    )
    measure.refresh_from_db()
    assert measure.state == S.DISCARDED
    measure.advance(S.IDEA, by=alice)
    assert measure.state == S.IDEA


def test_the_list_asks_the_same_of_the_database_at_three_and_at_thirty(as_, alice, acme, django_assert_num_queries):
    client, url = as_(alice), reverse("empresa:measures", args=[acme.pk])
    MeasureFactory.create_batch(3, company=acme)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    MeasureFactory.create_batch(27, company=acme)
    with django_assert_num_queries(len(few)):
        client.get(url)


def test_present_value_uses_the_rate_of_the_edition(acme):
    row = MeasureFactory(company=acme, investment=42000, annual_saving=18500)
    assert round(row.npv(Decimal(0)), 2) == Decimal("50500.00")
