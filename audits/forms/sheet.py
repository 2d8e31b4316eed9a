import hashlib

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.models import Check

from .check import CheckForm


class LineForm(CheckForm):
    """One row of a sheet. `read` tells what the row showed, so that only what this person changed is recorded."""

    read = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    keep = forms.BooleanField(label=_("Dejar lo guardado y descartar lo que escribí"), required=False)

    use_required_attribute = False

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
        self.theirs = False
        for field in self.fields.values():
            field.help_text = ""
        results = ((value, Check.SHORT.get(value, label)) for value, label in Check.Result.choices)
        self.fields["result"].choices = [("", _("Sin responder")), *results]
        self.fields["read"].initial = self._digest(self.initial.get(name) for name in self.Meta.fields)

    @property
    def was_changed(self):
        """Whether the row was sent, and says something else than it showed."""
        if self.add_prefix("result") not in self.data or self.add_prefix("keep") in self.data:
            return False
        sent = self._digest(self.data.get(self.add_prefix(name)) for name in self.Meta.fields)
        return sent != self.data.get(self.add_prefix("read"))

    def refuse(self, sentence, *, version=None):
        """Say why the row was not recorded. version: the one saved meanwhile, which sending again replaces."""
        self.add_error(None, sentence)
        if version is not None:
            self.theirs = True
            self.data = self.data.copy()
            self.data[self.add_prefix("version")] = version

    @staticmethod
    def _digest(values):
        lines = ["\n".join((value or "").strip().splitlines()) for value in values]
        return hashlib.sha256("\0".join(lines).encode(errors="replace")).hexdigest()[:16]
