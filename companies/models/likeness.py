"""Names of companies that a hurried eye takes for one another: drawn alike, or one slip of the pen apart."""

import re
import unicodedata

from django.db import models
from django.db.models import Case, OuterRef, Q, When
from django.db.models.functions import Left, Length, Right
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThanOrEqual

from ecoeficiencia.lettering import one_slip_apart, skeleton

# S.A.C., S. R. L., Sociedad Anónima Cerrada…: at the end of a legal name without accents.
LEGAL_FORM = re.compile(
    r"[\s,.-]+(s[\s.]*a[\s.]*[ac]?|s[\s.]*(c[\s.]*)?r[\s.]*l|e[\s.]*i[\s.]*r[\s.]*l"
    r"|sociedad anonima( cerrada| abierta)?"
    r"|(sociedad comercial|empresa individual) de responsabilidad limitada)[\s.]*$",
    re.IGNORECASE,
)
LONG_ENOUGH = 8  # signs of a drawn name for one slip to be a likeness: «Inca» and «Inka Sur» are two names
LOOKED_AT = 500  # names compared one by one for one page


def plain(text):
    """Lower case without accents, for searching the same on SQLite and PostgreSQL."""
    return unaccented(text.casefold())


def unaccented(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _confused(a, b):
    return a == b or (len(a) >= LONG_ENOUGH and one_slip_apart(a, b))


def drawn(name):
    """What a hurried eye keeps of a company's name, whatever the legal form behind it."""
    return skeleton(LEGAL_FORM.sub("", unaccented(name)))[:200]


class LikenessQuerySet(models.QuerySet):
    def near_to(self, path):
        """Those among which are all whose name is taken for one of the company at `path`, from the outer query.

        The same as `near`, asked beside other things: whether it is worth asking for them.
        """
        found = Q()
        for own in (OuterRef(f"{path}__drawn"), OuterRef(f"{path}__trade_drawn")):
            kept = (Length(own) - 1) / 2
            for column in ("drawn", "trade_drawn"):
                far = Length(column) - Length(own)
                ends = Q(Exact(Left(column, kept), Left(own, kept))) | Q(Exact(Right(column, kept), Right(own, kept)))
                near = Q(GreaterThanOrEqual(far, -1)) & Q(LessThanOrEqual(far, 1)) & ends
                long = Q(GreaterThanOrEqual(Length(own), LONG_ENOUGH))
                found |= Q(GreaterThan(Length(own), 0)) & Q(**{column: own}) | long & near
        return self.filter(found).exclude(pk=OuterRef(f"{path}_id"))

    def near(self, names):
        """Those among which are all whose name is one of `names`, as drawn, or one slip from it; the nearest first.

        One slip leaves one half of a name as it was, which the database finds; the rest is looked at one by one.
        """
        same, half = Q(), Q()
        for column in ("drawn", "trade_drawn"):
            for name in names:
                kept = (len(name) - 1) // 2
                same |= Q(**{column: name})
                if len(name) >= LONG_ENOUGH:
                    long = Q(**{f"{column}_length__range": (len(name) - 1, len(name) + 1)})
                    ends = Q(**{f"{column}__startswith": name[:kept]}) | Q(**{f"{column}__endswith": name[-kept:]})
                    half |= long & ends
        exact = Case(When(same, then=0), default=1)
        rows = self.alias(drawn_length=Length("drawn"), trade_drawn_length=Length("trade_drawn"))
        rows = rows.filter(same | half).order_by(exact, "legal_name", "pk")
        return rows.only("legal_name", "trade_name", "ruc", "drawn", "trade_drawn")[:LOOKED_AT]


class Likened:
    """The part of Company that knows whom it is taken for."""

    def taken_for(self):
        """Other companies one of whose names is taken for one of this one's; see CompanyQuerySet.near."""
        names = {self.drawn, self.trade_drawn} - {""}
        found = type(self).objects.exclude(pk=self.pk).near(names) if names else ()
        return [row for row in found if any(_confused(a, b) for a in names for b in (row.drawn, row.trade_drawn))]
