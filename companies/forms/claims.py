"""A RUC that is on record already: the claim of whoever says it is theirs, and PROMPERÚ's answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.models import Claim, Membership
from companies.ruc import RucField
from ecoeficiencia.files.forms import UploadField

PROOF = ("application/pdf", "image/jpeg", "image/png")


class ClaimForm(forms.ModelForm):
    ROLES = (Membership.Role.REPRESENTATIVE, Membership.Role.COORDINATOR)

    file = UploadField(label=_("Prueba"), kinds=PROOF)

    class Meta:
        model = Claim
        fields = ["ruc", "role", "grounds"]
        field_classes = {"ruc": RucField}
        widgets = {
            "role": forms.RadioSelect,
            "grounds": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {"grounds": _("Quién es usted en la empresa y desde cuándo. PROMPERÚ lo lee; la empresa no.")}

    field_order = ["ruc", "role", "grounds", "file"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in self.ROLES]
        self.fields["file"].help_text = _(
            "Vigencia de poder, ficha RUC o carta de la empresa con su firma. PDF, JPEG o PNG, hasta 25 MB."
        )


class GrantForm(forms.Form):
    role = forms.ChoiceField(label=_("Entra como"), choices=Membership.Role.choices)
    resolution = forms.CharField(
        label=_("Motivo"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Qué comprobó y cómo. Lo lee quien reclama."),
    )


class RefusalForm(forms.Form):
    resolution = forms.CharField(
        label=_("Motivo"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Qué faltó y qué puede hacer. Lo lee quien reclama."),
    )
