"""What staff record of a company by a document of the State: another RUC, or the company that absorbed it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from companies.ruc import RucField
from ecoeficiencia.files.forms import UploadField

from .company import day_input

PAPERS = ("application/pdf", "image/jpeg", "image/png")


class ActForm(forms.Form):
    """Since when, why, and the document that says so."""

    on = forms.DateField(label=_("Desde"), widget=day_input(), help_text=_("El día que dice el documento."))
    reason = forms.CharField(label=_("Motivo"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    file = UploadField(label=_("Documento"), kinds=PAPERS)

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise ValidationError(_("Ese día aún no llega. Regístrelo cuando rija."))
        return day


class RucChangeForm(ActForm):
    ruc = RucField(label=_("RUC nuevo"))
    field_order = ["ruc", "on", "reason", "file"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Por ejemplo: transformación de S.R.L. en S.A.C.")
        self.fields["file"].help_text = _("La ficha RUC o la escritura. PDF, JPEG o PNG, hasta 25 MB.")


class MergerForm(ActForm):
    other = RucField(label=_("RUC de la empresa que la absorbió"))
    sure = forms.BooleanField(label=_("Comprobé en la escritura qué empresa absorbió a cuál."))
    field_order = ["other", "on", "reason", "file", "sure"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("La escritura de fusión inscrita. PDF, JPEG o PNG, hasta 25 MB.")

    def clean_other(self):
        ruc = self.cleaned_data["other"]
        if not (company := Company.objects.filter(ruc=ruc).first()):
            sentence = _("Ninguna empresa registrada tiene el RUC %(ruc)s. Debe registrarse primero.")
            raise ValidationError(sentence % {"ruc": ruc})
        return company

    def clean(self):
        data = super().clean()
        data.pop("sure", None)
        return data


class UndoForm(forms.Form):
    reason = forms.CharField(
        label=_("Por qué se deshace"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Por ejemplo: la escritura era de otra empresa. Lo leen las empresas."),
    )
