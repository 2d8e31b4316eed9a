"""The conditions to take part, by the facts S13-S19 they come from, and where the company mends each."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .papers import PREFIX


@dataclass(frozen=True)
class Condition:
    """One thing to show. `fact`: the line of the source it comes from; `section`: where the company mends it."""

    key: str
    fact: str
    section: str
    label: str


CONDITIONS = {
    c.key: c
    for c in (
        Condition("legal", "S13", "empresa", _("Constitución y registro público")),
        Condition("operation", "S13", "empresa", _("Años de operación")),
        Condition("ruc_active", "S13", "", _("RUC activo y habido")),
        Condition("representation", "S19", "representacion", _("Representación legal")),
        Condition("sites", "S14", "sedes", _("Sedes en el alcance")),
        Condition("licence", "S14", "sedes", _("Licencia municipal de funcionamiento")),
        Condition("itse", "S14", "sedes", _("Certificado ITSE")),
        Condition("exports", "S15", "exportaciones", _("Exportaciones directas")),
        Condition("production", "S16", "proceso", _("Proceso de producción o transformación")),
        Condition("contact", "S17", "comunicaciones", _("Teléfono y correo")),
        Condition("corporate_mail", "S17", "comunicaciones", _("Correo corporativo")),
        Condition("website", "S17", "comunicaciones", _("Página web")),
        Condition("debts", "S18", "", _("Cuentas con PROMPERÚ")),
        Condition("sworn_statement", "S19", "declaracion", _("Declaración jurada")),
    )
}


# Each its own proof: a paper that a person reads.
PAPERS = {"licence", "itse", "sworn_statement"}

# What a paper of an edition's catalogue may prove.
PROVABLE = [(c.key, c.label) for c in CONDITIONS.values() if c.key not in PAPERS]

# Stands for each entry of an edition's catalogue, whose keys begin with papers.PREFIX.
PAPER = Condition("paper", _("Catálogo"), "documentos", _("Documento requerido"))


def condition_of(key):
    """The condition a key names; keys of a site bear its id: «itse:12»."""
    return PAPER if key.startswith(PREFIX) else CONDITIONS[key.partition(":")[0]]
