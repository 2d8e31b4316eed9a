"""A table to import: the file, and the day its data are of."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.tables import MAX_BYTES

from .company import day_input


class TableForm(forms.Form):
    file = forms.FileField(
        label=_("Archivo"),
        help_text=_("XLSX o CSV, con los títulos en la primera fila."),
        allow_empty_file=True,  # whoever reads it says so
    )
    as_of = forms.DateField(label=_("Fecha de los datos"), widget=day_input())

    def __init__(self, *args, importer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["as_of"].label = importer.as_of_label or self.fields["as_of"].label
        self.fields["as_of"].initial = timezone.localdate
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.csv,text/csv"

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("El archivo pesa más de %(n)s MB. Divídalo.") % {"n": MAX_BYTES // 1048576})
        return file

    def clean_as_of(self):
        day = self.cleaned_data["as_of"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("La fecha de los datos no puede ser futura."))
        return day
