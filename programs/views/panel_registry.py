"""The staff's door: a company's other RUC, the company that absorbed it, and either taken back."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from companies.access import coordinators_only
from companies.forms.registry import MergerForm, RucChangeForm, UndoForm
from companies.models import Company, RucHistory

from .answers import answer
from .panel_company import handed_in


@coordinators_only
def company_ruc(request, pk):
    """From a day on the company has another RUC."""
    found, form = _found(pk), RucChangeForm(request.POST or None, request.FILES or None)
    note = _("El RUC de hoy queda en la historia y la empresa se encuentra por los dos. Los certificados emitidos "
             "conservan el que llevan impreso; el registro público dice cuál tiene hoy.")  # fmt: skip
    page = partial(_page, request, found, form, _("Cambiar el RUC"), note)
    return _answer(request, found, form, found.change_ruc, _("Registró el RUC nuevo y avisó a la empresa."), page)


@coordinators_only
def company_absorbed(request, pk):
    """From a day on another company answers for this one."""
    found, form = _found(pk), MergerForm(request.POST or None, request.FILES or None)
    note = _("Sus postulaciones, expedientes, sedes y certificados quedan como están. Quienes trabajan en la empresa "
             "que la absorbió los leen y actúan por ella; ya no postula ni firma por su cuenta.")  # fmt: skip
    page = partial(_page, request, found, form, _("Registrar una fusión"), note)
    return _answer(request, found, form, found.absorb_into, _("Registró la fusión y avisó a las dos empresas."), page)


@coordinators_only
def registry_undo(request, pk):
    """Take back an act that should not have been recorded; the page says what prevents it."""
    act = get_object_or_404(
        RucHistory.objects.filter(company__in=handed_in().values("company")).select_related("company__successor"), pk=pk
    )
    form = UndoForm(request.POST or None)
    page = partial(_undo_page, request, act, form)
    return _answer(request, act.company, form, act.undo, _("Deshizo el registro y avisó a quien corresponde."), page)


def _undo_page(request, act, form, status=200):
    act.refresh_from_db()
    context = {"act": act, "acts": [act], "company": act.company, "form": form, "missing": act.missing_to_undo()}
    context["title"] = _("Deshacer: %(what)s") % {"what": act.get_kind_display().lower()}
    return render(request, "panel/registry_undo.html", context | {"nav_current": "companies"}, status=status)


def _found(pk):
    return get_object_or_404(Company.objects.filter(pk__in=handed_in().values("company")), pk=pk)


def _page(request, found, form, title, note, status=200):
    context = {"company": found, "form": form, "title": title, "note": note, "nav_current": "companies"}
    return render(request, "panel/company_registry.html", context, status=status)


def _answer(request, found, form, act, said, page):
    if request.method != "POST":
        return page()
    return answer(
        request, form, partial(act, by=request.user), said=said, to=reverse("panel:company", args=[found.pk]), page=page
    )
