import re

from django import forms
from django.core.validators import URLValidator
from django.db import models

from .lettering import clean_lettering


class WebField(models.URLField):
    """A web address; typed without a scheme it is taken as https, and nothing but http and https is one."""

    default_validators = [URLValidator(["http", "https"])]

    def formfield(self, **kwargs):
        return super().formfield(**{"assume_scheme": "https", **kwargs})


class MarkedField(forms.CharField):
    """A number that people part with spaces, points or hyphens; it is kept without them.

    max_length: of what is kept. It is left to the model, since what is typed may be longer.
    """

    MARKS = re.compile(r"[\s.,·\-\u2010-\u2015\u2212]")

    def __init__(self, *, max_length=None, **kwargs):
        super().__init__(**kwargs)

    def to_python(self, value):
        value = super().to_python(value)
        return self.MARKS.sub("", value) if value else value


class LongField(forms.CharField):
    """Some paragraphs, where the column itself holds any length."""

    LONGEST = 10_000

    def __init__(self, *, max_length=None, **kwargs):
        super().__init__(max_length=max_length or self.LONGEST, **kwargs)


class NameField(forms.CharField):
    """The name of a person, company or body: Latin letters, nothing that is not seen."""

    def to_python(self, value):
        return clean_lettering(super().to_python(value))
