"""How Peru writes figures and dates: S/ 1,234.50, 24/11/2026, Lima time. For pages, mails and documents alike."""

import math
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .workdays import workdays_between


def soles(value):
    """S/ 1,234.50"""
    if value in (None, ""):
        return ""
    amount = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return "S/ " + number_format(amount, 2, use_l10n=True, force_grouping=True)


def number(value, places=None):
    """1,234.5 with Peruvian separators; trailing zeros go unless `places` is given."""
    if value in (None, ""):
        return ""
    value = Decimal(str(value))
    if places is None and value == value.to_integral():
        places = 0
    return number_format(value if places is None else round(value, int(places)), places, force_grouping=True)


def pct(value, total=None):
    """61|pct:104 is «59 %»; 0.59|pct is «59 %»."""
    if value in (None, "") or total == 0:
        return ""
    share = Decimal(str(value)) / Decimal(str(total)) if total is not None else Decimal(str(value))
    return f"{(share * 100).quantize(Decimal('1'), ROUND_HALF_UP)} %"


def filesize(value):
    """5.6 MB, as people read it; 1 MB is 1024 kB."""
    size = float(value or 0)
    if size < 1024:
        return f"{size:.0f} bytes"
    power = min(int(math.log(size, 1024)), 3)
    size /= 1024**power
    return f"{size:.{0 if size >= 100 else 1}f} {('kB', 'MB', 'GB')[power - 1]}"


def _local(value):
    return timezone.localtime(value) if hasattr(value, "hour") and timezone.is_aware(value) else value


def dmy(value):
    return _local(value).strftime("%d/%m/%Y") if value else ""


def dm(value):
    return _local(value).strftime("%d/%m") if value else ""


def dmyhm(value):
    return _local(value).strftime("%d/%m/%Y, %H:%M") if value else ""


def hm(value):
    return _local(value).strftime("%H:%M") if value else ""


def short_day(value):
    """18/11; with the year when it is another one."""
    if not value:
        return ""
    day = _local(value)
    same_year = day.year == timezone.localdate().year
    return day.strftime("%d/%m" if same_year else "%d/%m/%Y")


def since(value):
    """«desde 18/11»; with the year when it is another one."""
    return _("desde %(day)s") % {"day": short_day(value)} if value else ""


def due(value, on=None):
    """«vence hoy», «quedan 4 días», «venció hace 2 días»: calendar days from `on`, today unless given."""
    if not value:
        return ""
    day = _local(value)
    day = day.date() if hasattr(day, "hour") else day
    days = (day - (on or timezone.localdate())).days
    if days == 0:
        return _("vence hoy")
    if days > 0:
        return ngettext("queda %d día", "quedan %d días", days) % days
    return ngettext("venció hace %d día", "venció hace %d días", -days) % -days


def due_in_calendar_days(day, on):
    """«vence hoy», «quedan 4 días calendario»: for terms counted so, where another of the page is not."""
    days = (day - on).days
    if days == 0:
        return _("vence hoy")
    if days > 0:
        return ngettext("queda %d día calendario", "quedan %d días calendario", days) % days
    return ngettext("venció hace %d día calendario", "venció hace %d días calendario", -days) % -days


def due_in_workdays(day, on, decreed=frozenset()):
    """«vence hoy», «quedan 4 días hábiles», «venció hace 2 días hábiles»: for terms counted in business days.

    on: the day somebody reads it. decreed: the decreed days that the term does not count.
    Check: a term until Monday 30/11/2026, read on Friday 27/11/2026, has 1 business day left.
    """
    if day == on:
        return _("vence hoy")
    left = workdays_between(on, day, decreed)
    if day > on:
        return ngettext("queda %d día hábil", "quedan %d días hábiles", left) % left
    if left == 0:  # a weekend or a holiday after the last day
        return _("venció")
    return ngettext("venció hace %d día hábil", "venció hace %d días hábiles", -left) % -left
