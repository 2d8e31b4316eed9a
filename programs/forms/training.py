"""Sessions of a workshop, and the short forms of those who accompany a company."""

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.forms.versioned import OpenedForm
from ecoeficiencia.fields import NameField
from programs.models import Session


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Motivo"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Escriba el motivo: la empresa lo leerá.")},
    )  # fmt: skip


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Comentario"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class SessionForm(OpenedForm):
    class Meta:
        model = Session
        fields = ["workshop", "starts_at", "ends_at", "mode", "link", "place", "speaker"]
        field_classes = {"speaker": NameField}
        widgets = {
            "starts_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "ends_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "mode": forms.RadioSelect,
        }

    def __init__(self, *args, edition, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["workshop"].queryset = edition.workshops.all()
        self.fields["mode"].choices = Session.Mode.choices
        for name in ("starts_at", "ends_at"):
            self.fields[name].input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"]
            self.fields[name].error_messages["invalid"] = _("Escriba fecha y hora, por ejemplo 18/11/2026 10:00.")

    def clean(self):
        data = super().clean()
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("La sesión termina después de empezar. Corrija una de las dos horas."))
        if data.get("mode") == Session.Mode.ONSITE and not data.get("place"):
            self.add_error("place", _("Indique el lugar: la sesión es presencial."))
        return data
