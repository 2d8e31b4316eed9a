from django import forms
from django.utils.translation import gettext_lazy as _

from companies.forms.company import day_input
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
        label=_("¿Con qué correo se comunica su empresa?"),
        required=False,
        max_length=254,
        help_text=_("Vacío si no tiene uno propio."),
    )
    website = forms.URLField(
        label=_("¿Y cuál es su página web?"),
        required=False,
        max_length=200,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    debts = question(_("¿Su empresa está al día con PROMPERÚ?"), _("Sin cuentas económicas ni documentos pendientes."))
