from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from companies.models import Event
from ecoeficiencia.lifecycle import IllegalMove


class OpenedForm(forms.ModelForm):
    """Edits one record several people edit: the page carries the version it was opened with (companies/merging.py)."""

    TOGETHER = ()  # fields that are right or wrong only together: while one types they are saved together
    BESIDE = ()  # fields that say what the others mean: a draft keeps them along with any

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version

    @property
    def saves_while_typing(self):
        """Whether a field may be saved by itself: only of a record that is there."""
        return self.instance.pk is not None

    def saved_with(self, name):
        return self.TOGETHER if name in self.TOGETHER else (name,)

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
    side by side, to choose from, and nothing is saved. Where fields are saved while one types, each bears a version
    of its own, `v-<field>` (companies/autosave.py).
    """

    OWED = ()  # fields that may be empty in a draft and are asked for before it is handed in

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stored = {name: getattr(self.instance, name, None) for name in self._meta.fields}
        for name in self.OWED:
            self.fields[name].owed = True

    def warning(self, names):
        """What is worth saying of those fields although they are right."""
        return ""

    def changed_fields(self):
        valid = (name for name in self._meta.fields if name in self.cleaned_data)
        return [name for name in valid if self.cleaned_data[name] != self.stored[name]]

    def _own_version(self, name):
        stamp = self.data.get(self.add_prefix(f"v-{name}"), "")
        return int(stamp) if stamp.isascii() and stamp.isdecimal() and len(stamp) < 10 else None

    def changed_by_others(self, by=None):
        """{field: what it said when this page showed it, in words} of those somebody else saved since.

        by: the person who types; what they saved themselves from here, while typing, is no surprise to them.
        """
        typed = {name: self._own_version(name) for name in self._meta.fields}
        page = self.cleaned_data.get("version")
        opened = {name: page if own is None else own for name, own in typed.items()}
        known = [version for version in opened.values() if version is not None]
        found = {}
        if not known or min(known) >= self.instance.version:
            return found
        for event in Event.objects.about(self.instance).since_version(min(known)):
            for name, words in event.data.get("changes", {}).items():
                mine = by is not None and event.actor_id == by.pk and typed.get(name) is not None
                if opened.get(name) is not None and event.data["version"] > opened[name] and not mine:
                    found.setdefault(name, words[0])
        return found

    def clashes(self, by=None):
        """The fields somebody else saved meanwhile and this person wrote differently."""
        changed = self.changed_fields()
        if not changed:
            return []
        others = self.changed_by_others(by)
        return [name for name in changed if name in others]

    def save(self, *, by):
        """Save what changed and return its fields. Raises IllegalMove when somebody saved in this very moment."""
        if self.instance.pk is None:
            return self._create(by)
        return self._save(self.changed_fields(), by)

    def save_fields(self, names, *, by):
        """Save only what changed among `names`; whatever else the form holds stays as it is stored."""
        for name in set(self._meta.fields).difference(names):
            setattr(self.instance, name, self.stored[name])
        return self._save([name for name in self.changed_fields() if name in names], by)

    def _save(self, changed, by):
        if changed:
            try:
                self.instance.save_edit(by=by, fields=changed)
            except IntegrityError as error:
                raise IllegalMove(_("Otra persona guardó antes que usted. Compare y elija.")) from error
        return changed

    def _create(self, by):
        try:
            with transaction.atomic():
                self.instance.save()
                Event.record(self.instance, by=by, verb="create", note=str(self.instance))
        except IntegrityError as error:
            raise IllegalMove(_("Otra persona acaba de registrar lo mismo. Revise la lista.")) from error
        return self._meta.fields
