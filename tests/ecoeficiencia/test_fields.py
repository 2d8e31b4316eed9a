from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from ecoeficiencia.fields import AmountField


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("48,500.00", "48500.00"), ("48500", "48500"), (" 1,234,567.5 ", "1234567.5"), ("0.75", "0.75"), ("-320", "-320")],
)
def test_an_amount_is_read_as_peru_writes_it(typed, amount):
    assert AmountField().clean(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["48,5", "1,23,456", "12.500,00", "mil", ",500"])
def test_a_comma_that_does_not_part_thousands_is_refused_and_not_guessed(typed):
    with pytest.raises(ValidationError):
        AmountField().clean(typed)


def test_an_amount_is_shown_with_its_commas():
    assert AmountField().prepare_value(Decimal("48500.00")) == "48,500.00"
