"""The staff's door: the home with what waits, the editions and their parameters."""

from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.access import has_duty, staff_only
from companies.merging import is_stale, merge
from companies.models import Event
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.workdays import decreed_days, workdays_between
from programs.cockpit import Cockpit
from programs.forms.edition import CloneForm, EditionForm, ParameterForm
from programs.models import Edition, Program
from programs.models.accompaniment import monitors_with_load
from programs.models.edition import DATES
from programs.models.keepers import KEEPERS
from programs.parameters import PARAMETERS

from .answers import answer

keepers_only = has_duty(*KEEPERS)


@staff_only
@require_safe
def home(request):
    """What is my turn now, and where the companies of the current edition are; and which others are under way."""
    today = timezone.localdate()
    begun = list(Edition.objects.select_related("program").begun_on(today))
    edition = begun[0] if begun else Edition.objects.select_related("program").first()
    if edition is None:
        return render(request, "panel/home.html", {"edition": None, "queues": [], "waiting": 0})
    cockpit = Cockpit(edition)
    queues = cockpit.queues(request.user)
    context = {"queues": queues, "waiting": sum(queue.n for queue in queues)}
    context["others"] = [other for other in begun[1:] if other.under_way]
    return render(request, "panel/home.html", context | _figures(cockpit, today))


def _figures(cockpit, today):
    decreed, starts = decreed_days(), cockpit.edition.preaudit_starts_on
    return {
        "edition": cockpit.edition,
        "funnel": cockpit.funnel(),
        "ageing": cockpit.ageing(today, decreed),
        "monitors": monitors_with_load(),
        "expiring": cockpit.expiring(today, starts or today + timedelta(days=90))[:8],
        "days_to_preaudit": workdays_between(today, starts, decreed) if starts and starts > today else None,
    }


@staff_only
@require_safe
def edition(request, pk):
    return _edition_page(request, get_object_or_404(Edition.objects.select_related("program"), pk=pk))


def _edition_page(request, found, *, status=200, clone_form=None):
    cockpit = Cockpit(found)
    dates = [(Edition._meta.get_field(name).verbose_name, getattr(found, name)) for name in DATES]
    context = {
        "dates": dates,
        "missing": [] if found.published else found.missing_to_publish(),
        "may_keep": request.user.has_duty(*KEEPERS),
        "clone_form": clone_form or CloneForm(prefix="copia"),
        "events": Timeline.of(request, found, inside=True),
        "taken": found.places_taken(),
        "queues": cockpit.queues(request.user, beside=False) if found.published else [],
        **_figures(cockpit, timezone.localdate()),
        "monitors": monitors_with_load(found),
    }
    return render(request, "panel/edition.html", context, status=status)


@staff_only
@require_safe
def editions(request):
    applied = Count("applications", filter=Q(applications__submitted_at__isnull=False), distinct=True)
    rows = Edition.objects.select_related("standard_version").annotate(
        applied=applied, admitted=Count("participations", distinct=True)
    )
    rows = rows.order_by("-opens_on", "-pk")  # what counts groups, and then the model's own order is not kept
    context = {"rows": rows, "may_keep": request.user.has_duty(*KEEPERS)}
    return render(request, "panel/editions.html", context)


@keepers_only
def create(request):
    program = Program.objects.order_by("pk").first()
    if program is None:
        raise Http404
    form = EditionForm(request.POST or None, program=program)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            made = form.save()
            made.create_workshops()
            made.create_documents()
            Event.record(made, by=request.user, verb="create", note=made.name)
        messages.success(request, _("Creó la edición. Publíquela cuando esté lista."))
        return redirect("panel:edition", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "panel/edition_form.html", {"form": form, "edition": None}, status=status)


def edit(request, pk):
    found = get_object_or_404(Edition.objects.managed_by(request.user).select_related("program"), pk=pk)
    form = EditionForm(request.POST or None, instance=found, program=found.program)
    context = {"form": form, "edition": found}
    if request.method != "POST":
        return render(request, "panel/edition_form.html", context)
    if not form.is_valid():
        return render(request, "panel/edition_form.html", context, status=422)
    try:
        if is_stale(form, found):
            raise IllegalMove
        found.save_edit(by=request.user, fields=[name for name in form.changed_data if name != "version"])
    except IllegalMove:
        return merge(request, form, Edition.objects.get(pk=pk), **context)
    messages.success(request, _("Guardó los datos de la edición."))
    return redirect("panel:edition", found.pk)


@require_POST
def publish(request, pk):
    found = get_object_or_404(Edition.objects.managed_by(request.user), pk=pk)
    back = reverse("panel:edition", args=[pk])
    try:
        found.publish(by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=back)
    messages.success(request, _("Publicó la edición."))
    return redirect(back)


@require_POST
def clone(request, pk):
    found = get_object_or_404(Edition.objects.managed_by(request.user).select_related("program"), pk=pk)
    form = CloneForm(request.POST, prefix="copia")
    return answer(
        request, form, partial(found.clone, by=request.user),
        said=_("Copió la edición. Revise sus fechas antes de publicarla."),
        to=lambda new: reverse("panel:edition", args=[new.pk]),
        page=partial(_edition_page, request, found, clone_form=form),
    )  # fmt: skip


@keepers_only
@require_safe
def parameters(request, pk=None):
    """The parameters of the programme, or of one edition."""
    record = get_object_or_404(Edition.objects.managed_by(request.user), pk=pk) if pk else _program(request)
    context = {"record": record, "edition": record if pk else None, "settings": record.settings()}
    context["editions"] = Edition.objects.all()
    return render(request, "panel/parameters.html", context)


def _program(request):
    program = Program.objects.managed_by(request.user).order_by("pk").first()
    if program is None:
        raise Http404
    return program


@keepers_only
def parameter(request, key, pk=None):
    """One parameter: its value, its history, and the form that adds a row."""
    if key not in PARAMETERS:
        raise Http404
    record = get_object_or_404(Edition.objects.managed_by(request.user), pk=pk) if pk else _program(request)
    setting = next(s for s in record.settings() if s.parameter.key == key)
    last = record.parameters.filter(key=key).first()
    initial = {"value": setting.value, "version": last.number if last else 0}
    form = ParameterForm(request.POST or None, parameter=setting.parameter, initial=initial)
    back = reverse("panel:edition_parameters", args=[pk]) if pk else reverse("panel:parameters")
    if request.method == "POST" and form.is_valid():
        if last and is_stale(form, last):
            opened = record.parameters.filter(key=key, pk=form.cleaned_data["version"]).first()
            since = {"value": opened.value if opened else str(setting.parameter.default)}
            return merge(request, form, last, since=since)
        record.set_parameter(key, form.cleaned_data["value"], note=form.cleaned_data["note"], by=request.user)
        messages.success(request, _("Guardó el parámetro. El valor anterior queda en su historia."))
        return redirect(back)
    context = {"form": form, "setting": setting, "record": record, "edition": record if pk else None, "back": back}
    return render(request, "panel/parameter.html", context, status=422 if request.method == "POST" else 200)
