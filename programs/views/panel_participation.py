"""The staff's door: one company in one edition, its monitor and its exit."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.access import staff_only
from companies.models import Delivery, Duty, Event
from companies.timeline import Timeline
from programs.forms import panel as forms
from programs.models import Participation, Waiver
from programs.models.accompaniment import monitors_with_load
from programs.next_step import Facts
from programs.stepper import steps

from .answers import answer


@staff_only
@require_safe
def participation(request, pk):
    found = get_object_or_404(Participation.objects.managed_by(request.user), pk=pk)
    return participation_page(request, found)


def participation_page(request, participation, *, status=200, **bound):
    """The whole file of the company in the edition; `bound` brings the forms that came back."""
    participation = Participation.objects.for_panel().get(pk=participation.pk)
    today = timezone.localdate()
    application, letter = participation.application, participation.letter
    audits = list(
        participation.audits.with_progress().select_related("body", "decision__certificate").order_by("-created_at")
    )
    decisions = [audit.decision for audit in audits if hasattr(audit, "decision")]
    context = {
        "participation": participation,
        "company": participation.company,
        "edition": participation.edition,
        "assessment": participation.assessment,
        "letter": letter,
        "steps": steps(Facts(participation.company_id, application, participation, letter)),
        "gate": participation.gate(today),
        "assignments": list(participation.assignments.select_related("monitor", "assigned_by")),
        "audits": audits,
        "deliveries": Delivery.objects.about(participation, letter, *audits)[:20],
        "decisions": [(decision, getattr(decision, "certificate", None)) for decision in decisions],
        "events": Timeline(request, Event.objects.filter(company=participation.company).acts(), inside=True),
        "waivers": participation.waivers.all().labelled(),
        "today": today,
        "minimum_attendance": participation.edition.parameter("minimum_attendance"),
        "can_decide": request.user.has_duty(Duty.COORDINATOR),
        "monitor_form": forms.MonitorForm(prefix="monitor", monitors=monitors_with_load()),
        "exit_form": forms.ExitForm(prefix="salida"),
        "waiver_form": forms.WaiverForm(prefix="dispensa", conditions=participation.waivable_conditions(today)),
        "revoke_form": forms.ReasonForm(prefix="revocar"),
    }
    return render(request, "panel/participation.html", context | bound, status=status)


def _coordinated(request, pk):
    return get_object_or_404(Participation.objects.coordinated_by(request.user), pk=pk)


def _back(participation):
    return reverse("panel:participation", args=[participation.pk])


@require_POST
def assign(request, pk):
    participation = _coordinated(request, pk)
    form = forms.MonitorForm(request.POST, prefix="monitor", monitors=monitors_with_load())
    return answer(
        request, form, partial(participation.assign_monitor, by=request.user),
        said=_("Asignó al monitor y avisó a la empresa."), to=_back(participation),
        page=partial(participation_page, request, participation, monitor_form=form),
    )  # fmt: skip


@require_POST
def leave(request, pk):
    participation = _coordinated(request, pk)
    form = forms.ExitForm(request.POST, prefix="salida")

    def act(exit, reason):
        acts = {"withdraw": participation.withdraw, "exclude": participation.exclude}
        acts[exit](by=request.user, reason=reason)

    return answer(
        request, form, act, said=_("Registró la salida y avisó a la empresa."), to=_back(participation),
        page=partial(participation_page, request, participation, exit_form=form),
    )  # fmt: skip


@require_POST
def waive(request, pk):
    participation = _coordinated(request, pk)
    conditions = participation.waivable_conditions(timezone.localdate())
    form = forms.WaiverForm(request.POST, prefix="dispensa", conditions=conditions)
    return answer(
        request, form, partial(Waiver.grant, participation=participation, by=request.user),
        said=_("Otorgó la dispensa y avisó a la empresa."), to=_back(participation),
        page=partial(participation_page, request, participation, waiver_form=form),
    )  # fmt: skip
