"""The kinds of notice: the one table that says what each is called, who gets it, and what a person may switch off."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.jobs import Urgency


class Group(TextChoices):
    """What a person chooses about, several kinds at a time."""

    PROCESS = "process", _("Postulación, participación y certificado")
    WORK = "work", _("Requisitos y mediciones")
    TALK = "talk", _("Mensajes sobre un requisito")
    AUDITS = "audits", _("Auditorías")
    REMINDERS = "reminders", _("Recordatorios de lo que vence")
    SYSTEM = "system", _("Avisos del sistema para el personal")


@dataclass(frozen=True)
class Kind:
    """door: where most of its readers work. legal: counts a term or decides; nobody can switch it off.

    at_once: leaves whatever the person chose, as a legal one does, and asks for no acknowledgement.
    draft_first: its mail waits, and the notice with it, until PROMPERÚ sends it. subject and body: the mail when
    nobody has written another, with placeholders of `PLACEHOLDERS`.
    """

    key: str
    label: str
    group: Group
    door: str = "empresa"
    legal: bool = False
    at_once: bool = False
    draft_first: bool = False
    subject: str = "{titulo}"
    body: str = "{texto}"

    @property
    def leaves(self):
        """When its mail leaves, for whoever is about to write one."""
        if self.draft_first:
            return _("El aviso queda en borrador en «Correos» hasta que alguien lo envíe.")
        return _("El aviso sale enseguida.")

    @property
    def urgency(self):
        """When many mails wait, those that count a term leave first."""
        return Urgency.FIRST if self.legal else Urgency.USUAL


# What a template may name; each becomes what is true of the notice it is sent for.
PLACEHOLDERS = {
    "titulo": _("Título del aviso"),
    "texto": _("Texto del aviso"),
    "empresa": _("Empresa"),
    "persona": _("Nombre de quien recibe"),
    "fecha": _("Fecha del aviso"),
    "enlace": _("Dirección de la página"),
}

G = Group
_TABLE = [
    Kind("admission", _("Resultado de admisión"), G.PROCESS, legal=True, draft_first=True),
    Kind("observed", _("Postulación observada y plazo para subsanar"), G.PROCESS, legal=True),
    Kind("application", _("Movimientos de la postulación"), G.PROCESS),
    Kind("waiver", _("Dispensa"), G.PROCESS),
    Kind("letter", _("Carta de compromiso"), G.PROCESS, legal=True),
    Kind("participation", _("Participación"), G.PROCESS),
    Kind("invitation", _("Invitación que no llegó"), G.PROCESS),
    Kind("monitorassignment", _("Asignación de monitor"), G.PROCESS),
    Kind("readiness", _("Paso a preauditoría"), G.PROCESS),
    Kind("decision", _("Decisión de certificación"), G.PROCESS, legal=True),
    Kind("certificate", _("Actos sobre el certificado"), G.PROCESS, legal=True),
    Kind("submitted", _("Requisitos presentados a revisión"), G.WORK, door="monitor"),
    Kind("returned", _("Requisito observado"), G.WORK),
    Kind("accepted", _("Requisitos aceptados"), G.WORK),
    Kind("measure", _("Medidas del libro de ahorros"), G.WORK),
    Kind("comment", _("Mensaje"), G.TALK),
    Kind("session", _("Talleres"), G.WORK),
    Kind("audit", _("Auditoría"), G.AUDITS),
    Kind("nonconformity", _("No conformidades y sus plazos"), G.AUDITS, legal=True),
    Kind("reminder", _("Recordatorio"), G.REMINDERS),
    Kind("account", _("Seguridad de su cuenta"), G.PROCESS, at_once=True),
    Kind("stand_in", _("PROMPERÚ ve o actúa por una persona de su empresa"), G.PROCESS, at_once=True),
    Kind("held", _("Archivo retenido por el antivirus"), G.WORK, at_once=True),
    Kind("registry", _("Cambio de RUC o fusión de su empresa"), G.PROCESS, at_once=True),
    Kind("claim_joined", _("PROMPERÚ incorporó a una persona a su empresa"), G.PROCESS, at_once=True),
    Kind("claim_answer", _("Respuesta a su reclamo por un RUC"), G.PROCESS, at_once=True),
    Kind("claim", _("RUC reclamado o que se intentó registrar otra vez"), G.SYSTEM, door="panel"),
    Kind("bounce", _("Correo rechazado"), G.SYSTEM, door="panel"),
    Kind("template", _("Plantilla que no se pudo usar"), G.SYSTEM, door="panel"),
]
KINDS = {kind.key: kind for kind in _TABLE}
# A kind that is no longer in the table still reaches its reader.
OTHER = Kind("other", _("Otro aviso"), G.SYSTEM)


def kind_of(key):
    return KINDS.get(key, OTHER)


def legal_keys():
    return [kind.key for kind in _TABLE if kind.legal]
