"""The steps from the approved pre-audit to the certificate, so that a test begins where its sentence does."""

from datetime import timedelta

from django.utils import timezone

from audits.models import Audit, Withdrawal
from programs.models import Attendance, Measure, Session, Workshop
from tests import factories as f

from . import steps


def passed(participation, *sites):
    """The company with its pre-audit approved and nothing open."""
    scope = participation.assessment.scopes.first() or f.ScopeFactory(assessment=participation.assessment)
    scope.sites.set(sites)
    f.AuditFactory(participation=participation, scope=scope, state=Audit.State.CONFIRMED)
    type(participation).objects.filter(pk=participation.pk).update(state="preaudit_passed")
    participation.refresh_from_db()
    return participation


def requested(participation, body, *, by, **more):
    return Audit.objects.request_external(participation=participation, body=body, by=by, message="Dos turnos.", **more)


def closed(participation, body, auditor, *, company, manager):
    """The external audit from the request to its closing, by the methods the pages call."""
    f.board(participation.assessment, *participation.company.sites.all())
    audit = requested(participation, body, by=company)
    audit.accept(by=manager, auditor=auditor)
    steps.started(audit, auditor, company)
    steps.answer_all(audit, auditor)
    steps.minutes(audit, auditor, recommendation="certify")
    audit.close(by=auditor)
    return audit


def trained(participation, modules=10):
    """Attendance to the first `modules` modules."""
    for number in range(1, modules + 1):
        workshop = Workshop.objects.create(edition=participation.edition, number=number, name=f"Taller {number}")
        now = timezone.now()
        session = Session.objects.create(workshop=workshop, starts_at=now, ends_at=now + timedelta(hours=2))
        Attendance.objects.create(session=session, participation=participation, person="Rosa Huamán")


def saved(company, *resources, by):
    """An implemented measure in each resource."""
    for resource in resources:
        Measure.objects.create(
            company=company, title=resource, resource=resource, kind="control", investment=100, annual_saving=50,
            state="implemented", implemented_on=timezone.localdate(), created_by=by,
        )  # fmt: skip


def suspended(certificate, *, by, reason="x", on=None):
    on = on or timezone.localdate()
    certificate.suspend(by=by, reason=reason, on=on, until=on + timedelta(days=30))
    return certificate


def withdrawn(certificate, proposer, decider, reason="Uso indebido."):
    """Ended by two: `proposer` coordinates, `decider` decides."""
    proposal = Withdrawal.objects.propose(certificate, by=proposer, reason=reason)
    proposal.confirm(by=decider, grounds="Consta en el informe.", on=timezone.localdate())
    certificate.refresh_from_db()
    return certificate
