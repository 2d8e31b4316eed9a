"""The two steps of signing on screen, and what was signed outside."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.files.forms import UploadField


class AcceptWordsForm(forms.Form):
    """The act of accepting the words shown; `seen` is the hash of those words."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    accept = forms.BooleanField(
        label=_("He leído el texto y lo acepto como representante legal"),
        error_messages={"required": _("Para firmar, marque que leyó y acepta el texto.")},
    )


class CodeForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    code = forms.CharField(
        label=_("Código que recibió por correo"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "short"}),
        error_messages={"required": _("Escriba los 6 dígitos del código que recibió.")},
    )

    def clean_code(self):
        code = re.sub(r"[\s-]", "", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]{6}", code):
            raise forms.ValidationError(_("El código son 6 dígitos. Escríbalos como llegaron en el correo."))
        return code


class SignedOutsideForm(forms.Form):
    file = UploadField(
        label=_("Declaración firmada"), kinds=("application/pdf", "image/jpeg", "image/png"), signatures=True
    )
