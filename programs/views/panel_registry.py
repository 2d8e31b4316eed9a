"""The staff's door: a company's other RUC, and the company that absorbed it."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from companies.access import coordinators_only
from companies.forms.registry import MergerForm, RucChangeForm
from companies.models import Company

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
