import re
from decimal import Decimal

from django import forms
from django.db import models
from django.utils.formats import number_format

from .lettering import clean_lettering


class WebField(models.URLField):
    """A web address; typed without a scheme it is taken as https."""

    def formfield(self, **kwargs):
        return super().formfield(**{"assume_scheme": "https", **kwargs})


class NameField(forms.CharField):
    """The name of a person, company or body: Latin letters, nothing that is not seen."""

    def to_python(self, value):
        return clean_lettering(super().to_python(value))


class AmountField(forms.DecimalField):
    """An amount as Peru writes it: 48,500.00 or 48500. A comma that does not part thousands is refused, not guessed."""

    GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")

    def to_python(self, value):
        if isinstance(value, str):
            value = value.strip()
            if self.GROUPED.fullmatch(value):
                value = value.replace(",", "")
        return super().to_python(value)

    def prepare_value(self, value):
        return number_format(value, force_grouping=True) if isinstance(value, Decimal) else value
