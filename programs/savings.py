"""What a measure gives back: payback, net present value, internal rate of return. Pure functions.

Formulas: domain practice of cleaner production; the worked check of each is kept in the tests.
"""

from decimal import ROUND_HALF_UP, Decimal, localcontext

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

YEARS = 5  # horizon of the present value and of the rate of return
CENT = Decimal("0.01")


def payback_years(investment: Decimal, net_saving: Decimal) -> Decimal | None:
    """Return the simple payback in years, unrounded; 0 when nothing is invested, None when it never pays back.

    investment: paid once, soles, not negative. net_saving: annual saving less annual costs, soles; may be negative.
    Raises ValueError when the investment is negative.
    Check: 42 000 and 18 500 a year give 2.27 years.
    """
    if investment < 0:
        raise ValueError("An investment is not negative.")
    if net_saving <= 0:
        return None
    return Decimal(investment) / Decimal(net_saving)


def npv(rate: Decimal, flows: list[Decimal]) -> Decimal:
    """Return the net present value of yearly `flows`, the first being today, in soles, unrounded.

    rate: a year, as a fraction (0.12 for 12 %), above -1. Raises ValueError at or below -1.
    Check: 0.12 over -42 000 and five times 18 500 gives 24 688.36.
    """
    if rate <= -1:
        raise ValueError("A discount rate lies above -100 %.")
    with localcontext(prec=40):
        factor = 1 / (1 + Decimal(rate))
        value = Decimal(0)
        for flow in reversed(flows):
            value = value * factor + Decimal(flow)
    return +value


def irr(flows: list[Decimal]) -> Decimal | None:
    """Return the yearly rate at which `flows` are worth nothing today, as a fraction to 8 decimals.

    Solved by bisection for flows that change sign once, a first payment and then income. None when the sign does
    not change (nothing invested, or nothing earned) or the rate lies outside -99.99 % to 1 000 000 %.
    Check: -42 000 and five times 18 500 give 33.76 %.
    """
    if not flows or flows[0] >= 0 or sum(flows[1:]) <= 0 or min(flows[1:]) < 0:
        return None
    low, high = Decimal("-0.9999"), Decimal(10000)
    if npv(low, flows) < 0 or npv(high, flows) > 0:
        return None
    while high - low > Decimal("1e-10"):
        middle = (low + high) / 2
        low, high = (middle, high) if npv(middle, flows) > 0 else (low, middle)
    return ((low + high) / 2).quantize(Decimal("1e-8"), ROUND_HALF_UP)


def flows(investment: Decimal, net_saving: Decimal, years: int = YEARS) -> list[Decimal]:
    """The yearly flows of a measure, in soles: the investment today, then the same net saving each year."""
    return [-Decimal(investment)] + [Decimal(net_saving)] * years


def payback_text(investment: Decimal, net_saving: Decimal) -> str:
    """The payback in words: years with one decimal, months under a year, «inmediato» or «no recupera».

    Check: 42 000 and 18 500 read «2.3 años»; 1 000 and 4 000 read «3 meses».
    """
    years = payback_years(investment, net_saving)
    if years is None:
        return _("no recupera")
    if years == 0:
        return _("inmediato")
    if years < 1:
        months = max(1, int((years * 12).quantize(Decimal(1), ROUND_HALF_UP)))
        return ngettext("%d mes", "%d meses", months) % months
    return _("%(years)s años") % {"years": years.quantize(Decimal("0.1"), ROUND_HALF_UP)}


def bars(rows: list[tuple[str, Decimal]], width: int = 200, shown: int = 8) -> list[dict]:
    """The largest net savings as horizontal bars from zero: label, value, and length in units of the drawing.

    A negative value has no length; its figure says it.
    """
    rows = sorted(rows, key=lambda row: -row[1])[:shown]
    top = max((value for _label, value in rows), default=0)
    return [
        {"label": label, "value": value, "length": int(value * width / top) if top > 0 and value > 0 else 0}
        for label, value in rows
    ]
