"""Editions, their dates, and the parameters the source does not state."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.fields import NameField
from programs.models import Edition
from programs.models.edition import DATES
from programs.parameters import words_of
from requirements_std.models import StandardVersion

from .panel import DayInput, text

MOST = 100_000  # of any parameter that states no maximum
# Each stage ends after it starts, and the stages start one after another; they may overlap.
IN_ORDER = (
    ("opens_on", "closes_on"),
    ("implementation_starts_on", "implementation_ends_on"),
    ("preaudit_starts_on", "preaudit_ends_on"),
    ("external_starts_on", "external_ends_on"),
    ("opens_on", "implementation_starts_on"),
    ("implementation_starts_on", "preaudit_starts_on"),
    ("preaudit_starts_on", "external_starts_on"),
)


class ParameterForm(forms.Form):
    """A new value of one parameter with its grounds; checked by the parameter's own kind and bounds."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    value = forms.CharField(label=_("Valor"), max_length=200, widget=forms.TextInput(attrs={"class": "short"}))
    note = text(_("Sustento"), _("Documento o acuerdo que lo fija. Queda en la historia."), rows=2)

    def __init__(self, *args, parameter, **kwargs):
        super().__init__(*args, **kwargs)
        self.parameter = parameter
        field = self.fields["value"]
        field.label = parameter.label
        field.help_text = self._bounds()
        if parameter.kind is not str:
            field.widget.attrs["inputmode"] = "decimal" if parameter.kind is Decimal else "numeric"

    def _bounds(self):
        parameter = self.parameter
        if parameter.kind is str:
            return parameter.help
        bounds = _("desde %(least)s") % {"least": parameter.minimum}
        if parameter.maximum is not None:
            bounds = _("entre %(least)s y %(most)s") % {"least": parameter.minimum, "most": parameter.maximum}
        return f"{parameter.unit}, {bounds}" if parameter.unit else bounds

    def clean_value(self):
        raw, parameter = self.cleaned_data["value"].strip(), self.parameter
        if parameter.choices:
            return self._words(raw)
        if parameter.kind is str:
            if not raw.isascii() or not raw.replace("-", "").isalnum() or len(raw) > 12:
                raise forms.ValidationError(
                    _("Escriba letras y números sin espacios ni tildes, hasta 12. Escribió «%(value)s».")
                    % {"value": raw}
                )
            return raw.upper()
        try:
            value = parameter.kind(raw)
            finite = Decimal(value).is_finite()
        except (ValueError, InvalidOperation):
            finite = False
        if not finite:
            kind = _("un número entero") if parameter.kind is int else _("un número")
            raise forms.ValidationError(_("Escriba %(kind)s. Escribió «%(value)s».") % {"kind": kind, "value": raw})
        most = MOST if parameter.maximum is None else parameter.maximum
        if not parameter.minimum <= value <= most:
            raise forms.ValidationError(
                _("El valor va entre %(least)s y %(most)s. Escribió %(value)s.")
                % {"least": parameter.minimum, "most": most, "value": raw}
            )
        return value

    def _words(self, raw):
        words, there = words_of(raw), self.parameter.choices
        if unknown := [word for word in words if word not in there]:
            raise forms.ValidationError(
                _("Escriba uno o más de estos, separados por comas: %(there)s. «%(unknown)s» no es uno de ellos.")
                % {"there": ", ".join(there), "unknown": ", ".join(unknown)}
            )
        return ", ".join(words)


class EditionForm(forms.ModelForm):
    """`version` is the edition's version when the page was opened."""

    QUOTA = _("Escriba un cupo entre 1 y 9999, o deje el campo vacío.")

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    quota = forms.IntegerField(
        label=_("Cupo"), required=False, min_value=1, max_value=9999,
        help_text=_("Cuántas empresas pueden admitirse. Vacío: sin límite."),
        error_messages={"min_value": QUOTA, "max_value": QUOTA},
    )  # fmt: skip

    class Meta:
        model = Edition
        fields = ("name", "year", "standard_version", "quota", *DATES)
        field_classes = {"name": NameField}
        widgets = {name: DayInput() for name in DATES}
        labels = {"standard_version": _("Versión del estándar")}

    def __init__(self, *args, program, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.program = program
        versions = StandardVersion.objects.filter(standard=program.standard_id).select_related("standard")
        self.fields["standard_version"].queryset = versions
        self.fields["standard_version"].empty_label = _("Elija una versión")
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
            if self.instance.participations.exists():
                self.fields["standard_version"].disabled = True
                self.fields["standard_version"].help_text = _("Ya hay empresas admitidas con esta versión.")

    def clean_name(self):
        name = self.cleaned_data["name"]
        if self.instance.program.editions.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Ya hay una edición con el nombre «%(name)s».") % {"name": name})
        return name

    def clean_year(self):
        year = self.cleaned_data["year"]
        if not 2000 <= year <= 2100:
            raise forms.ValidationError(_("Escriba un año entre 2000 y 2100."))
        return year

    def clean(self):
        data = super().clean()
        for before, after in IN_ORDER:
            first, then = data.get(before), data.get(after)
            if first and then and then < first:
                self.add_error(after, self._out_of_order(before, first, after, then))
        return data

    def _out_of_order(self, before, first, after, then):
        return _("«%(after)s» (%(then)s) no puede ser antes de «%(before)s» (%(first)s).") % {
            "after": self.fields[after].label,
            "then": f"{then:%d/%m/%Y}",
            "before": self.fields[before].label,
            "first": f"{first:%d/%m/%Y}",
        }


class CloneForm(forms.Form):
    name = NameField(label=_("Nombre de la nueva edición"), max_length=100)
    opens_on = forms.DateField(
        label=_("Abre la convocatoria"), widget=DayInput(), help_text=_("Las demás fechas se mueven los mismos días.")
    )
