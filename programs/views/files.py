"""The numbered file of an application at each door, and the letters and papers of its decision."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from companies.models import Delivery, Event
from ecoeficiencia.files.serving import serve
from programs.models import Appeal, Application, DecisionLetter

from .panel_way import way


@require_safe
def company_file(request, pk):
    """The company's own view of its file."""
    found = get_object_or_404(_whole(Application.objects.followed_by(request.user)), pk=pk)
    context = {"application": found, "company": found.company, "edition": found.edition}
    return render(request, "empresa/application_file.html", context | {"entries": found.entries(inside=False)})


@require_safe
def staff_file(request, pk):
    """Everything, with who opened it and which mails left."""
    found = get_object_or_404(_whole(Application.objects.readable_in_panel(request.user)), pk=pk)
    found.note_opened(by=request.user)
    context = {
        "application": found,
        "company": found.company,
        "entries": found.entries(inside=True),
        "checks": found.checks.select_related("by"),
        "letters": found.decision_letters.select_related("pdf"),
        "deliveries": Delivery.objects.about(found)[:50],
        "nav_current": "applications",
        **way(request),
    }
    return render(request, "panel/application_file.html", context)


def _whole(rows):
    return rows.select_related("company", "edition", "participation", "appeal")


@require_safe
def decision_letter_file(request, pk):
    letter = get_object_or_404(DecisionLetter.objects.visible_to(request.user).select_related("pdf"), pk=pk)
    if letter.pdf is None:
        raise Http404
    Event.note_reading(letter, letter.filename, by=request.user)
    return serve(request, letter.pdf, letter.filename, inline="descargar" not in request.GET)


@require_safe
def appeal_file(request, pk):
    appeal = get_object_or_404(Appeal.objects.visible_to(request.user).select_related("blob"), pk=pk)
    if appeal.blob is None:
        raise Http404
    Event.note_reading(appeal, appeal.filename, by=request.user)
    return serve(request, appeal.blob, appeal.filename)
