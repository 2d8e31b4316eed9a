"""Ending a certificate takes two people: coordination proposes, another person confirms or leaves it as it is."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.forms.certificate import ConfirmForm, RejectForm, WithdrawForm
from audits.models import Withdrawal
from companies.access import coordinators_only, deciders_only
from companies.merging import as_seen

from .acts import attempt, pressed_again
from .panel_certificates import certificate_page, found_certificate


@coordinators_only
@require_POST
def propose(request, pk):
    """Propose to end the certificate, with the reason that the register will publish."""
    certificate = found_certificate(request, pk)
    form = WithdrawForm(request.POST, certificate=certificate, user=request.user, prefix="withdraw")
    if not form.is_valid():
        return certificate_page(request, certificate, {"withdraw": form}, status=422)
    said = _("Retiro propuesto. Lo confirma otra persona; el certificado sigue como está.")
    back, propose = reverse("panel:certificate", args=[pk]), Withdrawal.objects.propose
    return attempt(request, propose, said=said, back=back, form=form, certificate=certificate)


@deciders_only
@require_POST
def confirm(request, pk):
    """End the certificate, once: pressing again shows what was resolved."""
    words = {"said": _("Certificado retirado, y con él la licencia de marca."), "on": timezone.localdate()}
    return _resolve(request, pk, "confirm", ConfirmForm, words)


@deciders_only
@require_POST
def reject(request, pk):
    """Leave the certificate as it is, saying why."""
    return _resolve(request, pk, "reject", RejectForm, {"said": _("Retiro no confirmado. El certificado sigue igual.")})


def _resolve(request, pk, deed, made, words):
    rows = Withdrawal.objects.managed_by(request.user).for_page()
    withdrawal = as_seen(get_object_or_404(rows, pk=pk), request.POST)
    back = reverse("panel:certificate", args=[withdrawal.certificate_id])
    form = made(request.POST, withdrawal=withdrawal, user=request.user, prefix=deed)
    if withdrawal.state != Withdrawal.State.PROPOSED:
        said = _("La propuesta de retiro ya estaba resuelta. No se hizo nada más.")
        return pressed_again(request, withdrawal, by=withdrawal.resolved_by, said=said, back=back, form=form)
    if not form.is_valid():
        return certificate_page(request, withdrawal.certificate, {deed: form}, status=422)
    return attempt(request, getattr(withdrawal, deed), back=back, form=form, **words)
