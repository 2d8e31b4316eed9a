from django import forms
from django.utils.translation import gettext_lazy as _

from audits.models import Check
from requirements_std.forms.rows import RowForm

from .check import CheckForm


class LineForm(RowForm, CheckForm):
    """One row of a sheet."""

    SHOWN = ("result", "method", "evidence_seen", "note")

    class Meta(CheckForm.Meta):
        fields = ["result", "method", "evidence_seen", "note"]
        widgets = {
            "result": forms.Select,
            "method": forms.Select,
            # Areas of one line: a box of one line would lose the line breaks written elsewhere.
            "evidence_seen": forms.Textarea(attrs={"rows": 1}),
            "note": forms.Textarea(attrs={"rows": 1}),
        }

    def __init__(self, data=None, *, instance):
        super().__init__(data, instance=instance, prefix=f"v{instance.pk}")
        for field in self.fields.values():
            field.help_text = ""
        results = ((value, Check.SHORT.get(value, label)) for value, label in Check.Result.choices)
        self.fields["result"].choices = [("", _("Sin responder")), *results]
        self.remember()
