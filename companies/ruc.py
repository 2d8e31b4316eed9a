"""RUC: eleven digits whose last one checks the others (SUNAT, modulo 11)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
PREFIXES = ("10", "15", "16", "17", "20")


def check_digit(base: str) -> int:
    """Return the eleventh digit of the ten-digit `base`. Check: 2051233379 gives 7, 2010007097 gives 0."""
    return (11 - sum(int(d) * w for d, w in zip(base, WEIGHTS, strict=True)) % 11) % 10


def validate_ruc(value: str):
    """Raise ValidationError with what is wrong and how to mend it; prefix 20 only (legal persons)."""
    if not value.isdigit() or not value.isascii():
        raise ValidationError(_("El RUC lleva solo números, sin espacios ni guiones."), code="ruc_digits")
    if len(value) != 11:
        raise ValidationError(
            _("El RUC debe tener 11 dígitos. Escribió %(n)s."), code="ruc_length", params={"n": len(value)}
        )
    if not value.startswith(PREFIXES) or check_digit(value[:10]) != int(value[10]):
        raise ValidationError(
            _("El último dígito no corresponde a este RUC. Revise los números con su ficha RUC."), code="ruc_check"
        )
    if not value.startswith("20"):
        raise ValidationError(
            _("El programa recibe personas jurídicas: el RUC empieza con 20. El suyo empieza con %(prefix)s."),
            code="ruc_prefix",
            params={"prefix": value[:2]},
        )
