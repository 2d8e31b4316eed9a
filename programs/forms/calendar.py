"""Days decreed non-working beyond the yearly holidays."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.models import NonWorkingDay

from .panel import DayInput, text


class NonWorkingDayForm(forms.ModelForm):
    class Meta:
        model = NonWorkingDay
        fields = ("on", "reason", "norm")
        widgets = {"on": DayInput()}
        help_texts = {"norm": _("El decreto que lo declara, por ejemplo DS 042-2025-PCM.")}
        error_messages = {"on": {"unique": _("Ese día ya está registrado como no laborable.")}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["norm"].required = True


class WithdrawDayForm(forms.Form):
    reason = text(_("Motivo"), _("Los plazos que este día alargó no se acortan."), rows=2)
