"""How several requirements are met, written in one form."""

import pytest
from django.urls import reverse

from companies.models import Event
from requirements_std.models import Fulfilment

from .test_bulk import handed_over, row_of, say
from .test_pages import many_rows, queries

State = Fulfilment.State


def address(company):
    return reverse("empresa:board_explain", args=[company.pk])


def shown(client, assessment, *codes):
    """What a browser would send back of the form, untouched."""
    rows = assessment.fulfilments.filter(requirement__code__in=codes).values_list("pk", flat=True)
    page = client.get(address(assessment.company), {"pk": list(rows)})
    assert page.status_code == 200
    data = {"pk": [form.row.pk for form in page.context["form"]]}
    for form in page.context["form"]:
        data |= {form.add_prefix(name): form[name].value() for name in ("version", "read", "work", "statement")}
    return data


def typed(assessment, code, **values):
    return {f"r{row_of(assessment, code).pk}-{name}": value for name, value in values.items()}


def test_only_changed_rows_are_saved(assessment, acme, alice, as_):
    client = as_(alice)
    data = shown(client, assessment, "GE-01", "GE-02") | typed(assessment, "GE-01", work=3, statement="Desde marzo.")
    response = client.post(address(acme), data | {"desde": "aspecto=GE"}, follow=True)
    assert response.redirect_chain == [(reverse("empresa:board", args=[acme.pk]) + "?aspecto=GE", 302)]
    assert "Guardó 1 requisito." in say(response)
    one, two = row_of(assessment, "GE-01"), row_of(assessment, "GE-02")
    assert (one.work, one.statement, one.version) == (3, "Desde marzo.", 1)
    assert (two.statement, two.version, Event.objects.about(two).count()) == ("", 0, 0)


def test_saving_can_lead_to_what_is_ready(assessment, acme, alice, as_):
    client = as_(alice)
    data = shown(client, assessment, "GE-01") | typed(assessment, "GE-01", statement="Así.") | {"presentar": "1"}
    response = client.post(address(acme), data, follow=True)
    assert "Falta al menos una evidencia." in say(response)
    assert "Falta explicar" not in say(response)


def test_valid_rows_are_saved_and_the_others_come_back_as_typed(assessment, acme, alice, as_):
    client = as_(alice)
    data = shown(client, assessment, "GE-01", "GE-02", "AG-01")
    row_of(assessment, "GE-02").save_work(work=1, statement="Lo de ella", by=alice)
    data |= typed(assessment, "GE-01", statement="Bien.") | typed(assessment, "GE-02", statement="Lo mío")
    data |= typed(assessment, "AG-01", work=9, statement="Con avance raro")
    response = client.post(address(acme), data)
    assert response.status_code == 422
    assert "Guardó 1 requisito; 2 por corregir." in say(response)
    for words in ("Otra persona guardó antes que usted.", "Lo de ella", "Lo mío", "Con avance raro"):
        assert words in say(response)
    texts = dict(assessment.fulfilments.values_list("requirement__code", "statement"))
    assert texts == {"GE-01": "Bien.", "GE-02": "Lo de ella", "AG-01": ""}
    again = typed(
        assessment, "GE-02", version=1, statement="Lo mío", work=0, read=data[f"r{row_of(assessment, 'GE-02').pk}-read"]
    )
    kept = again | typed(assessment, "GE-02", keep="on") | {"pk": row_of(assessment, "GE-02").pk}
    assert (client.post(address(acme), kept).status_code, row_of(assessment, "GE-02").statement) == (302, "Lo de ella")
    client.post(address(acme), again | {"pk": row_of(assessment, "GE-02").pk})
    assert row_of(assessment, "GE-02").statement == "Lo mío"


def test_what_was_handed_in_is_not_rewritten(assessment, acme, alice, as_):
    client = as_(alice)
    data = shown(client, assessment, "GE-01") | typed(assessment, "GE-01", statement="Tarde")
    handed_over(assessment, alice, "GE-01")
    response = client.post(address(acme), data)
    assert response.status_code == 422
    assert "lo presentado ya no se cambia" in say(response)
    assert "Tarde" in say(response)
    assert row_of(assessment, "GE-01").statement == "Se aplica desde marzo."
    page = client.get(address(acme), {"pk": data["pk"]})
    assert f"r{data['pk'][0]}-statement" not in say(page)


@pytest.mark.parametrize("person", ["bob", "reader", "mia", "stella"])
def test_strangers_find_nothing(person, assessment, acme, request, as_):
    client, data = as_(request.getfixturevalue(person)), {"pk": row_of(assessment, "GE-01").pk}
    assert (client.get(address(acme), data).status_code, client.post(address(acme), data).status_code) == (404, 404)


def test_it_costs_the_same_at_few_and_many_rows(assessment, acme, alice, as_):
    def cost():
        rows = assessment.fulfilments.values_list("pk", flat=True)
        return queries(as_(alice), address(acme) + "?" + "&".join(f"pk={pk}" for pk in rows))

    few = cost()
    many_rows(assessment, 27)
    assert cost() == few
