from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from companies.forms.files import RemovalForm, ReplacementForm
from companies.merging import merge, overtaken
from companies.models import Company
from companies.quota import use_of
from companies.timeline import Timeline
from ecoeficiencia.lifecycle import IllegalMove, Overtaken
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
    try:
        kept = Evidence.objects.keep_all(company, files, by=request.user)
    except IllegalMove as refused:
        form.add_error("files", str(refused))
        return _library(request, company, form, status=422)
    _tell(request, kept, files.refused)
    return redirect("empresa:evidences", company.pk)


def _tell(request, kept, refused):
    """What became of each file: kept, there already, or refused."""
    if count := sum(not proof.was_there for proof in kept):
        said = ngettext("Subió %(count)s archivo.", "Subió %(count)s archivos.", count)
        messages.success(request, said % {"count": count})
    for proof in kept:
        if proof.was_there:
            said = _("Ese archivo ya estaba en la biblioteca como «%(title)s»; no se repitió.")
            messages.info(request, said % {"title": proof})
    for sentence in refused:
        messages.warning(request, sentence)


def _library(request, company, form, status=200):
    ask = EvidenceFilter(request.GET)
    ask.is_valid()
    removed = ask.cleaned_data.get("uso") == "eliminadas"
    rows = company.evidences.for_list().distinct().filter(removed_at__isnull=not removed)
    if words := ask.cleaned_data.get("q"):
        rows = rows.filter(Q(title__icontains=words) | Q(filename__icontains=words))
    if (use := ask.cleaned_data.get("uso")) and not removed:
        rows = rows.filter(links__isnull=use == "sin")
    assessment = Assessment.objects.current().filter(company=company).first()
    context = {
        "company": company,
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
        "upload": form,
        "use": use_of(company),
        "filter": {"form": ask},
        "may_edit": Company.objects.edited_by(request.user).filter(pk=company.pk).exists(),
        **(frame(assessment) if assessment else {}),
    }
    return render(request, "empresa/evidences.html", context, status=status)


def evidence(request, pk):
    """One proof: see it, name it, date it."""
    if request.method != "POST":
        return _page(request, _proof(request, pk))
    found = _editable(request, pk)
    form = EvidenceForm(request.POST, instance=_editable(request, pk))
    if not form.is_valid():
        return _page(request, found, status=422, form=form)
    if form.clashes():
        return merge(request, form, form.as_stored(), company=found.company, nav_current="evidences")
    try:
        form.save(by=request.user)
    except Overtaken as refused:
        return overtaken(request, refused, back=reverse("empresa:evidence", args=[pk]), form=form)
    messages.success(request, _("Datos de la evidencia guardados."))
    return redirect("empresa:evidence", pk)


@require_POST
def replace(request, pk):
    """A newer version of the file; the older one stays where it was relied on."""
    found = _editable(request, pk)
    form = ReplacementForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, status=422, version=form)
    try:
        new = found.replace(form.cleaned_data["file"], by=request.user)
    except IllegalMove as refused:
        messages.error(request, str(refused))
        return _page(request, found, status=409, version=form)
    messages.success(request, _("Guardó la versión %(n)s.") % {"n": new.number})
    return redirect("empresa:evidence", new.pk)


@require_POST
def remove(request, pk):
    """Out of the library, with a reason that stays."""
    found = get_object_or_404(Evidence.objects.editable_by(request.user).for_list(), pk=pk)
    form = RemovalForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, removal=form)
    try:
        found.remove(reason=form.cleaned_data["reason"], by=request.user)
    except Overtaken as refused:
        return overtaken(request, refused, back=reverse("empresa:evidence", args=[pk]), form=form)
    except IllegalMove as refused:
        messages.error(request, str(refused))
        return _page(request, found, status=409, removal=form)
    messages.success(request, _("Eliminó «%(title)s». Queda anotado quién, cuándo y por qué.") % {"title": found})
    return redirect("empresa:evidences", found.company_id)


def _proof(request, pk):
    readable = Evidence.objects.filter(company__in=Company.objects.belonging_to(request.user))
    return get_object_or_404(readable.for_list(), pk=pk)


def _editable(request, pk):
    return get_object_or_404(Evidence.objects.editable_by(request.user).living().for_list(), pk=pk)


def _page(request, found, status=200, form=None, version=None, removal=None):
    may_edit = Evidence.objects.editable_by(request.user).living().filter(pk=found.pk).exists()
    assessment = Assessment.objects.current().filter(company=found.company_id).first()
    context = {
        "evidence": found,
        "form": form or EvidenceForm(instance=found),
        "events": Timeline.of(request, found),
        "version": version or ReplacementForm(),
        "removal": removal or RemovalForm(),
        "newer": Evidence.objects.filter(replaces=found).first(),
        "kept_by": found.missing_to_remove(),
        "may_edit": may_edit,
        "company": found.company,
        "nav_current": "evidences",
        **(frame(assessment) if assessment else {}),
    }
    return render(request, "empresa/evidence.html", context, status=status)
