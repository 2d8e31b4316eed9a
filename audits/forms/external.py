from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.gates import auditor_refusals, blocking, body_refusals, participation_missing_for_external
from audits.models import CertificationBody
from companies.models import User

from .audit import DaysForm, ReasonForm


class ExternalRequestForm(DaysForm):
    """The company chooses body and days. What stops it is said here, and checked again by the model."""

    body = forms.ModelChoiceField(
        CertificationBody.objects.all(),
        label=_("Organismo de certificación"),
        empty_label=None,
        error_messages={
            "required": _("Elija un organismo de certificación."),
            "invalid_choice": _("Ese organismo no está en la lista de PROMPERÚ. Elija uno de la tabla."),
        },
    )
    message = forms.CharField(
        label=_("Mensaje al organismo"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Por ejemplo, turnos de producción o qué necesita en la cotización."),
    )
    agree = forms.BooleanField(
        label=_("Mi empresa solicita, gestiona y paga esta auditoría"),
        help_text=_("El contrato y el pago son entre su empresa y el organismo. PROMPERÚ no cobra ni paga por ella."),
        error_messages={"required": _("Marque que su empresa gestiona y paga la auditoría.")},
    )

    field_order = ["body", "starts_on", "ends_on", "message", "agree"]

    def __init__(self, *args, participation, **kwargs):
        super().__init__(*args, **kwargs)
        self.participation = participation

    def clean(self):
        super().clean()
        data = self.cleaned_data
        first, last = data.get("starts_on"), data.get("ends_on")
        if not (first and last):
            return data
        for item in blocking(participation_missing_for_external(self.participation, first, last)):
            self.add_error(None, f"{item.sentence} {item.detail}".strip())
        if body := data.get("body"):
            for reason in body_refusals(body, self.participation.company, first, last):
                self.add_error("body", str(reason))
        return data


class PublishedReasonForm(ReasonForm):
    """The reason of an act of the register: anybody may read it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Se publica en el registro: no escriba datos de personas.")


class AcceptForm(forms.Form):
    """The body names one of its auditors."""

    auditor = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Auditor que nombra"),
        empty_label=_("Elija a una persona"),
        error_messages={
            "required": _("Elija a quien auditará."),
            "invalid_choice": _("Esa persona no es auditora de su organismo. Elija una de la lista."),
        },
    )

    def __init__(self, *args, audit, **kwargs):
        super().__init__(*args, **kwargs)
        self.audit = audit
        people = audit.body.people.in_force(timezone.localdate()).filter(role="auditor")
        self.fields["auditor"].queryset = User.objects.filter(pk__in=people.values("user"), is_active=True)

    def clean(self):
        data, today = super().clean(), timezone.localdate()
        first = max(self.audit.starts_on or today, today)
        for reason in body_refusals(self.audit.body, self.audit.participation.company, first, first):
            self.add_error(None, str(reason))
        if auditor := data.get("auditor"):
            for reason in auditor_refusals(auditor, self.audit, today):
                self.add_error("auditor", str(reason))
        return data
