"""What is typed into the form of a record that does not exist yet comes back, to whoever typed it and nobody else."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import FormDraft
from companies.models.form_draft import LARGEST, LASTS
from companies.tasks import forget_drafts
from ecoeficiencia import once
from tests import factories as f

TYPING = {"HTTP_X_REQUESTED_WITH": "autosave"}
SITE = {"name": "", "street_type": "av", "street": "", "district": "", "in_scope": "on"}


@pytest.fixture
def new_site(acme):
    return reverse("empresa:site_new", args=[acme.pk])


def type_in(client, address, field, text, /, **others):
    return client.post(address, {**others, field: text, "campo": field}, **TYPING)


def kept():
    return list(FormDraft.objects.values_list("form", "fields"))


def test_a_field_typed_into_a_new_site_is_kept_and_makes_no_site(as_, alice, acme, new_site):
    answer = type_in(as_(alice), new_site, "street", "Los Álamos", **SITE)
    assert answer.status_code == 200
    assert answer.text.count("Guardado como borrador a las ") == 2  # beside the field, and beside the button
    assert 'name="descartar"' in answer.text
    assert kept() == [("sede", {"street": "Los Álamos"})]
    assert acme.sites.count() == 0


def test_it_is_there_on_any_device_with_what_was_typed_since(as_, alice, new_site):
    type_in(as_(alice), new_site, "street", "Los Álamos", **SITE)
    type_in(as_(alice), new_site, "name", "Planta Ica", **SITE)
    client = as_(alice)
    client.post(new_site, {**SITE, "in_scope": "", "campo": "in_scope"}, **TYPING)
    form = client.get(new_site).context["form"]
    assert [form[name].value() for name in ("name", "street", "in_scope")] == ["Planta Ica", "Los Álamos", False]
    page = client.get(new_site).text
    assert "Solo usted ve este borrador" in page
    assert 'value="Los Álamos"' in page


def test_what_is_wrong_is_told_beside_its_field_and_kept_as_it_was_typed(as_, alice, new_site):
    client = as_(alice)
    answer = type_in(client, new_site, "district", "Nada", **SITE)
    assert answer.status_code == 422
    assert "No encontramos ese distrito" in answer.text
    assert "Quedó así en su borrador." in answer.text
    assert "Todavía no se guardó." not in answer.text
    assert kept() == [("sede", {"district": "Nada"})]
    assert 'value="Nada"' in client.get(new_site).text


def test_a_text_that_no_field_takes_is_not_kept(as_, alice, new_site):
    answer = type_in(as_(alice), new_site, "street", "x" * (LARGEST + 1))
    assert answer.status_code == 422
    assert "Todavía no se guardó." in answer.text
    assert kept() == []
    assert type_in(as_(alice), new_site, "street", "a\0b").status_code in (200, 400, 422)
    assert all("\0" not in json.dumps(fields) for _form, fields in kept())


def test_only_fields_of_the_form_are_kept(as_, alice, new_site):
    client = as_(alice)
    assert type_in(client, new_site, "company", "1").status_code == 404
    type_in(client, new_site, "street", "Los Álamos", other="x")
    assert kept() == [("sede", {"street": "Los Álamos"})]


def test_saving_the_site_ends_the_draft(as_, alice, acme, new_site):
    client = as_(alice)
    type_in(client, new_site, "name", "Planta Ica", **SITE)
    whole = SITE | {"name": "Planta Ica", "street": "Los Álamos", "district": str(f.DistrictFactory())}
    assert client.post(new_site, whole | {"name": ""}).status_code == 422
    assert len(kept()) == 1
    assert client.post(new_site, whole).status_code == 302
    assert kept() == []
    assert [site.name for site in acme.sites.all()] == ["Planta Ica"]


def test_giving_it_up_ends_it_too(as_, alice, new_site):
    client = as_(alice)
    type_in(client, new_site, "name", "Planta Ica", **SITE)
    answer = client.post(new_site + "?volver=/ayuda/", {"descartar": "1", "name": "Planta Ica"})
    assert (answer.status_code, answer.url) == (302, new_site + "?volver=/ayuda/")
    assert kept() == []
    assert "Solo usted ve este borrador" not in client.get(new_site).text


def test_a_field_that_arrives_after_the_button_makes_no_draft_again(as_, alice, acme, new_site):
    client, key = as_(alice), {once.FIELD: once.new_key(alice.pk)}
    type_in(client, new_site, "name", "Planta", **SITE, **key)
    assert len(kept()) == 1
    client.post(new_site, {"descartar": "1", **key})
    late = type_in(client, new_site, "name", "Planta I", **SITE, **key)
    assert "Se guarda al presionar el botón." in late.text
    assert kept() == []


def test_nobody_else_sees_it_not_even_a_colleague(as_, alice, bob, acme, new_site):
    type_in(as_(alice), new_site, "street", "Los Álamos", **SITE)
    bea = f.UserFactory()
    f.MembershipFactory(user=bea, company=acme, role="collaborator")
    assert "Los Álamos" not in as_(bea).get(new_site).text
    assert type_in(as_(bob), new_site, "street", "x").status_code == 404
    seen = {who: FormDraft.objects.visible_to(who).count() for who in (alice, bea, bob)}
    assert seen == {alice: 1, bea: 0, bob: 0}
    type_in(as_(bea), new_site, "street", "De Bea", **SITE)
    assert sorted(fields["street"] for _form, fields in kept()) == ["De Bea", "Los Álamos"]


def test_an_export_and_a_representative_are_drafted_alike(as_, alice, acme):
    client = as_(alice)
    export = reverse("empresa:export_new", args=[acme.pk])
    answer = type_in(client, export, "fob_usd", "48.500")
    assert "puede leerse de dos maneras" in answer.text
    assert 'value="48.500"' in client.get(export).text
    person = reverse("empresa:profile_section", args=[acme.pk, "representacion"])
    acme.mandates.all().delete()
    assert type_in(client, person, "document_number", "123", document_type="dni").status_code == 422
    assert type_in(client, person, "full_name", "Rosa Quispe").status_code == 200
    assert kept() == [
        ("exportacion", {"fob_usd": "48.500"}),
        ("representante", {"document_type": "dni", "document_number": "123", "full_name": "Rosa Quispe"}),
    ]
    assert 'value="Rosa Quispe"' in client.get(person).text


def test_a_new_representative_beside_the_one_in_force_is_a_draft(as_, alice, acme):
    mandate = acme.mandate_on(timezone.localdate()) or f.MandateFactory(company=acme)
    client, person = as_(alice), reverse("empresa:profile_section", args=[acme.pk, "representacion"])
    data = {"document_type": "dni", "document_number": "40112299", "position": "Gerente"}
    fixing = type_in(client, person, "full_name", "Rosa Corregida", change="fix", **data)
    assert "Guardado a las " in fixing.text
    assert type_in(client, person, "full_name", "Otra Persona", change="new", **data).status_code == 200
    assert kept() == [("representante", {"full_name": "Otra Persona", "change": "new"})]
    form = client.get(person).context["form"]
    assert (form["full_name"].value(), form["change"].value()) == ("Otra Persona", "new")
    mandate.refresh_from_db()
    assert mandate.full_name == "Rosa Corregida"


def test_a_month_later_it_is_forgotten(as_, alice, new_site):
    type_in(as_(alice), new_site, "street", "Los Álamos", **SITE)
    FormDraft.objects.update(at=timezone.now() - LASTS + timedelta(minutes=1))
    forget_drafts()
    assert len(kept()) == 1
    assert "Guardado como borrador el " in as_(alice).get(new_site).text
    FormDraft.objects.update(at=timezone.now() - LASTS - timedelta(minutes=1))
    forget_drafts()
    assert kept() == []
