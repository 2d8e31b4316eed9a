"""What the programme's source does not state: each with our default, editable by staff, shown as such."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from companies.ruc import PREFIXES


@dataclass(frozen=True)
class Parameter:
    key: str
    label: str
    default: object
    unit: str = ""
    help: str = ""
    minimum: int | None = 0
    maximum: int | None = None
    choices: tuple = ()  # of a list of words parted by commas: the words there are

    @property
    def kind(self):
        return type(self.default)


PARAMETERS = {
    p.key: p
    for p in (
        Parameter("minimum_operation_years", _("Años de operación para postular"), 2, _("años"), minimum=0, maximum=20),
        Parameter(
            "ruc_prefixes",
            _("Prefijos de RUC que se reciben"),
            "20",
            help=_("Separados por comas: 20 personas jurídicas, 10 personas naturales, 15, 16 y 17 otros casos."),
            choices=PREFIXES,
        ),
        Parameter("export_window_months", _("Antigüedad máxima de la exportación"), 24, _("meses antes del cierre")),
        Parameter(
            "observation_days", _("Plazo para responder una postulación observada"), 10, _("días hábiles"), minimum=1
        ),
        Parameter("appeal_days", _("Plazo para pedir reconsideración"), 15, _("días hábiles"), minimum=1),
        Parameter("appeal_answer_days", _("Plazo para resolver una reconsideración"), 15, _("días hábiles"), minimum=1),
        Parameter("minimum_attendance", _("Asistencia mínima a los talleres"), 80, "%", maximum=100),
        Parameter("accepted_share", _("Requisitos aceptados para ir a preauditoría"), 100, "%", maximum=100),
        Parameter("correction_days", _("Plazo de subsanación tras la preauditoría"), 30, _("días hábiles")),
        Parameter("correction_extension_days", _("Prórroga única de la subsanación"), 15, _("días hábiles")),
        Parameter("nc_plan_days", _("Plan de acción de una NC de certificación"), 10, _("días hábiles")),
        Parameter("nc_major_days", _("Cierre de una NC mayor de certificación"), 60, _("días calendario")),
        Parameter("nc_minor_days", _("Cierre de una NC menor de certificación"), 90, _("días calendario")),
        Parameter("certificate_years", _("Vigencia del certificado"), 2, _("años"), minimum=1, maximum=5),
        Parameter("certificate_series", _("Serie del número de certificado"), "BPE", help=_("BPE-{año}-{0000}")),
        Parameter("suspension_days", _("Término máximo de una suspensión"), 180, _("días calendario"), minimum=1),
        Parameter("licence_measures", _("Medidas implementadas para usar la marca"), 3, _("en recursos distintos")),
        Parameter("conflict_years", _("Años que dura un conflicto de interés"), 2, _("años")),
        Parameter("power_max_days", _("Antigüedad de la vigencia de poder"), 30, _("días")),
        Parameter(
            "register_max_days", _("Antigüedad máxima del padrón y de la lista de deudas"), 30, _("días"), minimum=1
        ),
        Parameter("discount_rate", _("Tasa para el valor actual neto"), Decimal("12"), "%"),
    )
}


def words_of(value):
    """The words of a parameter that is a list parted by commas. Check: «20, 10» gives ["10", "20"]."""
    return sorted({word.strip() for word in value.split(",") if word.strip()})


# What the source document states is not ours to call a default.
STATED_BY_SOURCE = {"minimum_operation_years", "certificate_years"}


@dataclass(frozen=True)
class Setting:
    """A parameter as it stands somewhere: its value, where that comes from, and what was set before."""

    parameter: Parameter
    by_program: list
    by_edition: list

    @property
    def row(self):
        """The row that counts, or None when our default stands."""
        return next(iter(self.by_edition or self.by_program), None)

    @property
    def value(self):
        return self.parameter.default if self.row is None else self.parameter.kind(self.row.value)

    @property
    def origin(self):
        if self.row:
            return "edition" if self.by_edition else "program"
        return "source" if self.parameter.key in STATED_BY_SOURCE else "default"

    @property
    def history(self):
        return [*self.by_edition, *self.by_program]
