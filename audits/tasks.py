"""What the audits room does without a person. Each is safe to run twice."""

from datetime import timedelta

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Duty, User
from ecoeficiencia import pdf
from ecoeficiencia.jobs import handles
from programs.reminders import EXPIRY, DueItem, quiet_when, register_source

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
    by_audit = {row["audit"]: row for row in owed.values("audit").annotate(first=Min("due_on"), count=Count("pk"))}
    for audit in Audit.objects.filter(pk__in=by_audit).select_related("participation__company"):
        row = by_audit[audit.pk]
        title = ngettext("Responda %(n)s no conformidad", "Responda %(n)s no conformidades", row["count"])
        yield DueItem(
            key=f"audit:{audit.pk}:{row['first']}",
            due_on=row["first"],
            title=title % {"n": row["count"]},
            company=audit.participation.company,
            url=reverse("empresa:audit", args=[audit.pk]),
            in_workdays=audit.kind == Audit.Kind.PREAUDIT,
        )


@quiet_when("audit")
def owes_an_answer(rest, due_on):
    audit, _colon, _day = rest.partition(":")
    return NonConformity.objects.in_turn_of("company").filter(audit=audit, due_on=due_on).exists()


@register_source
def certificates(on):
    """Certificates about to end, while the company can still prepare what comes next."""
    soon = on + timedelta(days=max(EXPIRY))
    rows = Certificate.objects.filter(state="issued", valid_until__gte=on - timedelta(days=30), valid_until__lte=soon)
    for row in rows.select_related("company").iterator(chunk_size=500):
        yield DueItem(
            key=f"certificate:{row.pk}",
            due_on=row.valid_until,
            title=_("Termina su certificado %(number)s") % {"number": row.number},
            company=row.company,
            url=reverse("empresa:certificate", args=[row.company_id]),
            ladder=EXPIRY,
            repeats=False,
            useful_for=30,
        )


@register_source
def suspensions(on):
    """Suspensions whose term comes: coordination gives the certificate back, or proposes to end it."""
    rows = Certificate.objects.filter(state="suspended", suspended_until__isnull=False).select_related("company")
    coordinators = tuple(User.objects.with_duty(Duty.COORDINATOR))
    for row in rows.exclude(withdrawals__state="proposed"):
        yield DueItem(
            key=f"suspension:{row.pk}:{row.suspended_until}",
            due_on=row.suspended_until,
            title=_("Resuelva la suspensión del certificado %(number)s") % {"number": row.number},
            company=row.company,
            users=coordinators,
            url=reverse("panel:certificate", args=[row.pk]),
        )


@quiet_when("suspension")
def is_suspended(rest, due_on):
    pk, _colon, _day = rest.partition(":")
    return Certificate.objects.filter(pk=pk, state="suspended", suspended_until=due_on).exists()


@quiet_when("certificate")
def is_in_force(pk, due_on):
    return Certificate.objects.filter(pk=pk, state="issued", valid_until=due_on).exists()
