from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.forms.company import day_input
from ecoeficiencia.writing import dmy
from programs.self_check import ANSWERS


def question(label, help_text=""):
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=ANSWERS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Falta responder: %(question)s") % {"question": label}},
    )


class SelfCheckForm(forms.Form):
    """Nothing is kept in the database; the answers stay in the session to fill in the registration later."""

    legal = question(
        _("¿Su empresa está inscrita en SUNARP y tiene el RUC activo?"),
        _("Se postula como persona jurídica: el RUC empieza con 20 y debe figurar ACTIVO y HABIDO."),
    )
    started_on = forms.DateField(
        label=_("¿Cuándo empezó a operar?"),
        help_text=_("La fecha de inicio de actividades de su ficha RUC. Déjela vacía si no la recuerda."),
        required=False,
        widget=day_input(),
    )
    licence = question(_("¿Cada sede que quiere certificar tiene licencia municipal de funcionamiento?"))
    itse = question(
        _("¿Cada sede tiene su certificado ITSE vigente?"), _("El de inspección de defensa civil (antes, INDECI).")
    )
    exports = question(_("¿Su empresa exporta directamente, con su propio RUC?"))
    production = question(_("¿Realiza algún proceso propio de producción o transformación?"))
    email = forms.EmailField(
        label=_("Correo"), required=False, max_length=254, help_text=_("Vacío si su empresa no tiene uno propio.")
    )
    website = forms.URLField(
        label=_("Página web"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_("Vacía si no tiene."),
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    debts = question(_("¿Su empresa está al día con PROMPERÚ?"), _("Sin cuentas económicas ni documentos pendientes."))

    # One question that takes two fields.
    HEADING, PAIR = _("¿Con qué correo y página web se presenta su empresa?"), ("email", "website")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.PAIR:
            self.fields[name].owed = True

    def clean_started_on(self):
        day = self.cleaned_data["started_on"]
        if day and day > timezone.localdate():
            words = _("La fecha de inicio (%(day)s) aún no llega. Revísela en su ficha RUC.")
            raise forms.ValidationError(words % {"day": dmy(day)})
        return day

    @property
    def questions(self):
        """[(heading, fields)] in the order of the page; a field alone bears its own question."""
        single = {name: ("", [self[name]]) for name in self.fields if name not in self.PAIR[1:]}
        return list((single | {self.PAIR[0]: (self.HEADING, [self[name] for name in self.PAIR])}).values())
