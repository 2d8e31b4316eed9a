from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Invitation, Membership


class InvitationForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ["email", "role"]
        help_texts = {
            "email": _("Le llegará un enlace que sirve una sola vez, durante 7 días."),
            "role": _("Quien tiene «solo lectura» ve todo y no cambia nada."),
        }

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.company = company

    def clean_email(self):
        email = self.cleaned_data["email"]
        there = self.company.memberships.in_force(timezone.localdate()).filter(user__email__iexact=email)
        if member := there.select_related("user").first():
            words = _("%(person)s ya trabaja aquí. Su rol se cambia en la lista.") % {"person": member.user}
            raise forms.ValidationError(words)
        return email


class RoleForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ["role"]


class HandOverForm(forms.Form):
    """Who represents the company from now on, and what whoever did goes on doing here."""

    GONE = ("", _("Nada: dejo la empresa"))

    to = forms.ModelChoiceField(
        label=_("Quién la representa desde hoy"),
        queryset=None,
        empty_label=_("Elija a una persona del equipo"),
        help_text=_("Si aún no está en el equipo, invítela primero."),
    )
    role = forms.ChoiceField(
        label=_("Usted sigue como"), required=False, widget=forms.RadioSelect, initial=Membership.Role.COORDINATOR
    )

    def __init__(self, *args, member, **kwargs):
        super().__init__(*args, **kwargs)
        colleagues = member.company.memberships.in_force(timezone.localdate()).exclude(pk=member.pk)
        colleagues = colleagues.exclude(role=Membership.Role.REPRESENTATIVE).filter(user__is_active=True)
        self.fields["to"].queryset = colleagues.select_related("user").order_by("pk")
        stays = [choice for choice in Membership.Role.choices if choice[0] != Membership.Role.REPRESENTATIVE]
        self.fields["role"].choices = [*stays, self.GONE]
        self.fields["role"].owed = True
