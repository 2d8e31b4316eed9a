from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.forms.audit import ReasonForm
from audits.forms.external import AcceptForm
from audits.models import Audit, CertificationBody
from companies.access import allowed

from .acts import attempt

managers_only = allowed(lambda user: CertificationBody.objects.managed_by(user).exists())


@managers_only
@require_safe
def requests(request):
    """The external audits companies asked this person's body for; those that wait first."""
    rows = Audit.objects.requested_from(request.user).for_requests()
    context = {
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
        "nav_counts": {"requests": rows.filter(state=Audit.State.REQUESTED).count()},
    }
    return render(request, "auditoria/requests.html", context)


def _found(request, pk):
    rows = Audit.objects.requested_from(request.user)
    return get_object_or_404(rows.select_related("body", "participation__company", "scope"), pk=pk)


def _page(request, audit, accept=None, decline=None, status=200):
    participation = audit.participation
    team = list(audit.team.present().select_related("user"))
    over = not audit.MOVES[audit.state]
    context = {
        "request_row": audit,
        "subject": participation.company,
        "edition_name": participation.edition,
        "version": participation.assessment.standard_version,
        "sites": audit.scope.sites.select_related("district")
        if audit.scope.sites.exists()
        else participation.company.sites.filter(in_scope=True, closed_on=None).select_related("district"),
        "team": team,
        "waits": audit.state == Audit.State.REQUESTED,
        "accept": accept or (AcceptForm(audit=audit) if not over and not team else None),
        "decline": decline or ReasonForm(prefix="declina"),
    }
    return render(request, "auditoria/request.html", context, status=status)


@require_http_methods(["GET"])
def request(request, pk):
    """The request and its state: company, sites, standard, days. Never the evidence."""
    return _page(request, _found(request, pk))


@require_POST
def accept(request, pk):
    """Take the audit and name who leads it; or name another when the first stepped aside."""
    audit = _found(request, pk)
    form = AcceptForm(request.POST, audit=audit)
    if not form.is_valid():
        return _page(request, audit, accept=form, status=422)
    auditor = form.cleaned_data["auditor"]
    named_before = audit.state != Audit.State.REQUESTED
    deed = audit.name_auditor if named_before else audit.accept
    said = _("Nombró a %(auditor)s. Le avisamos, y también a la empresa.") % {"auditor": auditor}
    return attempt(request, deed, said=said, back=reverse("auditoria:request", args=[pk]), auditor=auditor)


@require_POST
def decline(request, pk):
    """Refuse the audit, saying why."""
    audit = _found(request, pk)
    form = ReasonForm(request.POST, prefix="declina")
    if not form.is_valid():
        return _page(request, audit, decline=form, status=422)
    said = _("Declinó la solicitud. La empresa ya puede elegir otro organismo.")
    back = reverse("auditoria:request", args=[pk])
    return attempt(request, audit.decline, said=said, back=back, form=form)
