"""The company's own data by sections. A draft may be incomplete; what is typed must be right."""

import re

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.domains import differ, mail_domain, web_domain
from companies.models import Activity, Company, Mandate, Membership
from companies.ruc import RucField, accepted_prefixes, validate_prefix
from ecoeficiencia.fields import LongField, MarkedField, NameField

from .searched import SearchedSelect
from .versioned import VersionedForm

ENTRY_DIGITS = 8  # of a SUNARP entry, commonly


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
        field_classes = {"ruc": RucField, "legal_name": NameField, "trade_name": NameField}
        help_texts = {
            "ruc": _("11 dígitos, como en su ficha RUC."),
            "legal_name": _("Como figura en su ficha RUC."),
        }

    field_order = ["ruc", "legal_name", "trade_name", "role"]

    def clean_ruc(self):
        ruc = self.cleaned_data["ruc"]
        validate_prefix(ruc, accepted_prefixes())
        return ruc

    @property
    def is_duplicate(self):
        return self.has_error("ruc", "unique")


class IdentityForm(VersionedForm):
    OWED = ("registry_entry", "registry_office", "started_on")

    class Meta:
        model = Company
        fields = ["legal_name", "trade_name", "registry_entry", "registry_office", "started_on", "size"]
        field_classes = {"legal_name": NameField, "trade_name": NameField, "registry_entry": MarkedField}
        widgets = {
            "started_on": day_input(),
            "registry_entry": forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
        }
        help_texts = {
            "registry_entry": _("El número de su partida en el registro de personas jurídicas, por ejemplo 11012345."),
            "registry_office": _("La ciudad de la oficina de SUNARP, por ejemplo Ica."),
            "started_on": _("La fecha de inicio de actividades de su ficha RUC."),
        }

    def warning(self, names):
        digits = len(self.instance.registry_entry)
        if "registry_entry" not in names or digits in (0, ENTRY_DIGITS):
            return ""
        return _("Las partidas suelen llevar %(usual)s dígitos y esta lleva %(n)s. Revísela.") % {
            "usual": ENTRY_DIGITS,
            "n": digits,
        }


class ProcessForm(VersionedForm):
    OWED = ("activity", "process")

    class Meta:
        model = Company
        fields = ["activity", "products", "process"]
        field_classes = {"process": LongField}
        widgets = {
            "activity": SearchedSelect(
                hint=_("Escriba el código o palabras, por ejemplo conservas, y elija de la lista."),
                none=_("Ninguna actividad coincide con «{}». Pruebe con otra palabra, o con los 4 dígitos del CIIU."),
            ),
            "process": forms.Textarea(attrs={"rows": 6}),
        }
        help_texts = {
            "activity": _("La clase CIIU (revisión 4) en la que su empresa produce o transforma."),
            "products": _("Por ejemplo: espárrago en conserva, pimiento asado."),
            "process": _("Qué entra, qué se le hace y qué sale. Unas líneas bastan."),
        }
        error_messages = {
            "activity": {"invalid_choice": _("Elija una actividad de la lista: «%(value)s» no está en ella.")}
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["activity"]
        field.queryset = Activity.objects.all()
        field.choices = [("", _("Elija una clase")), *Activity.by_section()]


class ContactForm(VersionedForm):
    OWED = ("phone", "email", "website")

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

    def warning(self, names):
        email, website = self.instance.email, self.instance.website
        if not {"email", "website"}.intersection(names) or not differ(email, website):
            return ""
        words = _("El correo usa %(mail)s y la página web %(web)s. No impide presentar; PROMPERÚ lo revisará.")
        return words % {"mail": mail_domain(email), "web": web_domain(website)}


# What the number of each document looks like, and the sentence for one that does not.
SHAPES = {
    Mandate.DocumentType.DNI: (
        re.compile(r"\d{8}"),
        _("El DNI lleva 8 dígitos, sin el que va después del guion. Escribió «%(n)s»."),
    ),
    Mandate.DocumentType.CE: (
        re.compile(r"\d{9}|[A-Za-z0-9]{9,12}"),
        _("El carné de extranjería lleva 9 dígitos (los antiguos, hasta 12 letras y números). Escribió «%(n)s»."),
    ),
    Mandate.DocumentType.PASSPORT: (
        re.compile(r"[A-Za-z0-9]{5,12}"),
        _("El pasaporte lleva de 5 a 12 letras y números. Escribió «%(n)s»."),
    ),
}


class MandateForm(VersionedForm):
    """Who represents the company. A new representative is a new record; the former one keeps what they signed."""

    change = forms.ChoiceField(
        label=_("Qué cambia"),
        choices=[("fix", _("Corrijo un dato de la misma persona")), ("new", _("Hay un nuevo representante"))],
        initial="fix",
        widget=forms.RadioSelect(attrs={"data-alone": ""}),
        required=False,
    )
    OWED = ("power_issued_on",)
    TOGETHER = ("document_type", "document_number")
    BESIDE = ("change",)

    class Meta:
        model = Mandate
        fields = ["full_name", "document_type", "document_number", "position", "power_issued_on"]
        field_classes = {"full_name": NameField, "document_number": MarkedField}
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

    @property
    def saves_while_typing(self):
        return super().saves_while_typing and self.data.get("change") != "new"

    def clean_power_issued_on(self):
        day = self.cleaned_data["power_issued_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(
                _("La fecha de la vigencia (%(day)s) aún no llega. Revísela en el certificado."),
                params={"day": f"{day:%d/%m/%Y}"},
            )
        return day

    def clean(self):
        data = super().clean()
        number, kind = data.get("document_number", ""), data.get("document_type")
        if number and kind and not (number.isascii() and SHAPES[kind][0].fullmatch(number)):
            self.add_error("document_number", SHAPES[kind][1] % {"n": number})
        return data

    def save(self, *, by):
        if self.instance.pk is not None and self.cleaned_data.get("change") != "new":
            return super().save(by=by)
        values = {name: self.cleaned_data[name] for name in self._meta.fields}
        self.instance.company.represent(by=by, **values)
        return self._meta.fields
