"""What is done to one file of a document, whichever document it is."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.files.forms import UploadField


class ReplacementForm(forms.Form):
    """The next version of one file. rules: what the file may be, as UploadField is told."""

    def __init__(self, *args, rules=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"] = UploadField(label=_("Archivo que lo reemplaza"), **(rules or {}))


class RemovalForm(forms.Form):
    reason = forms.CharField(
        label=_("Por qué lo quita"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Escriba por qué lo quita: queda anotado en la historia.")},
    )
