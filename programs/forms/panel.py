"""What PROMPERÚ's staff write on applications, letters and participations."""

import re

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.models import Duty, User
from ecoeficiencia.writing import dmy
from programs.models import Application, ApplicationItem, Phrase


class DayInput(forms.DateInput):
    def __init__(self, **attrs):
        super().__init__(attrs={"type": "date", "class": "short", **attrs}, format="%Y-%m-%d")


def text(label, help_text="", *, rows=3, **kwargs):
    return forms.CharField(
        label=label, help_text=help_text, max_length=2000, widget=forms.Textarea(attrs={"rows": rows}), **kwargs
    )


class ReasonForm(forms.Form):
    """A reason in the person's words; the company reads it."""

    reason = text(_("Motivo"), _("La empresa lo leerá tal como lo escriba."))


class GroundsForm(forms.Form):
    grounds = text(_("Motivación"), _("Se notifica a la empresa y queda en el expediente."), rows=4)


class ItemForm(forms.Form):
    """One item's verdict. `seen` is the version of the item the reviewer had on the page."""

    VERDICTS = [
        (v, _(label))
        for v, label in (("accepted", _("Aceptar")), ("observed", _("Observar")), ("rejected", _("Rechazar")))
    ]

    verdict = forms.ChoiceField(label=_("Su decisión"), choices=VERDICTS, widget=forms.RadioSelect)
    reason = text(
        _("Motivo o qué debe corregir"), _("Necesario para observar o rechazar. La empresa lo leerá."), required=False
    )
    reason.owed = True  # asked for with most verdicts: «(opcional)» would mislead
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    phrase = forms.ModelChoiceField(
        label=_("Frase tipo"), queryset=Phrase.objects.none(), required=False, empty_label=_("Escribir el motivo"),
        help_text=_("Se usa si deja el motivo vacío; puede completarla con sus palabras."),
    )  # fmt: skip
    phrase.owed = True
    field_order = ("verdict", "phrase", "reason", "seen")

    def __init__(self, *args, item, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["phrase"].queryset = Phrase.objects.for_condition(item.key)
        self.fields["phrase"].widget.attrs["data-writes"] = "reason"

    def clean(self):
        data = super().clean()
        phrase = data.pop("phrase", None)
        if phrase and not data.get("reason") and data.get("verdict") != "accepted":
            data["reason"] = phrase.text
        if data.get("verdict") in {"observed", "rejected"} and not data.get("reason"):
            self.add_error("reason", _("Escriba el motivo: la empresa debe saber qué corregir."))
        return data

    @classmethod
    def of(cls, item, **initial):
        decided = item.verdict != ApplicationItem.Verdict.PENDING
        said = {"verdict": item.verdict, "reason": item.reason} if decided else {}
        return cls(initial={"seen": item.version} | said | initial, item=item)


class AcceptForm(forms.Form):
    """Several items to accept at once, with the version of each on the reviewer's page: «12.0 15.2»."""

    points = forms.CharField(widget=forms.HiddenInput, max_length=4000)

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.items = {str(item.pk): item for item in items}

    def clean_points(self):
        parts = [part.partition(".") for part in self.cleaned_data["points"].split()]
        if not parts or any(pk not in self.items or not re.fullmatch("[0-9]{1,9}", seen) for pk, _dot, seen in parts):
            raise forms.ValidationError(_("Esos puntos no son de este expediente. Vuelva a cargar la página."))
        return [(self.items[pk], int(seen)) for pk, _dot, seen in parts]

    @classmethod
    def of(cls, items):
        return cls(initial={"points": " ".join(f"{item.pk}.{item.version}" for item in items)}, items=items)


class ReviewerForm(forms.Form):
    reviewer = forms.ModelChoiceField(
        label=_("Quien revisa"), queryset=User.objects.none(), empty_label=_("Elija a una persona")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].queryset = User.objects.with_duty(Duty.REVIEWER, Duty.COORDINATOR).order_by(
            "first_name"
        )


class ChecksForm(forms.Form):
    """What SUNAT and PROMPERÚ's own accounts say of the company on a day."""

    STATES = [
        (s, s.capitalize())
        for s in ("ACTIVO", "SUSPENSIÓN TEMPORAL", "BAJA PROVISIONAL", "BAJA DEFINITIVA", "BAJA DE OFICIO")
    ]
    CONDITIONS = [(s, s.capitalize()) for s in ("HABIDO", "PENDIENTE", "NO HALLADO", "NO HABIDO")]

    ruc_state = forms.ChoiceField(label=_("Estado del contribuyente"), choices=STATES)
    ruc_condition = forms.ChoiceField(label=_("Condición de domicilio"), choices=CONDITIONS)
    economic_debt = forms.BooleanField(label=_("Tiene cuentas económicas pendientes"), required=False)
    documentary_debt = forms.BooleanField(label=_("Tiene cuentas documentarias pendientes"), required=False)
    checked_on = forms.DateField(label=_("Verificado el"), widget=DayInput())
    reason = text(
        _("Motivo"), _("Necesario si difiere del padrón o de la lista de deudas cargados."), rows=2, required=False
    )

    def __init__(self, *args, application, **kwargs):
        super().__init__(*args, **kwargs)
        self.application = application

    def clean(self):
        data = super().clean()
        found = {name: data[name] for name in self.fields if name in data and name not in {"checked_on", "reason"}}
        if not data.get("reason") and self.application.contradicts_register(found):
            self.add_error("reason", _("Lo que registra difiere de la fuente cargada: escriba por qué."))
        return data

    def clean_checked_on(self):
        day = self.cleaned_data["checked_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("La fecha de verificación no puede ser futura."))
        return day

    @classmethod
    def of(cls, application, **kwargs):
        company = application.company
        initial = {
            "ruc_state": company.ruc_state or "ACTIVO",
            "ruc_condition": company.ruc_condition or "HABIDO",
            "economic_debt": company.economic_debt,
            "documentary_debt": company.documentary_debt,
            "checked_on": timezone.localdate(),
        }
        return cls(initial=initial, application=application, **kwargs)


class ProposalForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Propuesta"), choices=Application.Outcome, widget=forms.RadioSelect)
    grounds = text(_("Sustento"), _("Lo lee quien coordina; la empresa no."))


class ExtensionForm(forms.Form):
    due_on = forms.DateField(label=_("Nuevo plazo"), widget=DayInput())
    reason = text(_("Motivo de la ampliación"), rows=2)


class WaiverForm(forms.Form):
    """`conditions`: those that may be lifted here, as (key, label)."""

    condition = forms.ChoiceField(
        label=_("Condición"),
        error_messages={"invalid_choice": _("Ya no se puede dispensar: se cumplió o ya está dispensada.")},
    )
    reason = text(_("Motivo de la dispensa"), _("Por ejemplo, la renovación del ITSE está en trámite."), rows=2)
    expires_on = forms.DateField(label=_("Vence el"), widget=DayInput())

    def __init__(self, *args, conditions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["condition"].choices = conditions

    def clean_expires_on(self):
        day = self.cleaned_data["expires_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("La dispensa debe vencer hoy o después."))
        return day


class MonitorForm(forms.Form):
    """`monitors`: who may be chosen, each with how many companies they accompany now."""

    monitor = forms.ModelChoiceField(
        label=_("Monitor"), queryset=User.objects.none(), empty_label=_("Elija a un monitor")
    )
    reason = text(_("Motivo del cambio"), _("Necesario si ya hay un monitor."), rows=2, required=False)

    def __init__(self, *args, monitors, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["monitor"]
        field.queryset = monitors
        field.label_from_instance = _with_load


def _with_load(user):
    words = ngettext("%(name)s · %(load)s empresa", "%(name)s · %(load)s empresas", user.load)
    return words % {"name": user, "load": user.load}


class ExitForm(forms.Form):
    EXITS = [("withdraw", _("Retirada: la empresa lo pidió")), ("exclude", _("Excluida: la separa PROMPERÚ"))]

    exit = forms.ChoiceField(label=_("Salida"), choices=EXITS, widget=forms.RadioSelect)
    reason = text(_("Motivo"), _("La empresa lo leerá."))


class VersionsForm(forms.Form):
    """Two versions the company handed in, to be compared, as the address names them."""

    antes = forms.ChoiceField(label=_("Antes"))
    ahora = forms.ChoiceField(label=_("Ahora"))

    def __init__(self, *args, versions, **kwargs):
        super().__init__(*args, **kwargs)
        self.versions = {str(version.number): version for version in versions}
        words = _("Versión %(n)s, del %(day)s")
        for field in self.fields.values():
            field.choices = [(n, words % {"n": n, "day": dmy(v.submitted_at)}) for n, v in self.versions.items()]
            field.error_messages = dict.fromkeys(("required", "invalid_choice"), _("Elija una de las versiones."))

    @classmethod
    def of(cls, asked, versions):
        """The form of an address; versions: the newest first."""
        last = {name: v.number for name, v in zip(("ahora", "antes"), versions, strict=False)}
        chosen = asked if asked.keys() & cls.base_fields.keys() else None
        return cls(chosen, versions=versions, initial=last)

    def clean(self):
        data = super().clean()
        if "antes" in data and data["antes"] == data.get("ahora"):
            self.add_error("ahora", _("Eligió dos veces la misma versión. Elija dos distintas."))
        return data

    def pair(self):
        """The older and the newer of the two chosen; the last two while none is; (None, None) without two."""
        named = self.cleaned_data.values() if self.is_valid() else () if self.is_bound else self.initial.values()
        found = sorted((self.versions[str(n)] for n in named), key=lambda version: version.number)
        return found if len(found) == 2 else (None, None)
