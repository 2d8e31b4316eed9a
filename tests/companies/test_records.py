"""A record that is there saves each of its fields while one types, and shows what a colleague saves meanwhile."""

import pytest
from django.urls import reverse

from companies.colleagues import last_event
from companies.models import Event, FormDraft
from ecoeficiencia.jobs import Job
from tests import factories as f

TYPING = {"HTTP_X_REQUESTED_WITH": "autosave"}


@pytest.fixture
def bea(acme):
    user = f.UserFactory(first_name="Bea", last_name="Ríos")
    f.MembershipFactory(user=user, company=acme, role="collaborator")
    return user


@pytest.fixture
def site(acme):
    return f.SiteFactory(company=acme, name="Planta Ica", street="Los Álamos", reference="")


def of(record):
    """The page of `record` and what its form sends when nobody touches it."""
    if record._meta.model_name == "site":
        data = {"name": record.name, "street_type": "av", "street": record.street, "district": str(record.district)}
        return reverse("empresa:site", args=[record.pk]), data | {"in_scope": "on"}
    names = ("declaration", "exported_on", "tariff_code", "destination", "fob_usd")
    return reverse("empresa:export", args=[record.pk]), {name: str(getattr(record, name)) for name in names}


def type_in(client, record, name, text, version=0, **more):
    address, data = of(record)
    return client.post(address, data | {"campo": name, name: text, f"v-{name}": version} | more, **TYPING)


def test_a_field_of_a_site_saves_itself_with_its_time_and_its_history(as_, alice, site):
    answer = type_in(as_(alice), site, "street", "Los Pinos")
    assert answer.status_code == 200
    assert answer.text.count("Guardado a las ") == 2  # beside the field, and beside the button
    assert 'name="v-street" value="1"' in answer.text
    site.refresh_from_db()
    assert (site.street, site.version) == ("Los Pinos", 1)
    event = Event.objects.about(site).get()
    assert (event.actor, event.data["changes"]) == (alice, {"street": ["Los Álamos", "Los Pinos"]})
    assert not FormDraft.objects.exists()


def test_a_field_of_an_export_too_whatever_way_its_amount_is_written(as_, alice, acme):
    export = f.ExportRecordFactory(company=acme, fob_usd=1000)
    assert type_in(as_(alice), export, "fob_usd", "US$ 48.500,00").status_code == 200
    export.refresh_from_db()
    assert (export.fob_usd, export.version) == (48500, 1)
    assert type_in(as_(alice), export, "fob_usd", "48.500", version=1).status_code == 422
    export.refresh_from_db()
    assert (export.fob_usd, export.version) == (48500, 1)


def test_what_is_wrong_is_told_beside_its_field_and_holds_no_other_back(as_, alice, site):
    answer = type_in(as_(alice), site, "district", "Nada", reference="Frente al parque")
    assert answer.status_code == 422
    assert "No encontramos ese distrito" in answer.text
    assert "Todavía no se guardó." in answer.text
    assert type_in(as_(alice), site, "reference", "Frente al parque", district="Nada").status_code == 200
    site.refresh_from_db()
    assert site.reference == "Frente al parque"


def test_different_fields_of_two_colleagues_never_meet_and_the_same_one_shows_both_texts(as_, alice, bea, site):
    assert type_in(as_(bea), site, "street", "Lo de Bea").status_code == 200
    assert type_in(as_(alice), site, "reference", "Frente al parque").status_code == 200
    answer = type_in(as_(alice), site, "street", "Lo de Alice")
    assert answer.status_code == 409
    for words in ("Hay dos textos en «Nombre de la vía»", "Lo de Bea", "Lo de Alice", "Bea Ríos guardó a las"):
        assert words in answer.text
    site.refresh_from_db()
    assert site.street == "Lo de Bea"
    chosen = type_in(as_(alice), site, "street", "Lo de Alice", version=site.version, elegido="1")
    assert chosen.status_code == 200
    site.refresh_from_db()
    assert (site.street, site.reference) == ("Lo de Alice", "Frente al parque")


def test_the_button_meets_the_same_conflict_on_a_page(as_, alice, bea, site):
    type_in(as_(bea), site, "street", "Lo de Bea")
    address, data = of(site)
    answer = as_(alice).post(address, data | {"street": "Lo de Alice", "version": 0})
    assert answer.status_code == 409
    assert "Compare y elija" in answer.text


def test_the_page_asks_what_a_colleague_saved_and_is_told_once(as_, alice, bea, acme, site):
    client, address = as_(alice), of(site)[0]
    seen = last_event(company=acme)
    assert client.get(address, {"desde": seen}).status_code == 204
    type_in(as_(bea), site, "street", "Lo de Bea")
    news = client.get(address, {"desde": seen})
    assert news.status_code == 200
    for words in ("Bea Ríos lo guardó a las", 'value="Lo de Bea"', "guardó «Nombre de la vía»"):
        assert words in news.text
    assert "<html" not in news.text
    assert client.get(address, {"desde": last_event(company=acme)}).status_code == 204
    told = type_in(as_(alice), site, "reference", "Al fondo", desde=seen)
    assert "Bea Ríos lo guardó a las" in told.text


def test_a_site_that_leaves_the_scope_by_its_field_takes_its_requirements_along(as_, alice, acme, site):
    f.AssessmentFactory(company=acme)
    address, data = of(site)
    del data["in_scope"]
    client = as_(alice)
    assert client.post(address, data | {"campo": "in_scope", "v-in_scope": 0}, **TYPING).status_code == 200
    site.refresh_from_db()
    assert site.in_scope is False
    assert Job.objects.filter(kind="requirements_std.sync").count() == 1


def test_a_section_of_the_companys_data_saves_itself_and_completes_its_part_of_the_application(as_, alice, acme):
    address = reverse("empresa:profile_section", args=[acme.pk, "proceso"])
    typed = {"campo": "products", "products": "Quinua", "v-products": 0}
    assert as_(alice).post(address, typed, **TYPING).status_code == 200
    acme.refresh_from_db()
    assert acme.products == "Quinua"


def test_what_is_locked_is_told_beside_its_field(as_, alice, acme, site, edition):
    f.SubmittedApplicationFactory(company=acme, edition=edition)
    answer = type_in(as_(alice), site, "street", "Otra")
    assert answer.status_code == 409
    assert "No se guardó." in answer.text
    site.refresh_from_db()
    assert site.street == "Los Álamos"


def test_only_those_who_write_for_the_company_save_a_field(as_, bob, acme, site):
    reader = f.UserFactory()
    f.MembershipFactory(user=reader, company=acme, role="reader")
    for who in (bob, reader):
        assert type_in(as_(who), site, "street", "Otra").status_code == 404


def test_an_activity_that_is_no_option_comes_back_as_it_was_typed(as_, alice, acme):
    f.ActivityFactory(code="1030", section="C", name="Elaboración y conservación de frutas")
    address = reverse("empresa:profile_section", args=[acme.pk, "proceso"])
    data = {"activity": "", "activity-texto": "conservas <finas>", "products": "Quinua", "process": "Se lava."}
    for sent, status in ((data, 422), (data | {"campo": "activity", "v-activity": 0}, 422)):
        answer = as_(alice).post(address, sent, **(TYPING if "campo" in sent else {}))
        assert answer.status_code == status
        assert "Elija una actividad de la lista: «conservas &lt;finas&gt;» no está en ella." in answer.text
    page = as_(alice).post(address, data).text
    assert 'data-typed="conservas &lt;finas&gt;"' in page
    assert "Se lava." in page
    acme.refresh_from_db()
    assert acme.products != "Quinua"
    assert as_(alice).post(address, data | {"activity-texto": " 1030 "}).status_code == 302  # its code is as good
    acme.refresh_from_db()
    assert acme.activity_id == "1030"
