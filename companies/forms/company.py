"""The company's own data by sections. A draft may be incomplete; what is typed must be right."""

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.models import Activity, Company, Mandate, Membership
from companies.ruc import validate_ruc
from ecoeficiencia.fields import NameField

from .versioned import VersionedForm


def day_input(**attrs):
    return forms.DateInput(attrs={"type": "date", "class": "short", **attrs}, format="%Y-%m-%d")


class RegisterForm(forms.ModelForm):
    """A person brings their company in. They say themselves whether they sign for it."""

    role = forms.ChoiceField(
        label=_("Usted es"),
        choices=[
            (Membership.Role.REPRESENTATIVE, _("Representante legal: acepta la declaración jurada y firma la carta")),
            (Membership.Role.COORDINATOR, _("Coordinación de ecoeficiencia: prepara la postulación")),
        ],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Company
        fields = ["ruc", "legal_name", "trade_name"]
        field_classes = {"legal_name": NameField, "trade_name": NameField}
        widgets = {"ruc": forms.TextInput(attrs={"inputmode": "numeric", "class": "short", "autocomplete": "off"})}
        help_texts = {
            "ruc": _("11 dígitos, como en su ficha RUC."),
            "legal_name": _("Como figura en su ficha RUC."),
        }

    field_order = ["ruc", "legal_name", "trade_name", "role"]

    def clean_ruc(self):
        ruc = self.cleaned_data["ruc"].strip()
        validate_ruc(ruc)
        return ruc

    @property
    def is_duplicate(self):
        return self.has_error("ruc", "unique")


class IdentityForm(VersionedForm):
    class Meta:
        model = Company
        fields = ["legal_name", "trade_name", "registry_entry", "registry_office", "started_on", "size"]
        field_classes = {"legal_name": NameField, "trade_name": NameField}
        widgets = {
            "started_on": day_input(),
            "registry_entry": forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
        }
        help_texts = {
            "registry_entry": _("El número de su partida en el registro de personas jurídicas, por ejemplo 11012345."),
            "registry_office": _("La ciudad de la oficina de SUNARP, por ejemplo Ica."),
            "started_on": _("La fecha de inicio de actividades de su ficha RUC."),
        }


class ProcessForm(VersionedForm):
    class Meta:
        model = Company
        fields = ["activity", "products", "process"]
        widgets = {"process": forms.Textarea(attrs={"rows": 6})}
        help_texts = {
            "activity": _("La clase CIIU (revisión 4) en la que su empresa produce o transforma."),
            "products": _("Por ejemplo: espárrago en conserva, pimiento asado."),
            "process": _("Qué entra, qué se le hace y qué sale. Unas líneas bastan."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["activity"].queryset = Activity.objects.all()


class ContactForm(VersionedForm):
    class Meta:
        model = Company
        fields = ["phone", "email", "website"]
        widgets = {
            "phone": forms.TextInput(attrs={"type": "tel", "class": "short", "autocomplete": "tel"}),
            "website": forms.TextInput(attrs={"inputmode": "url"}),
        }
        help_texts = {
            "phone": _("Celular o fijo con su código, por ejemplo 956 123 456."),
            "email": _("Con el dominio de su empresa. Los correos gratuitos no cumplen el requisito."),
            "website": _("Por ejemplo www.suempresa.pe"),
        }
        error_messages = {
            "phone": {"invalid": _("Escriba un teléfono del Perú, por ejemplo 956 123 456 o 01 234 5678.")}
        }


class MandateForm(VersionedForm):
    """Who represents the company. A new representative is a new record; the former one keeps what they signed."""

    change = forms.ChoiceField(
        label=_("Qué cambia"),
        choices=[("fix", _("Corrijo un dato de la misma persona")), ("new", _("Hay un nuevo representante"))],
        initial="fix",
        widget=forms.RadioSelect,
        required=False,
    )

    class Meta:
        model = Mandate
        fields = ["full_name", "document_type", "document_number", "position", "power_issued_on"]
        field_classes = {"full_name": NameField}
        widgets = {
            "power_issued_on": day_input(),
            "document_number": forms.TextInput(attrs={"class": "short"}),
        }
        help_texts = {
            "power_issued_on": _("La fecha del certificado de vigencia de poder que emite SUNARP."),
            "position": _("Por ejemplo: gerente general."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["change"]

    def clean(self):
        data = super().clean()
        number, kind = data.get("document_number", ""), data.get("document_type")
        if (
            kind == Mandate.DocumentType.DNI
            and number
            and not (number.isascii() and number.isdigit() and len(number) == 8)
        ):
            self.add_error("document_number", _("El DNI lleva 8 dígitos. Escribió «%(n)s».") % {"n": number})
        return data

    def save(self, *, by):
        if self.instance.pk is not None and self.cleaned_data.get("change") != "new":
            return super().save(by=by)
        values = {name: self.cleaned_data[name] for name in self._meta.fields}
        self.instance.company.represent(by=by, **values)
        return self._meta.fields
