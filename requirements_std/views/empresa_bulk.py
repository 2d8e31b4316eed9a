"""What the company does to several rows of its board: hand them in, and attach one file to them."""

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from companies.models import Company
from ecoeficiencia.lifecycle import IllegalMove
from requirements_std.forms.rows import ExplainForm
from requirements_std.forms.selection import AttachForm
from requirements_std.models import Assessment
from requirements_std.selection import Selection, why_not_attached, why_not_submitted

from .page import frame


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, company):
    """First which rows are ready and what the others miss; handed in when it is sent back."""
    assessment, selection = _chosen(request, company)
    if not selection.versions:
        return _nothing(request, company)
    if request.method != "POST":
        selection.foresee(why_not_submitted)
        return _page(request, "submit", assessment, selection)
    count = selection.do(lambda row: row.submit(by=request.user), why_not_submitted)
    if not selection.is_whole:
        return _page(request, "submit", assessment, selection, status=409, result=True)
    said = ngettext("Presentó %(n)s requisito: %(rows)s.", "Presentó %(n)s requisitos: %(rows)s.", count)
    messages.success(request, said % {"n": count, "rows": selection.named})
    return redirect(_back(request, company))


@require_http_methods(["GET", "HEAD", "POST"])
def attach(request, company):
    """One file, kept once in the library, proves every chosen row that may still change."""
    assessment, selection = _chosen(request, company)
    if not selection.versions:
        return _nothing(request, company)
    form = AttachForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        selection.foresee(why_not_attached)
        return _page(request, "attach", assessment, selection, form, status=422 if request.method == "POST" else 200)
    try:
        proof = assessment.company.evidences.keep(assessment.company, form.cleaned_data["file"], by=request.user)
    except IllegalMove as refused:
        form.add_error("file", str(refused))
        selection.foresee(why_not_attached)
        return _page(request, "attach", assessment, selection, form, status=422)
    selection.do(lambda row: row.add_evidence(existing=[proof], by=request.user), why_not_attached)
    if not selection.is_whole:
        return _page(request, "attach", assessment, selection, form, status=409, result=True, proof=proof)
    messages.success(request, _("Adjuntó «%(file)s» a %(rows)s.") % {"file": proof, "rows": selection.named})
    return redirect(_back(request, company))


@require_http_methods(["GET", "HEAD", "POST"])
def explain(request, company):
    """How each chosen row is met, all in one form; only what was changed is saved."""
    assessment, selection = _chosen(request, company)
    if not selection.versions:
        return _nothing(request, company)
    forms = [ExplainForm(request.POST or None, row=choice.row) for choice in selection.choices]
    if request.method != "POST":
        return _page(request, "explain", assessment, selection, forms)
    outcomes = [(form, form.save(by=request.user)) for form in forms]
    count = sum(saved is True for _form, saved in outcomes)
    said = ngettext("Guardó %(n)s requisito", "Guardó %(n)s requisitos", count) % {"n": count}
    if refused := [form for form, saved in outcomes if saved is False]:
        said = _("%(said)s; %(n)s por corregir.") % {"said": said, "n": len(refused)}
        forms = [form if saved is False else ExplainForm(row=form.row) for form, saved in outcomes]
        return _page(request, "explain", assessment, selection, forms, status=422, said=said, refused=refused)
    messages.success(request, _("%(said)s.") % {"said": said})
    if "presentar" in request.POST:
        query = urlencode({"pk": [form.row.pk for form in forms], "desde": request.POST.get("desde", "")}, doseq=True)
        return redirect(f"{reverse('empresa:board_submit', args=[company])}?{query}")
    return redirect(_back(request, company))


def _chosen(request, company):
    """The assessment `company` works on, and the rows chosen of it; 404 when they are somebody else's."""
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    assessment = Assessment.objects.current().filter(company=company).first()
    if assessment is None:
        raise Http404
    data = request.POST if request.method == "POST" else request.GET
    selection = Selection(assessment.fulfilments.all(), data.getlist("pk"))
    if selection.versions and not selection.choices:
        raise Http404
    return assessment, selection


def _nothing(request, company):
    messages.warning(request, _("Seleccione al menos un requisito."))
    return redirect(_back(request, company))


def _back(request, company):
    """The board with its filters."""
    filters = QueryDict(request.POST.get("desde", request.GET.get("desde", ""))).urlencode()
    path = reverse("empresa:board", args=[company])
    return f"{path}?{filters}" if filters else path


def _page(request, name, assessment, selection, form=None, status=200, **more):
    context = {
        "selection": selection,
        "form": form,
        "result": False,
        "proof": None,
        "back": _back(request, assessment.company_id),
        "desde": request.POST.get("desde", request.GET.get("desde", "")),
        "nav_current": "board",
        **frame(assessment),
        **more,
    }
    return render(request, f"empresa/board_{name}.html", context, status=status)
