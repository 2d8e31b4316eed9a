"""What an edit changed, in the words people read. Kept with the event, so that it reads the same when labels,
names and models have changed."""

from decimal import Decimal

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from .writing import dmy, dmyhm, number

# Columns that say when and by whom the act itself was done; the event already does.
STAMPS = ("_at", "_by")


def in_force(record, fields):
    """The values of `fields` as the database holds them now; {} for a record that is not there yet, or for no field."""
    if record.pk is None or not fields:
        return {}
    return type(record)._base_manager.filter(pk=record.pk).values(*fields).first() or {}


def differences(record, before):
    """{field: [words before, words after]} of what `record` now says otherwise than `before`, values by field name."""
    changed = {}
    for name, old in before.items():
        field = record._meta.get_field(name)
        new = getattr(record, field.attname)
        old = getattr(old, "pk", old)
        if _clean(field, old) != _clean(field, new):
            changed[name] = [in_words(field, old), in_words(field, new)]
    return changed


def in_words(field, value):
    """`value` of a model field as a page writes it: dates, labels of choices, related records by their name."""
    value = _clean(field, value)
    if value is None or value == "":
        return ""
    if field.is_relation:
        related = field.related_model._base_manager.filter(**{field.target_field.name: value}).first()
        return str(related or value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return str(_("sí") if value else _("no"))
    if hasattr(value, "hour"):
        return dmyhm(value)
    if hasattr(value, "month"):
        return dmy(value)
    if isinstance(value, (int, float, Decimal)):
        return number(value) if isinstance(value, Decimal) else str(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)


def label_of(model, name):
    """What a page calls the field `name`; the name itself when the model has it no more."""
    try:
        return str(model._meta.get_field(name).verbose_name)
    except FieldDoesNotExist:
        return name


def _clean(field, value):
    if field.is_relation:
        return field.target_field.to_python(value)
    return field.to_python(value) if value not in (None, "") else value
