"""Who is told what about the rows of an assessment. Called inside the transaction of the change."""

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Notice


def monitors_of(company, on):
    """The people who monitor `company` on that day."""
    assigned = get_user_model().objects.filter(
        Q(assignments__ends_on=None) | Q(assignments__ends_on__gte=on),
        assignments__participation__company=company,
        assignments__starts_on__lte=on,
        is_active=True,
    )
    return assigned.distinct()


def submitted(row):
    """One notice a monitor, company and day, however many rows the company hands in."""
    company, on = row.assessment.company, timezone.localdate()
    Notice.tell(
        monitors_of(company, on),
        key=f"rows:{company.pk}:submitted:{on}",
        kind="submitted",
        title=_("%(company)s presentó requisitos a revisión") % {"company": company},
        body=_("El primero es %(row)s. Lo que espera su revisión está en «Por revisar».") % {"row": row},
        url=reverse("monitor:review") + f"?empresa={company.pk}",
        company=company,
    )


def reviewed(row):
    """What was observed is told one by one, with the reason; what was accepted, once a day."""
    company, on = row.assessment.company, timezone.localdate()
    if row.state == row.State.RETURNED:
        Notice.tell(
            company.people(),
            key=f"fulfilment:{row.pk}:returned:{row.version}",
            kind="returned",
            title=_("Su monitor observó %(row)s") % {"row": row},
            body=row.review_note,
            url=reverse("empresa:fulfilment", args=[row.pk]),
            company=company,
        )
    else:
        Notice.tell(
            company.people(),
            key=f"rows:{company.pk}:accepted:{on}",
            kind="accepted",
            title=_("Su monitor aceptó requisitos"),
            body=_("El primero es %(row)s. Vea el avance en el tablero de requisitos.") % {"row": row},
            url=reverse("empresa:board", args=[company.pk]),
            company=company,
        )


def commented(comment):
    """A message reaches the other side: the company's people, or its monitors."""
    row = comment.fulfilment
    company = row.assessment.company
    people = company.people()
    if comment.author in people:
        told, door = monitors_of(company, timezone.localdate()), "monitor"
    elif not comment.is_internal:
        told, door = people, "empresa"
    else:
        return
    Notice.tell(
        told,
        key=f"comment:{comment.pk}",
        kind="comment",
        title=_("%(author)s escribió sobre %(row)s") % {"author": comment.author, "row": row},
        body=comment.text,
        url=reverse(f"{door}:fulfilment", args=[row.pk]),
        company=company,
    )
