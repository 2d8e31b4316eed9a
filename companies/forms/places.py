"""Sites and their papers."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import District, Site, SiteDocument
from companies.models.company import plain
from companies.models.places import DEPARTMENTS
from ecoeficiencia.fields import NameField
from ecoeficiencia.files.forms import UploadsField
from ecoeficiencia.workdays import anniversary_eve

from .company import day_input
from .versioned import VersionedForm

NO_DISTRICT = _("Ningún distrito coincide con «{}». Pruebe con su nombre solo, o elija por departamento y provincia.")
AWAY = _("No pudimos buscar. Escríbalo completo: distrito, provincia, departamento.")
SCANS = ("application/pdf", "image/jpeg", "image/png")
ITSE_YEARS = 2  # DS 002-2018-PCM, art. 15.4


class DistrictInput(forms.TextInput):
    """A text that offers districts while one types, or department by department; without scripts it is typed."""

    template_name = "eco/district.html"

    def get_context(self, name, value, attrs):
        told = {"data-none": NO_DISTRICT, "data-away": AWAY, "data-combo-url": "", "autocomplete": "off"}
        context = super().get_context(name, value, {**(attrs or {}), **told})
        context["departments"] = DEPARTMENTS
        return context

    def format_value(self, value):
        if value and str(value).isdigit():
            value = District.objects.filter(pk=value).first() or value
        return super().format_value(str(value) if value else value)


class DistrictField(forms.CharField):
    """«Distrito, provincia, departamento», or the district alone where its name is unique."""

    widget = DistrictInput

    def clean(self, value):
        text = plain(super().clean(value)).strip()
        parts = [p.strip() for p in text.split(",")]
        same = [d for d in District.objects.all() if plain(d.name) == parts[0]]
        found = [d for d in same if [plain(d.name), plain(d.province), plain(d.department)][: len(parts)] == parts]
        if len(found) == 1:
            return found[0]
        if same:
            names = "; ".join(str(d) for d in (found or same)[:5])
            raise ValidationError(
                _("Hay más de un distrito posible: escriba uno de estos: %(names)s.") % {"names": names}
            )
        raise ValidationError(_("No encontramos ese distrito. Escríbalo así: distrito, provincia, departamento."))

    def has_changed(self, initial, data):
        return True


class SiteForm(VersionedForm):
    district = DistrictField(
        label=_("Distrito"), help_text=_("Escríbalo y elija de la lista: distrito, provincia, departamento.")
    )

    class Meta:
        model = Site
        fields = [
            "name",
            "district",
            "street_type",
            "street",
            "number",
            "urbanization",
            "reference",
            "process",
            "in_scope",
        ]
        field_classes = {"name": NameField}
        help_texts = {
            "name": _("Cómo la llaman en la empresa, por ejemplo Planta Ica."),
            "in_scope": _("Las sedes en el alcance presentan licencia e ITSE, y son las que se certifican."),
        }

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if self.instance.company.sites.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Ya tiene una sede llamada «%(name)s». Use otro nombre.") % {"name": name})
        return name

    def _create(self, by):
        with transaction.atomic():
            made = super()._create(by)
            self.instance.ask_for_its_rows()
        return made


class SiteDocumentForm(VersionedForm):
    """The files of a licence or an ITSE, and what it says."""

    class Meta:
        model = SiteDocument
        fields = ["number", "issuer", "issued_on", "valid_until"]
        field_classes = {"issuer": NameField}
        widgets = {"issued_on": day_input(), "valid_until": day_input()}

    def __init__(self, *args, entry=None, **kwargs):
        """entry: what the catalogue of the edition says of it, when the company applies to one."""
        super().__init__(*args, **kwargs)
        there, needed = self.instance.pk and self.instance.current, entry is None or entry.needed
        label = _("Añadir archivos") if there else _("Archivos")
        self.fields["files"] = UploadsField(label=label, required=bool(needed and not there), **rules_of(entry))
        self.is_itse = self.instance.kind == SiteDocument.Kind.ITSE
        if self.is_itse:
            self.fields["valid_until"].help_text = _("Si lo deja vacío, proponemos dos años desde la emisión.")
            self.fields["valid_until"].widget.attrs |= {"data-from": "issued_on", "data-years": ITSE_YEARS}

    def clean_issued_on(self):
        day = self.cleaned_data["issued_on"]
        if day > timezone.localdate():
            raise ValidationError(
                _("La fecha de emisión (%(day)s) aún no llega. Revísela en el documento.") % {"day": f"{day:%d/%m/%Y}"}
            )
        return day

    def clean(self):
        data = super().clean()
        issued, until = data.get("issued_on"), data.get("valid_until")
        if issued and not until and self.is_itse:
            data["valid_until"] = anniversary_eve(issued, ITSE_YEARS)
        elif issued and until and until < issued:
            self.add_error("valid_until", _("El vencimiento no puede ser anterior a la emisión."))
        return data


def rules_of(entry):
    """What a file of it may be, as UploadField is told: by the catalogue, else a document or a picture."""
    return entry.upload_rules if entry else {"kinds": SCANS, "signatures": True}
