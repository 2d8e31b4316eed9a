"""Amounts as people write them by hand: 48,500.00, 48.500,00, 48 500, US$ 48,500. They are read here and nowhere else.

Of two marks the last parts the decimals. A comma before three digits parts thousands, as Peru writes. What may be read
a thousand times larger or smaller, as 48.500, is asked back and never guessed.
"""

import re
import unicodedata
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from ecoeficiencia import writing

APART = "[ '’´`]"  # marks that part thousands and never decimals
NUMBER = re.compile(r"([^0-9]*)([0-9].*[0-9]|[0-9])([^0-9]*)", re.DOTALL)
DECIMALS = re.compile(rf"((?:[0-9]|[.,]|{APART})*[0-9])([.,])([0-9]+)")
POINT_FIRST = re.compile(r"(?<!/)\.$")  # .5, but not the point of «S/.»
MILLIONS = re.compile(r"[1-9][0-9]{0,2}(['’´`][0-9]{3})+,[0-9]{3}")  # 1'234,567, as Peru writes them by hand
# What stands before or behind an amount of each kind, without its spaces and last point.
CALLED = {
    "": set(),
    "PEN": {"s/", "pen", "sol", "soles"},
    "USD": {"us$", "u$s", "usd", "$", "us", "dolar", "dolares"},
    "kg": {"kg", "kgs", "kilo", "kilos"},
}
CURRENCIES = {"PEN": _("soles"), "USD": _("dólares")}
LONGEST = 60  # characters; no amount is longer


class Unread(ValidationError):
    """Why a text is no amount; its code says which kind."""


def read_amount(text, of=""):
    """The number that `text` says, as a Decimal; a minus before it is kept.

    of: what it counts, a key of CALLED. Raises Unread: `two_ways` when it may be a thousand times more or less,
    `currency` when it names another one, `grouping` when its thousands are not parted three by three, `invalid` when
    it is no number.
    Check: 48,500.00, 48.500,00, 48 500 and US$ 48,500 give 48500; 0.500 gives 0.5; 48.500 is asked back.
    """
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
    match = NUMBER.fullmatch(text)
    if not match or len(text) > LONGEST:
        raise _no_number()
    before, number, behind = (part.strip() for part in match.groups())
    sign = -1 if "-" in before else 1
    before = before.replace("-", "", 1).strip()
    if POINT_FIRST.search(before):
        before, number = before[:-1].strip(), f"0.{number}"
    for word in (before, behind.removesuffix(".")):
        if word:
            _check_unit(word, text, of)
    return sign * Decimal(_plain(number))


def _no_number():
    return Unread(_("Escriba solo la cifra, por ejemplo 48,500.00."), code="invalid")


def _check_unit(word, text, of):
    said = unicodedata.normalize("NFKD", word.casefold()).encode("ascii", "ignore").decode()
    said = "".join(said.split()).removesuffix(".")
    if said in CALLED[of]:
        return
    if of in CURRENCIES and any(said in CALLED[other] for other in CURRENCIES):
        words = _("«%(text)s» está en otra moneda. Escriba el monto en %(currency)s.")
        raise Unread(words, code="currency", params={"text": text, "currency": CURRENCIES[of]})
    raise _no_number()


def _is_grouped(number, mark, least=1):
    return re.fullmatch(rf"[1-9][0-9]{{0,2}}({mark}[0-9]{{3}}){{{least},}}", number) is not None


def _plain(number):
    """`number` in digits, with a point before its decimals."""
    digits = re.sub("[^0-9]", "", number)
    if number == digits:
        return digits
    if _is_grouped(number, APART) or _is_grouped(number, ",") or _is_grouped(number, r"\.", 2):
        return digits
    if MILLIONS.fullmatch(number):
        return digits
    match = DECIMALS.fullmatch(number)
    if not match:
        raise _no_number()
    whole, mark, decimals = match.groups()
    by_comma = mark == "." and (_is_grouped(whole, ",") or MILLIONS.fullmatch(whole))
    by_other = _is_grouped(whole, APART) or (mark == "," and _is_grouped(whole, r"\."))
    if not (whole.isdecimal() or by_comma or by_other):
        words = _("En «%(text)s» los miles no van de tres en tres. Escríbalo así: 48,500.00.")
        raise Unread(words, code="grouping", params={"text": number})
    read = f"{digits.removesuffix(decimals)}.{decimals}"
    if len(decimals) == 3 and (by_other or (whole.isdecimal() and len(whole) < 4 and whole != "0")):
        raise _two_ways(number, Decimal(digits), Decimal(read))
    return read


def _two_ways(number, whole, decimals):
    words = _("«%(text)s» puede leerse de dos maneras. Si son miles, escriba %(whole)s; si no, %(decimals)s.")
    params = {"text": number, "whole": f"{whole:,}", "decimals": f"{decimals:,.2f}"}
    return Unread(words, code="two_ways", params=params)


def written(amount, of=""):
    """The amount as Peru writes it: US$ 48,500.00, S/ 48,500.00, 48,500 kg."""
    if of == "PEN":
        return writing.soles(amount)
    return f"US$ {writing.number(amount, 2)}" if of == "USD" else f"{writing.number(amount)} {of}".strip()


class AmountField(forms.DecimalField):
    """An amount, however it was written; the page says beside the field how it is read (static/js/fields.js)."""

    of = ""
    default_error_messages = {"invalid": _("Escriba solo la cifra, por ejemplo 48,500.00.")}

    def to_python(self, value):
        value = value.strip() if isinstance(value, str) else value
        if not value or not isinstance(value, str):
            return super().to_python(value)
        try:
            amount = read_amount(value, self.of)
        except Unread as refusal:
            if refusal.code == "invalid":
                raise ValidationError(self.error_messages["invalid"], code="invalid") from refusal
            raise
        return self._without_idle_zeros(amount)

    def _without_idle_zeros(self, amount):
        """48500.000 has the two decimals of money: its third says nothing."""
        places = self.decimal_places
        if places is not None and amount.as_tuple().exponent < -places and amount == round(amount, places):
            return round(amount, places)
        return amount

    def prepare_value(self, value):
        return number_format(value, force_grouping=True) if isinstance(value, Decimal) else value

    def widget_attrs(self, widget):
        told = {"data-amount": self.of, "data-amount-url": reverse_lazy("empresa:amount"), "data-read": _("Se lee:")}
        return super().widget_attrs(widget) | {"inputmode": "decimal"} | told


class SolesField(AmountField):
    of = "PEN"


class DollarsField(AmountField):
    of = "USD"
