from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from companies.access import staff_only
from companies.models import Company
from requirements_std.board import Board
from requirements_std.forms.fulfilment import CommentForm
from requirements_std.models import Assessment, Fulfilment, Requirement, StandardVersion

from .page import RowPage, frame


@staff_only
@require_safe
def standard(request):
    versions = StandardVersion.objects.with_counts().select_related("standard").order_by("-published_at", "-pk")
    return render(request, "panel/standard.html", {"versions": versions})


@staff_only
@require_safe
def standard_version(request, pk):
    version = get_object_or_404(StandardVersion.objects.with_counts().select_related("standard"), pk=pk)
    aspects = version.aspects.prefetch_related(
        Prefetch("requirements", Requirement.objects.select_related("condition"))
    )
    context = {
        "version": version, "aspects": aspects, "standard_notice": version.notice, "nav_current": "standard",
    }  # fmt: skip
    return render(request, "panel/standard_version.html", context)


@staff_only
@require_safe
def board(request, company):
    company = get_object_or_404(Company.objects.visible_to(request.user), pk=company)
    assessment = Assessment.objects.current().filter(company=company).first()
    context = {"company": company, "nav_current": "companies"}
    if assessment is None:
        return render(request, "panel/board_closed.html", context)
    context |= {"board": Board(assessment, request.GET, "panel"), **frame(assessment)}
    return render(request, "panel/board.html", context)


@staff_only
@require_safe
def fulfilment(request, pk):
    return _page(request, get_object_or_404(Fulfilment.objects.visible_to(request.user).for_page(), pk=pk))


@staff_only
@require_POST
def comment(request, pk):
    row = get_object_or_404(Fulfilment.objects.visible_to(request.user).for_page(), pk=pk)
    form = CommentForm(request.POST, user=request.user, company=row.assessment.company)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    row.comment(form.cleaned_data["text"], by=request.user, audience=form.chosen)
    return redirect("panel:fulfilment", pk)


def _page(request, row, comment=None, status=200):
    page = RowPage(row, request, comment)
    context = {"row": row, "page": page, "nav_current": "companies", **frame(row.assessment)}
    return render(request, "panel/fulfilment.html", context, status=status)
