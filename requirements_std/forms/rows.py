"""Rows answered together in one form: only those a person changed are saved, each for itself."""

import hashlib
from copy import copy

from django import forms
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.lifecycle import IllegalMove
from requirements_std.models import Fulfilment


class RowForm(forms.Form):
    """`version` is the one the row was shown at, `read` what it showed then; `keep` gives way to who saved first."""

    SHOWN: tuple[str, ...] = ()

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    read = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    keep = forms.BooleanField(label=_("Dejar lo guardado y descartar lo que escribí"), required=False)

    use_required_attribute = False
    theirs = False

    def remember(self):
        """Note in the form what it shows at first."""
        self.fields["read"].initial = self._digest(self.initial.get(name) for name in self.SHOWN)

    @property
    def was_changed(self):
        """Whether the row was sent, and says something else than it showed."""
        if self.add_prefix(self.SHOWN[0]) not in self.data or self.add_prefix("keep") in self.data:
            return False
        sent = self._digest(self.data.get(self.add_prefix(name)) for name in self.SHOWN)
        return sent != self.data.get(self.add_prefix("read"))

    def refuse(self, sentence, *, version=None):
        """Say why the row was not saved. version: the one saved meanwhile, which sending again replaces."""
        self.add_error(None, sentence)
        if version is not None:
            self.theirs = True
            self.data = self.data.copy()
            self.data[self.add_prefix("version")] = version

    @staticmethod
    def _digest(values):
        lines = ["\n".join(str("" if value is None else value).strip().splitlines()) for value in values]
        return hashlib.sha256("\0".join(lines).encode(errors="replace")).hexdigest()[:16]


class ExplainForm(RowForm):
    """How far the company is with one row, and how it meets it."""

    SHOWN = ("work", "statement")

    work = forms.TypedChoiceField(label=_("Avance"), coerce=int, choices=Fulfilment.Work.choices)
    statement = forms.CharField(
        label=_("Cómo lo cumple"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 1})
    )

    def __init__(self, data=None, *, row):
        initial = {"version": row.version, "work": row.work, "statement": row.statement}
        super().__init__(data, prefix=f"r{row.pk}", initial=initial)
        self.row = row
        self.fields["statement"].owed = True
        self.remember()

    def save(self, *, by):
        """Save the row when it was changed. True when it was, False when refused, None when there was nothing to."""
        if not self.was_changed:
            return None
        if not self.is_valid():
            return False
        edited = copy(self.row)
        try:
            edited.save_work(by=by, **{name: self.cleaned_data[name] for name in ("work", "statement", "version")})
        except IllegalMove as refused:
            stale = self.cleaned_data["version"] != self.row.version
            self.refuse(str(refused), version=self.row.version if stale else None)
            return False
        self.row = edited
        return True
