from datetime import timedelta

import django_filters
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from audits.forms.certificate import ConfirmForm, ReinstateForm, RejectForm, SuspendForm, WithdrawForm
from audits.forms.decision import LicenceForm
from audits.gates import blocking, licence_conditions, proposer_refusals, withdrawal_resolver_refusals
from audits.models import Certificate
from audits.printed import verification_url
from companies.access import coordinators_only, staff_only
from companies.models import Duty, Event
from companies.timeline import Timeline
from ecoeficiencia.files.serving import serve

from .acts import attempt

STATUSES = (
    ("valid", gettext_lazy("Vigentes")),
    ("expiring", gettext_lazy("Por vencer")),
    ("suspended", gettext_lazy("Suspendidos")),
    ("withdrawal", gettext_lazy("Con retiro por confirmar")),
    ("withdrawn", gettext_lazy("Retirados")),
    ("expired", gettext_lazy("Vencidos")),
    ("replaced", gettext_lazy("Reemplazados")),
)
WITHIN = (("30", gettext_lazy("30 días")), ("90", gettext_lazy("90 días")), ("180", gettext_lazy("180 días")))


class CertificateFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Empresa, RUC o número"), method="by_text")
    estado = django_filters.ChoiceFilter(
        label=gettext_lazy("Estado"),
        choices=STATUSES,
        empty_label=gettext_lazy("Todos los estados"),
        method="by_status",
    )
    vence = django_filters.ChoiceFilter(
        label=gettext_lazy("Vence en"), choices=WITHIN, empty_label=gettext_lazy("Cualquier término"), method="by_end"
    )

    def by_text(self, rows, name, value):
        return rows.search(value)

    def by_status(self, rows, name, value):
        return rows.with_status(value, timezone.localdate())

    def by_end(self, rows, name, value):
        today = timezone.localdate()
        return rows.filter(valid_until__gte=today, valid_until__lte=today + timedelta(days=int(value)))


@staff_only
@require_safe
def certificates(request):
    """Every certificate, what ends first above."""
    rows = (
        Certificate.objects.managed_by(request.user).select_related("company", "licence").order_by("valid_until", "pk")
    )
    found = CertificateFilter(request.GET, queryset=rows)
    today = timezone.localdate()
    page = Paginator(found.qs, 25).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.status, row.label = row.status_on(today), row.status_label(today)
    return render(request, "panel/certificates.html", {"filter": found, "page": page})


def found_certificate(request, pk):
    return get_object_or_404(Certificate.objects.managed_by(request.user).for_page(), pk=pk)


@require_safe
def certificate(request, pk):
    """One certificate: what was printed, its life in the register, the mark licence and its conditions."""
    return certificate_page(request, found_certificate(request, pk))


def certificate_page(request, certificate, forms=None, status=200):
    today = timezone.localdate()
    forms = forms or {}
    withdrawal = certificate.withdrawals.waiting().for_page().first()
    conditions = licence_conditions(certificate.decision.participation, today, certificate)
    told = Event.objects.about(certificate) | Event.objects.about_each(certificate.withdrawals.all())
    context = {
        "certificate": certificate,
        "status": certificate.status_on(today),
        "label": certificate.status_label(today),
        "url": verification_url(certificate),
        "licence": certificate.licence_or_none,
        "conditions": conditions,
        "licence_blocked": bool(blocking(conditions)),
        "may_act": request.user.has_duty(Duty.COORDINATOR),
        "suspend_form": forms.get("suspend") or SuspendForm(prefix="suspend", certificate=certificate),
        "reinstate_form": forms.get("reinstate") or ReinstateForm(prefix="reinstate", certificate=certificate),
        **_withdrawing(request.user, certificate, withdrawal, forms),
        "licence_form": forms.get("licence") or LicenceForm(),
        "entries": certificate.register.order_by("-sequence"),
        "events": Timeline(request, told.acts(), inside=True),
    }
    return render(request, "panel/certificate.html", context, status=status)


def _withdrawing(user, certificate, withdrawal, forms):
    """What the page says of ending it: the proposal that waits with its two answers, or the form to propose."""
    if withdrawal is None:
        form = forms.get("withdraw") or WithdrawForm(certificate=certificate, user=user, prefix="withdraw")
        return {"withdraw_form": form, "stops_proposing": list(proposer_refusals(certificate.decision, user))}
    words = {"withdrawal": withdrawal, "user": user}
    return {
        "withdrawal": withdrawal,
        "stops_resolving": list(withdrawal_resolver_refusals(withdrawal, user)),
        "confirm_form": forms.get("confirm") or ConfirmForm(prefix="confirm", **words),
        "reject_form": forms.get("reject") or RejectForm(prefix="reject", **words),
    }


FORMS = {"suspend": SuspendForm, "reinstate": ReinstateForm}
SAID = {
    "suspend": gettext_lazy("Certificado suspendido, y con él la licencia de marca."),
    "reinstate": gettext_lazy("Certificado restituido."),
}


@coordinators_only
@require_POST
def act(request, pk, deed):
    """Suspend or reinstate, with a reason that the register publishes."""
    certificate = found_certificate(request, pk)
    form = FORMS[deed](request.POST, prefix=deed, certificate=certificate)
    if not form.is_valid():
        return certificate_page(request, certificate, {deed: form}, status=422)
    words = form.cleaned_data | {"on": timezone.localdate()}
    back = reverse("panel:certificate", args=[pk])
    return attempt(request, getattr(certificate, deed), said=SAID[deed], back=back, **words)


@coordinators_only
@require_POST
def licence(request, pk):
    """Grant the right to use the mark; its conditions are checked again."""
    certificate, form = found_certificate(request, pk), LicenceForm(request.POST)
    if not form.is_valid():
        return certificate_page(request, certificate, {"licence": form}, status=422)
    words = {"uses": form.cleaned_data["uses"], "on": timezone.localdate()}
    back = reverse("panel:certificate", args=[pk])
    return attempt(request, certificate.grant_licence, said=_("Licencia otorgada."), back=back, **words)


@require_safe
def certificate_pdf(request, pk):
    certificate = get_object_or_404(Certificate.objects.managed_by(request.user).exclude(pdf=None), pk=pk)
    return serve(request, certificate.pdf, f"{certificate.number}.pdf", inline=True)
