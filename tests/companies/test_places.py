"""Districts and activities to choose from, and what a form says of each datum of the registry."""

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.forms.company import ContactForm, IdentityForm, MandateForm, ProcessForm
from companies.forms.exports import row_fields
from companies.forms.places import DistrictField, SiteDocumentForm
from companies.models import Activity, Company, District, Mandate, SiteDocument
from tests import factories as f


@pytest.fixture
def districts(db):
    rows = [
        ("110101", "Ica", "Ica", "Ica"),
        ("110111", "Ica", "Ica", "Subtanjalla"),
        ("020105", "Áncash", "Huaraz", "Independencia"),
        ("150112", "Lima", "Lima", "Independencia"),
        ("150131", "Lima", "Lima", "San Isidro"),
    ]
    for code, department, province, name in rows:
        District.objects.create(code=code, department=department, province=province, name=name)


@pytest.fixture
def options(as_, alice, districts):
    def ask(**parameters):
        found = as_(alice).get(reverse("empresa:districts"), parameters)
        return [option["value"] for option in found.json()["options"]]

    return ask


def test_districts_are_found_by_any_of_their_words_without_accents(options):
    assert options(q="ancash") == ["Independencia, Huaraz, Áncash"]
    assert options(q="indep lima") == ["Independencia, Lima, Lima"]
    assert options(q="ICA") == ["Ica, Ica, Ica", "Subtanjalla, Ica, Ica"]
    assert options(q="%") == options(q="") == options(q="x" * 5000) == []


def test_a_department_gives_its_provinces_and_a_province_its_districts(options):
    assert options(departamento="Lima") == ["Lima"]
    assert options(departamento="Lima", provincia="Lima") == ["Independencia, Lima, Lima", "San Isidro, Lima, Lima"]
    assert options(departamento="Lima", provincia="Ica") == options(departamento="Nada") == []


def test_districts_are_for_those_who_have_an_account(client):
    assert client.get(reverse("empresa:districts")).status_code == 302


def test_what_is_chosen_is_what_the_form_reads(districts):
    assert DistrictField().clean("Independencia, Huaraz, Áncash").code == "020105"
    assert DistrictField().clean("san isidro").code == "150131"


def test_the_list_of_activities_begins_with_what_transforms(db):
    for code, section in (("0111", "A"), ("1030", "C"), ("4630", "G"), ("1010", "C")):
        f.ActivityFactory(code=code, section=section, name=f"Clase {code}")
    groups = Activity.by_section()
    assert [label for label, _rows in groups] == [
        "C · Industrias manufactureras",
        "A · Agricultura, ganadería, silvicultura y pesca",
        "G · Comercio",
    ]
    assert groups[0][1] == [("1010", "1010 Clase 1010"), ("1030", "1030 Clase 1030")]
    form = ProcessForm(instance=f.CompanyFactory(activity_id="1030"))
    assert '<option value="1030" selected>1030 Clase 1030</option>' in str(form["activity"])


@pytest.mark.parametrize(
    ("kind", "number", "right"),
    [
        ("dni", "40112233", True),
        ("dni", "40 112 233", True),
        ("dni", "40.112.233", True),
        ("dni", "40112233-4", False),
        ("dni", "4011223", False),
        ("dni", "٤٠١١٢٢٣٣", False),
        ("ce", "001234567", True),
        ("ce", "001-234-567", True),
        ("ce", "12345", False),
        ("passport", "AB123456", True),
        ("passport", "AB 123456", True),
        ("passport", "AB#123456", False),
    ],
)
def test_a_document_has_the_shape_of_its_kind(acme, kind, number, right):
    data = {"full_name": "Rosa Huamán", "document_type": kind, "document_number": number, "position": "Gerente"}
    form = MandateForm(data, instance=Mandate(company=acme))
    assert form.is_valid() is right
    assert ("document_number" in form.errors) is not right


@pytest.mark.parametrize(
    "typed",
    ["956123456", "956 123 456", "956-123-456", "956.123.456", "(+51) 956123456", "0051 956 123 456", "51956123456"],
)
def test_a_telephone_is_taken_with_whatever_parts_its_digits(acme, typed):
    form = ContactForm({"phone": typed, "email": "", "website": ""}, instance=acme)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["phone"].as_e164 == "+51956123456"


@pytest.mark.parametrize(
    "typed", ["2008999000", "2008.99.90.00", "2008 99 90 00", "2008-99-90-00", " 20 08.99.90-00 ", "2008,99,90,00"]
)
def test_a_tariff_code_is_taken_with_or_without_its_points(typed):
    assert row_fields()["tariff_code"].clean(typed) == "2008.99.90.00"


def test_a_declaration_and_a_registry_entry_too(acme):
    assert row_fields()["declaration"].clean("118 2026 40 012345") == "118-2026-40-012345"
    form = IdentityForm({"legal_name": "Acme", "registry_entry": "110 123-45", "size": "small"}, instance=acme)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["registry_entry"] == "11012345"


def test_a_power_of_tomorrow_is_refused(acme):
    tomorrow = timezone.localdate() + timezone.timedelta(days=1)
    form = MandateForm({"power_issued_on": tomorrow}, instance=Mandate(company=acme))
    assert "aún no llega" in str(form.errors["power_issued_on"])


def test_only_the_itse_proposes_when_it_ends(acme):
    for kind, proposes in (("itse", True), ("licence", False)):
        paper = SiteDocument(company=acme, site=f.SiteFactory(company=acme), kind=kind)
        attributes = SiteDocumentForm(instance=paper).fields["valid_until"].widget.attrs
        assert (attributes.get("data-years") == 2) is proposes


@pytest.mark.parametrize("value", ["20", " 20 , 10", "10,15,16,17,20"])
def test_prefixes_are_a_list_of_known_ones(as_, stella, edition, value):
    address = reverse("panel:edition_parameter", args=[edition.pk, "ruc_prefixes"])
    as_(stella).post(address, {"value": value, "note": "Acuerdo"})
    edition = type(edition).objects.get(pk=edition.pk)
    assert edition.parameter("ruc_prefixes") == ", ".join(sorted(word.strip() for word in value.split(",")))


def test_an_unknown_prefix_is_told(as_, stella, edition):
    address = reverse("panel:edition_parameter", args=[edition.pk, "ruc_prefixes"])
    answer = as_(stella).post(address, {"value": "20, 99", "note": "Acuerdo"})
    assert answer.status_code == 422
    assert "«99» no es uno de ellos" in answer.text


def test_registering_follows_the_parameter_of_the_programme(as_, nadia, edition, stella):
    data = {"ruc": "10054148289", "legal_name": "Persona con negocio", "role": "coordinator"}
    client = as_(nadia)
    assert "el RUC empieza con 20" in client.post(reverse("empresa:register"), data).text
    edition.program.set_parameter("ruc_prefixes", "10, 20", note="Acuerdo", by=stella)
    assert client.post(reverse("empresa:register"), data).status_code == 302
    assert Company.objects.get().ruc == "10054148289"
