"""The people of a company: who works here, in which capacity, and who is invited."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.forms.team import InvitationForm, RoleForm
from companies.models import Company, Invitation, Membership, TooManyInvitations
from ecoeficiencia.errors import conflict
from ecoeficiencia.lifecycle import IllegalMove


@require_safe
def team(request, company):
    company = get_object_or_404(Company.objects.belonging_to(request.user), pk=company)
    return render(request, "empresa/team.html", _team_page(request, company))


def _team_page(request, company, form=None):
    leads = Membership.objects.led_by(request.user).filter(company=company).exists()
    members = company.memberships.in_force(timezone.localdate()).select_related("user").order_by("starts_on", "pk")
    return {
        "company": company,
        "rows": [(member, RoleForm(instance=member, prefix=f"m{member.pk}")) for member in members],
        "invitations": company.invitations.pending(timezone.now()),
        "form": form or InvitationForm(),
        "may_lead": leads,
    }


@require_POST
def invite(request, company):
    company = get_object_or_404(Company.objects.led_by(request.user), pk=company)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return render(request, "empresa/team.html", _team_page(request, company, form), status=422)
    try:
        Invitation.send(company, by=request.user, **form.cleaned_data)
    except TooManyInvitations as refusal:
        form.add_error(None, str(refusal))
        return render(request, "empresa/team.html", _team_page(request, company, form), status=429)
    messages.success(
        request, _("Invitó a %(email)s. El enlace vence en 7 días.") % {"email": form.cleaned_data["email"]}
    )
    return redirect("empresa:team", company.pk)


@require_POST
def invitation_cancel(request, pk):
    invitation = get_object_or_404(Invitation.objects.led_by(request.user).pending(timezone.now()), pk=pk)
    invitation.cancel(by=request.user)
    messages.success(request, _("Anuló la invitación a %(email)s.") % {"email": invitation.email})
    return redirect("empresa:team", invitation.company_id)


@require_POST
def member_role(request, pk):
    member = get_object_or_404(Membership.objects.led_by(request.user), pk=pk)
    form = RoleForm(request.POST, prefix=f"m{member.pk}")
    if not form.is_valid():
        back = reverse("empresa:team", args=[member.company_id])
        return conflict(request, " ".join(form.errors["role"]), back=back, status=422)
    return _change(request, member, lambda: member.become(form.cleaned_data["role"], by=request.user))


@require_POST
def member_end(request, pk):
    member = get_object_or_404(Membership.objects.led_by(request.user), pk=pk)
    return _change(request, member, lambda: member.end(by=request.user, on=timezone.localdate()))


def _change(request, member, act):
    try:
        act()
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=f"/empresa/{member.company_id}/equipo/")
    messages.success(request, _("Guardado."))
    return redirect("empresa:team", member.company_id)


@login_not_required
def invitation(request, token):
    """Whoever holds the link may come in, once. Without an account they make one first and come back."""
    found = Invitation.objects.holding(token, timezone.now())
    if found is None:
        return render(request, "empresa/invitation_over.html", status=404)
    if request.method == "POST" and request.user.is_authenticated:
        try:
            found.accept(by=request.user)
        except IllegalMove as refusal:
            return conflict(request, str(refusal), back=reverse("public:doors"))
        said = _("Ahora trabaja en %(host)s: %(place)s.") % {"host": found.host, "place": found.place}
        messages.success(request, said)
        return redirect("empresa:company", found.company_id) if found.company_id else redirect("public:doors")
    return render(request, "empresa/invitation.html", {"invitation": found})
