"""The audit door: what waits for me, my declaration, the plan, the opening and the closing."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.forms.audit import MinutesForm, PlanForm, ReasonForm, StartForm
from audits.impartiality import DECLARATION, conflicts
from audits.models import Audit, NonConformity
from companies.access import allowed
from companies.merging import merge
from companies.timeline import Timeline

from .acts import attempt

auditors_only = allowed(lambda user: "auditoria" in user.doors)


@auditors_only
@require_safe
def home(request):
    audits = Audit.objects.audited_by(request.user).for_list()
    mine = audits.filter(pk__in=Audit.objects.conducted_by(request.user).values("pk"))
    context = {
        "undeclared": audits.exclude(pk__in=mine.values("pk")),
        "audits": mine.exclude(state=Audit.State.CONFIRMED),
        "past": mine.filter(state=Audit.State.CONFIRMED),
        "answers": NonConformity.objects.audited_by(request.user).in_turn_of("auditor").for_list(),
        "requests": Audit.objects.requested_from(request.user).filter(state=Audit.State.REQUESTED).count(),
        "manages": Audit.objects.requested_from(request.user).exists(),
    }
    return render(request, "auditoria/home.html", context)


@require_safe
def audit(request, pk):
    audit = get_object_or_404(Audit.objects.audited_by(request.user).for_list(), pk=pk)
    if not Audit.objects.conducted_by(request.user).filter(pk=pk).exists():
        return redirect("auditoria:declare", pk)
    return render(request, "auditoria/audit.html", _page(request, audit))


def declare(request, pk):
    """Names, dates and the declaration: all that an auditor sees before being free of conflict."""
    audit = get_object_or_404(Audit.objects.audited_by(request.user).for_list(), pk=pk)
    back = reverse("auditoria:audit", args=[pk])
    if request.method == "POST":
        said = _("Su declaración quedó registrada. Ya puede ver la auditoría.")
        return attempt(request, audit.declare, said=said, back=back)
    if Audit.objects.conducted_by(request.user).filter(pk=pk).exists():
        return redirect(back)
    return render(request, "auditoria/declare.html", _declaration(request, audit))


@require_POST
def recuse(request, pk):
    audit = get_object_or_404(Audit.objects.audited_by(request.user).for_list(), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render(request, "auditoria/declare.html", _declaration(request, audit, recuse_form=form), status=422)
    said = _("Su conflicto de interés quedó registrado. Ya avisamos para que nombren a otra persona.")
    return attempt(request, audit.recuse, said=said, back=reverse("auditoria:home"), form=form)


@require_POST
def plan(request, pk):
    audit = get_object_or_404(Audit.objects.conducted_by(request.user).for_list(), pk=pk)
    form = PlanForm(request.POST)
    if not form.is_valid():
        return render(request, "auditoria/audit.html", _page(request, audit, plan_form=form), status=422)
    said = _("Plan enviado a la empresa. Le avisaremos cuando responda.")
    return attempt(request, audit.plan, said=said, back=reverse("auditoria:audit", args=[pk]), form=form)


@require_POST
def start(request, pk):
    audit = get_object_or_404(Audit.objects.conducted_by(request.user).for_list(), pk=pk)
    form = StartForm(request.POST)
    if not form.is_valid():
        return render(request, "auditoria/audit.html", _page(request, audit, start_form=form), status=422)
    said = _("Auditoría iniciada. La lista quedó congelada.")
    return attempt(request, audit.start, said=said, back=reverse("auditoria:checklist", args=[pk]), form=form)


@require_POST
def minutes(request, pk):
    audit = get_object_or_404(Audit.objects.conducted_by(request.user).for_list(), pk=pk)
    form = MinutesForm(request.POST, instance=audit)
    if not form.is_valid():
        return render(request, "auditoria/audit.html", _page(request, audit, minutes_form=form), status=422)
    if form.is_stale:
        return merge(request, form, form.as_stored(), audit=audit)
    form.cleaned_data.pop("version")
    audit = form.as_stored()
    back = reverse("auditoria:audit", args=[pk]) + "#actas"
    return attempt(request, audit.save_minutes, said=_("Actas guardadas."), back=back, form=form)


@require_POST
def close(request, pk):
    audit = get_object_or_404(Audit.objects.conducted_by(request.user), pk=pk)
    back = reverse("auditoria:audit", args=[pk])
    return attempt(request, audit.close, said=_("Auditoría cerrada."), back=back)


def _page(request, audit, **forms):
    State = Audit.State
    days = {"starts_on": audit.starts_on, "ends_on": audit.ends_on, "agenda": audit.agenda}
    writing = audit.state in (State.STARTED, State.CORRECTING)
    return {
        "audit": audit,
        "team": audit.team.present().select_related("user"),
        "sites": audit.scope.sites.select_related("district"),
        "events": Timeline.of(request, audit, inside=True),
        "change": audit.change_asked(),
        "plan_form": PlanForm(initial=days) if audit.state == State.ACCEPTED else None,
        "start_form": StartForm() if audit.state == State.AGREED else None,
        "minutes_form": MinutesForm(instance=audit) if writing else None,
        "missing": audit.missing_to_close() if writing else [],
        **forms,
    }


def _declaration(request, audit, recuse_form=None):
    return {
        "assignment": audit,
        "declaration": DECLARATION,
        "conflicts": conflicts(request.user, audit.participation.company, timezone.localdate(), body=audit.body),
        "recuse_form": recuse_form or ReasonForm(),
    }
