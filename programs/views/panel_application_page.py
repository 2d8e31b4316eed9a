"""One application as the reviewer sees it: the paper on one side, the decision on the other."""

from django.shortcuts import render
from django.utils import timezone

from companies.kinds import kind_of
from companies.models import Duty
from programs.forms import panel as forms
from programs.models import Application
from programs.review_desk import ReviewDesk

from .panel_company import ALIKE
from .panel_way import and_more, page_of, way

CHECKED = {"ruc_active", "debts"}  # what «Registrar la verificación» answers


def for_page_of(user):
    """Every application with all that its page shows `user`."""
    return Application.objects.readable_in_panel(user).for_panel().with_next(user)


def application_page(request, application, *, current=None, status=200, read=False, **bound):
    """The page; `bound` brings the forms that came back with errors or refused. read: whether it was `for_page_of`."""
    application = application if read else for_page_of(request.user).get(pk=application.pk)
    today = timezone.localdate()
    desk = ReviewDesk(application, today, current.pk if current else request.GET.get("punto", ""))
    for row in desk.items:
        row.check_result = desk.checklist.get(row.missing_key)
    gates = desk.gates()
    context = {
        "application": application,
        "company": application.company,
        "alike": application.company.taken_for()[:ALIKE] if application.has_alike else (),
        "participation": getattr(application, "participation", None),
        "edition": application.edition,
        **way(request),
        "here": and_more(page_of(request, application)),
        "must_check": any(item.key in CHECKED for item in gates["to_admit"]),
        "to_propose": [item for item in gates["to_admit"] if item.key != "quota"],
        "asks_checks": "verificar" in request.GET,
        "asks_reviewer": "asignar" in request.GET,
        "desk": desk,
        "items": desk.items,
        "current": desk.current,
        "position": desk.items.index(desk.current) + 1 if desk.current else 0,
        "counts": application.counts_by_verdict(),
        "today": today,
        "due_words": application.due_in_words(today),
        "taken": None if desk.is_reviewing else application.taken,
        "can_review": request.user.has_duty(Duty.REVIEWER, Duty.COORDINATOR),
        "can_decide": request.user.has_duty(Duty.COORDINATOR),
        "may_decide": request.user.has_duty(Duty.COORDINATOR) and not application.is_barred(request.user),
        "leaves": kind_of("admission").leaves,
        **gates,
        **_forms(application, desk),
    }
    return render(request, "panel/application.html", context | bound, status=status)


def _forms(application, desk):
    grounds = {"grounds": application.proposal_grounds}
    return {
        "item_form": forms.ItemForm.of(desk.current) if desk.current else None,
        "accept_form": forms.AcceptForm.of(desk.complying),
        "reviewer_form": forms.ReviewerForm(prefix="revisor", initial={"reviewer": application.reviewer_id}),
        "checks_form": forms.ChecksForm.of(application, prefix="consulta"),
        "proposal_form": forms.ProposalForm(prefix="propuesta"),
        "admit_form": forms.GroundsForm(prefix="admitir", initial=grounds),
        "wait_form": forms.GroundsForm(prefix="esperar", initial=grounds),
        "reject_form": forms.GroundsForm(prefix="rechazar", initial=grounds),
        "extension_form": forms.ExtensionForm(prefix="plazo"),
        "waiver_form": forms.WaiverForm(prefix="dispensa", conditions=desk.waivable()),
        "revoke_form": forms.ReasonForm(prefix="revocar"),
    }
