from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from companies.models import Company
from requirements_std.board import Board
from requirements_std.forms.evidence import ConditionsForm
from requirements_std.models import Assessment, Fulfilment, SiteFlag

from .page import frame


@require_safe
def board(request, company):
    """All that the standard asks of the company, and how far each row is."""
    editing = Company.objects.edited_by(request.user).filter(pk=OuterRef("pk"))
    found = Company.objects.belonging_to(request.user).annotate(editable=Exists(editing))
    company = get_object_or_404(found, pk=company)
    assessment = Assessment.objects.current().filter(company=company).first()
    if assessment is None:
        return render(request, "empresa/board_closed.html", {"company": company})
    choosing = Fulfilment.EDITABLE if company.editable else ()
    board = Board(assessment, request.GET, "empresa", choosing)
    context = {"board": board, "may_edit": company.editable, **frame(assessment)}
    return render(request, "empresa/board.html", context)


def conditions(request, company):
    """The profile of each site: what applies to it follows from here."""
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    assessment = Assessment.objects.current().filter(company=company).first()
    if assessment is None:
        return render(request, "empresa/board_closed.html", {"company": company})
    known = list(assessment.standard_version.conditions.all())
    sites = company.sites.filter(closed_on=None).prefetch_related("flags")
    forms = [ConditionsForm(request.POST or None, site=site, conditions=known) for site in sites]
    status = 200
    if request.method == "POST" and forms:
        if all([form.is_valid() for form in forms]) and any(form.cleaned_data["in_scope"] for form in forms):
            return _save_conditions(request, company, forms)
        messages.error(request, _("Al menos una sede debe entrar en el alcance. No se cambió nada."))
        status = 422
    return render(request, "empresa/conditions.html", {"forms": forms, **frame(assessment)}, status=status)


def _save_conditions(request, company, forms):
    chosen = {}
    for form in forms:
        form.site.in_scope = form.cleaned_data["in_scope"]
        chosen[form.site] = form.cleaned_data["keys"]
    opened, closed = SiteFlag.objects.replace(chosen, by=request.user, on=timezone.localdate())
    messages.success(
        request,
        _("Condiciones guardadas. Se abrieron %(opened)s requisitos y se cerraron %(closed)s.")
        % {"opened": opened, "closed": closed},
    )
    return redirect("empresa:conditions", company.pk)
