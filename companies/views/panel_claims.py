"""The staff's door: who claims a RUC that is on record, and what PROMPERÚ answers."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.access import staff_only
from companies.forms.claims import GrantForm, RefusalForm
from companies.models import Claim, Duty
from companies.registers import taxpayer_standing
from companies.timeline import Timeline
from ecoeficiencia.lifecycle import IllegalMove


@staff_only
@require_safe
def claims(request):
    """Those that wait first, the oldest on top."""
    waiting = Claim.objects.managed_by(request.user).select_related("claimed_by").filter(state=Claim.State.FILED)
    decided = Claim.objects.managed_by(request.user).select_related("claimed_by", "company", "decided_by")
    decided = decided.exclude(state=Claim.State.FILED).order_by("-state_since")[:50]
    return render(request, "panel/claims.html", {"waiting": waiting, "decided": decided})


@staff_only
@require_safe
def claim(request, pk):
    whole = Claim.objects.managed_by(request.user).select_related("claimed_by", "company", "decided_by", "blob")
    return _page(request, get_object_or_404(whole, pk=pk))


def _page(request, found, status=200, grant=None, refusal=None):
    subject, waits = found.company or found.subject(), found.state == Claim.State.FILED
    context = {
        "claim": found,
        "subject": subject,
        "standing": taxpayer_standing(found.ruc),
        "people": subject.memberships.select_related("user").order_by("ends_on", "pk") if subject else (),
        "rivals": found.rivals().select_related("claimed_by"),
        "why_not": found.why_not() if waits else "",
        "may_decide": waits and request.user.has_duty(Duty.COORDINATOR),
        "grant_form": grant or GrantForm(prefix="conceder", initial={"role": found.role}),
        "refusal_form": refusal or RefusalForm(prefix="denegar"),
        "events": Timeline.of(request, found, inside=True),
        "nav_current": "companies",
    }
    return render(request, "panel/claim.html", context, status=status)


@require_POST
def claim_grant(request, pk):
    found = get_object_or_404(Claim.objects.decidable_by(request.user), pk=pk)
    form = GrantForm(request.POST, prefix="conceder")
    return _answer(request, found, form, found.grant, _("Concedió el reclamo y avisó a la empresa."), grant=form)


@require_POST
def claim_refuse(request, pk):
    found = get_object_or_404(Claim.objects.decidable_by(request.user), pk=pk)
    form = RefusalForm(request.POST, prefix="denegar")
    return _answer(request, found, form, found.refuse, _("Denegó el reclamo y avisó a la persona."), refusal=form)


def _answer(request, found, form, act, said, **forms):
    if not form.is_valid():
        return _page(request, found, status=422, **forms)
    try:
        act(by=request.user, **form.cleaned_data)
    except IllegalMove as refusal:
        messages.error(request, str(refusal))
        found.refresh_from_db()
        return _page(request, found, status=409, **forms)
    messages.success(request, said)
    return redirect("panel:claim", found.pk)
