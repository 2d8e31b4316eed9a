"""Decisions on several applications, appeals, and the phrases reviewers keep."""

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.models import Duty, User
from ecoeficiencia.files.forms import UploadField
from programs.models import Phrase

from .panel import text


class BatchForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Decisión"), choices=[("admit", _("Admitir")), ("reject", _("No admitir"))], widget=forms.HiddenInput
    )
    grounds = text(_("Motivación"), _("Se notifica a cada empresa y queda en su expediente."), rows=4)


class AssignForm(forms.Form):
    reviewer = forms.ModelChoiceField(
        label=_("Quien revisa"), queryset=User.objects.none(), empty_label=_("Asignar a…")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["reviewer"]
        field.queryset = User.objects.with_duty(Duty.REVIEWER, Duty.COORDINATOR).order_by("first_name")
        field.error_messages["required"] = _("Elija a quién asignar.")


class JudgeForm(AssignForm):
    """Who sees an appeal: nobody who took part in what it contests is offered."""

    def __init__(self, *args, appeal, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["reviewer"]
        field.label, field.queryset = _("Quien la ve"), appeal.judges().order_by("first_name")
        field.error_messages["invalid_choice"] = _(
            "Esa persona no puede verla: participó en la revisión o en la decisión, o no revisa ni coordina."
        )


class PhraseForm(forms.ModelForm):
    class Meta:
        model = Phrase
        fields = ("condition", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"condition": _("Vacío: se ofrece en todos los puntos."), "text": _("La empresa la leerá así.")}
        error_messages = {"__all__": {"unique_together": _("Esa frase ya está en la lista.")}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["condition"].choices = [("", _("Cualquier punto")), *self.fields["condition"].choices[1:]]

    def clean(self):
        data = super().clean()
        if Phrase.objects.filter(condition=data.get("condition", ""), text=data.get("text"), retired=False).exists():
            self.add_error("text", _("Esa frase ya está en la lista."))
        return data

    def validate_unique(self):
        """Said by `clean`, and a phrase out of use is put back in use."""


class AppealForm(forms.Form):
    grounds = text(_("Por qué pide que se reconsidere"), _("Diga qué no se tomó en cuenta y qué lo prueba."), rows=6)
    file = UploadField(
        label=_("Prueba"), required=False,
        help_text=_("Un archivo de hasta 25 MB. Si son varias pruebas, júntelas en un PDF."),
    )  # fmt: skip


class ResolutionForm(forms.Form):
    OUTCOMES = [
        ("upheld", _("Fundada: el expediente vuelve a revisión")),
        ("dismissed", _("Infundada: queda no admitida")),
    ]

    outcome = forms.ChoiceField(label=_("Resolución"), choices=OUTCOMES, widget=forms.RadioSelect)
    resolution = text(_("Motivación"), _("Se notifica a la empresa y queda en el expediente."), rows=4)
