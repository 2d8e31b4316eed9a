"""The frozen checklist: the list, one check, its evidence, and the findings."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.forms.check import CheckForm
from audits.models import Audit, Check, NonConformity
from audits.models.answering import with_terms
from audits.models.findings import StaleCheck
from companies.merging import merge, overtaken
from companies.models import Event
from companies.timeline import Timeline
from ecoeficiencia.files.serving import serve
from ecoeficiencia.lifecycle import IllegalMove

VIEWS = {
    "pendientes": {"result": ""},
    "nc": {"result__in": Check.NONCONFORMING},
    "otros": {"result__in": [Check.Result.OBSERVATION, Check.Result.OPPORTUNITY]},
}


@require_safe
def checklist(request, pk):
    audit = get_object_or_404(Audit.objects.conducted_by(request.user).for_list(), pk=pk)
    chosen, site = request.GET.get("ver", ""), request.GET.get("sede", "")
    checks = audit.checks.for_checklist().filter(**VIEWS.get(chosen, {})).at(site)
    context = {
        "audit": audit,
        "checks": checks,
        "by_aspect": list(audit.checks.by_aspect()),
        "first": audit.checks.for_checklist().unanswered().first(),
        "pending": audit.total - audit.answered,
        "refused": audit.majors + audit.minors,
        "good": audit.answered - audit.majors - audit.minors,
        "sites": [(str(s.pk), s, str(s.pk) == site) for s in audit.scope.sites.all()],
        "chosen": chosen if chosen in VIEWS else "",
        "site": site,
        "standard_notice": audit.scope.assessment.standard_version.notice,
    }
    return render(request, "auditoria/checklist.html", context)


def check(request, pk):
    check = get_object_or_404(Check.objects.audited_by(request.user).for_page(), pk=pk)
    if request.method != "POST":
        return _page(request, check, CheckForm(instance=check))
    kept = Check.objects.audited_by(request.user).for_page().get(pk=pk)
    form = CheckForm(request.POST, instance=check)
    if not form.is_valid():
        return _page(request, kept, form, status=422)
    try:
        kept.audit.record(kept, by=request.user, **form.cleaned_data)
    except StaleCheck:
        fresh = Check.objects.audited_by(request.user).for_page().get(pk=pk)
        return merge(request, form, fresh, audit=fresh.audit, nav_current="checklist")
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=reverse("auditoria:check", args=[pk]), form=form)
    messages.success(request, _("%(check)s: registrado.") % {"check": kept})
    following = kept.next_unanswered()
    return redirect("auditoria:check", following.pk) if following else redirect("auditoria:checklist", kept.audit_id)


@require_safe
def evidence(request, pk, evidence):
    """A file the company handed in for this row, and only for this row."""
    check = get_object_or_404(Check.objects.audited_by(request.user).for_page(), pk=pk)
    proof = get_object_or_404(check.evidences().select_related("blob"), pk=evidence)
    Event.note_reading(proof, proof.filename, by=request.user)
    return serve(request, proof.blob, proof.filename, inline=True)


@require_safe
def findings(request, pk):
    audit = get_object_or_404(Audit.objects.conducted_by(request.user).for_list(), pk=pk)
    context = {
        "audit": audit,
        "nonconformities": with_terms(NonConformity.objects.filter(audit=audit).for_list(), timezone.localdate()),
        "drafts": audit.checks.for_checklist().filter(result__in=Check.NONCONFORMING, nonconformity=None),
        "remarks": audit.checks.for_checklist().remarks(),
    }
    return render(request, "auditoria/findings.html", context)


def _page(request, check, form, status=200, **more):
    lines = list(check.audit.checks.for_checklist().filter(requirement__aspect=check.requirement.aspect_id))
    context = {
        "audit": check.audit,
        "check": check,
        "form": form,
        "lines": lines,
        "answered_lines": sum(line.is_answered for line in lines),
        "previous": check.previous(),
        "fulfilment": check.fulfilment(),
        "evidences": check.evidences().select_related("blob"),
        "events": Timeline.of(request, check, inside=True),
        "editable": check.audit.state == Audit.State.STARTED and not hasattr(check, "nonconformity"),
        "standard_notice": check.audit.scope.assessment.standard_version.notice,
        "nav_current": "checklist",
        **more,
    }
    return render(request, "auditoria/check.html", context, status=status)
