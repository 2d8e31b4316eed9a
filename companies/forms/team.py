from django import forms
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


class RoleForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ["role"]
