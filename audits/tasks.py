"""What the audits room does without a person. Each is safe to run twice."""

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import ngettext

from ecoeficiencia import pdf
from ecoeficiencia.jobs import handles
from programs.reminders import DueItem, register_source

from .models import Audit, Certificate, NonConformity
from .printed import certificate_page


@handles("audits.certificate")
def print_certificate(certificate):
    """Make the PDF of a certificate that has none."""
    row = Certificate.objects.get(pk=certificate)
    if row.pdf_id is None:
        Certificate.objects.filter(pk=row.pk).update(pdf=pdf.keep("certificate.html", certificate_page(row)))


@register_source
def nonconformities(on):
    """What each company still has to answer, one reminder an audit, for the first day that comes."""
    owed = NonConformity.objects.in_turn_of("company").filter(due_on__isnull=False).order_by()
    by_audit = {
        row["audit"]: row for row in owed.values("audit").annotate(first=Min("due_on"), count=Count("pk"))
    }
    for audit in Audit.objects.filter(pk__in=by_audit).select_related("participation__company"):
        row = by_audit[audit.pk]
        title = ngettext("Responda %(n)s no conformidad", "Responda %(n)s no conformidades", row["count"])
        yield DueItem(
            key=f"audit:{audit.pk}:{row['first']}",
            due_on=row["first"],
            title=title % {"n": row["count"]},
            company=audit.participation.company,
            url=reverse("empresa:audit", args=[audit.pk]),
        )
