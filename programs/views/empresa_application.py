"""The application as the company sees it: open it, see what is missing, follow it."""

from django.db import IntegrityError
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.models import Company, Event
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove
from programs.forms.application import MendedForm, WithdrawForm
from programs.models import Application, Edition
from programs.sections import sections_of

from .empresa_appeal import answer_awaited, time_to_appeal


@require_POST
def apply(request, company):
    """Open a draft in the call of today; a second press finds the one that is open."""
    company = get_object_or_404(Company.objects.edited_by(request.user), pk=company)
    asked = request.POST.get("edition", "")
    edition = get_object_or_404(Edition, pk=asked if asked.isdecimal() else 0, published=True)
    if answers := request.session.pop("self_check", None):
        company.answer_self_check(answers, by=request.user)
    if application := company.applications.in_course(edition):
        return redirect("empresa:application", application.pk)
    if not edition.is_open_on(timezone.localdate()):
        return conflict(
            request, _("Esta convocatoria no está abierta."), back=reverse("public:call", args=[edition.pk])
        )
    try:
        application = Application.start(company, edition, by=request.user)
    except IntegrityError:  # a colleague pressed at the same time
        application = company.applications.in_course(edition)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("empresa:company", args=[company.pk]))
    return redirect("empresa:application", application.pk)


def read(request, pk):
    found = Application.objects.followed_by(request.user).for_page()
    mine = Company.objects.edited_by(request.user).filter(pk=OuterRef("company"))
    return get_object_or_404(found.annotate(may_edit=Exists(mine)), pk=pk)


@require_safe
def application(request, pk):
    return overview(request, read(request, pk))


def overview(request, application, *, status=200, answered=None, withdraw_form=None):
    """The page. answered: the form of one observed point that came back."""
    today = timezone.localdate()
    waivers = application.waivers.in_force(today).labelled()
    checklist = application.checklist(today, lifted={waiver.condition for waiver in waivers})
    context = {
        **page_context(request, application, checklist),
        "checklist": sorted(checklist, key=lambda item: item.done),
        "missing": application.missing_to_submit(today, checklist) if application.state == "draft" else [],
        "call_due": _("Hasta el %(day)s") % {"day": f"{application.edition.closes_on:%d/%m/%Y}"},
        "lapsed": application.is_lapsed(today),
        "mend_due": _mend_due(application, today),
        "may_withdraw": application.can_move("withdrawn"),
        "events": _history(request, application),
        "withdraw_form": withdraw_form or WithdrawForm(),
        "waivers": waivers,
        **(_decided(application) if application.decided_at else {"appeal": None, "decision_letters": []}),
        **_observed(application, today, checklist, answered),
        **_handed_in(application),
    }
    return render(request, "empresa/application.html", context, status=status)


def _observed(application, today, checklist, answered):
    if application.state != "observed":
        return {"to_mend": [], "observed": []}
    mending = application.mending(today)
    points = [_point(application, item, changes, answered) for item, changes in mending.points]
    return {"to_mend": application.missing_to_mend(today, checklist, mending), "observed": points}


def _handed_in(application):
    """What was handed in, as files; `printed`: whether the machine made them all."""
    if not application.number:
        return {"revisions": [], "signature": None, "printed": True}
    revisions, signature = list(application.revisions.select_related("record")), application.last_signature
    printed = all([*(row.record for row in revisions), signature is None or signature.document])
    return {"revisions": revisions, "signature": signature, "printed": printed}


def _point(application, item, changes, answered):
    """One observed point: what changed of it, what it opened besides its section, and the form that answers it."""
    form = answered if answered and answered.item == item else MendedForm(item=item, changed=bool(changes))
    return {"item": item, "changes": changes, "proofs": application.proofs_of(item), "form": form}


def _decided(application):
    """What was decided, and what the company may still say or hear about it."""
    found = getattr(application, "appeal", None)
    context = {"appeal": found, "decision_letters": application.decision_letters.all()}
    if not application.is_rejected:
        return context
    asked = answer_awaited(found) if found else time_to_appeal(application)
    return context | asked | {"refused": application.refused_items()}


def _history(request, application):
    return Timeline(request, Event.objects.about(application).told_to_company())


def _mend_due(application, today):
    if not application.due_on:
        return ""
    names = {"day": f"{application.due_on:%d/%m/%Y}", "left": application.due_in_words(today)}
    if application.due_on < today:
        return _("Venció el %(day)s: %(left)s") % names
    return _("Hasta el %(day)s: %(left)s") % names


def page_context(request, application, checklist):
    """What every page of the application shows: its sections and how each stands."""
    sections = sections_of(application, checklist)
    return {
        "company": application.company,
        "application": application,
        "application_url": reverse("empresa:application", args=[application.pk]),
        "edition": application.edition,
        "sections": sections,
        "complete": sum(section.is_complete for section in sections),
        "may_edit": application.may_edit,
    }
