"""The home of a company: where it stands, the one next step, and what keeps it from going on."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.models import Company
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.workdays import decreed_days
from ecoeficiencia.writing import dmy, due, due_in_workdays
from programs.dates import upcoming
from programs.models import Measure, Participation
from programs.next_step import Facts, next_step
from programs.stepper import steps


@require_safe
def company(request, company):
    company = get_object_or_404(Company.objects.belonging_to(request.user), pk=company)
    today = timezone.localdate()
    facts = Facts.of(company, today)
    row, step = facts.participation, next_step(facts)
    context = {
        "company": company,
        "application": facts.application,
        "participation": row,
        "call": facts.call if facts.application is None or facts.application.state == "rejected" else None,
        "step": step,
        "due": _due(step, company, today),
        "steps": steps(facts),
        "conditions": facts.conditions,
        "gate": _("antes de la preauditoría") if row and row.assessment else _("antes de la implementación"),
        "waivers": row.waivers.in_force(today).labelled() if row else [],
        "dates": upcoming(facts, today),
        "savings": Measure.objects.filter(company=company).totals(),
        "minimum": row.edition.parameter("minimum_attendance") if row else None,
        "monitor": row.monitor_on(today) if row else None,
        "hour": timezone.localtime().hour,
        "today": today,
        "standard_notice": row.edition.standard_version.notice if row and row.assessment else "",
        "nav_counts": {"board": row.assessment.returned} if row and row.assessment else {},
    }
    return render(request, "empresa/company.html", context)


def _due(step, company, today):
    """Until when, and how much is left: in business days where the rules count those."""
    if not step.due:
        return ""
    left = due_in_workdays(step.due, today, decreed_days(company.seat)) if step.in_workdays else due(step.due, today)
    return _("Hasta el %(day)s · %(left)s") % {"day": dmy(step.due), "left": left}


@require_POST
def propose_ready(request, pk):
    row = get_object_or_404(Participation.objects.editable_by(request.user), pk=pk)
    try:
        row.propose_ready(by=request.user)
        messages.success(request, _("Propuso pasar a preauditoría. Su monitor recibió el aviso."))
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
    return redirect("empresa:company", row.company_id)
