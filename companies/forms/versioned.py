from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from companies.models import Event
from ecoeficiencia.lifecycle import IllegalMove


class OpenedForm(forms.ModelForm):
    """Edits one record several people edit: the page carries the version it was opened with (companies/merging.py)."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version

    def as_stored(self):
        """The record as it is stored; the form has written its own values into the instance."""
        return type(self.instance)._base_manager.get(pk=self.instance.pk)

    @property
    def is_stale(self):
        """Whether somebody saved the record after the page of this valid form was opened."""
        opened = self.cleaned_data.get("version")
        return self.instance.pk is not None and opened is not None and opened != self.as_stored().version


class VersionedForm(OpenedForm):
    """Saves only what this person changed.

    A field that somebody else saved meanwhile and that this person wrote differently is a clash; clashes are shown
    side by side, to choose from, and nothing is saved.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stored = {name: getattr(self.instance, name, None) for name in self._meta.fields}

    def changed_fields(self):
        return [name for name in self._meta.fields if self.cleaned_data[name] != self.stored[name]]

    def clashes(self):
        """Whether somebody else saved a field meanwhile that this person wrote differently."""
        opened = self.cleaned_data.get("version")
        if opened is None or opened >= self.instance.version:
            return False
        others = Event.objects.changes_since(self.instance, opened)
        return any(name in others for name in self.changed_fields())

    def save(self, *, by):
        """Save what changed and return its fields. Raises IllegalMove when somebody saved in this very moment."""
        if self.instance.pk is None:
            return self._create(by)
        changed = self.changed_fields()
        if changed:
            try:
                self.instance.save_edit(by=by, fields=changed)
            except IntegrityError as error:
                raise IllegalMove(_("Otra persona guardó antes que usted. Compare y elija.")) from error
        return changed

    def _create(self, by):
        with transaction.atomic():
            self.instance.save()
            Event.record(self.instance, by=by, verb="create", note=str(self.instance))
        return self._meta.fields
