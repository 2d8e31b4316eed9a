"""The home of a company: where it stands, the one next step, and what keeps it from going on."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from companies.models import Company
from ecoeficiencia.lifecycle import IllegalMove
from programs.dates import upcoming
from programs.models import Measure, Participation
from programs.next_step import Facts, next_step, steps


def company(request, company):
    company = get_object_or_404(Company.objects.belonging_to(request.user), pk=company)
    today = timezone.localdate()
    facts = Facts.of(company, today)
    context = {
        "company": company,
        "facts": facts,
        "participation": facts.participation,
        "next": next_step(facts),
        "steps": steps(facts),
        "conditions": facts.conditions,
        "dates": upcoming(facts, today),
        "savings": Measure.objects.filter(company=company).totals(),
        "monitor": facts.participation.monitor_on(today) if facts.participation else None,
        "hour": timezone.localtime().hour,
        "today": today,
    }
    return render(request, "empresa/company.html", context)


@require_POST
def propose_ready(request, pk):
    row = get_object_or_404(Participation.objects.editable_by(request.user), pk=pk)
    try:
        row.propose_ready(by=request.user)
        messages.success(request, _("Propuso pasar a preauditoría. Su monitor recibió el aviso."))
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
    return redirect("empresa:company", row.company_id)
