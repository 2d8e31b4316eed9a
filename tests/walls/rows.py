"""One row of every table that belongs to a company, all of one company."""

from datetime import date, timedelta

from django.utils import timezone

from audits.models import AuditMember, Check, CorrectiveAction, MarkLicence, NonConformity, Withdrawal
from companies.models import Claim, Delivery, Event, FormDraft, Invitation, Notice, RucHistory, Seal
from programs.models import (
    Appeal,
    ApplicationCheck,
    ApplicationRevision,
    Attendance,
    DecisionLetter,
    Paper,
    PaperFile,
    RequiredDocument,
    Signature,
    SigningCode,
    StatementCopy,
    Waiver,
)
from requirements_std.models import AspectProgress, Comment, Evidence, EvidenceLink, SiteFlag
from tests import factories as f

DAY = date(2026, 3, 2)


def everything():
    """{label: row} for a company of its own. A new table gets its row here."""
    person = f.UserFactory()
    certificate = f.CertificateFactory()
    audit = certificate.decision.audit
    participation = audit.participation
    company, scope, assessment = participation.company, audit.scope, participation.assessment
    site = f.SiteFactory(company=company)
    scope.sites.add(site)
    requirement = assessment.standard_version.requirements.filter(level="sede").first()
    check = Check.objects.create(audit=audit, requirement=requirement, site=site, result="minor", note="Falta.")
    nonconformity = NonConformity.objects.create(
        audit=audit, check_line=check, number=f"NC-2026-{check.pk}", grade="minor", statement="Falta."
    )
    Check.objects.filter(pk=check.pk).update(recheck_of=nonconformity)
    fulfilment = f.FulfilmentFactory(assessment=assessment, requirement=requirement, site=site)
    evidence = Evidence.objects.create(
        company=company, title="Licencia", blob=f.BlobFactory(), filename="licencia.pdf", uploaded_by=person
    )
    document = f.SiteDocumentFactory(site=site)
    notice = Notice.objects.create(user=person, company=company, key="prueba", kind="observed", title="Aviso")
    _token, token_hash = Invitation.new_token()
    event = Event.record(company, by=person, verb="check")
    entry = RequiredDocument.objects.create(edition=participation.edition, key="ficha", title="Ficha RUC")
    paper = Paper.objects.create(application=participation.application, entry=entry)
    rows = [
        company, participation, participation.application, assessment, scope, site, audit, certificate,
        certificate.decision, certificate.register.get(), fulfilment, evidence, notice, nonconformity,
        Check.objects.get(pk=check.pk), scope.sites.through.objects.get(scope=scope),
        f.MembershipFactory(user=person, company=company), f.MandateFactory(company=company, user=person),
        Invitation.objects.create(company=company, email="x@pruebas.example", token_hash=token_hash, invited_by=person,
                                  expires_at=timezone.now() + timedelta(days=1)),
        RucHistory.objects.create(company=company, ruc=f.ruc(99000), until=DAY, reason="Fusión"),
        Claim.objects.create(company=company, ruc=company.ruc, role="coordinator", grounds="Coordino.",
                             claimed_by=f.UserFactory(), blob=f.BlobFactory(), filename="poder.pdf"),
        document, document.files.get(), f.ExportRecordFactory(company=company),
        FormDraft.objects.create(company=company, user=person, form="sede", fields={"name": "Planta"}),
        event, Seal.objects.create(sequence=event.pk, event=event), Delivery.objects.create(notice=notice),
        SiteFlag.objects.create(site=site, key="tiene_ptar"),
        AspectProgress.objects.create(assessment=assessment, aspect=requirement.aspect),
        EvidenceLink.objects.create(evidence=evidence, fulfilment=fulfilment, linked_by=person),
        Comment.objects.create(fulfilment=fulfilment, author=person, audience="internal", text="Entre nosotros."),
        f.ApplicationItemFactory(application=participation.application, site=site),
        ApplicationRevision.objects.create(application=participation.application, number=1, data={},
                                           submitted_by=person),
        Signature.objects.create(application=participation.application, kind="sworn_statement", text_version="1",
                                 text="Declaro.", sha256="0" * 64, signed_by=person, signer_name="Rosa",
                                 signer_document="40112233"),
        SigningCode.objects.create(application=participation.application, user=person, kind="sworn_statement",
                                   sha256="0" * 64, sent_to="x@pruebas.example", expires_at=timezone.now()),
        StatementCopy.objects.create(application=participation.application, text="Declaro.", sha256="0" * 64),
        Appeal.objects.create(application=participation.application, grounds="Falta.", filed_by=person, due_from=DAY,
                              due_on=DAY),
        paper,
        PaperFile.objects.create(paper=paper, blob=f.BlobFactory(), filename="ficha.pdf", uploaded_by=person),
        DecisionLetter.objects.create(application=participation.application, kind="admission", issued_on=DAY, text="A"),
        ApplicationCheck.objects.create(application=participation.application, kind="ruc", moment="hand", met=True,
                                        found="ACTIVO", source="A mano", as_of=DAY, checked_on=DAY),
        f.MonitorAssignmentFactory(participation=participation), f.CommitmentLetterFactory(participation=participation),
        f.MeasureFactory(company=company, site=site),
        Attendance.objects.create(session=f.SessionFactory(), participation=participation, person="Rosa"),
        Waiver.objects.create(participation=participation, condition="attendance", reason="Salud.", approved_by=person,
                              expires_on=DAY),
        AuditMember.objects.create(audit=audit, user=f.UserFactory(), declared_at=timezone.now()),
        CorrectiveAction.objects.create(nonconformity=nonconformity, description="Reparar", responsible="Rosa",
                                        due_on=DAY),
        MarkLicence.objects.create(certificate=certificate, number=f"LM-2026-{certificate.pk}", granted_by=person,
                                   valid_from=certificate.valid_from, valid_until=certificate.valid_until),
        Withdrawal.objects.create(certificate=certificate, reason="Uso indebido.", proposed_by=person),
    ]  # fmt: skip
    return {row._meta.label: row for row in rows}
