"""Terms of this room that a decreed day makes longer."""

from ecoeficiencia.terms import lengthens

from .models import Appeal, Application


@lengthens
def terms_to_mend(day, before, after):
    rows = Application.objects.filter(state=Application.State.OBSERVED, due_on__gte=day.on, due_from__lt=day.on)
    return sum(row.lengthen(day, before, after) for row in rows.select_related("company", "edition"))


@lengthens
def terms_to_resolve(day, before, after):
    rows = Appeal.objects.filter(state=Appeal.State.FILED, due_on__gte=day.on, due_from__lt=day.on)
    return sum(row.lengthen(day, before, after) for row in rows.select_related("application__company"))
