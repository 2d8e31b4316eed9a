"""What anybody may read: the programme, the open call and whether one's company could take part."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from companies.models import Company
from ecoeficiencia.workdays import decreed_days, workdays_between
from programs.conditions import CONDITIONS
from programs.eligibility import months_before
from programs.figures import public_figures
from programs.forms.self_check import SelfCheckForm
from programs.models import Edition
from programs.parameters import PARAMETERS
from programs.self_check import outcome

SHOWN_PARAMETERS = ("minimum_operation_years", "export_window_months", "observation_days", "minimum_attendance")


@login_not_required
@require_safe
def home(request):
    today = timezone.localdate()
    call = Edition.objects.for_public().open_on(today).order_by("closes_on").first()
    context = {
        "call": call,
        "workdays": workdays_between(today, call.closes_on, decreed_days()) if call else 0,
        "next_call": None if call else Edition.objects.filter(published=True, opens_on__gt=today).last(),
        "milestones": call.milestones() if call else [],
        "years": call.parameter("minimum_operation_years") if call else 0,
        "figures": public_figures(),
    }
    return render(request, "public/home.html", context)


def _call(pk):
    return get_object_or_404(Edition.objects.for_public(), pk=pk, published=True)


@login_not_required
@require_safe
def call(request, pk):
    edition, today = _call(pk), timezone.localdate()
    mine = Company.objects.edited_by(request.user) if request.user.is_authenticated else Company.objects.none()
    context = {
        "edition": edition,
        "open": edition.is_open_on(today),
        "future": edition.opens_on > today,
        "workdays": workdays_between(today, edition.closes_on, decreed_days()) if edition.is_open_on(today) else 0,
        "milestones": edition.milestones(),
        "exports_since": months_before(edition.closes_on, edition.parameter("export_window_months")),
        "years": edition.parameter("minimum_operation_years"),
        "parameters": [(PARAMETERS[k], edition.parameter(k), edition.parameter_row(k)) for k in SHOWN_PARAMETERS],
        "documents": edition.documents.asked(),
        "conditions": CONDITIONS,
        "companies": mine,
    }
    return render(request, "public/call.html", context)


@login_not_required
def self_check(request, pk):
    """Eight questions, no account. The answers live in the session only."""
    edition = _call(pk)
    form = SelfCheckForm(request.POST or None, initial=request.session.get("self_check"))
    if form.is_valid():
        answers = form.cleaned_data
        answers["started_on"] = answers["started_on"].isoformat() if answers["started_on"] else None
        answers["on"] = timezone.localdate().isoformat()
        request.session["self_check"] = answers
        request.session["prefill"] = {key: answers[key] for key in ("started_on", "email", "website")}
        return redirect("public:self_check_result", pk)
    context = {"edition": edition, "form": form, "call_url": reverse("public:call", args=[pk])}
    context["years"] = edition.parameter("minimum_operation_years")
    return render(request, "public/self_check.html", context, status=422 if form.is_bound else 200)


@login_not_required
@require_safe
def self_check_result(request, pk):
    edition, answers = _call(pk), request.session.get("self_check")
    if not answers:
        return redirect("public:self_check", pk)
    found = list(outcome(answers, edition).values())
    context = {
        "edition": edition,
        "found": found,
        "unmet": sum(a.met is False for a in found),
        "unsure": sum(a.met is None for a in found),
        "open": edition.is_open_on(timezone.localdate()),
    }
    return render(request, "public/self_check_result.html", context)
