"""Staff schedule the workshops of an edition and take the attendance of each session."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from companies.access import coordinators_only, staff_only
from companies.merging import merge, overtaken
from companies.models import Delivery
from companies.timeline import Timeline
from ecoeficiencia.lettering import clean_lettering
from ecoeficiencia.lifecycle import IllegalMove
from programs.attendance import record, sheet
from programs.forms.training import ReasonForm, SessionForm
from programs.models import Edition, Session

DELIVERIES = 100  # the newest; the rest are in the outbox


def _edition(request):
    """The edition asked for, else the newest."""
    asked = request.GET.get("edicion") or request.POST.get("edicion") or ""
    return Edition.objects.filter(pk=asked).first() if asked.isdecimal() else Edition.objects.first()


@staff_only
@require_safe
def workshops(request):
    edition = _edition(request)
    context = {
        "edition": edition,
        "editions": Edition.objects.all(),
        "workshops": edition.workshops.with_sessions() if edition else [],
        "now": timezone.now(),
        "may_edit": request.user.has_duty("coordinator"),
    }
    return render(request, "panel/workshops.html", context)


@coordinators_only
@require_POST
def create_workshops(request):
    edition = get_object_or_404(Edition, pk=getattr(_edition(request), "pk", 0))
    made = edition.create_workshops()
    messages.success(request, ngettext("Se creó %(n)d taller.", "Se crearon %(n)d talleres.", made) % {"n": made})
    return redirect(f"{request.path.removesuffix('crear/')}?edicion={edition.pk}")


@coordinators_only
def session_create(request):
    edition = get_object_or_404(Edition, pk=getattr(_edition(request), "pk", 0))
    form = SessionForm(request.POST or None, edition=edition, initial={"workshop": request.GET.get("taller")})
    return _session_form(request, form, edition)


@coordinators_only
def session_edit(request, pk):
    found = get_object_or_404(Session.objects.select_related("workshop__edition"), pk=pk)
    edition = found.workshop.edition
    return _session_form(request, SessionForm(request.POST or None, instance=found, edition=edition), edition)


def _session_form(request, form, edition):
    if form.is_valid():
        if form.is_stale:
            return merge(request, form, form.as_stored())
        try:
            form.instance.keep(by=request.user)
        except IllegalMove as refusal:
            return overtaken(request, refusal, back=f"/panel/talleres/{form.instance.pk}/", form=form)
        messages.success(request, _("Guardó la sesión. Las empresas en capacitación reciben la fecha y sus cambios."))
        return redirect("panel:session", form.instance.pk)
    context = {"form": form, "edition": edition}
    return render(request, "panel/session_form.html", context, status=422 if form.is_bound else 200)


@coordinators_only
@require_POST
def session_cancel(request, pk):
    found = get_object_or_404(Session.objects.select_related("workshop__edition"), pk=pk)
    form = ReasonForm(request.POST, prefix="cancelar")
    if not form.is_valid():
        return _page(request, found, status=422, cancel_form=form)
    try:
        found.cancel(by=request.user, **form.cleaned_data)
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=f"/panel/talleres/{pk}/", form=form)
    messages.success(request, _("Canceló la sesión. Se avisa a las empresas en capacitación."))
    return redirect("panel:session", pk)


@staff_only
def session(request, pk):
    found = get_object_or_404(Session.objects.select_related("workshop__edition"), pk=pk)
    if request.method == "POST":
        return _record(request, found)
    return _page(request, found)


def _page(request, session, status=200, cancel_form=None):
    begun, may_edit = session.has_begun(timezone.now()), request.user.has_duty("coordinator")
    context = {
        "session": session,
        "edition": session.workshop.edition,
        "sheet": sheet(session),
        "open": begun and not session.cancelled_at,
        "events": Timeline.of(request, session, inside=True),
        "may_edit": may_edit and not session.cancelled_at,
        "may_cancel": may_edit and not begun and not session.cancelled_at,
        "cancel_form": cancel_form or ReasonForm(prefix="cancelar"),
        "deliveries": Delivery.objects.readable_in_panel(request.user).about(session)[:DELIVERIES],
    }
    return render(request, "panel/session.html", context, status=status)


def _added(request):
    """(participation pk, name) of each person written beside a company; an imitation of a name is told, not kept."""
    for name, value in request.POST.items():
        if name.startswith("new-") and name.removeprefix("new-").isdecimal() and value.strip():
            try:
                yield int(name.removeprefix("new-")), clean_lettering(" ".join(value.split()))
            except ValidationError as refusal:
                words = _("No añadió a «%(name)s». %(why)s") % {"name": value, "why": " ".join(refusal.messages)}
                messages.warning(request, words)


def _record(request, session):
    data = request.POST
    added = list(_added(request))
    known = {int(pk) for pk in data.getlist("known") if pk.isdecimal()}
    try:
        new, removed = record(session, ticked=set(data.getlist("present")), known=known, added=added, by=request.user)
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
        return _page(request, session, status=409)
    messages.success(
        request, _("Guardó la asistencia: %(new)d nuevas, %(removed)d retiradas.") % {"new": new, "removed": removed}
    )
    return redirect("panel:session", session.pk)
