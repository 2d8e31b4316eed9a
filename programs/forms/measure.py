from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.amounts import AmountField, SolesField
from ecoeficiencia.fields import LongField
from programs.models import Measure

MONEY = ("investment", "annual_saving", "annual_cost")


class MeasureForm(forms.ModelForm):
    """A measure and its money. A net saving below zero is allowed: it is shown as it is."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Measure
        fields = [
            "title", "site", "resource", "kind", "description", "investment", "annual_saving", "annual_cost",
            "physical_saving", "physical_unit", "implemented_on",
        ]  # fmt: skip
        field_classes = dict.fromkeys(MONEY, SolesField) | {"physical_saving": AmountField, "description": LongField}
        widgets = {
            "implemented_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "description": forms.Textarea(attrs={"rows": 3}),
            **{
                name: forms.TextInput(attrs={"class": "short"}) for name in (*MONEY, "physical_saving", "physical_unit")
            },
        }
        help_texts = {
            "investment": _("Lo que se paga una vez, en soles. Ponga 0 si no hubo inversión."),
            "annual_saving": _("Lo que se deja de gastar en un año, en soles. Puede ser negativo."),
            "annual_cost": _("Lo que la medida cuesta cada año: mantenimiento, insumos."),
            "physical_saving": _("Cuánto del recurso se deja de usar en un año."),
            "physical_unit": _("kWh, m³, kg…"),
        }

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = company.sites.filter(closed_on=None)
        self.fields["site"].empty_label = _("Toda la empresa")
        self.fields["version"].initial = self.instance.version
        for name in MONEY:
            field = self.fields[name]
            field.error_messages["invalid"] = _("Escriba un monto en soles, por ejemplo 1500.50.")
            field.error_messages["min_value"] = _("El monto no puede ser negativo.")
        self.fields["annual_cost"].required = False

    def clean_annual_cost(self):
        return self.cleaned_data["annual_cost"] or Decimal(0)

    def clean(self):
        data = super().clean()
        if data.get("physical_saving") is not None and not data.get("physical_unit"):
            self.add_error("physical_unit", _("Indique la unidad del ahorro físico, por ejemplo kWh o m³."))
        return data
