from django import forms
from django.utils.translation import gettext_lazy as _

from audits.models import Check
from ecoeficiencia.badges import badge
from ecoeficiencia.fields import LongField, NameField

TONES = {"ok": "k-ok", "warn": "k-warn", "bad": "k-bad", "info": "k-info", "mute": "k-mute"}


class CheckForm(forms.ModelForm):
    """One verdict. `version` is the copy the auditor read, so that a second auditor is not overwritten."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    class Meta:
        model = Check
        fields = ["result", "method", "evidence_seen", "persons", "note"]
        field_classes = {"evidence_seen": LongField, "persons": NameField, "note": LongField}
        widgets = {
            "evidence_seen": forms.Textarea(attrs={"rows": 3}),
            "note": forms.Textarea(attrs={"rows": 3}),
            "method": forms.Select,
        }
        help_texts = {
            "evidence_seen": _("Documento, registro o hecho, con su fecha. Obligatoria en una no conformidad."),
            "persons": _("Nombre y cargo."),
            "note": _("Qué vio y por qué. Obligatorio en una no conformidad, una observación y en «No aplica»."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["result"].required = True
        self.fields["result"].error_messages["required"] = _("Elija un resultado.")
        self.fields["method"].required = True
        self.fields["note"].owed = self.fields["evidence_seen"].owed = True
        self.fields["method"].error_messages["required"] = _("Elija cómo lo comprobó.")
        self.fields["version"].initial = self.instance.version
        self.fields["method"].choices = [("", _("Elija")), *Check.Method.choices]
        usual = self.instance.requirement.verification
        if not self.instance.method and usual and usual[0] in Check.Method.values:
            self.initial["method"] = usual[0]

    @property
    def verdicts(self):
        """The results as the buttons of the page: value, label, icon, tone and whether it is chosen."""
        chosen = self["result"].value()
        for value, label in Check.Result.choices:
            tone, icon = badge("check", value)
            yield {
                "value": value,
                "label": Check.SHORT.get(value, label),
                "icon": icon,
                "tone": TONES[tone],
                "checked": value == chosen,
            }

    def clean(self):
        cleaned = super().clean()
        result = cleaned.get("result")
        refused, absent = result in Check.NONCONFORMING, result == Check.Result.NOT_APPLICABLE
        if (refused or absent) and not cleaned.get("note", "").strip():
            text = _("Describa el incumplimiento.") if refused else _("Explique por qué no aplica.")
            self.add_error("note", text)
        if result == Check.Result.OBSERVATION and not cleaned.get("note", "").strip():
            self.add_error("note", _("Describa lo observado."))
        if (refused or self.instance.recheck_of_id) and not cleaned.get("evidence_seen", "").strip():
            self.add_error(
                "evidence_seen", _("Escriba la evidencia revisada: documento, registro o hecho, con su fecha.")
            )
        if absent and self.instance.recheck_of_id:
            self.add_error(
                "result",
                _("Esta verificación vuelve a comprobar una no conformidad; no puede quedar como «No aplica»."),
            )
        return cleaned
