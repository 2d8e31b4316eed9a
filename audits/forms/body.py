from django import forms
from django.utils.translation import gettext_lazy as _

from audits.models import BodyPerson, CertificationBody
from companies.forms.versioned import OpenedForm
from companies.ruc import RucField, validate_prefix
from ecoeficiencia.fields import NameField
from ecoeficiencia.lettering import skeleton

from .audit import DayInput


class BodyForm(OpenedForm):
    note = forms.CharField(
        label=_("Motivo del cambio de estado"),
        required=False,
        max_length=500,
        help_text=_("Obligatorio si lo suspende, lo retira o lo vuelve a habilitar. Queda en su historia."),
    )

    class Meta:
        model = CertificationBody
        fields = ["name", "ruc", "resolution", "enabled_from", "enabled_until", "status", "sectors", "email", "phone"]
        field_classes = {"name": NameField, "ruc": RucField}
        widgets = {"enabled_from": DayInput(), "enabled_until": DayInput()}
        error_messages = {
            "name": {"required": _("Escriba el nombre del organismo.")},
            "resolution": {"required": _("Escriba el número de la resolución.")},
        }
        help_texts = {
            "resolution": _("La que lo habilita o lo suspende."),
            "enabled_until": _("Vacío si la resolución no fija término."),
            "sectors": _("Como los verá la empresa al elegir."),
        }

    def clean_name(self):
        name = self.cleaned_data["name"]
        for other in CertificationBody.objects.exclude(pk=self.instance.pk):
            if other.name != name and skeleton(other.name) == skeleton(name):
                raise forms.ValidationError(
                    _("Se confunde con «%(other)s», que ya está registrado. Use un nombre que los distinga."),
                    params={"other": other.name},
                )
        return name

    def clean_ruc(self):
        ruc = self.cleaned_data["ruc"]
        if ruc:
            validate_prefix(ruc)
        return ruc

    def clean(self):
        data = super().clean()
        first, last = data.get("enabled_from"), data.get("enabled_until")
        if first and last and last < first:
            self.add_error("enabled_until", _("El término es anterior al inicio. Corrija una de las dos fechas."))
        if self.instance.pk and "status" in self.changed_data and not data.get("note"):
            self.add_error("note", _("Escriba por qué cambia el estado del organismo."))
        return data


class PersonForm(forms.Form):
    email = forms.EmailField(
        label=_("Correo de la persona"), help_text=_("Le llegará un enlace que sirve una sola vez, durante 7 días.")
    )
    role = forms.ChoiceField(label=_("Función"), choices=BodyPerson.Role.choices)
