"""The same world with many rows of everything: other companies with the same people around them, and Acme's own."""

from datetime import timedelta
from unittest import mock

from allauth.usersessions.models import UserSession
from django.db import connection
from django.utils import timezone

from audits.models import Audit, AuditMember, BodyPerson, Check, CorrectiveAction, NonConformity
from companies.models import Claim, Delivery, Duty, Event, Invitation, MailTemplate, Notice, RucHistory, TableImport
from ecoeficiencia.jobs import Job
from ecoeficiencia.models import Blob, NonWorkingDay
from programs.models import (
    ApplicationRevision,
    Attendance,
    MonitorAssignment,
    PaperFile,
    Phrase,
    RequiredDocument,
    Waiver,
)
from requirements_std.models import Assessment, Comment, Evidence, EvidenceLink, Fulfilment
from tests import factories as f

from . import world as small


def grow(world, begin, end):
    """Add to the two companies and to what Acme has a row of everything for each number from `begin` up to `end`."""
    file = world.acme.evidence.blob
    Assessment.objects.filter(pk=world.acme.participation.assessment_id).update(opened_at=timezone.now())
    with mock.patch.object(small, "pdf", lambda words: file):  # one file for all: its bytes do not matter here
        for number in range(begin, end):
            _company(world, number)
            _of_acme(world, number, file)
            _of_the_programme(world, number, file)
    world.acme.participation.assessment.recount()
    if connection.vendor == "postgresql":  # which plans for empty tables what it was never told has grown
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _company(world, number):
    """One more company, accompanied and audited by Acme's people."""
    acme = world.acme
    side = small.Side(f"Otra{number}", world.editions)
    MonitorAssignment.objects.filter(participation=side.participation).update(monitor=acme.monitor)
    f.MonitorAssignmentFactory(participation__edition=world.edition, monitor=side.monitor)  # hers is another company
    for audit, person in ((side.preaudit, acme.preauditor), (side.external, acme.auditor)):
        AuditMember.objects.filter(audit=audit).update(user=person)
    Audit.objects.filter(body=side.body).update(body=acme.body)
    f.MembershipFactory(user=acme.boss, company=side.company)


def _of_acme(world, number, file):
    acme, today = world.acme, timezone.localdate()
    company, participation, application = acme.company, acme.participation, acme.application
    person = f.UserFactory()
    f.MembershipFactory(user=person, company=company, role="reader")
    former = {"starts_on": today - timedelta(days=900), "ends_on": today - timedelta(days=800)}
    f.MandateFactory(company=company, full_name=f"Representante {number}", **former)
    RucHistory.objects.create(company=company, ruc=f.ruc(70_000 + number), until=today, reason="Fusión")
    Invitation.objects.create(
        company=company, email=f"invitada{number}@acme.example", token_hash=f"{number:064x}", invited_by=acme.boss,
        expires_at=timezone.now() + timedelta(days=5),
    )  # fmt: skip
    Claim.objects.create(
        ruc=company.ruc, role="coordinator", grounds="Coordina.", claimed_by=person, company=company, blob=file,
        filename="poder.pdf",
    )  # fmt: skip
    site = f.SiteFactory(company=company, name=f"Sede propia {number}")
    for kind in ("licence", "itse"):
        f.SiteDocumentFactory(site=site, kind=kind, blob=file)
    acme.document.files.create(blob=file, filename=f"licencia{number}.pdf", uploaded_by=acme.boss)
    f.ExportRecordFactory(company=company)
    f.MeasureFactory(company=company, site=site, created_by=acme.boss, state="implemented", implemented_on=today)
    f.ApplicationItemFactory(application=application, key="licence", site=site, verdict="observed", reason="Falta.")
    ApplicationRevision.objects.create(
        application=application, number=number, data={}, submitted_by=acme.boss, record=file
    )
    f.MonitorAssignmentFactory(participation=participation, **former)
    session = f.SessionFactory(edition=world.edition, number=number % 7 + 1)
    for held in (session, acme.session):
        Attendance.objects.create(session=held, participation=participation, person=f"Persona {number}")
    for held in ({"participation": participation}, {"application": application}):
        Waiver.objects.create(
            condition="attendance", reason="Recuperación.", approved_by=acme.boss,
            expires_on=today + timedelta(days=5), **held,
        )  # fmt: skip
    _requirements(acme, number, site, file)
    _audits(acme, number, site, file)
    _told(acme, number)


def _requirements(acme, number, site, file):
    assessment = acme.participation.assessment
    requirement = assessment.standard_version.requirements.get(code="AG-01")
    row = Fulfilment.objects.create(assessment=assessment, requirement=requirement, site=site, state="submitted")
    evidence = Evidence.objects.create(
        company=acme.company, title=f"Registro {number}", blob=file, filename="registro.pdf", uploaded_by=acme.boss
    )
    held = f.BlobFactory(state=next(iter(Blob.HELD)))
    Evidence.objects.create(
        company=acme.company, title=f"Retenido {number}", blob=held, filename="registro.pdf", uploaded_by=acme.boss
    )
    PaperFile.objects.create(paper=acme.paper, blob=file, filename=f"ficha{number}.pdf", uploaded_by=acme.boss)
    for linked in (row, acme.fulfilment):
        EvidenceLink.objects.create(evidence=evidence, fulfilment=linked, linked_by=acme.boss)
    for audience, author in (("company", acme.boss), ("internal", acme.monitor)):
        Comment.objects.create(fulfilment=acme.fulfilment, author=author, audience=audience, text="Comentario.")
    Event.note_reading(evidence, evidence.filename, by=acme.monitor)


def _audits(acme, number, site, file):
    requirement = acme.participation.assessment.standard_version.requirements.get(code="AG-01")
    for place, audit in (("preaudit", acme.preaudit), ("external", acme.external)):
        AuditMember.objects.create(audit=audit, user=f.UserFactory(), left_on=small.yesterday(), conflict="Parentesco.")
        for result in ("minor", "observation"):
            at = site if result == "minor" else f.SiteFactory(company=acme.company, closed_on=small.LONG_AGO)
            line = Check.objects.create(audit=audit, requirement=requirement, site=at, result=result, note="Falta.")
            if result == "minor":
                NonConformity.objects.create(
                    audit=audit, check_line=line, number=f"NC-{audit.pk}-{number:05d}", grade="minor",
                    statement="No hay registro.", state="answered",
                )  # fmt: skip
        CorrectiveAction.objects.create(
            nonconformity=acme.ncs[place], description="Registrar.", responsible="Ana", due_on=timezone.localdate(),
            blob=file, filename="accion.pdf",
        )  # fmt: skip
    BodyPerson.objects.create(body=acme.body, user=f.UserFactory(), role="auditor", starts_on=small.LONG_AGO)


def _told(acme, number):
    """Notices with their mails, and what happened to each record that shows its history."""
    notice = Notice.objects.create(
        user=acme.boss, company=acme.company, key=f"prueba {number}", kind="observed", title=f"Aviso {number}"
    )
    Delivery.objects.create(notice=notice)
    UserSession.objects.create(user=acme.boss, ip="192.0.2.1", session_key=f"sesión {number}", user_agent="x")
    shown = (
        acme.application, acme.participation, acme.letter, acme.measure, acme.preaudit, acme.external, acme.decision,
        acme.certificate, acme.appeal, acme.site, acme.document, acme.session, acme.body, acme.company, acme.fulfilment,
        acme.evidence, *acme.checks.values(), *acme.ncs.values(),
    )  # fmt: skip
    for record in shown:
        Event.record(record, by=acme.boss, verb="edit", note=f"Nota {number}")


def _of_the_programme(world, number, file):
    """What belongs to no company."""
    today, staff = timezone.localdate(), f.UserFactory()
    f.AppointmentFactory(user=staff, duty=Duty.REVIEWER)
    f.EditionFactory(opens_on=today - timedelta(days=3000 + number))
    NonWorkingDay.objects.create(on=today + timedelta(days=30 + number), reason="Feriado")
    Phrase.objects.create(text=f"No se lee {number}.")
    RequiredDocument.objects.create(edition=world.edition, key=f"papel{number}", title=f"Papel {number}")
    TableImport.objects.create(
        kind="debtors", blob=file, filename="deudores.csv", as_of=today, uploaded_by=staff, state="applied"
    )
    Invitation.objects.create(
        duty=Duty.MONITOR, email=f"monitora{number}@pruebas.example", token_hash=f"{number:x}".rjust(64, "e"),
        invited_by=staff, expires_at=timezone.now() + timedelta(days=5),
    )  # fmt: skip
    Job.objects.create(kind="prueba", key=f"prueba {number}", state=Job.State.DEAD, run_at=timezone.now())
    MailTemplate.objects.create(kind="observed", number=number, subject="Asunto", body="Texto", written_by=staff)
    world.acme.application.checks.create(
        kind="ruc", moment="hand", met=True, found="ACTIVO", source="A mano", as_of=today, checked_on=today
    )
