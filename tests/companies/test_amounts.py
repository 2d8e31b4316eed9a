"""Amounts as people write them by hand: read one way, or asked back."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from companies.amounts import AmountField, DollarsField, SolesField, read_amount
from companies.forms.exports import row_fields


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("48500", "48500"),
        ("48,500", "48500"),
        ("48,500.00", "48500.00"),
        ("48.500,00", "48500.00"),
        ("48 500", "48500"),
        ("48 500,00", "48500.00"),
        ("48 500.00", "48500.00"),
        ("48\u00a0500", "48500"),
        ("48\u202f500,5", "48500.5"),
        ("48'500", "48500"),
        ("1'234,567.50", "1234567.50"),
        ("1’234,567", "1234567"),
        ("1,234,567.5", "1234567.5"),
        ("1.234.567", "1234567"),
        ("1.234.567,89", "1234567.89"),
        ("48,500.000", "48500.000"),
        ("48500,125", "48500.125"),
        ("48,5", "48.5"),
        ("48,50", "48.50"),
        ("48.5", "48.5"),
        ("0.500", "0.500"),
        ("0,500", "0.500"),
        (".5", "0.5"),
        ("48500.", "48500"),
        (" 48,500 ", "48500"),
        ("-320", "-320"),
        ("\u2212320.5", "-320.5"),
        ("- 48.500,00", "-48500.00"),
        ("４８,５００", "48500"),
    ],
)
def test_an_amount_is_read_whatever_marks_it_is_written_with(typed, amount):
    assert read_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "of", "amount"),
    [
        ("US$ 48,500", "USD", "48500"),
        ("US$48.500,00", "USD", "48500"),
        ("U$S 48 500", "USD", "48500"),
        ("$48,500.00", "USD", "48500"),
        ("48,500 USD", "USD", "48500"),
        ("48 500 dólares", "USD", "48500"),
        ("US$ -3", "USD", "-3"),
        ("S/ 48 500", "PEN", "48500"),
        ("S/. 48,500.00", "PEN", "48500"),
        ("S/48.5", "PEN", "48.5"),
        ("s/.48.50", "PEN", "48.5"),
        ("S/ .50", "PEN", "0.5"),
        ("$.50", "USD", "0.5"),
        ("48,500 soles.", "PEN", "48500"),
        ("48,500 kg", "kg", "48500"),
        ("48 500 KG.", "kg", "48500"),
    ],
)
def test_the_currency_and_the_unit_may_be_written_along(typed, of, amount):
    assert read_amount(typed, of) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "whole", "decimals"),
    [
        ("48.500", "48,500", "48.50"),
        ("1.000", "1,000", "1.00"),
        ("048,500", "48,500", "48.50"),
        ("48 500,000", "48,500,000", "48,500.00"),
        ("48 500.000", "48,500,000", "48,500.00"),
        ("48.500,000", "48,500,000", "48,500.00"),
        ("US$ 48.500", "48,500", "48.50"),
    ],
)
def test_what_may_be_a_thousand_times_more_or_less_is_asked_back(typed, whole, decimals):
    with pytest.raises(ValidationError) as refused:
        read_amount(typed, "USD")
    assert refused.value.code == "two_ways"
    assert f"Si son miles, escriba {whole}; si no, {decimals}." in refused.value.messages[0]
    assert [read_amount(whole) / read_amount(decimals)] == [1000]  # and what is offered is read


@pytest.mark.parametrize(
    ("typed", "of", "code"),
    [
        ("1,23,456", "", "grouping"),
        ("48,500,00", "", "grouping"),
        ("48.500.00", "", "grouping"),
        ("12,34.5", "", "grouping"),
        ("48 50.5", "", "grouping"),
        ("48 50", "", "invalid"),
        ("mil", "", "invalid"),
        ("48 mil", "", "invalid"),
        ("48.5k", "", "invalid"),
        ("1e5", "", "invalid"),
        ("NaN", "", "invalid"),
        ("Infinity", "", "invalid"),
        ("48/500", "", "invalid"),
        ("(320)", "", "invalid"),
        ("--3", "", "invalid"),
        (",500", "", "invalid"),
        ("48,", "", "invalid"),
        ("٤٨", "", "invalid"),
        ("", "", "invalid"),
        ("9" * 61, "", "invalid"),
        ("48,500 kg", "USD", "invalid"),
        ("US$ 48,500", "", "invalid"),
        ("S/ 48 500", "USD", "currency"),
        ("48,500 soles", "USD", "currency"),
        ("$ 48,500", "PEN", "currency"),
    ],
)
def test_what_is_no_amount_here_is_refused_and_not_guessed(typed, of, code):
    with pytest.raises(ValidationError) as refused:
        read_amount(typed, of)
    assert refused.value.code == code


def test_another_currency_is_told_from_a_figure_that_is_none():
    with pytest.raises(ValidationError, match="«S/ 48 500» está en otra moneda"):
        DollarsField().clean("S/ 48 500")
    with pytest.raises(ValidationError, match="Escriba el monto en soles"):
        SolesField().clean("US$ 3")
    with pytest.raises(ValidationError, match="Solo en cifras"):
        SolesField(error_messages={"invalid": "Solo en cifras"}).clean("mil")


def test_a_field_drops_zeros_that_say_nothing_and_no_other_decimal():
    field = DollarsField(max_digits=14, decimal_places=2)
    assert str(field.clean("48,500.000")) == "48500.00"
    with pytest.raises(ValidationError):
        field.clean("48,500.125")
    assert AmountField(required=False).clean("  ") is None


def test_an_amount_is_shown_with_its_commas():
    assert AmountField().prepare_value(Decimal("48500.00")) == "48,500.00"
    assert AmountField().prepare_value("48.500,00") == "48.500,00"


def test_an_export_is_in_dollars_and_kilograms():
    fields = row_fields()
    assert (fields["fob_usd"].clean("US$ 48.500,00"), fields["net_kg"].clean("12 000 kg")) == (48500, 12000)
    for name in ("fob_usd", "net_kg"):
        with pytest.raises(ValidationError, match="mayor que cero"):
            fields[name].clean("-1")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"q": "48.500,00", "de": "USD"}, {"read": "US$ 48,500.00"}),
        ({"q": "S/ 48 500", "de": "PEN"}, {"read": "S/ 48,500.00"}),
        ({"q": "12 000,5 kg", "de": "kg"}, {"read": "12,000.5 kg"}),
        ({"q": "-3"}, {"read": "-3"}),
        ({"q": "mil", "de": "otra"}, {"wrong": "Escriba solo la cifra, por ejemplo 48,500.00."}),
    ],
)
def test_the_page_is_told_how_an_amount_is_read(as_, alice, asked, answer):
    assert as_(alice).get(reverse("empresa:amount"), asked).json() == answer
