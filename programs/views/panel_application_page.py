"""One application as the reviewer sees it: the paper on one side, the decision on the other."""

from django.shortcuts import render
from django.utils import timezone

from companies.models import Delivery, Duty, SiteDocument
from companies.timeline import Timeline
from ecoeficiencia.workdays import decreed_days, workdays_between
from programs.eligibility import condition_of
from programs.forms import panel as forms
from programs.models import Application


def application_page(request, application, *, current=None, status=200, **bound):
    """The page; `bound` brings the forms that came back with errors or refused."""
    application = Application.objects.for_panel().get(pk=application.pk)
    today = timezone.localdate()
    items = list(application.items.all())
    current = _current(request, items, current)
    checklist = {m.key: m for m in application.eligibility(today)} if application.MOVES[application.state] else {}
    for row in items:
        row.check_result = checklist.get(row.missing_key)
    context = {
        "application": application,
        "company": application.company,
        "participation": getattr(application, "participation", None),
        "edition": application.edition,
        "items": items,
        "current": current,
        "position": items.index(current) + 1 if current else 0,
        "counts": application.counts_by_verdict(),
        "waited": workdays_between(timezone.localdate(application.state_since), today, decreed_days()),
        "deliveries": Delivery.objects.about(application)[:20],
        "events": Timeline.of(request, application, inside=True),
        "checks": list(application.checks.select_related("by")[:6]),
        "waivers": list(application.waivers.select_related("approved_by")),
        "today": today,
        "taken": application.edition.places_taken(),
        "observation_days": application.edition.parameter("observation_days"),
        "can_review": request.user.has_duty(Duty.REVIEWER, Duty.COORDINATOR),
        "can_decide": request.user.has_duty(Duty.COORDINATOR),
        **_evidence(application, current),
        **_gates(application, today),
        **_forms(application, current, today),
    }
    return render(request, "panel/application.html", context | bound, status=status)


def _current(request, items, given):
    wanted = given.pk if given else request.GET.get("punto", "")
    chosen = next((i for i in items if str(i.pk) == str(wanted)), None)
    return chosen or next((i for i in items if i.is_pending), items[0] if items else None)


def _evidence(application, item):
    """What the company says on the item: the rows it handed in last, its document, and what it changed."""
    if item is None:
        return {"groups": [], "document": None, "changes": []}
    last = application.revisions.order_by("-number").first()
    section = condition_of(item.key).section
    changes = [c for c in application.changes() if c.section == section and c.site in (None, item.site_id)]
    document = item.site.document(item.key) if item.site and item.key in SiteDocument.Kind.values else None
    return {"groups": last.groups_of(section, item.site_id) if last else [], "document": document, "changes": changes}


def _gates(application, today):
    """What each act lacks, where the act is still possible."""
    return {
        "to_observe": application.missing_to_observe() if application.in_review else [],
        "to_admit": application.missing_to_admit(today) if application.in_review else [],
        "to_reject": application.missing_to_reject() if application.may_be_rejected else [],
    }


def _forms(application, item, today):
    return {
        "item_form": forms.ItemForm.of(item) if item else None,
        "reviewer_form": forms.ReviewerForm(prefix="revisor", initial={"reviewer": application.reviewer_id}),
        "checks_form": forms.ChecksForm.of(application, prefix="consulta"),
        "proposal_form": forms.ProposalForm(prefix="propuesta"),
        "admit_form": forms.GroundsForm(prefix="admitir", initial={"grounds": application.proposal_grounds}),
        "reject_form": forms.GroundsForm(prefix="rechazar", initial={"grounds": application.proposal_grounds}),
        "extension_form": forms.ExtensionForm(prefix="plazo"),
        "waiver_form": forms.WaiverForm(prefix="dispensa", conditions=application.waivable_conditions(today)),
        "revoke_form": forms.ReasonForm(prefix="revocar"),
    }
