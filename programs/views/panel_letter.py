"""The staff's door: commitment letters to verify, and the waivers of any gate."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.access import staff_only
from companies.merging import as_seen, overtaken
from companies.models import Duty, Event
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.files.serving import serve
from ecoeficiencia.lifecycle import IllegalMove
from programs.forms.filters import edition_asked
from programs.forms.panel import ReasonForm
from programs.models import CommitmentLetter, Waiver

from .answers import answer
from .panel_way import page_of


@staff_only
@require_safe
def letters(request):
    """The letters, those that wait for PROMPERÚ first and the oldest of them on top."""
    rows, edition = CommitmentLetter.objects.managed_by(request.user), edition_asked(request)
    if edition:
        rows = rows.filter(participation__edition=edition)
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    state = request.GET.get("estado", "signed")
    shown = rows.filter(state=state) if state in CommitmentLetter.State.values else rows
    found = shown.select_related("participation__company", "participation__edition", "participation__application")
    page = Paginator(found.order_by("state_since", "pk"), 25).get_page(request.GET.get("page"))
    tabs = [(value, label, counts.get(value, 0)) for value, label in CommitmentLetter.State.choices]
    context = {"page": page, "tabs": tabs, "state": state, "edition": edition, "total": sum(counts.values())}
    return render(request, "panel/letters.html", context)


@staff_only
@require_safe
def letter(request, pk):
    return _page(request, get_object_or_404(CommitmentLetter.objects.managed_by(request.user), pk=pk))


def _page(request, letter, status=200, return_form=None):
    participation = letter.participation
    context = {
        "letter": letter,
        "participation": participation,
        "company": participation.company,
        "missing": participation.missing_to_start(timezone.localdate()),
        "events": Timeline.of(request, letter, inside=True),
        "can_verify": request.user.has_duty(Duty.COORDINATOR, Duty.REVIEWER),
        "return_form": return_form or ReasonForm(prefix="devolver"),
    }
    return render(request, "panel/letter.html", context, status=status)


def _decided_on(request, pk):
    """The letter as the page showed it: of another copy, uploaded meanwhile, nothing is said."""
    return as_seen(get_object_or_404(CommitmentLetter.objects.verifiable_by(request.user), pk=pk), request.POST)


@require_POST
def verify(request, pk):
    letter = _decided_on(request, pk)
    back = reverse("panel:letter", args=[pk])
    try:
        letter.verify(by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    messages.success(request, _("Verificó la carta y avisó a la empresa."))
    return redirect(back)


@require_POST
def give_back(request, pk):
    letter = _decided_on(request, pk)
    form = ReasonForm(request.POST, prefix="devolver")
    return answer(
        request, form, partial(letter.give_back, by=request.user),
        said=_("Devolvió la carta y avisó a la empresa."), to=reverse("panel:letter", args=[pk]),
        page=partial(_page, request, letter, return_form=form),
    )  # fmt: skip


@require_safe
def letter_file(request, pk, which):
    """The letter as printed or as signed, for members, the assigned monitor and PROMPERÚ."""
    letters = CommitmentLetter.objects.visible_to(request.user).select_related("pdf", "signed_copy")
    letter = get_object_or_404(letters, pk=pk)
    blob = letter.signed_copy if which == "firmada" else letter.pdf
    if blob is None:
        raise Http404
    name = letter.signed_filename if which == "firmada" else f"carta-{letter.reference}.pdf"
    Event.note_reading(letter, name, by=request.user)
    return serve(request, blob, name, inline="descargar" not in request.GET)


@require_POST
def revoke(request, pk):
    """End a waiver of an application or a participation."""
    waiver = get_object_or_404(Waiver.objects.granted_by_duty_of(request.user), pk=pk)
    if waiver.application_id:
        back = page_of(request, waiver.application)
    else:
        back = reverse("panel:participation", args=[waiver.participation_id])
    form = ReasonForm(request.POST, prefix="revocar")
    if not form.is_valid():
        return conflict(request, _("Escriba el motivo para dejar sin efecto la dispensa."), back=back, status=422)
    try:
        waiver.revoke(by=request.user, **form.cleaned_data)
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=back, form=form)
    messages.success(request, _("La dispensa quedó sin efecto y avisó a la empresa."))
    return redirect(back)
