from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.forms.body import BodyForm, PersonForm
from audits.models import CertificationBody
from companies.access import coordinators_only, staff_only
from companies.merging import merge
from companies.models import Duty, Invitation
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove


@staff_only
@require_safe
def bodies(request):
    """The register of certification bodies, as the companies choose from it."""
    today = timezone.localdate()
    rows = list(CertificationBody.objects.for_list())
    for row in rows:
        row.enabled_today = row.is_enabled_on(today)
    context = {"rows": rows, "may_act": request.user.has_duty(Duty.COORDINATOR)}
    return render(request, "panel/bodies.html", context)


@coordinators_only
@require_http_methods(["GET", "POST"])
def new_body(request):
    form = BodyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        body = form.save(commit=False)
        body.keep(by=request.user, note=form.cleaned_data["note"])
        messages.success(request, _("Organismo registrado. Agregue a las personas que responden por él."))
        return redirect("panel:body", body.pk)
    return render(request, "panel/body.html", {"form": form}, status=422 if form.errors else 200)


@coordinators_only
@require_http_methods(["GET", "POST"])
def body(request, pk):
    """Edit a body: resolution, dates, enabled or suspended; and its people."""
    body = get_object_or_404(CertificationBody, pk=pk)
    form = BodyForm(request.POST or None, instance=body)
    if request.method == "POST" and form.is_valid():
        if form.is_stale:
            return merge(request, form, form.as_stored())
        form.save(commit=False).keep(by=request.user, note=form.cleaned_data["note"])
        messages.success(request, _("Organismo guardado."))
        return redirect("panel:body", pk)
    return _page(request, CertificationBody.objects.get(pk=pk), form, status=422 if form.errors else 200)


def _page(request, body, form, person_form=None, status=200):
    context = {
        "body": body,
        "form": form,
        "person_form": person_form or PersonForm(prefix="persona"),
        "invitations": body.invitations.pending(timezone.now()),
        "people": body.people.select_related("user").order_by("ends_on", "role", "user__last_name"),
        "today": timezone.localdate(),
        "events": Timeline.of(request, body, inside=True),
    }
    return render(request, "panel/body.html", context, status=status)


@coordinators_only
@require_POST
def add_person(request, pk):
    """Invite somebody to the body; whoever uses the link becomes one of its people."""
    body = get_object_or_404(CertificationBody, pk=pk)
    form = PersonForm(request.POST, prefix="persona")
    if not form.is_valid():
        return _page(request, body, BodyForm(instance=body), form, status=422)
    Invitation.send_for(body, by=request.user, **form.cleaned_data)
    messages.success(
        request, _("Invitó a %(email)s. El enlace vence en 7 días.") % {"email": form.cleaned_data["email"]}
    )
    return redirect("panel:body", pk)


@coordinators_only
@require_POST
def end_person(request, pk, person):
    body = get_object_or_404(CertificationBody, pk=pk)
    try:
        body.end_person(get_object_or_404(body.people.select_related("user"), pk=person), by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("panel:body", args=[pk]))
    messages.success(request, _("Hoy es su último día en el organismo."))
    return redirect("panel:body", pk)
