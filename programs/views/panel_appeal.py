"""The staff's door: appeals, and the phrases reviewers keep."""

from functools import partial

from django.contrib import messages
from django.db.models import Case, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.access import reviewers_only, staff_only
from companies.models import Duty
from companies.timeline import Timeline
from ecoeficiencia.workdays import decreed_days
from ecoeficiencia.writing import due_in_workdays
from programs.forms.deciding import JudgeForm, PhraseForm, ResolutionForm
from programs.models import Appeal, Phrase

from .answers import answer


@require_safe
@staff_only
def appeals(request):
    """Those that wait first, the nearest term on top."""
    waiting = Case(When(state=Appeal.State.FILED, then=Value(0)), default=Value(1))
    rows = Appeal.objects.managed_by(request.user).select_related("application__company", "reviewer")
    waits = request.GET.get("ver") == "por-resolver"
    rows = rows.waiting_for(request.user) if waits else rows
    rows = list(rows.order_by(waiting, "due_on")[:100])
    today, decreed = timezone.localdate(), decreed_days()
    for row in rows:
        row.left = due_in_workdays(row.due_on, today, decreed) if row.state == Appeal.State.FILED else ""
    return render(request, "panel/appeals.html", {"rows": rows, "today": today, "waits": waits})


@require_safe
@staff_only
def appeal(request, pk):
    return _page(request, _found(Appeal.objects.managed_by(request.user), pk))


def _found(rows, pk):
    application = ("application__company", "application__edition", "application__decided_by")
    whole = rows.select_related(*application, "reviewer", "blob", "filed_by", "resolved_by")
    return get_object_or_404(whole.prefetch_related("application__items__site", "application__items__entry"), pk=pk)


def _page(request, found, status=200, assign_form=None, resolution_form=None):
    waits = found.state == Appeal.State.FILED
    context = {
        "appeal": found,
        "application": found.application,
        "company": found.application.company,
        "refused": found.application.refused_items(),
        "left": found.due_in_words(timezone.localdate()) if waits else "",
        "resolution_form": resolution_form or ResolutionForm(prefix="resolver"),
        "events": Timeline.of(request, found, events=found.history(), inside=True, told=found.texts),
        **(_judging(request.user, found, assign_form) if waits else {"may_judge": False}),
    }
    return render(request, "panel/appeal.html", context, status=status)


def _judging(user, found, assign_form):
    """Who may see it: this person, others to choose from, and why some are not among them."""
    can_review = user.has_duty(Duty.REVIEWER, Duty.COORDINATOR)
    why_not = found.why_not(user)
    return {
        "can_review": can_review,
        "why_not": why_not,
        "may_judge": can_review and not why_not,
        "judges": found.judges().exists(),
        "barred": list(found.barred().order_by("first_name")),
        "assign_form": assign_form or JudgeForm(appeal=found, prefix="asignar"),
    }


@require_POST
def appeal_assign(request, pk):
    found = _found(Appeal.objects.resolvable_by(request.user), pk)
    form = JudgeForm(request.POST, appeal=found, prefix="asignar")
    return answer(
        request, form, partial(found.assign, by=request.user),
        said=_("Quedó asignado quien la ve."), to=reverse("panel:appeal", args=[pk]),
        page=partial(_page, request, found, assign_form=form),
    )  # fmt: skip


@require_POST
def appeal_resolve(request, pk):
    found = _found(Appeal.objects.resolvable_by(request.user), pk)
    form = ResolutionForm(request.POST, prefix="resolver")

    def resolve(*, outcome, resolution):
        found.resolve(upheld=outcome == "upheld", resolution=resolution, by=request.user)

    return answer(
        request, form, resolve,
        said=_("Resolvió la reconsideración y avisó a la empresa."), to=reverse("panel:appeal", args=[pk]),
        page=partial(_page, request, found, resolution_form=form),
    )  # fmt: skip


@reviewers_only
def phrases(request):
    """The phrases in use, with the form that adds one."""
    form = PhraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        Phrase.keep(**form.cleaned_data, by=request.user)
        messages.success(request, _("Añadió la frase."))
        return redirect("panel:phrases")
    context = {"form": form, "rows": Phrase.objects.filter(retired=False)}
    return render(request, "panel/phrases.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def phrase_retire(request, pk):
    get_object_or_404(Phrase.objects.kept_by(request.user), pk=pk).retire(by=request.user)
    messages.success(request, _("La frase ya no se ofrece."))
    return redirect("panel:phrases")
