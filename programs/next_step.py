"""What a company does next, read from its state: one table for the application, one for the participation.

`Facts.of` reads the rows, audits and nonconformities included; `next_step` is pure over them, and so is stepper.py.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecoeficiencia.lifecycle import Missing, Party
from ecoeficiencia.writing import short_day

from .models import Appeal, Application, CommitmentLetter, Edition, Participation
from .models.readiness import address

A, P, L = Application.State, Participation.State, CommitmentLetter.State


@dataclass(frozen=True)
class NextStep:
    """One action, or whom we wait for. `post` is an address to press, `url` one to go to.

    in_workdays: whether the rules count the term that ends on `due` in business days.
    """

    title: str
    body: str = ""
    url: str = ""
    button: str = ""
    post: str = ""
    due: date | None = None
    in_workdays: bool = False
    owner: str = Party.COMPANY

    @property
    def turn(self):
        """Whom the card's heading names; the title of a card that waits says it already."""
        return _("su empresa") if self.owner == Party.COMPANY else ""


@dataclass(frozen=True)
class Facts:
    """What the derivation reads. conditions: the checklist of the gate ahead. call: an open edition not applied to."""

    company: int
    application: Application | None = None
    participation: Participation | None = None
    letter: CommitmentLetter | None = None
    conditions: tuple[Missing, ...] = ()
    call: Edition | None = None
    appeal: Appeal | None = None
    appeal_until: date | None = None  # the last day to ask for one, while it can be asked
    lapsed: bool = False  # what was observed was not mended in time

    @classmethod
    def of(cls, company, on):
        """The facts of a company on day `on`: its latest application, the participation that came of it."""
        calls = list(Edition.objects.open_on(on)[:1])
        application = (
            company.applications.exclude(state=A.WITHDRAWN)
            .select_related("edition", "appeal")
            .order_by("-edition__opens_on", "-pk")
            .first()
        )
        row = Participation.objects.with_attendance().for_company_home().filter(application=application).first()
        conditions = ()
        if row and row.state in (P.IMPLEMENTING, P.READY):
            conditions = tuple(row.preaudit_checklist(on))
        elif row and row.state in (P.LETTER_ISSUED, P.LETTER_SIGNED):
            conditions = tuple(row.missing_to_start(on))
        return cls(
            company=company.pk,
            application=application,
            participation=row,
            letter=getattr(row, "letter", None),
            conditions=conditions,
            call=next((c for c in calls if application is None or c.pk != application.edition_id), None),
            appeal=getattr(application, "appeal", None),
            appeal_until=cls._appeal_until(application, on),
            lapsed=application is not None and application.is_lapsed(on),
        )

    @staticmethod
    def _appeal_until(application, on):
        if application is None or hasattr(application, "appeal"):
            return None
        until = application.appeal_until()
        return until if until and on <= until else None

    @property
    def missing(self):
        """What blocks the gate ahead."""
        return [m for m in self.conditions if not (m.done or m.waived or m.waiting)]

    @property
    def assessment(self):
        return self.participation.assessment

    def blocked_by(self, key):
        return next((m for m in self.missing if m.key == key), None)

    @property
    def audit(self):
        """The audit that is going on, or None."""
        over = {"declined", "confirmed", "cancelled"}
        return next((a for a in self.participation.audits.all() if a.state not in over), None)

    @property
    def to_answer(self):
        """Nonconformities of that audit that wait for the company, oldest first."""
        rows = self.audit.nonconformities.all() if self.audit else ()
        return [nc for nc in rows if nc.turn == Party.COMPANY]


def next_step(facts: Facts) -> NextStep:
    """The one card of the company's home."""
    if facts.participation:
        return PARTICIPATION[facts.participation.state](facts)
    if facts.application:
        return APPLICATION[facts.application.state](facts)
    return _apply(facts)


def waiting(owner, since, body):
    """The card when the turn is another's: who, since when, and that nothing is asked of the company."""
    whom = {
        Party.STAFF: _("a PROMPERÚ"),
        Party.MONITOR: _("a su monitor"),
        Party.AUDITOR: _("al equipo auditor"),
        Party.BODY: _("al organismo de certificación"),
    }
    title = _("Le toca %(whom)s desde el %(day)s") % {
        "whom": whom[owner],
        "day": short_day(since),
    }
    return NextStep(title, f"{body} {_('No tiene que hacer nada.')}", owner=owner)


# Before admission


def _apply(facts):
    if not facts.call:
        return NextStep(
            _("Todavía no hay convocatoria abierta"),
            _("Le avisaremos cuando se abra la siguiente."),
            owner=Party.NOBODY,
        )
    return NextStep(
        _("Postule a %(edition)s") % {"edition": facts.call},
        _("La convocatoria está abierta. Revise los requisitos y empiece su postulación."),
        address("public:call", facts.call.pk),
        _("Ver la convocatoria"),
        due=facts.call.closes_on,
    )


def _draft(facts):
    edition = facts.application.edition
    return NextStep(
        _("Complete y presente su postulación"),
        _("Su borrador para %(edition)s está guardado. Puede seguir donde lo dejó.") % {"edition": edition},
        _application(facts),
        _("Continuar la postulación"),
        due=edition.closes_on,
    )


def _observed(facts):
    if facts.lapsed:
        return NextStep(
            _("Venció su plazo para subsanar"),
            _("Pida una prórroga a PROMPERÚ: con ella podrá presentar lo que corrija."),
            _application(facts),
            _("Ver las observaciones"),
            due=facts.application.due_on,
            in_workdays=True,
        )
    return NextStep(
        _("Subsane su postulación"),
        _("PROMPERÚ observó algunos puntos. Solo se reabre lo observado; lo demás queda como está."),
        _application(facts),
        _("Ver las observaciones"),
        due=facts.application.due_on,
        in_workdays=True,
    )


def _in_review(facts):
    return waiting(Party.STAFF, facts.application.state_since, _("PROMPERÚ revisa su postulación."))


def _on_the_list(facts):
    words = _("Su empresa cumple los requisitos. %(place)s PROMPERÚ le avisará si se libera un lugar.")
    words %= {"place": facts.application.place_in_words()}
    return waiting(Party.STAFF, facts.application.state_since, words)


def _not_admitted(facts):
    title, body = _("Su postulación no fue admitida"), facts.application.decision_grounds
    if facts.appeal and facts.appeal.turn == Party.STAFF:
        return waiting(Party.STAFF, facts.appeal.state_since, _("PROMPERÚ ve su pedido de reconsideración."))
    if facts.appeal_until:
        url = address("empresa:application_appeal", facts.application.pk)
        body += " " + _("Si no está de acuerdo, puede pedir que se reconsidere.")
        more = {"due": facts.appeal_until, "in_workdays": True, "owner": Party.NOBODY}
        return NextStep(title, body, url, _("Ver cómo pedirlo"), **more)
    body = body or _("Puede volver a postular en otra edición.")
    return NextStep(title, body, _application(facts), _("Ver la postulación"), owner=Party.NOBODY)


def _application(facts):
    return address("empresa:application", facts.application.pk)


# From the letter to the pre-audit


def _letter(facts):
    url = address("empresa:letter", facts.letter.pk) if facts.letter else ""
    if facts.letter and facts.letter.state == L.RETURNED:
        return NextStep(_("Suba otra vez la carta firmada"), facts.letter.return_reason, url, _("Abrir la carta"))
    return NextStep(
        _("Firme la carta de compromiso"),
        _("Su representante legal la firma en pantalla, con un código que llega a su correo, o fuera y la sube."),
        url,
        _("Abrir la carta"),
    )


def _letter_signed(facts):
    return waiting(
        Party.STAFF, facts.participation.state_since, _("PROMPERÚ verifica la carta firmada y asigna su monitor.")
    )


def _implementing(facts):
    """The first rule that holds: answer, propose, hand in, attend; else the monitor is reviewing."""
    row, board = facts.assessment, address("empresa:board", facts.company)
    if row and row.returned:
        title = ngettext(
            "Responda la observación de su monitor", "Responda las %(n)d observaciones de su monitor", row.returned
        ) % {"n": row.returned}
        body = _("Su monitor pide ajustes. Solo se reabre lo observado; lo demás queda como está.")
        return NextStep(title, body, board + "?estado=returned", _("Ver lo observado"))
    if facts.participation.is_proposed_ready:
        since = facts.participation.proposed_ready_at
        return waiting(Party.MONITOR, since, _("Su monitor ve si está de acuerdo con pasar a preauditoría."))
    if not facts.missing:
        return NextStep(
            _("Proponga pasar a preauditoría"),
            _("Cumple las condiciones de esta edición. Su monitor dirá si está de acuerdo."),
            post=address("empresa:propose_ready", facts.participation.pk),
            button=_("Proponer la preauditoría"),
        )
    if facts.blocked_by("open") or not row:
        return NextStep(
            _("Presente los requisitos que faltan"),
            facts.blocked_by("open").sentence if row else _("Los requisitos aún no están abiertos."),
            board,
            _("Ir a los requisitos"),
            due=facts.participation.edition.implementation_ends_on,
        )
    if facts.blocked_by("attendance"):
        condition = facts.blocked_by("attendance")
        url = address("empresa:workshops", facts.company)
        return NextStep(_("Asista a los talleres que faltan"), condition.detail, url, _("Ver los talleres"))
    since = row.opened_at if facts.participation.state_since is None else facts.participation.state_since
    return waiting(Party.MONITOR, since, _("Su monitor revisa lo que presentó."))


def _ready(facts):
    return waiting(Party.STAFF, facts.participation.state_since, _("PROMPERÚ programa su preauditoría."))


# Audits


def _audited(facts):
    audit = facts.audit
    if audit and audit.state == "planned":
        return NextStep(
            _("Acepte el plan de la auditoría"),
            _("Revise fechas, sedes y agenda. La auditoría empieza cuando su empresa acepta el plan."),
            address("empresa:audit", audit.pk),
            _("Ver el plan"),
            due=audit.starts_on,
        )
    since = audit.state_since if audit else facts.participation.state_since
    return waiting(Party.AUDITOR, since, _("El equipo auditor hace su trabajo."))


def _correcting(facts):
    rows = facts.to_answer
    if not rows:
        since = facts.participation.state_since
        return waiting(Party.AUDITOR, since, _("El equipo auditor verifica sus respuestas."))
    dues = [nc.due_on for nc in rows if nc.due_on]
    return NextStep(
        ngettext("Responda la no conformidad", "Responda las %(n)d no conformidades", len(rows)) % {"n": len(rows)},
        _("Explique la causa, corrija y suba la evidencia. Con una no conformidad abierta no se puede continuar."),
        address("empresa:nonconformity", rows[0].pk),
        _("Responder %(number)s") % {"number": rows[0].number},
        due=min(dues, default=facts.participation.due_on),
        in_workdays=facts.participation.state == P.CORRECTING,
    )


def _request_external(facts):
    return NextStep(
        _("Solicite la auditoría externa"),
        _("Aprobó la preauditoría. Elija un organismo: su empresa solicita, gestiona y paga esta auditoría."),
        address("empresa:external_request", facts.company),
        _("Elegir organismo"),
        due=facts.participation.edition.external_ends_on,
    )


def _requested(facts):
    """The participation moves on when the company accepts the plan: until then the audit says whose turn it is."""
    if facts.audit and facts.audit.state != "requested":
        return _audited(facts)
    return waiting(Party.BODY, facts.participation.state_since, _("El organismo responde su solicitud."))


def _deciding(facts):
    return waiting(Party.STAFF, facts.participation.state_since, _("PROMPERÚ decide sobre su certificación."))


# The end


def _certified(facts):
    return NextStep(
        _("Su empresa está certificada"),
        _("Descargue su certificado y conozca las condiciones de uso de la marca."),
        address("empresa:certificate", facts.company),
        _("Ver el certificado"),
        owner=Party.NOBODY,
    )


def _not_certified(facts):
    return NextStep(
        _("Su empresa no obtuvo la certificación"),
        _("La decisión y su motivo están en sus auditorías. Puede participar en otra edición."),
        address("empresa:audits", facts.company),
        _("Ver la decisión"),
        owner=Party.NOBODY,
    )


def _left(facts):
    title = _("Su empresa dejó esta edición")
    return NextStep(title, facts.participation.exit_reason, owner=Party.NOBODY)


APPLICATION = {
    A.DRAFT: _draft,
    A.SUBMITTED: _in_review,
    A.OBSERVED: _observed,
    A.MENDED: _in_review,
    A.WAITING: _on_the_list,
    A.ADMITTED: _in_review,
    A.REJECTED: _not_admitted,
    A.WITHDRAWN: _apply,
}
PARTICIPATION = {
    P.LETTER_ISSUED: _letter,
    P.LETTER_SIGNED: _letter_signed,
    P.IMPLEMENTING: _implementing,
    P.READY: _ready,
    P.PREAUDIT: _audited,
    P.CORRECTING: _correcting,
    P.PREAUDIT_PASSED: _request_external,
    P.EXTERNAL_REQUESTED: _requested,
    P.EXTERNAL_AUDIT: _audited,
    P.EXTERNAL_CORRECTING: _correcting,
    P.DECISION: _deciding,
    P.CERTIFIED: _certified,
    P.NOT_CERTIFIED: _not_certified,
    P.WITHDRAWN: _left,
    P.EXCLUDED: _left,
}
