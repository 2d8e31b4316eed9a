"""Days decreed non-working beyond the yearly holidays."""

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.models.places import DEPARTMENTS
from ecoeficiencia.models import NonWorkingDay

from .panel import DayInput, text


class NonWorkingDayForm(forms.ModelForm):
    department = forms.ChoiceField(
        label=_("Dónde"),
        required=False,
        choices=[("", _("En todo el país")), *((name, name) for name in DEPARTMENTS)],
        help_text=_("Alarga los plazos de las empresas con sede ahí; el de la oficina de PROMPERÚ, los de todas."),
    )

    class Meta:
        model = NonWorkingDay
        fields = ("on", "department", "reason", "norm")
        widgets = {"on": DayInput()}
        help_texts = {"norm": _("El decreto que lo declara, por ejemplo DS 042-2025-PCM.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["norm"].required = True


class WithdrawDayForm(forms.Form):
    reason = text(_("Motivo"), rows=2)
