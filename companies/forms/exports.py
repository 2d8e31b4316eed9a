"""Direct exports, one by one or as a table: the same fields and the same sentences."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.amounts import AmountField, DollarsField
from companies.countries import called, country
from companies.models import ExportRecord
from companies.tariff import headings
from ecoeficiencia.fields import MarkedField
from ecoeficiencia.tables import MAX_BYTES

from .company import day_input
from .versioned import VersionedForm

NO_COUNTRY = _("Ningún país coincide con «{}». Pruebe con su nombre en español, por ejemplo Alemania.")


class DeclarationField(forms.CharField):
    """A customs declaration, with its hyphens whatever was typed between the digits."""

    def to_python(self, value):
        value = super().to_python(value)
        digits = MarkedField.MARKS.sub("", value)
        if digits.isascii() and digits.isdigit() and len(digits) == 15:
            return f"{digits[:3]}-{digits[3:7]}-{digits[7:9]}-{digits[9:]}"
        return value


class TariffField(forms.CharField):
    """Ten digits with their points, whatever was typed between them, under a heading that exists.

    max_length: left to the model, since what is typed may be longer.
    A spreadsheet takes the zero of chapters 01 to 09 away: nine digits get it back, when there is such a heading.
    """

    def __init__(self, *, max_length=None, **kwargs):
        super().__init__(**kwargs)

    def to_python(self, value):
        value = super().to_python(value)
        digits = MarkedField.MARKS.sub("", value)
        if not (digits.isascii() and digits.isdigit() and len(digits) in (9, 10)):
            return value
        full = digits.zfill(10)
        if full[:4] in headings():
            return f"{full[:4]}.{full[4:6]}.{full[6:8]}.{full[8:]}"
        if len(digits) < 10:
            return value  # one digit is missing, wherever
        raise ValidationError(
            _("No hay una partida %(heading)s en el arancel. Revise los cuatro primeros dígitos.")
            % {"heading": f"{full[:2]}.{full[2:4]}"}
        )


class CountryInput(forms.TextInput):
    """A text with the countries to choose from; without scripts it is typed.

    It does not turn the browser's memory off, which would empty this field, alone of all, when one goes back.
    """

    template_name = "eco/country.html"

    def get_context(self, name, value, attrs):
        told = {"list": f"{name}-list", "data-none": NO_COUNTRY}
        context = super().get_context(name, value, {**(attrs or {}), **told})
        context["countries"] = called()
        return context


class CountryField(forms.CharField):
    widget = CountryInput

    def clean(self, value):
        value = super().clean(value)
        return country(value) if value else value


class ShipmentField(forms.DateField):
    default_error_messages = {"invalid": _("No es una fecha. Escríbala como 30/11/2026.")}

    def clean(self, value):
        day = super().clean(value)
        if day and day > timezone.localdate():
            raise ValidationError(_("La fecha de embarque (%(day)s) aún no llega.") % {"day": f"{day:%d/%m/%Y}"})
        return day


class FobField(DollarsField):
    def clean(self, value):
        return more_than_zero(super().clean(value))


class NetField(AmountField):
    of = "kg"

    def clean(self, value):
        return more_than_zero(super().clean(value))


def more_than_zero(amount):
    if amount is not None and amount <= 0:
        raise ValidationError(_("Debe ser mayor que cero."))
    return amount


class ExportForm(VersionedForm):
    class Meta:
        model = ExportRecord
        field_classes = {
            "declaration": DeclarationField,
            "exported_on": ShipmentField,
            "tariff_code": TariffField,
            "destination": CountryField,
            "fob_usd": FobField,
            "net_kg": NetField,
        }
        fields = list(field_classes)
        widgets = {
            "exported_on": day_input(),
            "declaration": forms.TextInput(attrs={"placeholder": "118-2026-40-012345"}),
            "destination": CountryInput(),
            "fob_usd": forms.TextInput(attrs={"class": "short"}),
            "net_kg": forms.TextInput(attrs={"class": "short"}),
        }
        help_texts = {
            "declaration": _("Aduana, año, régimen y número. Su RUC debe figurar como exportador."),
            "tariff_code": _("10 dígitos, por ejemplo 2008.99.90.00."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and not self.initial.get("destination"):
            self._go_on_from(self.instance.company.exports.order_by("-pk").first())

    def _go_on_from(self, last):
        """Propose the country of the export registered `last`: one after the other they often go to the same."""
        if last:
            self.initial["destination"] = last.destination
            self.fields["destination"].help_text = _("El de la última que registró. Cámbielo si es otro.")

    def clean_declaration(self):
        number = self.cleaned_data["declaration"]
        if self.instance.company.exports.filter(declaration=number).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Ya registró la declaración %(number)s.") % {"number": number})
        return number


def row_fields():
    """{name: field} of one export, as its form has them, to read a row of a table with."""
    meta, missing = ExportForm.Meta, {name: {"required": _("Falta este dato.")} for name in ExportForm.Meta.fields}
    found = forms.fields_for_model(
        ExportRecord, fields=meta.fields, field_classes=meta.field_classes, error_messages=missing
    )
    for name, field in found.items():  # a model's form asks these of the record; here there is none yet
        field.validators += ExportRecord._meta.get_field(name).validators
    return found


class ExportTableForm(forms.Form):
    """A table of exports: pasted, or as a file."""

    text = forms.CharField(
        label=_("Pegue sus filas"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 10, "class": "tab", "wrap": "off", "spellcheck": "false"}),
        help_text=_("Cópielas en Excel y péguelas aquí, con o sin los títulos de las columnas."),
    )
    file = forms.FileField(
        label=_("O elija un archivo"),
        required=False,
        help_text=_("XLSX o CSV. De un libro se lee la primera hoja."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt,text/csv"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.owed = True  # one of the two

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > MAX_BYTES:
            raise ValidationError(_("El archivo pesa más de %(n)s MB. Divídalo.") % {"n": MAX_BYTES // 1048576})
        return file

    def clean(self):
        data = super().clean()
        if not self.errors and not (data.get("file") or data.get("text", "").strip()):
            raise ValidationError(_("Pegue al menos una fila, o elija un archivo."))
        return data

    @property
    def content(self):
        """The bytes to read: those of the file, or what was pasted."""
        file = self.cleaned_data["file"]
        return file.read() if file else self.cleaned_data["text"].strip("\r\n").encode()


class MatchForm(forms.Form):
    """Which column of a table is which; its rows travel along as they were read."""

    def __init__(self, data=None, *, rows, guess=None):
        super().__init__(data)
        self.rows, self.width = rows, max(len(cells) for _number, cells in rows)
        choices = [("", _("No se usa")), *((key, field.label) for key, field in row_fields().items())]
        for place in range(self.width):
            self.fields[f"columna-{place}"] = forms.ChoiceField(
                label=_("Columna %(n)s") % {"n": place + 1}, choices=choices, required=False,
                initial=(guess or {}).get(place, ""), help_text=self._sample(place),
            )  # fmt: skip
            self.fields[f"columna-{place}"].owed = True
        self.fields["titled"] = forms.BooleanField(label=_("La primera fila son los títulos"), required=False)

    def _sample(self, place):
        cells = [cells[place] for _number, cells in self.rows[:4] if place < len(cells) and cells[place]]
        return " · ".join(cell[:40] for cell in cells) or _("vacía")

    @property
    def places(self):
        chosen = {place: self.cleaned_data[f"columna-{place}"] for place in range(self.width)}
        return {place: key for place, key in chosen.items() if key}

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        chosen, fields = list(self.places.values()), row_fields()
        if twice := {fields[key].label for key in chosen if chosen.count(key) > 1}:
            raise ValidationError(_("Eligió dos veces: %(twice)s.") % {"twice": ", ".join(sorted(map(str, twice)))})
        needed = [field.label for key, field in fields.items() if field.required and key not in chosen]
        if needed:
            needed = ", ".join(map(str, needed))
            raise ValidationError(_("Falta decir qué columna es: %(needed)s.") % {"needed": needed})
        return data
