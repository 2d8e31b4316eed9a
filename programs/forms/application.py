from django import forms
from django.utils.translation import gettext_lazy as _


class MendedForm(forms.Form):
    """How one observed point was put right. `seen` is the version of the point on the page."""

    answer = forms.CharField(
        label=_("Qué corrigió"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    @classmethod
    def of(cls, item, data=None):
        return cls(data, prefix=f"i{item.pk}", initial={"seen": item.version})


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Motivo"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Escriba el motivo del retiro. Queda en el expediente.")},
    )
