"""The acts on a certificate. What forbids one is said in its form, and checked again by the model."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.gates import proposer_refusals, withdrawal_resolver_refusals

from .audit import DayInput
from .external import PublishedReasonForm


class ReinstateForm(PublishedReasonForm):
    def __init__(self, *args, certificate, **kwargs):
        super().__init__(*args, **kwargs)
        self.certificate = certificate


class SuspendForm(ReinstateForm):
    """A precaution that ends: the day by which it is resolved is said when it begins."""

    until = forms.DateField(
        label=_("Hasta"), widget=DayInput(), error_messages={"required": _("Elija hasta qué día se suspende.")}
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = timezone.localdate()
        self.last = self.certificate.last_day_of_suspension(self.today)
        first = self.today + timedelta(days=1)
        self.fields["until"].widget.attrs |= {"min": first.isoformat(), "max": self.last.isoformat()}
        help_text = _("A más tardar el %(day)s. Al llegar ese día sigue suspendido, y se le recuerda a coordinación.")
        self.fields["until"].help_text = help_text % {"day": f"{self.last:%d/%m/%Y}"}

    def clean_until(self):
        day = self.cleaned_data["until"]
        if not self.today < day <= self.last:
            raise forms.ValidationError(
                _("Elija un día después de hoy y hasta el %(last)s, que es lo más que permite la edición."),
                params={"last": f"{self.last:%d/%m/%Y}"},
            )
        return day


class WithdrawForm(ReinstateForm):
    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["reason"].help_text = _("Si se confirma, se publica en el registro: no escriba datos de personas.")

    def clean(self):
        for reason in proposer_refusals(self.certificate.decision, self.user):
            self.add_error(None, str(reason))


class ConfirmForm(forms.Form):
    grounds = forms.CharField(
        label=_("Sustento"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Lo lee PROMPERÚ. A la empresa y al registro va el motivo de la propuesta."),
        error_messages={"required": _("Escriba en qué se sustenta.")},
    )

    def __init__(self, *args, withdrawal, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.withdrawal, self.user = withdrawal, user

    def clean(self):
        for reason in withdrawal_resolver_refusals(self.withdrawal, self.user):
            self.add_error(None, str(reason))


class RejectForm(ConfirmForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["grounds"].help_text = _("Lo lee quien propuso el retiro.")
