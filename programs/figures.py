"""The few numbers of the programme shown to everybody, counted from the rows."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from ecoeficiencia.walls.acting import as_public

from .models import Measure, Participation


@dataclass(frozen=True)
class Figures:
    certified: int
    implementing: int
    measures: int
    saving: Decimal


def public_figures():
    """Certified companies, companies under way, and what the verified measures save a year, in soles."""
    over = (Participation.State.CERTIFIED, *Participation.EXITS, Participation.State.NOT_CERTIFIED)
    with as_public():
        return _counted(over)


def _counted(over):
    counted = Participation.objects.aggregate(
        certified=Count("company", filter=Q(state=Participation.State.CERTIFIED), distinct=True),
        implementing=Count("company", filter=~Q(state__in=over), distinct=True),
    )
    saved = Measure.objects.totals()
    return Figures(**counted, measures=saved["verified_measures"], saving=saved["verified"])
