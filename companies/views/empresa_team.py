"""The people of a company: who works here, in which capacity, and who is invited."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.forms.team import HandOverForm, InvitationForm, RoleForm
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
        "form": form or InvitationForm(company=company),
        "may_lead": leads,
        "mine": next((member for member in members if member.user_id == request.user.pk), None),
    }


@require_POST
def invite(request, company):
    company = get_object_or_404(Company.objects.led_by(request.user), pk=company)
    form = InvitationForm(request.POST, company=company)
    if not form.is_valid():
        return render(request, "empresa/team.html", _team_page(request, company, form), status=422)
    try:
        Invitation.send(company, by=request.user, **form.cleaned_data)
    except (TooManyInvitations, IllegalMove) as refusal:
        form.add_error(None, str(refusal))
        status = 429 if isinstance(refusal, TooManyInvitations) else 409
        return render(request, "empresa/team.html", _team_page(request, company, form), status=status)
    messages.success(
        request, _("Invitó a %(email)s. El enlace vence en 7 días.") % {"email": form.cleaned_data["email"]}
    )
    return redirect("empresa:team", company.pk)


@require_POST
def invitation_cancel(request, pk):
    invitation = get_object_or_404(Invitation.objects.led_by(request.user), pk=pk)
    try:
        invitation.cancel(by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("empresa:team", args=[invitation.company_id]))
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
        return conflict(request, str(refusal), back=reverse("empresa:team", args=[member.company_id]))
    messages.success(request, _("Guardado."))
    return redirect("empresa:team", member.company_id)


@require_POST
def member_leave(request, company):
    """Stop working here, by one's own wish."""
    member = get_object_or_404(Membership.objects.of(request.user), company=company)
    try:
        member.end(by=request.user, on=timezone.localdate())
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("empresa:team", args=[company]))
    messages.success(request, _("Dejó %(company)s. Lo que hizo queda en su historia.") % {"company": member.company})
    return redirect("empresa:home")


def member_hand_over(request, company):
    """Whoever represents the company gives the representation to a colleague."""
    mine = get_object_or_404(Membership.objects.of(request.user), company=company, role=Membership.Role.REPRESENTATIVE)
    form = HandOverForm(request.POST or None, member=mine)
    context = {"company": mine.company, "form": form, "nav_current": "team"}
    if not form.is_valid():
        return render(request, "empresa/hand_over.html", context, status=422 if form.is_bound else 200)
    to, role = form.cleaned_data["to"], form.cleaned_data["role"]
    try:
        mine.hand_over(to, role=role, by=request.user, on=timezone.localdate())
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("empresa:team", args=[company]))
    messages.success(request, _("Traspasó la representación a %(person)s.") % {"person": to.user})
    return redirect("empresa:team", company) if role else redirect("empresa:home")


@login_not_required
def invitation(request, token):
    """Whoever holds the link may come in, once. Without an account they make one first and come back."""
    found = Invitation.objects.holding(token, timezone.now())
    if found is None:
        ended = Invitation.objects.ended(token)
        return render(request, "empresa/invitation_over.html", {"ended": ended}, status=404)
    user, sure = request.user, "confirmo" in request.POST
    another = user.is_authenticated and not found.is_to(user)
    if request.method == "POST" and user.is_authenticated and (sure or not another):
        return _accept(request, found)
    context = {"invitation": found, "another": another}
    refused = request.method == "POST" and another
    return render(request, "empresa/invitation.html", context, status=409 if refused else 200)


def _accept(request, found):
    try:
        found.accept(by=request.user)
    except IllegalMove as refusal:
        return conflict(request, str(refusal), back=reverse("public:doors"))
    said = _("Ahora trabaja en %(host)s: %(place)s.") % {"host": found.host, "place": found.place}
    messages.success(request, said)
    return redirect("empresa:company", found.company_id) if found.company_id else redirect("public:doors")
