from django import forms
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.files.forms import UploadField


class AttachForm(forms.Form):
    """One file that proves several requirements."""

    file = UploadField(label=_("Archivo"), error_messages={"required": _("Elija el archivo que va a adjuntar.")})
