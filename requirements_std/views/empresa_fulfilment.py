from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from companies.merging import is_stale, merge
from ecoeficiencia.lifecycle import IllegalMove
from requirements_std.forms.fulfilment import AnswerForm, CommentForm, LinkForm, NotApplicableForm
from requirements_std.models import Evidence, Fulfilment

from .page import RowPage, frame

LIBRARY_SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
def fulfilment(request, pk):
    """One requirement: read it, show how it is met, hand it in."""
    if request.method != "POST":
        return _page(request, get_object_or_404(Fulfilment.objects.belonging_to(request.user).for_page(), pk=pk))
    row = get_object_or_404(Fulfilment.objects.editable_by(request.user).for_page(), pk=pk)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, status=422, answer=form)
    if row.is_editable and is_stale(form, row):
        if form.cleaned_data["files"]:
            row.add_evidence(files=form.cleaned_data["files"], by=request.user)
        return merge(request, form, row, files_kept=True, nav_current="board", **frame(row.assessment))
    try:
        _save(request, row, form.cleaned_data)
    except IllegalMove as refused:
        return _refused(request, pk, refused, answer=form)
    return redirect("empresa:fulfilment", pk)


def _save(request, row, data):
    row.save_work(work=data["work"], statement=data["statement"], by=request.user, version=data["version"])
    if data["files"]:
        row.add_evidence(files=data["files"], by=request.user)
    for sentence in data["files"].refused:
        messages.warning(request, sentence)
    if "presentar" not in request.POST:
        messages.success(request, _("Guardado: %(row)s.") % {"row": row})
    elif missing := row.missing_to_submit():
        messages.warning(request, _("Se guardó, pero aún no se puede presentar.") + " " + " ".join(map(str, missing)))
    else:
        row.submit(by=request.user)
        messages.success(request, _("Presentó %(row)s a revisión.") % {"row": row})


@require_POST
def link(request, pk):
    """Use evidence of the library here too."""
    row = get_object_or_404(Fulfilment.objects.editable_by(request.user).for_page(), pk=pk)
    form = LinkForm(request.POST, row=row)
    if not form.is_valid():
        messages.error(request, _("Elija al menos una evidencia de la biblioteca."))
        return _page(request, row, status=422)
    return _do(request, row, lambda: row.add_evidence(existing=form.cleaned_data["evidence"], by=request.user))


@require_POST
def unlink(request, pk, evidence):
    row = get_object_or_404(Fulfilment.objects.editable_by(request.user).for_page(), pk=pk)
    evidence = get_object_or_404(Evidence.objects.filter(links__fulfilment=row), pk=evidence)
    return _do(request, row, lambda: row.unlink_evidence(evidence, by=request.user))


@require_POST
def withdraw(request, pk):
    row = get_object_or_404(Fulfilment.objects.editable_by(request.user).for_page(), pk=pk)
    return _do(request, row, lambda: row.withdraw_submission(by=request.user))


@require_POST
def claim_na(request, pk):
    row = get_object_or_404(Fulfilment.objects.editable_by(request.user).for_page(), pk=pk)
    form = NotApplicableForm(request.POST, prefix="na")
    if not form.is_valid():
        return _page(request, row, status=422, na=form)
    return _do(request, row, lambda: row.claim_na(form.cleaned_data["reason"], by=request.user), na=form)


@require_POST
def comment(request, pk):
    row = get_object_or_404(Fulfilment.objects.editable_by(request.user).for_page(), pk=pk)
    form = CommentForm(request.POST, user=request.user, company=row.assessment.company)
    if not form.is_valid():
        return _page(request, row, status=422, comment=form)
    row.comment(form.cleaned_data["text"], by=request.user, audience=form.chosen)
    return redirect("empresa:fulfilment", pk)


def _do(request, row, act, **forms):
    try:
        act()
    except IllegalMove as refused:
        return _refused(request, row.pk, refused, **forms)
    messages.success(request, _("Hecho: %(row)s, %(state)s.") % {"row": row, "state": row.get_state_display()})
    return redirect("empresa:fulfilment", row.pk)


def _refused(request, pk, refused, **forms):
    """The row as it is now, what stood in the way, and what the person typed."""
    messages.error(request, str(refused))
    row = get_object_or_404(Fulfilment.objects.belonging_to(request.user).for_page(), pk=pk)
    return _page(request, row, status=409, **forms)


def _page(request, row, status=200, answer=None, na=None, comment=None):
    page = RowPage(row, request, comment)
    may_edit = row.is_editable and Fulfilment.objects.editable_by(request.user).filter(pk=row.pk).exists()
    linked = [link.evidence_id for link in page.links]
    context = {
        "row": row,
        "page": page,
        "may_edit": may_edit,
        "answer": answer or AnswerForm(initial={"version": row.version, "work": row.work, "statement": row.statement}),
        "na": na or NotApplicableForm(prefix="na"),
        "missing": row.missing_to_submit() if may_edit else [],
        "library": row.assessment.company.evidences.living().exclude(pk__in=linked)[:LIBRARY_SHOWN] if may_edit else [],
        "nav_current": "board",
        **frame(row.assessment),
    }
    return render(request, "empresa/fulfilment.html", context, status=status)
