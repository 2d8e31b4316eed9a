"""Two companies with everything a company can have, and everybody there is: the people of each, staff, bystanders.

Records are made by hand in the state in which their addresses answer, so that a 404 is a refusal and nothing else.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.utils import timezone

from audits.models import (
    Audit,
    AuditMember,
    BodyPerson,
    Check,
    CorrectiveAction,
    MarkLicence,
    NonConformity,
    Withdrawal,
)
from companies.audience import Who
from companies.imports import all_kinds
from companies.models import Claim, Delivery, Duty, Event, Invitation, Membership, Notice, RucHistory, TableImport
from ecoeficiencia.jobs import Job
from ecoeficiencia.models import Blob, NonWorkingDay
from programs.models import (
    Appeal,
    ApplicationRevision,
    Attendance,
    DecisionLetter,
    Paper,
    PaperFile,
    Participation,
    Phrase,
    RequiredDocument,
    Signature,
    StatementCopy,
    Waiver,
)
from requirements_std.models import Comment, Evidence, EvidenceLink
from tests import factories as f

LONG_AGO = "2024-01-01"


def yesterday():
    return timezone.localdate() - timedelta(days=1)


@dataclass
class Person:
    """`always`: what the person is whatever the record; `here`: what they are to Acme's records, by place.

    A place tells apart records of one company that have people of their own: one audit from another, a request.
    """

    user: object = None
    always: frozenset = frozenset()
    here: dict = field(default_factory=dict)

    def is_to(self, place):
        return self.always | self.here.get("", frozenset()) | self.here.get(place, frozenset())


def user(name, *duties, **fields):
    made = f.UserFactory(first_name=name, last_name="Prueba", **fields)
    for duty in duties:
        f.AppointmentFactory(user=made, duty=duty)
    return made


def pdf(words):
    return Blob.store(b"%PDF-1.4\n% " + words.encode() + b"\n%%EOF\n", "application/pdf")


class Side:
    """One company and its own people."""

    def __init__(self, name, editions):
        self.name = name
        self.company = f.CompanyFactory(legal_name=f"{name} Exportaciones S.A.C.")
        self.members = {
            role: user(f"{name} {role.label}") for role in Membership.Role
        }  # fmt: skip
        for role, person in self.members.items():
            f.MembershipFactory(user=person, company=self.company, role=role)
        self.boss = self.members[Membership.Role.REPRESENTATIVE]
        self.monitor = user(f"Monitor de {name}", Duty.MONITOR)
        self.preauditor = user(f"Preauditor de {name}", Duty.PREAUDITOR)
        self.body = f.CertificationBodyFactory(name=f"Organismo de {name}")
        self.manager = self._of_body(f"Gestión de {name}", BodyPerson.Role.MANAGER)
        self.auditor = self._of_body(f"Auditor externo de {name}", BodyPerson.Role.AUDITOR)
        self._papers()
        current, earlier, asked = editions
        self._application(current)
        self._implementation(current)
        self._audits()
        self._request(asked)
        self._certificate(earlier)
        self._told()

    def _of_body(self, name, role):
        person = user(name)
        BodyPerson.objects.create(body=self.body, user=person, role=role, starts_on=LONG_AGO)
        return person

    def _papers(self):
        self.mandate = f.MandateFactory(company=self.company, user=self.boss, full_name=f"Representante de {self.name}")
        self.site = f.SiteFactory(company=self.company, name=f"Planta {self.name}")
        self.document = f.SiteDocumentFactory(site=self.site, blob=pdf(f"licencia {self.name}"))
        self.document_file = self.document.files.get()
        self.export = f.ExportRecordFactory(company=self.company)
        self.former_ruc = RucHistory.objects.create(
            company=self.company, ruc=f.ruc(88000 + self.company.pk), until=LONG_AGO, reason=f"Cambio de {self.name}",
            blob=pdf(f"ficha {self.name}"), filename="ficha.pdf",
        )  # fmt: skip
        self.claim = Claim.objects.create(
            ruc=self.company.ruc, role="coordinator", grounds=f"Coordina {self.name}", claimed_by=self.boss,
            company=self.company, state="granted", resolution=f"Mostró el poder de {self.name}",
            blob=pdf(f"poder {self.name}"), filename="poder.pdf",
        )  # fmt: skip
        self.token, digest = Invitation.new_token()
        self.invitation = Invitation.objects.create(
            company=self.company, email=f"invitada@{self.name.lower()}.example", token_hash=digest,
            invited_by=self.boss, expires_at=timezone.now() + timedelta(days=5),
        )  # fmt: skip

    def _application(self, edition):
        self.application = f.SubmittedApplicationFactory(
            edition=edition, company=self.company, created_by=self.boss, state="observed"
        )
        self.item = f.ApplicationItemFactory(application=self.application, verdict="observed", reason="Falta la ficha.")
        record, statement = pdf(f"expediente {self.name}"), pdf(f"declaracion {self.name}")
        self.revision = ApplicationRevision.objects.create(
            application=self.application, number=1, data={}, submitted_by=self.boss, record=record
        )
        self.signature = Signature.objects.create(
            application=self.application, kind="sworn_statement", text_version="1", text=f"Declara {self.name}",
            sha256=statement.sha256, signed_by=self.boss, signer_name=self.name, signer_document="40112233",
            pdf=statement,
        )  # fmt: skip

        self.statement_copy = StatementCopy.objects.create(
            application=self.application, text=f"Declara {self.name}", sha256=statement.sha256, pdf=statement
        )
        key = f"ficha-{self.name.lower()}"
        entry = RequiredDocument.objects.create(edition=edition, key=key, title="Ficha", needed=False)
        self.paper = Paper.objects.create(application=self.application, entry=entry)
        self.paper_file = PaperFile.objects.create(
            paper=self.paper, blob=pdf(f"ficha {self.name}"), filename="ficha.pdf", uploaded_by=self.boss
        )

    def _implementation(self, edition):
        self.participation = f.ParticipationFactory(
            company=self.company, edition=edition, application=self.application,
            proposed_ready_at=timezone.now(), proposed_ready_by=self.boss,
        )  # fmt: skip
        self.letter = f.CommitmentLetterFactory(
            participation=self.participation, state="signed", pdf=pdf(f"carta {self.name}"),
            signed_copy=pdf(f"firmada {self.name}"), signed_filename="firmada.pdf",
        )  # fmt: skip
        f.MonitorAssignmentFactory(participation=self.participation, monitor=self.monitor)
        rows = f.board(self.participation.assessment, self.site, state="submitted")
        self.participation.assessment.recount()
        self.fulfilment = rows[0]
        self.evidence = Evidence.objects.create(
            company=self.company, title=f"Registro de {self.name}", blob=pdf(f"evidencia {self.name}"),
            filename="registro.pdf", uploaded_by=self.boss,
        )  # fmt: skip
        EvidenceLink.objects.create(evidence=self.evidence, fulfilment=self.fulfilment, linked_by=self.boss)
        for audience, author in (("company", self.boss), ("internal", self.monitor)):
            Comment.objects.create(fulfilment=self.fulfilment, author=author, audience=audience, text="Comentario.")
        self.measure = f.MeasureFactory(
            company=self.company, created_by=self.boss, state="implemented", implemented_on=timezone.localdate()
        )
        self.session = f.SessionFactory(edition=edition)
        Attendance.objects.create(session=self.session, participation=self.participation, person=f"Ana {self.name}")

    def _audits(self):
        scope = f.ScopeFactory(assessment=self.participation.assessment)
        scope.sites.add(self.site)
        common = {"participation": self.participation, "scope": scope, "created_by": self.boss}
        self.preaudit = f.AuditFactory(**common, state=Audit.State.STARTED, frozen_at=timezone.now())
        self.external = f.AuditFactory(
            **common, kind=Audit.Kind.CERTIFICATION, body=self.body, state=Audit.State.STARTED, frozen_at=timezone.now()
        )
        self.checks, self.ncs, self.actions = {}, {}, {}
        for place, audit, person in (
            ("preaudit", self.preaudit, self.preauditor),
            ("external", self.external, self.auditor),
        ):
            AuditMember.objects.create(audit=audit, user=person, declared_at=timezone.now())
            line = Check.objects.create(
                audit=audit, requirement=self.fulfilment.requirement, result="minor", note="Falta."
            )
            Check.objects.create(audit=audit, requirement=self._other_requirement())
            nc = NonConformity.objects.create(
                audit=audit, check_line=line, number=f"NC-{audit.pk:05d}", grade="minor", statement="No hay registro."
            )
            self.checks[place], self.ncs[place] = line, nc
            self.actions[place] = CorrectiveAction.objects.create(
                nonconformity=nc, description="Registrar.", responsible="Ana", due_on=timezone.localdate(),
                blob=pdf(f"accion {place} {self.name}"), filename="accion.pdf",
            )  # fmt: skip

    def _other_requirement(self):
        requirements = self.participation.assessment.standard_version.requirements
        return requirements.exclude(pk=self.fulfilment.requirement_id).filter(level="organizacion").first()

    def _request(self, edition):
        """The external audit that the company asked its body for, in another edition."""
        participation = f.ParticipationFactory(
            company=self.company, edition=edition, state=Participation.State.EXTERNAL_REQUESTED
        )
        self.request = f.AuditFactory(
            participation=participation, kind=Audit.Kind.CERTIFICATION, body=self.body, created_by=self.boss,
            state=Audit.State.REQUESTED, request_message="Dos turnos.",
        )  # fmt: skip

    def _certificate(self, edition):
        participation = f.ParticipationFactory(
            company=self.company, edition=edition, state=Participation.State.CERTIFIED
        )
        self.certificate = f.CertificateFactory(
            decision__audit__participation=participation, decision__audit__body=self.body,
            pdf=pdf(f"certificado {self.name}"),
        )  # fmt: skip
        self.decision = self.certificate.decision
        self.withdrawal = Withdrawal.objects.create(
            certificate=self.certificate, reason="Uso indebido.", proposed_by=self.boss
        )
        MarkLicence.objects.create(
            certificate=self.certificate, uses=["institutional"], number=f"LM-{self.name}", granted_by=self.boss,
            valid_from=timezone.localdate(), valid_until=self.certificate.valid_until,
        )  # fmt: skip

    def _told(self):
        self.waiver = Waiver.objects.create(
            participation=self.participation, condition="attendance", reason="Recuperación en curso.",
            approved_by=self.boss, expires_on=timezone.localdate() + timedelta(days=5),
        )  # fmt: skip
        told = {"application": self.participation.application}
        self.decision_letter = DecisionLetter.objects.create(
            kind="admission", issued_on=timezone.localdate(), text="Admitida.", pdf=pdf(f"admisión {self.name}"), **told
        )
        self.appeal = Appeal.objects.create(
            grounds="Falta un documento.", blob=pdf(f"prueba {self.name}"), filename="prueba.pdf", filed_by=self.boss,
            due_from=timezone.localdate(), due_on=timezone.localdate(), **told,
        )  # fmt: skip
        self.notice = Notice.objects.create(
            user=self.boss, company=self.company, key="prueba", kind="observed", title=f"Aviso a {self.name}"
        )
        self.delivery = Delivery.objects.create(notice=self.notice)
        self.browser = UserSession.objects.create(user=self.boss, ip="192.0.2.1", session_key=self.name, user_agent="x")
        Event.record(self.application, by=self.boss, verb="observe", note=f"Nota de {self.name}")


class World:
    def __init__(self):
        today = timezone.localdate()
        days = [timedelta(days=d) for d in (0, 800, 400)]
        editions = [f.EditionFactory(opens_on=today - timedelta(days=20) - d) for d in days]
        self.acme, self.rival = Side("Acme", editions), Side("Rival", editions)
        self.editions, self.edition, self.program = editions, editions[0], editions[0].program
        self.job = Job.objects.create(kind="prueba", key="prueba", state=Job.State.DEAD, run_at=timezone.now())
        self._of_the_programme()
        self.people = {"anonymous": Person(always=frozenset({Who.ANYBODY}))}
        self._staff()
        self._of(self.acme, "", here=True)
        self._of(self.rival, " of another company", here=False)
        # Whoever represents another company could do there what its readers, collaborators and coordinators can.
        for role in ("reader", "collaborator", "coordinator"):
            del self.people[f"{role} of another company"]
        self._former()

    def _of_the_programme(self):
        """What belongs to no company."""
        today, staff = timezone.localdate(), user("Quien prepara")
        self.holiday = NonWorkingDay.objects.create(on=today + timedelta(days=30), reason="Feriado")
        self.duty = f.AppointmentFactory(user=user("Quien monitoreó"), duty=Duty.MONITOR, ends_on=today)
        self.phrase = Phrase.objects.create(text="No se lee.")
        self.required = RequiredDocument.objects.create(
            edition=self.edition, key="poder", title="Vigencia de poder", template=pdf("modelo"),
            template_filename="modelo.pdf", needed=False,
        )  # fmt: skip
        self.imported = TableImport.objects.create(
            kind="debtors",
            blob=Blob.store(self._debtors(), "text/csv"),
            filename="deudores.csv",
            as_of=today,
            uploaded_by=staff,
        )
        self.appointed = Invitation.objects.create(
            duty=Duty.MONITOR, email="monitora@pruebas.example", token_hash="f" * 64, invited_by=staff,
            expires_at=timezone.now() + timedelta(days=5),
        )  # fmt: skip

    def _debtors(self):
        """A table that can be imported, of somebody who is neither of the two companies."""
        titles = [str(column.title) for column in all_kinds()["debtors"].columns]
        return ("\n".join([";".join(titles), f"{f.ruc(77)};Tercera;Económica;"])).encode()

    def _add(self, label, person, *always, **here):
        """A person who signs in; each keyword names a place, `company` standing for all of them."""
        places = {("" if place == "company" else place): frozenset({one}) for place, one in here.items()}
        self.people[label] = Person(person, frozenset({Who.ANYBODY, Who.ACCOUNT, *always}), places)

    def _staff(self):
        panel = {Duty.COORDINATOR: Who.COORDINATOR, Duty.REVIEWER: Who.REVIEWER, Duty.DECIDER: Who.DECIDER}
        for duty, who in panel.items():
            self._add(f"staff: {duty}", user(f"PROMPERÚ {duty}", duty), who)
        ada = user("PROMPERÚ admin", Duty.ADMINISTRATOR, is_staff=True, is_superuser=True)
        self._add("staff: administrator", ada, Who.ADMINISTRATOR, Who.SITE_ADMIN)

    def _of(self, side, suffix, *, here):
        members = {
            "reader": Who.READER, "collaborator": Who.COLLABORATOR,
            "coordinator": Who.LEADER, "representative": Who.REPRESENTATIVE,
        }  # fmt: skip
        for role, who in members.items():
            places = {"company": who} if here else {}
            if here and role == "representative":
                places |= {"notice": Who.ADDRESSEE}
            self._add(f"{role}{suffix}", side.members[Membership.Role(role)], **places)
        self._add(f"monitor{suffix}", side.monitor, Who.ANY_MONITOR, **({"company": Who.MONITOR} if here else {}))
        audited = {"preaudit": Who.AUDITOR, "papers": Who.AUDITOR} if here else {}
        self._add(f"pre-auditor{suffix}", side.preauditor, Who.ANY_AUDITOR, **audited)
        audited = {"external": Who.AUDITOR, "papers": Who.AUDITOR} if here else {}
        self._add(f"external auditor{suffix}", side.auditor, Who.ANY_AUDITOR, **audited)
        asked = {"external": Who.BODY_MANAGER, "request": Who.BODY_MANAGER} if here else {}
        self._add(f"body manager{suffix}", side.manager, Who.ANY_AUDITOR, Who.ANY_MANAGER, **asked)

    def _former(self):
        """Those who were something to Acme, and those who are nothing to anybody."""
        acme = self.acme
        member = user("Antes en Acme")
        f.MembershipFactory(user=member, company=acme.company, ends_on=yesterday())
        self._add("former member", member)
        monitor = user("Antes monitor de Acme", Duty.MONITOR)
        f.MonitorAssignmentFactory(participation=acme.participation, monitor=monitor, ends_on=yesterday())
        self._add("former monitor", monitor, Who.ANY_MONITOR)
        left = user("Se apartó", Duty.PREAUDITOR)
        AuditMember.objects.create(
            audit=acme.preaudit, user=left, declared_at=timezone.now(), left_on=yesterday(), conflict="Parentesco."
        )
        self._add("auditor who stepped aside", left, Who.ANY_AUDITOR)
        named = user("Sin declarar", Duty.PREAUDITOR)
        AuditMember.objects.create(audit=acme.preaudit, user=named)
        self._add("auditor who has not declared", named, Who.ANY_AUDITOR, preaudit=Who.NAMED_AUDITOR)
        manager = user("Antes en el organismo")
        BodyPerson.objects.create(
            body=acme.body, user=manager, role=BodyPerson.Role.MANAGER, starts_on=LONG_AGO, ends_on=yesterday()
        )
        self._add("former body manager", manager)
        staff = user("Antes en PROMPERÚ")
        f.AppointmentFactory(user=staff, duty=Duty.COORDINATOR, ends_on=yesterday())
        self._add("former staff", staff)
        self._add("account and nothing else", user("Nadia"))
        disabled = user("Desactivada", is_active=False)
        f.MembershipFactory(user=disabled, company=acme.company)
        self.people["disabled representative"] = Person(disabled, frozenset({Who.ANYBODY}))
