"""How people's tables write days and amounts. A column is read together: what one cell leaves open another settles."""

import re
from datetime import date

from .tables import plain
from .writing import dmy

ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
PARTS = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?: .*)?")
NAMED = re.compile(r"(\d{1,2})[ /.\-](?:de )?([a-z]{3})[a-z]*\.?[ /.\-](?:de )?(\d{4}|\d{2})")
MONTHS = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic"]
OTHER_MONTHS = {"jan": 1, "apr": 4, "aug": 8, "sep": 9, "dec": 12}
# 1,234,567.89 or 1234.5: a point parts the decimals. The mirror of it is what Excel writes in Spain.
POINT = re.compile(r"(\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,}|\d+\.(\d{1,2}|\d{4,}))")
COMMA = re.compile(r"(\d{1,3}(\.\d{3})+,\d*|\d{1,3}(\.\d{3}){2,}|\d+,(\d{1,2}|\d{4,}))")
MONEY = re.compile(r"^(US\$|USD|\$)\s*|\s*(USD|US\$|KG)$", re.IGNORECASE)


def days(texts):
    """Each text as 30/11/2026; what is no date stays as it is.

    Day first, as Peru writes, unless some cell can only be read month first and none only day first.
    Check: ["11/30/2026", "04/03/2026"] give 30/11/2026 and 03/04/2026; ["04/03/2026"] alone gives 04/03/2026.
    """
    read = [_both(text) for text in texts]
    only_month_first = any(month and not day for day, month in read)
    month_first = only_month_first and not any(day and not month for day, month in read)
    found = [month if month_first else day for day, month in read]
    return [dmy(on) if on else text for on, text in zip(found, texts, strict=True)]


def _both(text):
    """(the date read day first, the same month first); None for what it cannot be."""
    if match := ISO.fullmatch(text):
        on = _date(*map(int, match.groups()))
        return on, on
    if match := NAMED.fullmatch(plain(text)):
        on = _date(_year(match[3]), _month(match[2]), int(match[1]))
        return on, on
    if match := PARTS.fullmatch(text):
        first, second, year = int(match[1]), int(match[2]), _year(match[3])
        return _date(year, second, first), _date(year, first, second)
    return None, None


def _date(year, month, day):
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(text):
    return int(text) + (2000 if len(text) == 2 else 0)


def _month(word):
    return MONTHS.index(word) + 1 if word in MONTHS else OTHER_MONTHS.get(word, 0)


def amounts(texts):
    """Each text as 1234.50, without US$ and without thousands apart; what is no number, or is in soles, stays as it is.

    A point parts the decimals, as Peru writes, unless some cell can only be read with a comma and none with a point.
    Check: ["1.234,50", "2.000"] give 1234.50 and 2000; ["1,234.50", "2,000"] the same; ["2.000"] alone stays 2.000.
    """
    bare = [MONEY.sub("", text).replace("\u00a0", "").replace(" ", "") for text in texts]
    comma = any(map(COMMA.fullmatch, bare)) and not any(map(POINT.fullmatch, bare))
    return [_amount(short, comma) or text for short, text in zip(bare, texts, strict=True)]


def _amount(text, comma):
    """`text` with its decimals after a point; "" when it is no number or might be two."""
    if comma or COMMA.fullmatch(text):
        text = text.translate(str.maketrans(".,", ",."))
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"\d{1,3}\.\d{3}", text) and not comma:
        return ""
    return text if re.fullmatch(r"\d+(\.\d+)?", text) else ""
