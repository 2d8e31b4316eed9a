"""The staff's door: open a pre-audit, follow every audit, confirm, reopen, extend."""

import django_filters
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from audits.forms.audit import AuditorForm, OpenPreauditForm, ReasonForm
from audits.models import Audit, CorrectiveAction, NonConformity
from audits.models.answering import with_terms
from companies.access import coordinators_only, staff_only
from companies.models import Duty, Event
from companies.models.company import plain
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.files.serving import serve
from ecoeficiencia.lifecycle import IllegalMove
from programs.models import Edition, Participation

from .acts import attempt

ORDERS = {"age": "state_since", "company": "participation__company__legal_name", "kind": "kind", "state": "state"}


class AuditFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Empresa o RUC"), method="search")
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Tipo"), choices=Audit.Kind, empty_label=gettext_lazy("Cualquier tipo")
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Estado"), choices=Audit.State, empty_label=gettext_lazy("Cualquier estado")
    )
    edition = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Edición"),
        field_name="participation__edition",
        queryset=Edition.objects.all(),
        empty_label=gettext_lazy("Cualquier edición"),
    )

    class Meta:
        model = Audit
        fields = ["q", "kind", "state", "edition"]

    def search(self, queryset, name, value):
        for word in plain(value).split():
            queryset = queryset.filter(participation__company__search__contains=word)
        return queryset


def ordered(rows, asked):
    """As asked; else what waits longest first, and what is over after everything else."""
    field = ORDERS.get(asked.removeprefix("-"))
    if field is None:
        return rows.running_first().order_by("over", "state_since", "pk")
    return rows.order_by(("-" if asked.startswith("-") else "") + field, "pk")


@staff_only
@require_safe
def audits(request):
    rows = Audit.objects.managed_by(request.user).for_list()
    filtered = AuditFilter(request.GET, queryset=rows)
    page = Paginator(ordered(filtered.qs, request.GET.get("orden", "")), 25).get_page(request.GET.get("page"))
    ready = Participation.objects.managed_by(request.user).filter(state=Participation.State.READY)
    context = {
        "filter": filtered,
        "page": page,
        "ready": ready.select_related("company", "edition").order_by("state_since"),
        "may_act": request.user.has_duty(Duty.COORDINATOR),
    }
    return render(request, "panel/audits.html", context)


@coordinators_only
def audit_open(request, pk):
    ready = Participation.objects.managed_by(request.user).select_related("company", "edition", "assessment")
    participation = get_object_or_404(ready, pk=pk)
    form = OpenPreauditForm(request.POST or None, company=participation.company)
    context = {"participation": participation, "form": form, "nav_current": "audits"}
    if request.method != "POST" or not form.is_valid():
        return render(request, "panel/audit_open.html", context, status=422 if request.method == "POST" else 200)
    try:
        audit = Audit.objects.open_preaudit(participation=participation, by=request.user, **form.cleaned_data)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("panel:audits"))
    messages.success(request, _("Preauditoría abierta. El auditor debe declarar su imparcialidad."))
    return redirect("panel:audit", audit.pk)


@staff_only
@require_safe
def audit(request, pk):
    audit = get_object_or_404(Audit.objects.managed_by(request.user).for_list(), pk=pk)
    return render(request, "panel/audit.html", _page(request, audit))


@coordinators_only
@require_POST
def audit_name(request, pk):
    audit = get_object_or_404(Audit.objects.managed_by(request.user).preaudits().for_list(), pk=pk)
    form = AuditorForm(request.POST, company=audit.participation.company)
    if not form.is_valid():
        return render(request, "panel/audit.html", _page(request, audit, name_form=form), status=422)
    return attempt(
        request,
        audit.name_auditor,
        said=_("Auditor nombrado."),
        back=reverse("panel:audit", args=[pk]),
        form=form,
    )


@coordinators_only
@require_POST
def audit_confirm(request, pk):
    audit = get_object_or_404(Audit.objects.managed_by(request.user).preaudits(), pk=pk)
    said = _("Preauditoría aprobada. La empresa ya puede solicitar la auditoría externa.")
    return attempt(request, audit.confirm, said=said, back=reverse("panel:audit", args=[pk]))


REASONED = {
    "reabrir": ("resume", gettext_lazy("Lista reabierta. El equipo auditor ya lo sabe.")),
    "prorroga": ("extend", gettext_lazy("Prórroga concedida. La empresa ya lo sabe.")),
    "cancelar": ("cancel", gettext_lazy("Preauditoría cancelada.")),
}


@coordinators_only
@require_POST
def audit_act(request, pk, act):
    """Reopen, extend or cancel: the acts that need a reason."""
    audit = get_object_or_404(Audit.objects.managed_by(request.user).for_list(), pk=pk)
    verb, said = REASONED[act]
    form = ReasonForm(request.POST, prefix=verb)
    if not form.is_valid():
        return render(request, "panel/audit.html", _page(request, audit, **{f"{verb}_form": form}), status=422)
    return attempt(request, getattr(audit, verb), said=said, back=reverse("panel:audit", args=[pk]), form=form)


@staff_only
@require_safe
def action_file(request, pk):
    actions = CorrectiveAction.objects.visible_to(request.user).exclude(blob=None)
    action = get_object_or_404(actions.select_related("blob"), pk=pk)
    Event.note_reading(action.nonconformity, action.filename, by=request.user)
    return serve(request, action.blob, action.filename, inline=True)


def _page(request, audit, **forms):
    State, preaudit = Audit.State, audit.is_preaudit
    found = NonConformity.objects.filter(audit=audit)
    extendable = preaudit and audit.state == State.CORRECTING and not audit.participation.extended
    return {
        "audit": audit,
        "participation": audit.participation,
        "team": audit.team.select_related("user"),
        "sites": audit.scope.sites.select_related("district"),
        "nonconformities": with_terms(found.for_list().prefetch_related("actions__blob"), timezone.localdate()),
        "events": Timeline.of(request, audit, inside=True),
        "missing": audit.missing_to_close() if audit.state in (State.STARTED, State.CORRECTING) else [],
        "name_form": AuditorForm(company=audit.participation.company) if preaudit and audit.is_running else None,
        "confirmable": preaudit and audit.state == State.CLOSED,
        "resume_form": ReasonForm(prefix="resume")
        if preaudit and audit.can_move(State.STARTED) and audit.frozen_at
        else None,
        "extend_form": ReasonForm(prefix="extend") if extendable else None,
        "cancel_form": ReasonForm(prefix="cancel") if preaudit and audit.can_move(State.CANCELLED) else None,
        **forms,
    }
