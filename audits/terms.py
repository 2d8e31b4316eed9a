"""Terms of this room that a decreed day makes longer: the business days to correct after a pre-audit.

The days to close a nonconformity of a certification audit are calendar days and do not change.
"""

from ecoeficiencia.terms import lengthens

from .models import Audit


@lengthens
def terms_to_correct(day, before, after):
    rows = Audit.objects.filter(
        kind=Audit.Kind.PREAUDIT, state=Audit.State.CORRECTING, correction_due_on__gte=day.on
    ).select_related("participation__company")
    return sum(row.lengthen(day, before, after) for row in rows)
