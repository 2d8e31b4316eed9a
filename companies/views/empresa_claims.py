"""Claiming a RUC that cannot be registered. No page here says whether anybody has it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies import throttle
from companies.forms.claims import ClaimForm
from companies.models import Claim, Event
from ecoeficiencia import once
from ecoeficiencia.errors import conflict, too_many_requests
from ecoeficiencia.files.serving import serve
from ecoeficiencia.lifecycle import IllegalMove


def claim_new(request):
    """The same answer for every RUC that is one; trying one after another gets slow."""
    form = ClaimForm(request.POST or None, request.FILES or None, initial={"ruc": request.GET.get("ruc", "")[:11]})
    if form.is_valid():
        try:
            throttle.Delay(f"claims:{request.user.pk}", 5, 60 * 60).take()
            claim = Claim.file(by=request.user, **form.cleaned_data)
        except throttle.Throttled as pause:
            return too_many_requests(request, wait=pause.wait, texts=once.texts_of(request))
        except IllegalMove as refusal:
            return conflict(request, str(refusal), back=reverse("empresa:home"))
        messages.success(request, _("Presentó su reclamo. PROMPERÚ le responderá por correo."))
        return redirect("empresa:claim", claim.pk)
    return render(request, "empresa/claim_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
def claim(request, pk):
    found = get_object_or_404(Claim.objects.of(request.user), pk=pk)
    return render(request, "empresa/claim.html", {"claim": found})


@require_POST
def claim_withdraw(request, pk):
    found = get_object_or_404(Claim.objects.of(request.user), pk=pk)
    try:
        found.withdraw(by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("empresa:claim", args=[pk]))
    messages.success(request, _("Retiró su reclamo."))
    return redirect("empresa:claim", pk)


@require_safe
def claim_file(request, pk):
    """The proof, for whoever sent it and for PROMPERÚ."""
    found = get_object_or_404(Claim.objects.visible_to(request.user).select_related("blob"), pk=pk)
    if found.claimed_by != request.user:
        Event.note_reading(found, found.filename, by=request.user)
    return serve(request, found.blob, found.filename, inline="descargar" not in request.GET)
