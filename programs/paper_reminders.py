"""Papers of the edition's catalogue that run out while an application is in course, told before they do."""

from datetime import timedelta

from django.utils.translation import gettext as _

from .models import Application, Paper
from .reminders import BATCH, EXPIRY, DueItem, quiet_when, register_source


@register_source
def papers(on):
    rows = Paper.objects.ending(on - timedelta(days=30), on + timedelta(days=max(EXPIRY)))
    for row in rows.filter(application__state__in=Application.IN_COURSE).iterator(chunk_size=BATCH):
        yield DueItem(
            key=f"paper:{row.pk}",
            due_on=row.valid_until,
            title=_("Renueve: %(document)s") % {"document": row},
            body=_("PROMPERÚ mira que esté vigente al decidir su postulación."),
            company=row.application.company,
            url=row.address,
            ladder=EXPIRY,
            repeats=False,
            useful_for=30,
        )


@quiet_when("paper")
def is_in_use(pk, due_on):
    rows = Paper.objects.ending(due_on, due_on).filter(pk=pk)
    return rows.filter(application__state__in=Application.IN_COURSE).exists()
