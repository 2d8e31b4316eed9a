"""Every form of the product as the views use it: found while they do, and filled in as a person would."""

import re
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

from django import forms
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.utils import timezone
from phonenumber_field.formfields import PhoneNumberField

from companies.forms.places import DistrictField
from ecoeficiencia.files.forms import UploadsField
from ecoeficiencia.walls import of_companies

from .canaries import paths

ROOMS = ("companies", "requirements_std", "programs", "audits")
NO_SUCH = 987_654_321


def classes(base=forms.BaseForm):
    """Every form the rooms declare, wherever in them."""
    for form in base.__subclasses__():
        if form.__module__.split(".")[0] in ROOMS:
            yield form
        yield from classes(form)


@contextmanager
def watched():
    """The forms that are given something to read meanwhile, in order."""
    bound, begin = [], forms.BaseForm.__init__

    def remembering(form, *args, **kwargs):
        begin(form, *args, **kwargs)
        if form.is_bound:
            bound.append(form)

    with mock.patch.object(forms.BaseForm, "__init__", remembering):
        yield bound


def filled(form, values):
    """{name: value} for all of `form`: what its page shows, and where it shows nothing, what a person would write.

    values: what a field takes whose rules it does not tell, by form and name, or by name. A file is a function that
    makes it.
    """
    data = {}
    for name, field in form.fields.items():
        if field.disabled:
            continue
        key, wanted = form.add_prefix(name), values.get((type(form).__name__, name), values.get(name))
        value = wanted if wanted is not None else _shown(form, name, field) or _written(field)
        if value not in (None, "", []):
            data[key] = value
    return data


def made(data):
    """`data` with its files made: each is read once."""
    return {key: value() if callable(value) else value for key, value in data.items()}


def _shown(form, name, field):
    if isinstance(field, forms.FileField):
        return None
    value = field.prepare_value(form.get_initial_for_field(field, name))
    if isinstance(value, bool):
        return "on" if value else None
    if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        return [str(one) for one in value or ()]
    if value is None or isinstance(field, forms.ChoiceField):
        return value
    return field.widget.format_value(value)


def _written(field):
    today = timezone.localdate()
    if isinstance(field, UploadsField):
        return lambda: [paper()]
    if isinstance(field, forms.FileField):
        return paper
    if isinstance(field, forms.ModelMultipleChoiceField | forms.ModelChoiceField):
        first = field.queryset.first()
        key = first and getattr(first, field.to_field_name or "pk")
        return [key] if first and isinstance(field, forms.ModelMultipleChoiceField) else key
    if isinstance(field, forms.ChoiceField):
        choices = [str(value) for value in _values(field) if value not in (None, "")]
        return choices[:1] if isinstance(field, forms.MultipleChoiceField) else next(iter(choices), "")
    if isinstance(field, forms.BooleanField):
        return "on"
    if isinstance(field, forms.DateTimeField):
        return f"{today + timedelta(days=20)}T10:00"
    if isinstance(field, forms.DateField):
        return str(today)
    if isinstance(field, forms.IntegerField | forms.DecimalField):
        return str(1 if field.min_value is None else field.min_value)
    for kind, text in ((forms.EmailField, "nueva@pruebas.example"), (forms.URLField, "https://pruebas.example"),
                       (PhoneNumberField, "956123456"), (DistrictField, "Ica, Ica, Ica")):  # fmt: skip
        if isinstance(field, kind):
            return text
    return "Texto de prueba."[: field.max_length]


def _values(field):
    for value, label in field.choices:
        if isinstance(label, list | tuple):
            yield from (inner for inner, _label in label)
        else:
            yield value


def paper():
    from tests.files.corpus import pdf

    return SimpleUploadedFile("prueba.pdf", pdf(), "application/pdf")


def belongs_to_a_company(model):
    return model in of_companies()


def foreign(field, world):
    """The id of a row that `field` does not offer, of the other company where such rows belong to one; None without."""
    rows = field.queryset.model._base_manager.exclude(pk__in=field.queryset.values("pk"))
    if belongs_to_a_company(field.queryset.model):
        rows = rows.filter(**{paths(field.queryset.model): world.rival.company.pk})
    found = rows.last()
    return found and getattr(found, field.to_field_name or "pk")


def never_asked_for(world):
    """{name: a value} for every column of every record, as somebody who knows the code would send them along."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS:
            continue
        for field in model._meta.concrete_fields:
            if (value := _forged(field, world)) is not None:
                found[field.name] = found[field.attname] = value
    return found


def _forged(field, world):
    if field.is_relation:
        rows = field.related_model._base_manager.all()
        if belongs_to_a_company(field.related_model):
            rows = rows.filter(**{paths(field.related_model): world.rival.company.pk})
        return rows.values_list("pk", flat=True).last()
    if field.choices:
        return str(list(dict(field.flatchoices))[-1])
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField):
        return "2031-01-01T10:00"
    if isinstance(field, models.DateField):
        return "2031-01-01"
    return "7777" if isinstance(field, models.IntegerField | models.DecimalField | models.AutoField) else "Falso7777"


WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.I)
# Keys, digests and mailed codes, which are drawn anew each time.
DRAWN = re.compile(r"'[\w:/+=-]{20,}'|(?<![\w.-])\d{6}(?![\w.-])")


def writes(statements):
    """What was written, without what chance makes differ."""
    return [DRAWN.sub("'…'", found["sql"]) for found in statements if WRITES.match(found["sql"])]
