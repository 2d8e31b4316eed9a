"""The staff's door: several applications given to a reviewer, or decided, together."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from companies.access import coordinators_only, reviewers_only
from programs.batch import Batch
from programs.forms.deciding import AssignForm, BatchForm
from programs.models import Application

from .panel_way import as_parameter, list_as_left, with_chosen


@reviewers_only
@require_POST
def assign(request):
    back, form = list_as_left(request.POST.get("desde", "")), AssignForm(request.POST)
    batch = Batch(Application.objects.reviewable_by(request.user), request.POST.getlist("pk"))
    if not batch.choices:
        messages.warning(request, _("Elija al menos una postulación."))
        return redirect(back)
    if not form.is_valid():
        messages.warning(request, _("Elija a quién asignar."))
        return redirect(with_chosen(back, [choice.row.pk for choice in batch.choices]))
    reviewer = form.cleaned_data["reviewer"]
    count = batch.assign(reviewer, by=request.user)
    said = ngettext("Asignó %(n)s postulación a %(who)s.", "Asignó %(n)s postulaciones a %(who)s.", count)
    messages.success(request, said % {"n": count, "who": reviewer})
    for choice in batch.refused:
        messages.warning(request, f"{choice.row.company}: {choice.refusals[0]}")
    return redirect(back)


@coordinators_only
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request):
    """First what would happen to each and why not; decided when it is sent back."""
    data = request.POST if request.method == "POST" else request.GET
    outcome = data.get("outcome", "admit") if data.get("outcome") in {"admit", "reject"} else "admit"
    back = list_as_left(data.get("desde", ""))
    batch = Batch(Application.objects.decidable_by(request.user), data.getlist("pk"))
    today = timezone.localdate()
    if not batch.choices:
        messages.warning(request, _("Elija al menos una postulación."))
        return redirect(back)
    sent = "grounds" in request.POST
    form = BatchForm(request.POST if sent else None, initial={"outcome": outcome})
    if not sent or not form.is_valid():
        batch.foresee(outcome, on=today)
        return _page(request, batch, form, outcome, back, status=422 if sent else 200)
    count = batch.decide(outcome, by=request.user, grounds=form.cleaned_data["grounds"], on=today)
    if not batch.is_whole:
        return _page(request, batch, form, outcome, back, status=409, result=True)
    said = ngettext("Decidió %(n)s postulación.", "Decidió %(n)s postulaciones.", count)
    messages.success(request, said % {"n": count} + " " + _("Los avisos quedaron en borrador en Correos."))
    return redirect(back)


def _page(request, batch, form, outcome, back, status=200, result=False):
    data = request.POST if request.method == "POST" else request.GET
    context = {
        "batch": batch,
        "form": form,
        "outcome": outcome,
        "back": back,
        "came": as_parameter(data.get("desde", "")),
        "desde": data.get("desde", ""),
        "result": result,
        "nav_current": "applications",
    }
    return render(request, "panel/batch.html", context, status=status)
