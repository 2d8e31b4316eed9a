"""Terms of this room that a decreed day makes longer: the business days to correct after a pre-audit.

The days to close a nonconformity of a certification audit are calendar days and do not change.
"""

from ecoeficiencia.terms import lengthens
from programs.terms import seats_of

from .models import Audit


@lengthens
def terms_to_correct(day, before, after):
    rows = Audit.objects.filter(
        kind=Audit.Kind.PREAUDIT, state=Audit.State.CORRECTING, correction_due_on__gte=day.on
    ).select_related("participation__company")
    seats = seats_of(rows.values("participation__company"))
    places = [(row, seats.get(row.participation.company_id, "")) for row in rows]
    return sum(row.lengthen(day, before.of(seat), after.of(seat)) for row, seat in places)
