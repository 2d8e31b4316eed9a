"""The people of PROMPERÚ: who holds which duty, who is invited, and what an administrator does for somebody."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.access import has_duty, staff_only
from companies.forms.people import DutyEndForm, DutyInvitationForm, ResetForm, SecondFactorForm
from companies.merging import overtaken
from companies.models import Appointment, Duty, Invitation, SecondFactorRule, User
from companies.timeline import Timeline
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove

administrators_only = has_duty(Duty.ADMINISTRATOR)


@staff_only
@require_safe
def people(request):
    return _people_page(request)


def _people_page(request, form=None):
    """Appointments in force first; the ended ones stay as history."""
    rows = Appointment.objects.select_related("user").order_by(
        F("ends_on").desc(nulls_first=True), "duty", "user__first_name", "pk"
    )
    context = {
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
        "may_invite": request.user.has_duty(Duty.ADMINISTRATOR),
        "invitations": Invitation.objects.exclude(duty="").pending(timezone.now()).order_by("expires_at"),
        "form": form or DutyInvitationForm(),
        "rule": SecondFactorRule.current(),
    }
    return render(request, "panel/people.html", context, status=422 if form else 200)


@administrators_only
@require_POST
def person_invite(request):
    form = DutyInvitationForm(request.POST)
    if not form.is_valid():
        return _people_page(request, form)
    Invitation.appoint(by=request.user, **form.cleaned_data)
    messages.success(
        request, _("Invitó a %(email)s. El enlace vence en 7 días.") % {"email": form.cleaned_data["email"]}
    )
    return redirect("panel:people")


@administrators_only
@require_POST
def person_uninvite(request, pk):
    invitation = get_object_or_404(Invitation.objects.exclude(duty=""), pk=pk)
    try:
        invitation.cancel(by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("panel:people"))
    messages.success(request, _("Anuló la invitación a %(email)s.") % {"email": invitation.email})
    return redirect("panel:people")


@administrators_only
@require_safe
def person(request, pk):
    return _person_page(request, get_object_or_404(User, pk=pk))


@administrators_only
@require_POST
def duty_end(request, pk):
    """Somebody no longer does this for the programme: it is over at their next request."""
    row = get_object_or_404(Appointment.objects.select_related("user"), pk=pk)
    form, back = DutyEndForm(request.POST, prefix=f"f{pk}"), reverse("panel:person", args=[row.user_id])
    if not form.is_valid():
        return _person_page(request, row.user, ended=form)
    try:
        row.end(by=request.user, reason=form.cleaned_data["reason"])
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=back, form=form)
    said = _("Terminó la función de %(person)s: %(duty)s. Se lo avisamos.")
    messages.success(request, said % {"person": row.user, "duty": row.get_duty_display()})
    return redirect("panel:people")


def _person_page(request, person, form=None, ended=None):
    """`form` and `ended` are forms that came back with errors: of the second factor, of one duty."""
    appointments = list(person.appointments.order_by(F("ends_on").desc(nulls_first=True), "-starts_on"))
    for row in appointments:
        blank = DutyEndForm(prefix=f"f{row.pk}")
        row.end_form = ended if ended and ended.prefix == blank.prefix else blank
    context = {
        "person": person,
        "appointments": appointments,
        "factors": Authenticator.objects.filter(user=person).exclude(type=Authenticator.Type.RECOVERY_CODES),
        "bound": SecondFactorRule.current().binds(person),
        "form": form or ResetForm(),
        "events": Timeline.of(request, person, inside=True),
    }
    return render(request, "panel/person.html", context, status=422 if form or ended else 200)


@administrators_only
@require_POST
def person_reset(request, pk):
    """Somebody lost the telephone: take the second factor away, so that they set up another."""
    person = get_object_or_404(User, pk=pk)
    form = ResetForm(request.POST)
    if not form.is_valid():
        return _person_page(request, person, form)
    try:
        person.reset_second_factor(by=request.user, reason=form.cleaned_data["reason"])
    except IllegalMove as refusal:
        return overtaken(request, refusal, back=reverse("panel:person", args=[pk]), form=form)
    said = _("Restableció la verificación de %(person)s. Le avisamos por correo.") % {"person": person}
    messages.success(request, said)
    return redirect("panel:person", pk)


@administrators_only
@require_http_methods(["GET", "POST"])
def second_factor(request):
    """Who is bound to a second factor: the rule in force, its history, and the form that adds a row."""
    rule = SecondFactorRule.current()
    initial = {"relations": rule.relations, "grace_days": rule.grace_days}
    form = SecondFactorForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        SecondFactorRule.set(by=request.user, **form.cleaned_data)
        messages.success(request, _("Guardado."))
        return redirect("panel:second_factor")
    history = SecondFactorRule.objects.select_related("set_by")
    context = {"form": form, "rule": rule, "history": history}
    return render(request, "panel/second_factor.html", context, status=422 if form.errors else 200)
