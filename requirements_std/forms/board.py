from django import forms
from django.utils.translation import gettext_lazy as _

from requirements_std.models import Fulfilment

State = Fulfilment.State
PENDING = "pendiente"


class BoardFilter(forms.Form):
    """What the address of a board may ask for. An unknown value filters nothing."""

    q = forms.CharField(label=_("Código o palabra"), required=False, max_length=100)
    aspecto = forms.ChoiceField(label=_("Aspecto"), required=False)
    sede = forms.ChoiceField(label=_("Sede"), required=False)
    estado = forms.ChoiceField(
        label=_("Revisión"),
        required=False,
        choices=[("", _("Cualquier revisión")), (PENDING, _("Por resolver")), *State.choices],
    )
    avance = forms.ChoiceField(
        label=_("Avance"), required=False, choices=[("", _("Cualquier avance")), *Fulfilment.Work.choices]
    )

    def __init__(self, data, *, aspects, sites):
        super().__init__(data)
        self.fields["aspecto"].choices = [("", _("Todos los aspectos")), *((a.code, a.name) for a in aspects)]
        self.fields["sede"].choices = [
            ("", _("Organización y sedes")), ("org", _("Solo organización")), *((str(pk), name) for pk, name in sites),
        ]  # fmt: skip
