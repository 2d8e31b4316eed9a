from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.forms.audit import ReasonForm
from audits.forms.decision import DecisionForm, ProposalForm
from audits.gates import decider_refusals, grant_refusals, licence_conditions, proposer_refusals
from audits.models import Decision
from companies.access import coordinators_only, deciders_only, staff_only
from companies.merging import as_seen
from companies.timeline import Timeline
from programs.forms.filters import edition_asked
from programs.models import Waiver

from .acts import attempt, pressed_again

VIEWS = {"por-proponer": "pending", "por-decidir": "proposed", "decididas": "decided"}


@staff_only
@require_safe
def decisions(request):
    """What waits for a proposal or a decision, oldest first; and what was decided."""
    rows, edition = Decision.objects.managed_by(request.user).for_list(), edition_asked(request)
    if edition:
        rows = rows.filter(audit__participation__edition=edition)
    counts = {view: rows.filter(state=state).count() for view, state in VIEWS.items()}
    view = request.GET.get("ver")
    if view not in VIEWS:
        view = next((v for v in VIEWS if counts[v]), "por-proponer")
    order = "-decided_at" if view == "decididas" else "state_since"
    context = {
        "view": view,
        "edition": edition,
        "tabs": [
            ("por-proponer", _("Por proponer"), counts["por-proponer"]),
            ("por-decidir", _("Por decidir"), counts["por-decidir"]),
            ("decididas", _("Decididas"), counts["decididas"]),
        ],
        "page": Paginator(rows.filter(state=VIEWS[view]).order_by(order, "pk"), 25).get_page(request.GET.get("page")),
    }
    return render(request, "panel/decisions.html", context)


def _found(request, pk):
    return get_object_or_404(Decision.objects.managed_by(request.user).for_list(), pk=pk)


@require_safe
def decision(request, pk):
    """The whole case on one page: audit, findings, waivers, conditions of the mark, proposal, decision."""
    return _page(request, _found(request, pk))


def _page(request, decision, proposal=None, outcome=None, back=None, status=200):
    audit, participation, user = decision.audit, decision.participation, request.user
    today = timezone.localdate()
    certificate = getattr(decision, "certificate", None)
    context = {
        "decision": decision,
        "subject": participation.company,
        "external": audit,
        "certificate": certificate,
        "audits": participation.audits.order_by("created_at").prefetch_related("team__user"),
        "findings": audit.nonconformities.model.objects.filter(audit__participation=participation)
        .select_related("audit", "check_line__requirement")
        .order_by("number"),
        "waivers": Waiver.objects.of_both_gates(participation).labelled(),
        "today": today,
        "conditions": licence_conditions(participation, today, certificate),
        "stops_grant": list(grant_refusals(decision)) if decision.state != "decided" else [],
        "stops_proposing": list(proposer_refusals(decision, user)),
        "stops_deciding": list(decider_refusals(decision, user)),
        "proposal": proposal or ProposalForm(decision=decision, user=user),
        "outcome": outcome or DecisionForm(decision=decision, user=user, initial={"outcome": decision.proposal}),
        "back": back or ReasonForm(prefix="devuelve"),
        "events": Timeline.of(request, decision, inside=True),
    }
    return render(request, "panel/decision.html", context, status=status)


@coordinators_only
@require_POST
def propose(request, pk):
    """Coordination proposes, with grounds."""
    decision = _found(request, pk)
    form = ProposalForm(request.POST, decision=decision, user=request.user)
    if not form.is_valid():
        return _page(request, decision, proposal=form, status=422)
    back = reverse("panel:decision", args=[pk])
    return attempt(request, decision.propose, said=_("Propuesta enviada."), back=back, form=form)


@deciders_only
@require_POST
def decide(request, pk):
    """Grant or deny, once: pressing again shows what was decided."""
    decision, back = as_seen(_found(request, pk), request.POST), reverse("panel:decision", args=[pk])
    form = DecisionForm(request.POST, decision=decision, user=request.user)
    if decision.state == Decision.State.DECIDED:
        said = _("La decisión ya estaba tomada. No se hizo nada más.")
        return pressed_again(request, decision, by=decision.decided_by, said=said, back=back, form=form)
    if not form.is_valid():
        return _page(request, decision, outcome=form, status=422)
    return attempt(request, decision.decide, said=_("Decisión registrada."), back=back, form=form)


@deciders_only
@require_POST
def give_back(request, pk):
    """Ask for another proposal, saying why."""
    decision = as_seen(_found(request, pk), request.POST)
    form = ReasonForm(request.POST, prefix="devuelve")
    if not form.is_valid():
        return _page(request, decision, back=form, status=422)
    back = reverse("panel:decision", args=[pk])
    return attempt(request, decision.give_back, said=_("Propuesta devuelta."), back=back, form=form)
