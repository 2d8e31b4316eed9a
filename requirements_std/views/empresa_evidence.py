from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Company
from companies.timeline import Timeline
from requirements_std.forms.evidence import EvidenceFilter, EvidenceForm, UploadForm
from requirements_std.models import Assessment, Evidence

from .page import frame


def evidences(request, company):
    """The company's library: what proves what."""
    if request.method == "POST":
        return _upload(request, get_object_or_404(Company.objects.edited_by(request.user), pk=company))
    company = get_object_or_404(Company.objects.belonging_to(request.user), pk=company)
    return _library(request, company, UploadForm())


def _upload(request, company):
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _library(request, company, form, status=422)
    files = form.cleaned_data["files"]
    count = len(Evidence.objects.keep_all(company, files, by=request.user))
    messages.success(
        request, ngettext("Subió %(count)s archivo.", "Subió %(count)s archivos.", count) % {"count": count}
    )
    for sentence in files.refused:
        messages.warning(request, sentence)
    return redirect("empresa:evidences", company.pk)


def _library(request, company, form, status=200):
    ask = EvidenceFilter(request.GET)
    ask.is_valid()
    rows = company.evidences.for_list().distinct()
    if words := ask.cleaned_data.get("q"):
        rows = rows.filter(Q(title__icontains=words) | Q(filename__icontains=words))
    if use := ask.cleaned_data.get("uso"):
        rows = rows.filter(links__isnull=use == "sin")
    assessment = Assessment.objects.current().filter(company=company).first()
    context = {
        "company": company,
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
        "upload": form,
        "filter": {"form": ask},
        "may_edit": Company.objects.edited_by(request.user).filter(pk=company.pk).exists(),
        **(frame(assessment) if assessment else {}),
    }
    return render(request, "empresa/evidences.html", context, status=status)


def evidence(request, pk):
    """One proof: see it, name it, date it."""
    readable = Evidence.objects.filter(company__in=Company.objects.belonging_to(request.user))
    found = get_object_or_404(readable.for_list(), pk=pk)
    may_edit = Evidence.objects.editable_by(request.user).filter(pk=pk).exists()
    form = EvidenceForm(request.POST or None, instance=found)
    status = 200
    if request.method == "POST":
        found = get_object_or_404(Evidence.objects.editable_by(request.user), pk=pk)
        if form.is_valid():
            found.describe(form.cleaned_data, by=request.user)
            messages.success(request, _("Datos de la evidencia guardados."))
            return redirect("empresa:evidence", pk)
        status = 422
    assessment = Assessment.objects.current().filter(company=found.company_id).first()
    context = {
        "evidence": found,
        "form": form,
        "events": Timeline.of(request, found),
        "may_edit": may_edit,
        "company": found.company,
        "nav_current": "evidences",
        **(frame(assessment) if assessment else {}),
    }
    return render(request, "empresa/evidence.html", context, status=status)
