from django import forms
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.files.forms import UploadField


class SignedCopyForm(forms.Form):
    file = UploadField(label=_("Copia firmada"), kinds=("application/pdf", "image/jpeg", "image/png"), signatures=True)
