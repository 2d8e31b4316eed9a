"""Audits in every state, and their nonconformities."""

from datetime import timedelta

from django.utils import timezone

from audits.models import (
    Audit,
    AuditMember,
    CertificationBody,
    Check,
    CorrectiveAction,
    NonConformity,
)
from audits.models.findings import implementation_level
from ecoeficiencia.models import Counter
from requirements_std.models import Scope

from . import cast, decided
from .admission import noon
from .firms import demo_blob

S, R, K = Audit.State, Check.Result, Audit.Kind
STATEMENT = (
    "El registro de consumo de agua de la planta no cubre los tres últimos meses, aunque el procedimiento pide "
    "anotarlo cada semana. Se revisaron los registros de julio a octubre y se entrevistó a la jefatura de planta."
)
UNANSWERED = 25  # checks left for the audits in progress


def create(firms, people, today):
    pairs, auditors = _audits(firms, people, today)
    checks = _checks(pairs, auditors)
    _nonconformities(pairs, checks, auditors)
    decided.create(pairs, people, today)


def _audits(firms, people, today):
    """Return (firm, audit) pairs, the pre-audits first, and who leads each audit, by primary keys."""
    bodies = list(CertificationBody.objects.filter(status="enabled").order_by("pk"))
    scopes = {
        s.assessment_id: s for s in Scope.objects.filter(assessment__in=[f.assessment for f in firms if f.assessment])
    }
    pairs = []
    for firm in firms:
        for kind, state in ((K.PREAUDIT, firm.stage.preaudit), (K.CERTIFICATION, firm.stage.external)):
            if state:
                audit = _audit(firm, kind, state, scopes[firm.assessment.pk], bodies, people, today)
                firm.audits.append(audit)
                pairs.append((firm, audit))
    pairs.sort(key=lambda pair: pair[1].kind, reverse=True)
    Audit.objects.bulk_create([a for _, a in pairs], batch_size=500)
    frozen = {a.scope_id for _, a in pairs}
    Scope.objects.filter(pk__in=frozen).update(frozen_at=timezone.now())
    auditors = {b.pk: cast.BODIES[n][4] for n, b in enumerate(bodies)}
    members = AuditMember.objects.bulk_create(
        [
            AuditMember(
                audit=audit,
                user=people["auditor"] if audit.kind == K.PREAUDIT else people[auditors[audit.body_id]],
                declared_at=audit.created_at,
            )
            for _, audit in pairs
            if audit.state != S.REQUESTED
        ],
        batch_size=500,
    )
    return pairs, {member.audit_id: member.user_id for member in members}


def _audit(firm, kind, state, scope, bodies, people, today):
    past = firm.stage.edition == "past"
    start = today - timedelta(days=(900 if past else 24) - (60 if kind == K.CERTIFICATION and past else 0))
    if kind == K.CERTIFICATION and not past:
        start = today - timedelta(days=9)
    audit = Audit(
        kind=kind,
        participation=firm.participation,
        scope=scope,
        state=state,
        created_by=people["coordinacion"] if kind == K.PREAUDIT else firm.user,
        created_at=noon(start - timedelta(days=12)),
        state_since=noon(start),
        starts_on=start,
        ends_on=start + timedelta(days=2),
        agenda="9:00 reunión de apertura · 9:30 recorrido por planta · 14:00 revisión documental · 17:00 cierre.",
        version=1,
    )
    if kind == K.CERTIFICATION:
        audit.body = bodies[0 if firm.index < 20 else firm.index % len(bodies)]
        audit.request_message = "Solicitamos su propuesta para la auditoría de certificación."
    if state == S.REQUESTED:
        audit.starts_on = audit.ends_on = None
        return audit
    audit.agreed_at, audit.agreed_by = audit.created_at, firm.user
    audit.frozen_at = noon(start)
    audit.opening_minutes = "Se presentó al equipo, el alcance, el método y la agenda. Asistieron gerencia y planta."
    if state in (S.CORRECTING, S.CLOSED, S.CONFIRMED):
        audit.closing_minutes = "Se leyeron los hallazgos y se acordaron los plazos."
        audit.conclusion = "El sistema está implementado y la organización conoce sus consumos y sus costos."
        audit.ended_at = noon(start + timedelta(days=3)) if state != S.CORRECTING else None
    if state == S.CORRECTING:
        audit.correction_due_on = today + timedelta(days=17)
    if kind == K.CERTIFICATION and state in (S.CLOSED, S.CONFIRMED):
        refused = firm.stage.participation == "not_certified"
        audit.recommendation = Audit.Recommendation.NOT_CERTIFY if refused else Audit.Recommendation.CERTIFY
    return audit


def _checks(pairs, auditors):
    """Freeze the checklists from the assessments; return the checks by audit."""
    started = [(f, a) for f, a in pairs if a.frozen_at]
    checks = {}
    for firm, audit in started:
        own = checks[audit.pk] = []
        done = len(firm.rows) - (UNANSWERED if audit.state == S.STARTED else 0)
        for n, row in enumerate(firm.rows):
            check = Check(audit=audit, requirement_id=row.requirement_id, site_id=row.site_id)
            if n < done:
                check.result, check.method = R.CONFORMING, Check.Method.DOCUMENT
                check.evidence_seen = "Registro del último trimestre y recorrido por planta."
                check.answered_by_id, check.answered_at = auditors[audit.pk], audit.frozen_at
                if n % 37 == 5:
                    check.result, check.note = R.OPPORTUNITY, "Conviene resumir los indicadores en un tablero mensual."
            own.append(check)
        if _has_nc(firm, audit):
            own[11].result, own[11].note = R.MINOR, STATEMENT
    Check.objects.bulk_create([check for own in checks.values() for check in own], batch_size=1000)
    _state_levels([a for _, a in started if a.state != S.STARTED], checks)
    return checks


def _state_levels(audits, checks):
    """What a closed audit says it found implemented."""
    for audit in audits:
        results = [check.result for check in checks[audit.pk]]
        audit.level = implementation_level(
            sum(r in Check.MET for r in results), sum(r != R.NOT_APPLICABLE for r in results)
        )
    Audit.objects.bulk_update(audits, ["level"], batch_size=500)


def _has_nc(firm, audit):
    """One in three pre-audits found something; the one in correction and empresa2@'s always."""
    return audit.kind == K.PREAUDIT and (
        audit.state == S.CORRECTING or (audit.state == S.CONFIRMED and firm.index % 3 == 0)
    )


def _nonconformities(pairs, checks, auditors):
    found = []
    for firm, audit in pairs:
        if not (audit.pk in checks and _has_nc(firm, audit)):
            continue
        nc = NonConformity(
            audit=audit,
            check_line=checks[audit.pk][11],
            grade=NonConformity.Grade.MINOR,
            statement=STATEMENT,
            opened_at=audit.state_since,
            due_on=audit.correction_due_on or audit.starts_on + timedelta(days=42),
        )
        if audit.state == S.CONFIRMED:
            nc.state = NonConformity.State.CLOSED
            nc.correction = "Se completó el registro con las lecturas del medidor."
            nc.root_cause = "La persona encargada cambió de turno y nadie más conocía la tarea."
            nc.answered_by, nc.answered_at = firm.user, audit.state_since + timedelta(days=12)
            nc.verified_by_id, nc.closed_at = auditors[audit.pk], audit.state_since + timedelta(days=15)
        found.append(nc)
    years = [nc.audit.starts_on.year for nc in found]
    for nc, year, number in zip(found, years, Counter.next_each("NC", years), strict=True):
        nc.number = f"NC-{year}-{number:04d}"
    NonConformity.objects.bulk_create(found, batch_size=500)
    proof = demo_blob("Registro de la acción correctiva")
    done = "Nombrar a dos personas para cada registro y revisarlo en la reunión semanal."
    planned = "Poner un medidor por línea y anotar su lectura en cada cambio de turno."
    CorrectiveAction.objects.bulk_create(
        [
            CorrectiveAction(
                nonconformity=nc,
                description=done if nc.answered_at else planned,
                responsible="Jefatura de planta",
                due_on=nc.due_on,
                done_on=timezone.localdate(nc.answered_at) if nc.answered_at else None,
                blob=proof if nc.answered_at else None,
                filename="cierre-de-accion.pdf" if nc.answered_at else "",
            )
            for nc in found
        ]
    )
