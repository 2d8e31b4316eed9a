"""Terms of this room that a decreed day makes longer."""

from companies.models import Company
from ecoeficiencia.terms import lengthens

from .models import Appeal, Application


@lengthens
def terms_to_mend(day, before, after):
    rows = Application.objects.filter(state=Application.State.OBSERVED, due_on__gte=day.on, due_from__lt=day.on)
    seats = seats_of(rows.values("company"))
    places = [(row, seats.get(row.company_id, "")) for row in rows.select_related("company", "edition")]
    return sum(row.lengthen(day, before.of(seat), after.of(seat)) for row, seat in places)


@lengthens
def terms_to_resolve(day, before, after):
    rows = Appeal.objects.filter(state=Appeal.State.FILED, due_on__gte=day.on, due_from__lt=day.on)
    return sum(row.lengthen(day, before.of(), after.of()) for row in rows.select_related("application__company"))


def seats_of(companies):
    """{pk: department} of the companies whose ids `companies` selects."""
    return Company.objects.filter(pk__in=companies).seats()
