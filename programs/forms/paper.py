"""What a company hands in for one entry of its edition's catalogue."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.forms.company import day_input
from ecoeficiencia.files.forms import UploadsField
from ecoeficiencia.writing import dmy


class PaperForm(forms.Form):
    """Files and, where the entry's rule of validity needs them, the days the paper bears. `seen`: its version."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args, slot, known=None, **kwargs):
        """known: the day of issue that the application tells elsewhere."""
        entry, paper = slot.entry, slot.paper
        there = {"seen": paper.version, "issued_on": paper.issued_on, "valid_until": paper.valid_until} if paper else {}
        super().__init__(*args, initial=there, **kwargs)
        self.entry = entry
        label = _("Añadir archivos") if slot.files else _("Archivos")
        self.fields["files"] = UploadsField(label=label, required=not slot.files, **entry.upload_rules)
        if entry.asks_issue:
            needed = entry.validity in entry.NUMBERED
            self.fields["issued_on"] = forms.DateField(label=_("Emitido el"), required=needed, widget=day_input())
            if known and not (paper and paper.issued_on):
                self.initial["issued_on"] = known
                words = _("La que registró en «Representación legal». Cámbiela si el documento dice otra.")
                self.fields["issued_on"].help_text = words
        if entry.asks_end:
            needed = entry.validity == entry.Validity.STATED
            field = forms.DateField(label=_("Vence el"), required=needed, widget=day_input())
            field.help_text = "" if needed else _("Vacío si no tiene vencimiento.")
            self.fields["valid_until"] = field

    def clean_issued_on(self):
        day = self.cleaned_data["issued_on"]
        if day and day > timezone.localdate():
            words = _("La fecha de emisión (%(day)s) aún no llega. Revísela en el documento.")
            raise forms.ValidationError(words % {"day": dmy(day)})
        return day

    def clean(self):
        data = super().clean()
        issued, until = data.get("issued_on"), data.get("valid_until")
        if issued and until and until < issued:
            self.add_error("valid_until", _("El vencimiento no puede ser anterior a la emisión."))
        return data

    @property
    def days(self):
        """The days as the paper keeps them, its end proposed by the entry's rule; nothing where none are asked."""
        if not (self.entry.asks_issue or self.entry.asks_end):
            return {}
        issued_on = self.cleaned_data.get("issued_on")
        until = self.cleaned_data.get("valid_until") or self.entry.end_of(issued_on)
        return {"issued_on": issued_on, "valid_until": until}
