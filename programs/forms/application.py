from django import forms
from django.utils.translation import gettext_lazy as _

from programs.models.mending import WORDS_NEEDED


class MendedForm(forms.Form):
    """How one observed point was put right, or why it stands. `seen` is the version of the point on the page.

    changed: whether anything of the point changed since the observation; without, words are needed.
    """

    answer = forms.CharField(
        label=_("Qué corrigió"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, data=None, *, item, changed):
        words = {"answer": item.answer, "seen": item.version}
        super().__init__(data, prefix=f"i{item.pk}", initial=words)
        self.item = item
        if not changed:
            field = self.fields["answer"]
            field.label, field.required = _("Por qué lo da por subsanado"), True
            field.help_text = _("Todavía no cambió nada de este punto: corríjalo, o explique aquí.")
            field.error_messages["required"] = WORDS_NEEDED


class SeenForm(forms.Form):
    """That a person read what they confirm: `seen` tells its content."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Motivo"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Escriba el motivo del retiro. Queda en el expediente.")},
    )
