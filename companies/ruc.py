"""RUC: eleven digits whose last one checks the others (SUNAT, modulo 11)."""

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.fields import MarkedField

WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
# Natural persons, other documents, special assignment, non-domiciled, legal persons.
PREFIXES = ("10", "15", "16", "17", "20")
LEGAL_PERSONS = ("20",)


def check_digit(base: str) -> int:
    """Return the eleventh digit of the ten-digit `base`. Check: 2051233379 gives 7, 2010007097 gives 0."""
    return (11 - sum(int(d) * w for d, w in zip(base, WEIGHTS, strict=True)) % 11) % 10


def validate_ruc(value: str):
    """Raise ValidationError with what is wrong and how to mend it: digits, length, first two digits, check digit."""
    if not value.isdigit() or not value.isascii():
        raise ValidationError(_("El RUC lleva solo números. Quite las letras y los signos."), code="ruc_digits")
    if len(value) != 11:
        raise ValidationError(
            _("El RUC debe tener 11 dígitos. Escribió %(n)s."), code="ruc_length", params={"n": len(value)}
        )
    if not value.startswith(PREFIXES):
        raise ValidationError(
            _("Un RUC empieza con 10, 15, 16, 17 o 20. El que escribió empieza con %(prefix)s."),
            code="ruc_start",
            params={"prefix": value[:2]},
        )
    if check_digit(value[:10]) != int(value[10]):
        raise ValidationError(
            _("El último dígito no corresponde a este RUC. Revise los números con su ficha RUC."), code="ruc_check"
        )


def validate_prefix(ruc: str, accepted=LEGAL_PERSONS):
    """Raise ValidationError when `ruc` is of a kind of taxpayer that is not among `accepted` prefixes."""
    if ruc.startswith(tuple(accepted)):
        return
    if tuple(accepted) != LEGAL_PERSONS:
        sentence = _("El programa recibe RUC que empiezan con %(accepted)s. El suyo empieza con %(prefix)s.")
    elif ruc.startswith("10"):
        sentence = _(
            "El programa recibe personas jurídicas: el RUC empieza con 20. El suyo empieza con 10: es de una persona "
            "natural, aunque tenga negocio."
        )
    else:
        sentence = _(
            "El programa recibe personas jurídicas: el RUC empieza con 20. El suyo empieza con %(prefix)s, que no es "
            "de una persona jurídica."
        )
    raise ValidationError(sentence, code="ruc_prefix", params={"prefix": ruc[:2], "accepted": ", ".join(accepted)})


def accepted_prefixes():
    """The prefixes of the companies the programmes take in, as their parameter `ruc_prefixes` says."""
    programs = apps.get_model("programs", "Program").objects.all()
    return tuple(sorted({prefix for program in programs for prefix in program.ruc_prefixes})) or LEGAL_PERSONS


class RucField(MarkedField):
    """A RUC with whatever stands between its digits, or the word before them, taken away."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "short", "autocomplete": "off"})

    def to_python(self, value):
        ruc = super().to_python(value)
        return ruc[3:].lstrip(":") if ruc and ruc[:3].upper() == "RUC" else ruc

    def clean(self, value):
        ruc = super().clean(value)
        if ruc:
            validate_ruc(ruc)
        return ruc
