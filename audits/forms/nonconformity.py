from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.models import CorrectiveAction, NonConformity
from ecoeficiencia.fields import LongField, NameField
from ecoeficiencia.files.forms import UploadField

from .audit import DayInput


class AnswerForm(forms.ModelForm):
    """Correction and cause, kept as a draft until the company sends them."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    class Meta:
        model = NonConformity
        fields = ["correction", "root_cause"]
        field_classes = dict.fromkeys(fields, LongField)
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in fields}
        help_texts = {
            "correction": _("Qué se hizo enseguida para que dejara de ocurrir."),
            "root_cause": _("Por qué ocurrió. Pregunte «por qué» hasta llegar a lo que se puede cambiar."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.Meta.fields:
            self.fields[name].owed = True
        self.fields["version"].initial = self.instance.version


class ActionForm(forms.ModelForm):
    class Meta:
        model = CorrectiveAction
        fields = ["description", "responsible", "due_on"]
        field_classes = {"description": LongField, "responsible": NameField}
        widgets = {"description": forms.Textarea(attrs={"rows": 2}), "due_on": DayInput()}
        help_texts = {"description": _("Lo que impedirá que vuelva a ocurrir.")}

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("La fecha comprometida ya pasó. Elija hoy o un día posterior."))
        return day


class FinishForm(forms.Form):
    done_on = forms.DateField(label=_("Terminada el"), widget=DayInput())
    file = UploadField(label=_("Evidencia"), error_messages={"required": _("Adjunte la evidencia de la acción.")})

    def clean_done_on(self):
        day = self.cleaned_data["done_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("La fecha de término no puede ser futura."))
        return day


class VerifyForm(forms.Form):
    note = forms.CharField(
        label=_("Cómo se verificó"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Escriba cómo verificó que se corrigió.")},
    )
