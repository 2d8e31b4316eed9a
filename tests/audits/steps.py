"""The steps of an audit, so that a test begins where its sentence does."""

from django.utils import timezone

from audits.models import Audit, Check
from tests import factories as f

NOTE = "Falta el registro de marzo."
SEEN = "Registro de consumos v2 del 04/09/2026."


def ready(participation, *sites):
    """The company ready for its pre-audit, with its board accepted and a scope of `sites`."""
    type(participation).objects.filter(pk=participation.pk).update(state="ready")
    participation.refresh_from_db()
    f.board(participation.assessment, *sites)
    f.ScopeFactory(assessment=participation.assessment).sites.set(sites)
    return participation


def opened(participation, auditor, *, by):
    today = timezone.localdate()
    return Audit.objects.open_preaudit(
        participation=participation, auditor=auditor, starts_on=today, ends_on=today, by=by
    )


def started(audit, auditor, company_user):
    today = timezone.localdate()
    audit.declare(by=auditor)
    audit.plan(by=auditor, starts_on=today, ends_on=today, agenda="9:00 Planta Ica.")
    audit.agree(by=company_user)
    audit.start(by=auditor, opening_minutes="Asistieron gerencia y producción.")
    return audit


def answer_all(audit, auditor, **refused):
    """Every check conforming, but those named by code: answer_all(audit, otto, GE_01="minor")."""
    for check in audit.checks.for_checklist():
        result = refused.get(check.requirement.code.replace("-", "_"), Check.Result.CONFORMING)
        audit.record(
            check, by=auditor, version=check.version, result=result, method="documental", evidence_seen=SEEN, note=NOTE
        )


def minutes(audit, auditor, **more):
    audit.save_minutes(
        by=auditor, opening_minutes="Apertura.", closing_minutes="Cierre.", conclusion="Conclusiones.", **more
    )


def answered(nc, by, *, finished=True):
    """The company's whole answer to a nonconformity, handed in."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    today = timezone.localdate()
    nc.save_answer(by=by, correction="Se completó la serie.", root_cause="Nadie verificaba el periodo.")
    action = nc.add_action(by=by, description="Fijar verificador", responsible="R. Huamán", due_on=today)
    if finished:
        file = SimpleUploadedFile("acta.pdf", b"%PDF-1.4 prueba")
        file.content_type = "application/pdf"
        nc.finish_action(action, by=by, done_on=today, file=file)
    nc.answer(by=by)
    return action
