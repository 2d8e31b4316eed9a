"""What an edition asks for and writes: its catalogue of documents, and the words of its letters."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.files.forms import UploadField
from ecoeficiencia.files.kinds import KINDS
from programs.conditions import PROVABLE
from programs.models import RequiredDocument
from programs.models.letter_text import known_in_letters


class RequiredDocumentForm(forms.ModelForm):
    """`seen` is the entry's version on the page; the key never changes once companies may have used it."""

    kinds = forms.MultipleChoiceField(
        label=_("Tipos de archivo"), choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Marque al menos un tipo de archivo.")},
    )  # fmt: skip
    template_file = UploadField(
        label=_("Modelo para descargar"), required=False,
        help_text=_("Si la empresa debe llenar un formato, súbalo aquí: PDF, DOCX o XLSX."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    class Meta:
        model = RequiredDocument
        fields = (
            "title", "help", "subject", "applies_when", "needed", "proves", "validity", "validity_number", "kinds",
            "max_mb", "position",
        )  # fmt: skip
        widgets = {
            "help": forms.Textarea(attrs={"rows": 2}),
            "subject": forms.RadioSelect,
            "applies_when": forms.RadioSelect,
            "validity": forms.RadioSelect,
            "validity_number": forms.NumberInput(attrs={"class": "short"}),
            "max_mb": forms.NumberInput(attrs={"class": "short"}),
            "position": forms.NumberInput(attrs={"class": "short"}),
        }
        help_texts = {
            "needed": _("Sin él no se puede presentar la postulación."),
            "proves": _("Si PROMPERÚ observa ese requisito, la empresa puede subir o cambiar este documento."),
            "validity_number": _("Años, si vence a los años de su emisión; días, si debe ser reciente."),
            "max_mb": _("Entre 1 y 25."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version
        self.fields["subject"].choices = RequiredDocument.Subject.choices
        self.fields["applies_when"].choices = RequiredDocument.Applies.choices
        self.fields["validity"].choices = RequiredDocument.Validity.choices
        self.fields["proves"].choices = [("", _("Ninguno")), *PROVABLE]
        self.fields["position"].required = False
        self.fields["applies_when"].required, self.fields["applies_when"].owed = False, True
        self.fields["needed"].owed = True  # a choice, not a datum that may be missing
        if self.instance.is_of_a_site:
            # The site's own page asks for it: what it is, of whom and what it proves is fixed.
            self.fields["subject"].disabled = self.fields["applies_when"].disabled = True
            del self.fields["proves"]

    def clean_max_mb(self):
        size = self.cleaned_data["max_mb"]
        if not 1 <= size <= 25:
            raise forms.ValidationError(_("Escriba un tamaño entre 1 y 25 MB."))
        return size

    def clean_applies_when(self):
        return self.cleaned_data["applies_when"] or self.instance.applies_when

    def clean_position(self):
        return self.cleaned_data["position"] or self.instance.position

    def clean(self):
        data = super().clean()
        numbered = data.get("validity") in RequiredDocument.NUMBERED
        if numbered and not data.get("validity_number"):
            self.add_error("validity_number", _("Escriba cuántos años o días."))
        if not numbered:
            data["validity_number"] = None
        return data


class LetterTextForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_("Texto"), max_length=6000, validators=[known_in_letters], widget=forms.Textarea(attrs={"rows": 14})
    )
