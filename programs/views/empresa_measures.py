"""The company's book of savings: its measures, what they cost, what they give back."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.merging import is_stale, merge
from companies.models import Company
from companies.timeline import Timeline
from ecoeficiencia.lifecycle import IllegalMove
from programs import savings
from programs.forms.measure import MeasureForm
from programs.forms.training import ReasonForm
from programs.models import Measure, Participation
from programs.parameters import PARAMETERS

from .answers import answer


@require_safe
def measures(request, company):
    return _page(request, get_object_or_404(Company.objects.belonging_to(request.user), pk=company))


def _page(request, company, status=200):
    rows = Measure.objects.filter(company=company)
    totals = rows.totals()
    context = {
        "company": company,
        "measures": rows.select_related("site"),
        "totals": totals,
        "payback": savings.payback_text(totals["investment"], totals["planned"]),
        "bars": savings.bars([(m.title, m.net_saving) for m in rows.kept()]),
        "may_edit": Company.objects.edited_by(request.user).filter(pk=company.pk).exists(),
    }
    return render(request, "empresa/measures.html", context, status=status)


def create(request, company):
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    form = MeasureForm(request.POST or None, company=company)
    if form.is_valid():
        form.instance.start(company=company, by=request.user)
        messages.success(request, _("Registró la medida «%(measure)s».") % {"measure": form.instance})
        return redirect("empresa:measures", company.pk)
    context = {"form": form, "company": company, "measure": None}
    return render(request, "empresa/measure.html", context, status=422 if form.is_bound else 200)


def edit(request, pk):
    found = get_object_or_404(Measure.objects.belonging_to(request.user).select_related("company"), pk=pk)
    if request.method != "POST":
        return _measure(request, found)
    found = get_object_or_404(Measure.objects.editable_by(request.user).select_related("company"), pk=pk)
    form = MeasureForm(request.POST, instance=found, company=found.company)
    if form.is_valid() and found.is_editable and is_stale(form, found):
        return merge(request, form, Measure.objects.get(pk=pk), company=found.company)
    return answer(
        request, form, lambda **data: found.change(by=request.user, fields=form.changed_data, version=data["version"]),
        said=_("Guardó la medida."), to=reverse("empresa:measures", args=[found.company_id]),
        page=partial(_measure, request, found, form=form),
    )  # fmt: skip


def _measure(request, measure, status=200, form=None, discard_form=None):
    rate = _discount_rate(measure.company_id)
    measure = Measure.objects.select_related("company", "site").get(pk=measure.pk)  # as it is, not as typed
    writes = Measure.objects.editable_by(request.user).filter(pk=measure.pk).exists()
    context = {
        "company": measure.company,
        "measure": measure,
        "form": form or MeasureForm(instance=measure, company=measure.company),
        "rate": rate,
        "npv": measure.npv(rate),
        "years": savings.YEARS,
        "may_edit": writes and measure.is_editable,
        "acts": measure.next_acts if writes else [],
        "may_discard": writes and measure.may_discard,
        "discard_form": discard_form or ReasonForm(prefix="discard"),
        "events": Timeline.of(request, measure),
    }
    return render(request, "empresa/measure.html", context, status=status)


def _discount_rate(company):
    """Of the company's latest edition, else our default; per cent a year."""
    rows = Participation.objects.filter(company=company).select_related("edition").order_by("-edition__opens_on")
    edition = next((row.edition for row in rows[:1]), None)
    return edition.parameter("discount_rate") if edition else PARAMETERS["discount_rate"].default


@require_POST
def advance(request, pk):
    row = get_object_or_404(Measure.objects.editable_by(request.user).select_related("company"), pk=pk)
    try:
        row.advance(request.POST.get("to", ""), by=request.user)
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
        return _measure(request, row, status=409)
    messages.success(request, f"{row}: {row.get_state_display()}.")
    return redirect("empresa:measure", pk)


@require_POST
def discard(request, pk):
    row = get_object_or_404(Measure.objects.editable_by(request.user).select_related("company"), pk=pk)
    form = ReasonForm(request.POST, prefix="discard")
    return answer(
        request, form, partial(row.discard, by=request.user),
        said=_("Descartó la medida; puede retomarla cuando quiera."),
        to=reverse("empresa:measures", args=[row.company_id]), page=partial(_measure, request, row, discard_form=form),
    )  # fmt: skip
