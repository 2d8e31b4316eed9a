"""The workshops as the company sees them: when, where, who of its people went, what is missing."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from companies.models import Company
from programs.attendance import record_of
from programs.models import Participation


@require_safe
def workshops(request, company):
    company = get_object_or_404(Company.objects.belonging_to(request.user), pk=company)
    rows = (
        Participation.objects.filter(company=company).with_attendance().select_related("edition__program", "assessment")
    )
    row = rows.order_by("-edition__opens_on", "-pk").first()
    now = timezone.now()
    context = {
        "company": company,
        "participation": row,
        "records": record_of(row, now) if row else [],
        "minimum": row.edition.parameter("minimum_attendance") if row else None,
        "is_default": row.edition.parameter_row("minimum_attendance") is None if row else False,
        "now": now,
    }
    return render(request, "empresa/workshops.html", context)
