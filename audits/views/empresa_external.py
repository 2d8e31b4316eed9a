from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audits.forms.audit import ReasonForm
from audits.forms.external import ExternalRequestForm
from audits.gates import blocking, participation_missing_for_external
from audits.models import Audit, CertificationBody
from companies.merging import overtaken
from companies.models import Company
from ecoeficiencia.lifecycle import IllegalMove

from .acts import attempt


@require_http_methods(["GET", "POST"])
def external_request(request, company):
    """Ask a certification body for the external audit, or see what became of the request."""
    if request.method == "POST":
        return _ask(request, get_object_or_404(Company.objects.edited_by(request.user), pk=company))
    return _page(request, get_object_or_404(Company.objects.belonging_to(request.user).distinct(), pk=company))


def _ask(request, company):
    if (participation := _latest(company)) is None:
        raise Http404
    form = ExternalRequestForm(request.POST, participation=participation)
    if not form.is_valid():
        return _page(request, company, form, status=422)
    data = form.cleaned_data
    wanted = {key: data[key] for key in ("body", "message", "starts_on", "ends_on")}
    said = _("Solicitud enviada a %(body)s.") % {"body": data["body"]}
    try:
        Audit.objects.request_external(participation=participation, by=request.user, **wanted)
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=_address(company.pk), form=form)
    messages.success(request, said)
    return redirect(_address(company.pk))


def _address(company):
    return reverse("empresa:external_request", args=[company])


def _latest(company):
    rows = company.participations.select_related("company", "edition", "assessment__standard_version")
    return rows.order_by("-edition__opens_on", "-pk").first()


def _page(request, company, form=None, status=200, reason_form=None):
    today = timezone.localdate()
    participation = _latest(company)
    external = participation.audits.filter(kind=Audit.Kind.CERTIFICATION) if participation else Audit.objects.none()
    audits = list(external.select_related("body", "participation__company").order_by("-created_at"))
    current = next((audit for audit in audits if audit.MOVES[audit.state] or audit.state == "confirmed"), None)
    missing = participation_missing_for_external(participation, today) if participation and not current else []
    state_stops = [item for item in blocking(missing) if not item.key.startswith("site_documents")]
    may_ask = participation is not None and not current and not state_stops
    context = {
        "company": company,
        "participation": participation,
        "current": current,
        "team": current.team.present().select_related("user") if current else [],
        "declined": next((audit for audit in audits if audit.state == "declined"), None) if not current else None,
        "missing": missing,
        "bodies": CertificationBody.objects.not_ended(today) if may_ask else [],
        "form": (form or ExternalRequestForm(participation=participation)) if may_ask or form else None,
        "reason_form": reason_form or ReasonForm(prefix="retiro"),
        "may_edit": Company.objects.edited_by(request.user).filter(pk=company.pk).exists(),
    }
    return render(request, "empresa/external_request.html", context, status=status)


@require_POST
def external_cancel(request, pk):
    """Take back a request that the body has not answered."""
    audit = get_object_or_404(Audit.objects.editable_by(request.user).exclude(body=None), pk=pk)
    form, back = ReasonForm(request.POST, prefix="retiro"), _address(audit.participation.company_id)
    if not form.is_valid():
        return _page(request, audit.participation.company, reason_form=form, status=422)
    said = _("Solicitud retirada. Ya puede elegir otro organismo.")
    return attempt(request, audit.cancel_request, said=said, back=back, form=form)
