"""The monitor's door: what waits for them, their companies, one company, its proposal and its measures."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.access import monitors_only
from companies.models import Company
from programs.forms.training import NoteForm, ReasonForm
from programs.models import Measure, Participation
from programs.portfolio import portfolio
from requirements_std.models import Fulfilment

from .answers import answer

SHOWN = 8


@monitors_only
@require_safe
def home(request):
    today = timezone.localdate()
    companies = portfolio(request.user, today)
    waiting = Fulfilment.objects.reviewable_by(request.user).to_review()
    context = {
        "companies": companies,
        "proposals": [a for a in companies if a.row.is_proposed_ready],
        "silent": [a for a in companies if a.is_silent],
        "waiting": waiting.select_related("requirement", "site", "assessment__company", "assessment__standard_version")[
            :SHOWN
        ],
        "waiting_count": waiting.count(),
        "measures": Measure.objects.verifiable_by(request.user).filter(state="implemented").count(),
        "nav_counts": {"review": waiting.count(), "companies": len(companies)},
        "today": today,
    }
    return render(request, "monitor/home.html", context)


@monitors_only
@require_safe
def companies(request):
    context = {"companies": portfolio(request.user, timezone.localdate())}
    return render(request, "monitor/companies.html", context)


@require_safe
def company(request, company):
    return _page(request, get_object_or_404(Company.objects.monitored_by(request.user), pk=company))


def _page(request, company, status=200, form=None, returned=None):
    today = timezone.localdate()
    rows = Participation.objects.monitored_by(request.user).filter(company=company).with_attendance()
    row = rows.for_company_home().order_by("-edition__opens_on").first()
    context = {
        "company": company,
        "participation": row,
        "conditions": row.preaudit_checklist(today, door="monitor") if row.state == "implementing" else [],
        "minimum": row.edition.parameter("minimum_attendance"),
        "measures": _measures(company, returned),
        "decline_form": form or ReasonForm(prefix="decline"),
        "people": company.memberships.in_force(today).select_related("user"),
        "standard_notice": row.edition.standard_version.notice,
    }
    return render(request, "monitor/company.html", context, status=status)


def _measures(company, returned=None):
    """Each measure with the forms to verify it and to return it; `returned` is one that came back with errors."""
    rows = Measure.objects.filter(company=company).kept().select_related("site")
    return [
        (
            m,
            NoteForm(prefix=f"v{m.pk}"),
            returned if returned and returned.prefix == f"d{m.pk}" else ReasonForm(prefix=f"d{m.pk}"),
        )
        for m in rows
    ]


def _proposal(request, pk):
    return get_object_or_404(
        Participation.objects.monitored_by(request.user).select_related("company", "edition"), pk=pk
    )


@require_POST
def agree_ready(request, pk):
    row = _proposal(request, pk)
    return answer(
        request, NoteForm(request.POST), lambda note: row.agree_ready(by=request.user),
        said=_("Quedó lista para la preauditoría. PROMPERÚ recibió el aviso."),
        to=reverse("monitor:company", args=[row.company_id]), page=partial(_page, request, row.company),
    )  # fmt: skip


@require_POST
def decline_ready(request, pk):
    row = _proposal(request, pk)
    form = ReasonForm(request.POST, prefix="decline")
    return answer(
        request, form, partial(row.decline_ready, by=request.user),
        said=_("La empresa recibió su respuesta."),
        to=reverse("monitor:company", args=[row.company_id]), page=partial(_page, request, row.company, form=form),
    )  # fmt: skip


@require_POST
def measure_verify(request, pk):
    row = get_object_or_404(Measure.objects.verifiable_by(request.user).select_related("company"), pk=pk)
    return answer(
        request, NoteForm(request.POST, prefix=f"v{pk}"), partial(row.verify, by=request.user),
        said=_("Verificó la medida «%(measure)s».") % {"measure": row},
        to=reverse("monitor:company", args=[row.company_id]), page=partial(_page, request, row.company),
    )  # fmt: skip


@require_POST
def measure_return(request, pk):
    row = get_object_or_404(Measure.objects.verifiable_by(request.user).select_related("company"), pk=pk)
    form = ReasonForm(request.POST, prefix=f"d{pk}")
    return answer(
        request, form, partial(row.give_back, by=request.user),
        said=_("Devolvió la medida «%(measure)s».") % {"measure": row},
        to=reverse("monitor:company", args=[row.company_id]), page=partial(_page, request, row.company, returned=form),
    )  # fmt: skip
