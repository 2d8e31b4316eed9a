from django import forms
from django.utils.translation import gettext_lazy as _

from companies.models import Duty, SecondFactorRule
from companies.models.second_factor import RELATIONS


class DutyInvitationForm(forms.Form):
    email = forms.EmailField(
        label=_("Correo electrónico"), help_text=_("Le llegará un enlace que sirve una sola vez, durante 7 días.")
    )
    duty = forms.ChoiceField(label=_("Función"), choices=Duty.choices)


class ResetForm(forms.Form):
    reason = forms.CharField(
        label=_("Motivo"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Cómo comprobó que es la persona. Queda en la historia y se lo decimos a ella por correo."),
    )


class DutyEndForm(forms.Form):
    reason = forms.CharField(
        label=_("Motivo"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Queda en la historia y se lo decimos a la persona."),
    )


class SecondFactorForm(forms.ModelForm):
    relations = forms.MultipleChoiceField(
        label=_("Obliga a"),
        required=False,
        choices=[(key, label) for key, (_door, label) in RELATIONS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = SecondFactorRule
        fields = ["relations", "grace_days", "note"]
        help_texts = {
            "grace_days": _("Desde hoy, para quienes aún no lo tienen. Con cero, se les pide en su próxima página."),
            "note": _("De dónde sale esta regla."),
        }
