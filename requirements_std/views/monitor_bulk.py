"""The monitor's decision on several rows: look at them together, then accept them."""

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from companies.access import monitors_only
from requirements_std.models import Fulfilment
from requirements_std.selection import Selection, why_not_accepted

State = Fulfilment.State


@monitors_only
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request):
    """First what will be accepted and what will not; accepted when it is sent back."""
    data = request.POST if request.method == "POST" else request.GET
    selection, back = Selection(Fulfilment.objects.reviewable_by(request.user), data.getlist("pk")), _back(data)
    if not selection.versions:
        messages.warning(request, _("Seleccione al menos un requisito."))
        return redirect(back)
    if not selection.choices:
        raise Http404
    if request.method != "POST":
        selection.foresee(why_not_accepted)
        return _page(request, selection, back)
    count = selection.do(lambda row: row.review(State.ACCEPTED, by=request.user), why_not_accepted)
    if not selection.is_whole:
        return _page(request, selection, back, status=409, result=True)
    said = ngettext("Aceptó %(n)s requisito: %(rows)s.", "Aceptó %(n)s requisitos: %(rows)s.", count)
    messages.success(request, said % {"n": count, "rows": selection.named})
    return redirect(back)


def _back(data):
    """The list the rows were chosen on, with its filters."""
    company = data.get("tablero", "")
    path = reverse("monitor:review")
    if company.isascii() and company.isdecimal() and len(company) < 16:
        path = reverse("monitor:board", args=[company])
    filters = QueryDict(data.get("desde", "")).urlencode()
    return f"{path}?{filters}" if filters else path


def _page(request, selection, back, status=200, result=False):
    context = {
        "selection": selection,
        "back": back,
        "tablero": request.POST.get("tablero", request.GET.get("tablero", "")),
        "desde": request.POST.get("desde", request.GET.get("desde", "")),
        "result": result,
        "standard_notice": selection.choices[0].row.assessment.standard_version.notice,
        "nav_current": "review",
    }
    return render(request, "monitor/accept.html", context, status=status)
