"""The audit door: verify what the company did about a nonconformity, or give it back."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.forms.audit import ReasonForm
from audits.forms.nonconformity import VerifyForm
from audits.models import CorrectiveAction, NonConformity
from companies.merging import as_seen
from companies.models import Event
from companies.timeline import Timeline
from ecoeficiencia.files.serving import serve

from .acts import attempt


@require_safe
def nonconformity(request, pk):
    nc = get_object_or_404(NonConformity.objects.audited_by(request.user).for_page(), pk=pk)
    return render(request, "auditoria/nonconformity.html", _page(request, nc))


def _decided_on(request, pk):
    """The nonconformity as the page showed it: an answer written meanwhile is not decided on unread."""
    return as_seen(get_object_or_404(NonConformity.objects.audited_by(request.user).for_page(), pk=pk), request.POST)


@require_POST
def verify(request, pk):
    nc = _decided_on(request, pk)
    form = VerifyForm(request.POST, prefix="verify")
    if not form.is_valid():
        return render(request, "auditoria/nonconformity.html", _page(request, nc, verify_form=form), status=422)
    said = _("%(number)s cerrada.") % {"number": nc}
    return attempt(request, nc.verify, said=said, back=reverse("auditoria:nonconformity", args=[pk]), form=form)


@require_POST
def give_back(request, pk):
    nc = _decided_on(request, pk)
    form = ReasonForm(request.POST, prefix="return")
    if not form.is_valid():
        return render(request, "auditoria/nonconformity.html", _page(request, nc, return_form=form), status=422)
    said = _("%(number)s devuelta a la empresa.") % {"number": nc}
    return attempt(request, nc.give_back, said=said, back=reverse("auditoria:nonconformity", args=[pk]), form=form)


@require_safe
def action_file(request, pk):
    actions = CorrectiveAction.objects.audited_by(request.user).exclude(blob=None)
    action = get_object_or_404(actions.select_related("blob"), pk=pk)
    Event.note_reading(action.nonconformity, action.filename, by=request.user)
    return serve(request, action.blob, action.filename, inline=True)


def _page(request, nc, **forms):
    return {
        "audit": nc.audit,
        "nc": nc,
        **nc.terms_on(timezone.localdate()),
        "actions": nc.actions.select_related("blob"),
        "steps": nc.steps(),
        "events": Timeline.of(request, nc, inside=True),
        "missing": [] if nc.state == nc.State.CLOSED else nc.missing_to_verify(),
        "verify_form": VerifyForm(prefix="verify"),
        "return_form": ReasonForm(prefix="return"),
        "file_url": "auditoria:action_file",
        **forms,
    }
