"""The staff's door: appeals, and the phrases reviewers keep."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.access import reviewers_only, staff_only
from companies.models import Duty
from companies.timeline import Timeline
from ecoeficiencia.workdays import decreed_days, workdays_between
from programs.forms.deciding import AssignForm, PhraseForm, ResolutionForm
from programs.models import Appeal, Phrase

from .answers import answer


@require_safe
@staff_only
def appeals(request):
    rows = Appeal.objects.managed_by(request.user).select_related("application__company", "reviewer")
    return render(request, "panel/appeals.html", {"rows": rows.order_by("-state", "due_on")[:100]})


@require_safe
@staff_only
def appeal(request, pk):
    return _page(request, _found(Appeal.objects.managed_by(request.user), pk))


def _found(rows, pk):
    application = ("application__company", "application__edition", "application__decided_by")
    return get_object_or_404(
        rows.select_related(*application, "reviewer", "blob", "filed_by", "resolved_by"),
        pk=pk,
    )


def _page(request, found, status=200, assign_form=None, resolution_form=None):
    today = timezone.localdate()
    context = {
        "appeal": found,
        "application": found.application,
        "company": found.application.company,
        "left": workdays_between(today, found.due_on, decreed_days()),
        "can_review": request.user.has_duty(Duty.REVIEWER, Duty.COORDINATOR),
        "why_not": found.why_not(request.user),
        "assign_form": assign_form or AssignForm(prefix="asignar"),
        "resolution_form": resolution_form or ResolutionForm(prefix="resolver"),
        "events": Timeline.of(request, found, inside=True),
    }
    return render(request, "panel/appeal.html", context, status=status)


@require_POST
def appeal_assign(request, pk):
    found = _found(Appeal.objects.resolvable_by(request.user), pk)
    form = AssignForm(request.POST, prefix="asignar")
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
