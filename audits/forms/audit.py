from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.impartiality import conflicts
from audits.models import Audit
from companies.forms.versioned import OpenedForm
from companies.models import Duty, User
from ecoeficiencia.fields import LongField


class DayInput(forms.DateInput):
    def __init__(self):
        super().__init__(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Motivo"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Escriba el motivo; quien lo reciba lo leerá.")},
    )


class DaysForm(forms.Form):
    """From one day to another; an audit is not planned for the past."""

    starts_on = forms.DateField(label=_("Desde"), widget=DayInput())
    ends_on = forms.DateField(label=_("Hasta"), widget=DayInput(), help_text=_("Incluye este día."))

    def clean_starts_on(self):
        day = self.cleaned_data["starts_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("La auditoría no puede empezar en un día que ya pasó. Elija hoy o después."))
        return day

    def clean(self):
        starts_on, ends_on = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("El último día es anterior al primero. Corrija una de las dos fechas."))


class AuditorForm(forms.Form):
    """Who audits for PROMPERÚ. Whoever has a tie with the company is refused with the reason."""

    auditor = forms.ModelChoiceField(
        label=_("Auditor"),
        queryset=User.objects.none(),
        empty_label=_("Elija a una persona"),
        help_text=_(
            "Personas con la función de preauditoría. Quien es o fue monitor de la empresa no puede auditarla."
        ),
        error_messages={"invalid_choice": _("Esa persona no tiene hoy la función de preauditoría. Elija otra.")},
    )

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.company = company
        self.fields["auditor"].queryset = User.objects.with_duty(Duty.PREAUDITOR).order_by("last_name", "first_name")

    def clean_auditor(self):
        auditor = self.cleaned_data["auditor"]
        if found := conflicts(auditor, self.company, timezone.localdate()):
            raise forms.ValidationError([*found, _("Elija a otra persona. Este impedimento no admite dispensa.")])
        return auditor


class OpenPreauditForm(AuditorForm, DaysForm):
    field_order = ["auditor", "starts_on", "ends_on"]


class PlanForm(DaysForm):
    agenda = forms.CharField(
        label=_("Agenda"),
        max_length=10000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Por día: hora, sede, proceso o aspecto, quién audita y quién recibe."),
        error_messages={"required": _("Escriba la agenda. La empresa la necesita para aceptar el plan.")},
    )


class StartForm(forms.Form):
    opening_minutes = forms.CharField(
        label=_("Acta de apertura"),
        max_length=10000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Asistentes y sus cargos, alcance confirmado, acuerdos."),
        error_messages={"required": _("Escriba el acta de apertura: asistentes, alcance y acuerdos.")},
    )


class MinutesForm(OpenedForm):
    """Minutes and conclusions, kept as a draft: closing asks for what is still empty."""

    class Meta:
        model = Audit
        fields = ["opening_minutes", "closing_minutes", "conclusion", "recommendation"]
        field_classes = dict.fromkeys(("opening_minutes", "closing_minutes", "conclusion"), LongField)
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in field_classes}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.is_preaudit:
            del self.fields["recommendation"]
        else:
            self.fields["recommendation"].choices = [("", _("Por escribir")), *Audit.Recommendation.choices]
        for field in self.fields.values():
            field.owed = True
