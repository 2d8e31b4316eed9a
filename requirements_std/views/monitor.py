from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.access import monitors_only
from companies.merging import overtaken
from companies.models import Company
from ecoeficiencia.lifecycle import Overtaken
from requirements_std.board import Board
from requirements_std.forms.fulfilment import CommentForm, ReviewForm
from requirements_std.forms.review import ReviewFilter
from requirements_std.models import Assessment, Comment, Fulfilment

from .page import RowPage, frame

State = Fulfilment.State


@monitors_only
@require_safe
def review(request):
    """Everything that waits for this monitor, the longest wait first."""
    waiting = Fulfilment.objects.reviewable_by(request.user).to_review()
    ask = ReviewFilter(request.GET, waiting=waiting)
    rows = ask.rows.select_related("assessment__company", "assessment__standard_version", "requirement__aspect", "site")
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    notice = next((row.assessment.standard_version.notice for row in page), "")
    context = {"page": page, "filter": {"form": ask}, "standard_notice": notice, "today": timezone.localdate()}
    return render(request, "monitor/review.html", context)


@require_safe
def board(request, company):
    company = get_object_or_404(Company.objects.monitored_by(request.user), pk=company)
    assessment = Assessment.objects.current().filter(company=company).first()
    if assessment is None:
        return render(request, "monitor/board_closed.html", {"company": company})
    context = {"board": Board(assessment, request.GET, "monitor", choosing=[State.SUBMITTED]), **frame(assessment)}
    return render(request, "monitor/board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def fulfilment(request, pk):
    """One row with its evidence in front: accept it, or observe it with the reason."""
    row = get_object_or_404(Fulfilment.objects.reviewable_by(request.user).for_page(), pk=pk)
    form = ReviewForm(request.POST if request.method == "POST" else None, row=row, initial={"version": row.version})
    if request.method != "POST":
        return _page(request, row, form)
    if form.is_stale:
        return _late(request, row.overtaken(), form)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    row.version = form.cleaned_data["version"]
    try:
        row.review(form.cleaned_data["decision"], by=request.user, note=form.cleaned_data["note"])
    except Overtaken as refusal:
        return _late(request, refusal, form)
    messages.success(request, _("%(row)s: %(state)s.") % {"row": row, "state": row.get_state_display()})
    return _next(request, row)


def _late(request, refusal, form):
    """A colleague decided, or the company changed what it handed in: both texts, and what may still become of mine."""
    row, said = refusal.record, form.data.get("note", "")
    if form.is_valid():
        fields = {"decision": form.cleaned_data["decision"], "note": said, "version": row.version}
        label = dict(form.fields["decision"].choices)[fields["decision"]]
        label = _("Guardar mi decisión de todos modos: %(decision)s") % {"decision": label}
        instead = {"action": reverse("monitor:fulfilment", args=[row.pk]), "fields": fields, "label": label}
    elif said.strip():
        fields = {"text": said, "audience": Comment.Audience.COMPANY}
        label = _("Enviar lo mío como mensaje a la empresa")
        instead = {"action": reverse("monitor:fulfilment_comment", args=[row.pk]), "fields": fields, "label": label}
    else:
        instead = None
    back = reverse("monitor:fulfilment", args=[row.pk])
    return overtaken(request, refusal, back=back, form=form, instead=instead)


def _next(request, row):
    """On to what waits longest in the same company, else to the list."""
    waiting = Fulfilment.objects.reviewable_by(request.user).to_review()
    if following := waiting.filter(assessment=row.assessment_id).first():
        return redirect("monitor:fulfilment", following.pk)
    return redirect("monitor:review")


@require_POST
def comment(request, pk):
    row = get_object_or_404(Fulfilment.objects.reviewable_by(request.user).for_page(), pk=pk)
    form = CommentForm(request.POST, user=request.user, company=row.assessment.company)
    if not form.is_valid():
        return _page(request, row, ReviewForm(row=row, initial={"version": row.version}), form, status=422)
    row.comment(form.cleaned_data["text"], by=request.user, audience=form.chosen)
    return redirect("monitor:fulfilment", pk)


def _page(request, row, form, comment=None, status=200):
    page = RowPage(row, request, comment)
    chosen = request.GET.get("evidencia", "")
    shown = next(
        (link for link in page.links if str(link.evidence_id) == chosen), page.links[0] if page.links else None
    )
    waiting = Fulfilment.objects.reviewable_by(request.user).to_review().exclude(pk=row.pk)
    context = {
        "row": row,
        "page": page,
        "form": form,
        "shown": shown.evidence if shown else None,
        "can_decide": bool(form.fields["decision"].choices),
        "skip": waiting.filter(assessment=row.assessment_id).first(),
        **frame(row.assessment),
    }
    return render(request, "monitor/fulfilment.html", context, status=status)
