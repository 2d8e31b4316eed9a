"""Which signs a name may be written with, so that none is drawn like another (abuse case 36 of docs/security.md)."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LATIN_ENDS = 0x180  # letters of Latin-1 and Extended-A; phonetic letters beyond it are drawn like these
TYPOGRAPHY = range(0x2010, 0x2060)  # dashes and quotation marks; none of the direction marks, which are Cf
# Greek and Cyrillic letters drawn as Latin ones, the capitals as capitals; names of imported tables may have them.
CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЅІЈКМНОРСТУХҮ", "ABEZHIKMNOPTYXABESIJKMHOPCTYXY")
SMALL = str.maketrans("αεικνορτυχавеѕіјкмнорстухԁһӏ", "aeikvoptuxabesijkmhopctyxdhl")
DRAWN_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "ı": "l", "ł": "l", "đ": "d", "ø": "o", "5": "s"})


def clean_lettering(text):
    """`text` in NFKC. Raises ValidationError for a sign that is not seen or is of another alphabet."""
    text = unicodedata.normalize("NFKC", text)
    for before, sign in zip(" " + text, text, strict=False):
        if unicodedata.category(sign)[0] == "C" or (sign != " " and sign.isspace()):
            raise ValidationError(
                _("El nombre lleva un carácter que no se ve (U+%(code)04X). Bórrelo y escríbalo de nuevo a mano."),
                params={"code": ord(sign)},
            )
        if not _is_ours(sign, before):
            raise ValidationError(
                _("El carácter «%(sign)s» no es del alfabeto latino. Escriba el nombre de nuevo con su teclado."),
                params={"sign": sign},
            )
    return text


def _is_ours(sign, before):
    """Whether people in Peru write `sign`, which follows `before`: a Latin letter, one mark on it, a digit, a point."""
    kind = unicodedata.category(sign)
    if kind in ("Lu", "Ll", "Lo"):
        return kind != "Lo" and ord(unicodedata.normalize("NFD", sign)[0]) < LATIN_ENDS
    if kind == "Mn":
        return before.isalpha()
    return ord(sign) < LATIN_ENDS or ord(sign) in TYPOGRAPHY


def skeleton(text):
    """What is left of a name for a hurried eye: no accents, case, spaces, points or signs that are not seen.

    O and 0, l, I and 1 are one, and so are letters of other alphabets with those they are drawn like.
    """
    latin = unicodedata.normalize("NFKD", text).translate(CAPITALS).casefold().translate(SMALL)
    letters = unicodedata.normalize("NFKD", latin).translate(DRAWN_ALIKE)
    return "".join(c for c in letters if c.isalnum()).replace("rn", "m").replace("vv", "w")


def one_slip_apart(a, b):
    """Whether `a` becomes `b` by one sign written wrong, left out or added, or by two neighbours changing places."""
    start = _alike(a, b)
    a, b = a[start:], b[start:]
    end = _alike(a[::-1], b[::-1])
    a, b = a[: len(a) - end], b[: len(b) - end]
    return max(len(a), len(b)) == 1 or (len(a) == 2 and a == b[::-1])


def _alike(a, b):
    """How many signs both begin with."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
