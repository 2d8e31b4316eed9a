"""Rows for tests, each valid and as small as it can be. Names are invented; RUCs begin with 20999."""

from datetime import date, timedelta

import factory
from django.db import transaction
from django.utils import timezone

from audits import models as audits
from audits.printed import printed_facts
from companies import models as companies
from companies.ruc import check_digit
from ecoeficiencia.models import Blob
from ecoeficiencia.workdays import anniversary_eve
from programs import models as programs
from requirements_std import models as std


def ruc(n):
    """The nth synthetic RUC, with its check digit."""
    base = f"20999{n:05d}"
    return f"{base}{check_digit(base)}"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = companies.User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"persona{n}@pruebas.example")
    first_name = "Persona"
    last_name = factory.Sequence(lambda n: f"Número {n}")


class AppointmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = companies.Appointment

    user = factory.SubFactory(UserFactory)
    duty = companies.Duty.COORDINATOR
    starts_on = date(2024, 1, 1)


class DistrictFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = companies.District
        django_get_or_create = ["code"]

    code = "110101"
    department = "Ica"
    province = "Ica"
    name = "Ica"


class ActivityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = companies.Activity
        django_get_or_create = ["code"]

    code = "1030"
    section = "C"
    name = "Elaboración y conservación de frutas, legumbres y hortalizas"


class CompanyFactory(factory.django.DjangoModelFactory):
    """A company that meets S13, S15-S18; add sites for S14."""

    class Meta:
        model = companies.Company

    ruc = factory.Sequence(ruc)
    legal_name = factory.Sequence(lambda n: f"Empresa de Prueba {n} S.A.C.")
    registry_entry = "11012345"
    registry_office = "Ica"
    started_on = date(2012, 3, 1)
    activity = factory.SubFactory(ActivityFactory)
    size = companies.Company.Size.MEDIUM
    products = "Frutas en conserva"
    process = "Recepción, lavado, cocción y envasado."
    phone = "+51956123456"
    email = factory.Sequence(lambda n: f"contacto@empresa{n}.example")
    website = factory.Sequence(lambda n: f"https://empresa{n}.example")
    ruc_state = "ACTIVO"
    ruc_condition = "HABIDO"
    ruc_checked_on = date(2026, 1, 15)
    debts_checked_on = date(2026, 1, 15)


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = companies.Membership

    user = factory.SubFactory(UserFactory)
    company = factory.SubFactory(CompanyFactory)
    role = companies.Membership.Role.REPRESENTATIVE
    starts_on = date(2024, 1, 1)


class MandateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = companies.Mandate

    company = factory.SubFactory(CompanyFactory)
    full_name = "Rosa Huamán Quispe"
    document_number = "40112233"
    position = "Gerente general"
    power_issued_on = date(2026, 1, 10)
    starts_on = date(2020, 1, 1)


class SiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = companies.Site

    company = factory.SubFactory(CompanyFactory)
    name = factory.Sequence(lambda n: f"Planta {n}")
    street = "Los Algarrobos"
    number = "120"
    district = factory.SubFactory(DistrictFactory)
    process = "Envasado"


class BlobFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Blob

    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    size = 1000
    content_type = "application/pdf"


class SiteDocumentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = companies.SiteDocument

    site = factory.SubFactory(SiteFactory)
    company = factory.SelfAttribute("site.company")
    kind = companies.SiteDocument.Kind.LICENCE
    number = "LF-2020-118"
    issuer = "Municipalidad Provincial de Ica"
    issued_on = date(2020, 5, 4)
    blob = factory.SubFactory(BlobFactory)  # of its one file; None for none
    filename = "licencia.pdf"

    @classmethod
    def _create(cls, model, *args, blob, filename, **facts):
        document = super()._create(model, *args, **facts)
        if blob:
            document.files.create(blob=blob, filename=filename, uploaded_by=facts.get("uploaded_by"))
        return document


def forget_documents(**of):
    """As if these licences and ITSE had never been registered."""
    documents = companies.SiteDocument.objects.filter(**of)
    companies.SiteDocumentFile.objects.filter(document__in=documents).delete()
    documents.delete()


class ExportRecordFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = companies.ExportRecord

    company = factory.SubFactory(CompanyFactory)
    declaration = factory.Sequence(lambda n: f"118-2026-40-{n:06d}")
    exported_on = date(2026, 1, 20)
    tariff_code = "2008.99.90.00"
    destination = "Chile"
    fob_usd = "18500.00"


class StandardFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = std.Standard
        django_get_or_create = ["code"]

    code = "ecoeficiencia"
    name = "Buenas Prácticas de Ecoeficiencia Perú"


class StandardVersionFactory(factory.django.DjangoModelFactory):
    """A small published version: two aspects, an organisation row, a site row, a conditional site row."""

    class Meta:
        model = std.StandardVersion
        skip_postgeneration_save = True

    standard = factory.SubFactory(StandardFactory)
    edition = factory.Sequence(lambda n: f"prueba {n}")
    disclaimer = "Catálogo de prueba NO OFICIAL."

    @factory.post_generation
    def rows(version, create, extracted, **kwargs):
        conditional = std.Condition.objects.create(version=version, key="tiene_ptar", description="Opera una PTAR.")
        first, second = std.Aspect.objects.bulk_create(
            [
                std.Aspect(version=version, code="GE", name="Gestión", position=1),
                std.Aspect(version=version, code="AG", name="Agua", position=2),
            ]
        )
        rows = (
            ("GE-01", first, "organizacion", "mayor", None),
            ("GE-02", first, "organizacion", "menor", None),
            ("AG-01", second, "sede", "mayor", None),
            ("AG-02", second, "sede", "menor", conditional),
        )
        std.Requirement.objects.bulk_create(
            std.Requirement(
                version=version,
                aspect=aspect,
                code=code,
                number=number,
                title=f"Título {code}",
                text=(text := f"La organización debe cumplir {code}."),
                text_hash=std.Requirement.hash_of(text),
                criticality=criticality,
                level=level,
                condition=condition,
                typical_evidence=["Registro"],
                iso=["ISO 14001:2015 6.1"],
                workshops=[1],
                verification=["documental"],
            )
            for number, (code, aspect, level, criticality, condition) in enumerate(rows, 1)
        )
        std.StandardVersion.objects.filter(pk=version.pk).update(published_at=timezone.now())
        version.refresh_from_db()


class ProgramFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programs.Program
        django_get_or_create = ["code"]

    code = "ecoeficiencia"
    name = "Programa de Implementación de las Buenas Prácticas de Ecoeficiencia Perú"
    owner = "PROMPERÚ, Departamento de Comercio Sostenible"
    standard = factory.SubFactory(StandardFactory)


class EditionFactory(factory.django.DjangoModelFactory):
    """An edition whose call is open today."""

    class Meta:
        model = programs.Edition

    program = factory.SubFactory(ProgramFactory)
    name = factory.Sequence(lambda n: f"Edición {n}")
    year = 2026
    standard_version = factory.SubFactory(StandardVersionFactory)
    published = True
    opens_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=20))
    closes_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=20))
    quota = 30


class ApplicationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programs.Application

    edition = factory.SubFactory(EditionFactory)
    company = factory.SubFactory(CompanyFactory)
    created_by = factory.SubFactory(UserFactory)


class SubmittedApplicationFactory(ApplicationFactory):
    state = programs.Application.State.SUBMITTED
    number = factory.Sequence(lambda n: f"EXP-2026-{n:05d}")
    submitted_at = factory.LazyFunction(timezone.now)
    submitted_by = factory.SelfAttribute("created_by")


class AssessmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = std.Assessment

    company = factory.SubFactory(CompanyFactory)
    standard_version = factory.SubFactory(StandardVersionFactory)


class ParticipationFactory(factory.django.DjangoModelFactory):
    """An admitted company in implementation, with an (empty) assessment of the edition's version."""

    class Meta:
        model = programs.Participation

    edition = factory.SubFactory(EditionFactory)
    company = factory.SubFactory(CompanyFactory)
    application = factory.LazyAttribute(
        lambda p: SubmittedApplicationFactory(
            edition=p.edition, company=p.company, state=programs.Application.State.ADMITTED
        )
    )
    assessment = factory.LazyAttribute(
        lambda p: AssessmentFactory(company=p.company, standard_version=p.edition.standard_version)
    )
    state = programs.Participation.State.IMPLEMENTING


class MonitorAssignmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programs.MonitorAssignment

    participation = factory.SubFactory(ParticipationFactory)
    monitor = factory.SubFactory(UserFactory)
    starts_on = date(2026, 1, 2)
    assigned_by = factory.SubFactory(UserFactory)


class FulfilmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = std.Fulfilment

    assessment = factory.SubFactory(AssessmentFactory)
    requirement = factory.LazyAttribute(
        lambda f: f.assessment.standard_version.requirements.exclude(
            pk__in=f.assessment.fulfilments.values("requirement")
        ).first()
    )


class ScopeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = std.Scope

    assessment = factory.SubFactory(AssessmentFactory)


class CertificationBodyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = audits.CertificationBody

    name = factory.Sequence(lambda n: f"Organismo de Prueba {n}")
    resolution = "RES-PRUEBA-001"
    enabled_from = date(2024, 1, 1)


class AuditFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = audits.Audit

    kind = audits.Audit.Kind.PREAUDIT
    participation = factory.SubFactory(ParticipationFactory)
    scope = factory.LazyAttribute(lambda a: ScopeFactory(assessment=a.participation.assessment))
    created_by = factory.SubFactory(UserFactory)


def board(assessment, *sites, state="accepted"):
    """The unconditional rows of an assessment: organisation rows once, site rows for each of `sites`."""
    return [
        FulfilmentFactory(assessment=assessment, requirement=requirement, site=site, state=state)
        for requirement in assessment.standard_version.requirements.filter(condition=None)
        for site in (sites if requirement.level == std.Requirement.Level.SITE else [None])
    ]


class ExternalAuditFactory(AuditFactory):
    """A closed certification audit that recommends to certify."""

    kind = audits.Audit.Kind.CERTIFICATION
    body = factory.SubFactory(CertificationBodyFactory)
    participation = factory.SubFactory(ParticipationFactory, state=programs.Participation.State.DECISION)
    state = audits.Audit.State.CLOSED
    recommendation = audits.Audit.Recommendation.CERTIFY
    conclusion = "Cumple los requisitos."
    ended_at = factory.LazyFunction(timezone.now)


class DecisionFactory(factory.django.DjangoModelFactory):
    """A decision that grants, proposed by one person and taken by another."""

    class Meta:
        model = audits.Decision

    audit = factory.SubFactory(
        ExternalAuditFactory,
        state=audits.Audit.State.CONFIRMED,
        participation__state=programs.Participation.State.CERTIFIED,
    )
    state = audits.Decision.State.DECIDED
    proposal = outcome = audits.Decision.Outcome.GRANT
    proposal_grounds = grounds = "Cumple."
    proposed_by = factory.SubFactory(UserFactory)
    decided_by = factory.SubFactory(UserFactory)
    proposed_at = decided_at = factory.LazyFunction(timezone.now)


class CertificateFactory(factory.django.DjangoModelFactory):
    """A certificate in force from today for two years, printed from its company, with its register entry."""

    class Meta:
        model = audits.Certificate
        skip_postgeneration_save = True

    decision = factory.SubFactory(DecisionFactory)
    company = factory.LazyAttribute(lambda c: c.decision.participation.company)
    scope = factory.LazyAttribute(lambda c: c.decision.audit.scope)
    number = factory.Sequence(lambda n: f"BPE-2026-{n:04d}")
    issued_on = valid_from = factory.LazyFunction(timezone.localdate)
    valid_until = factory.LazyAttribute(lambda c: anniversary_eve(c.valid_from, 2))
    printed = factory.LazyAttribute(
        lambda c: printed_facts(c.decision, signatory=c.decision.decided_by, on=c.issued_on)
    )

    @factory.post_generation
    def entered(certificate, create, extracted, **kwargs):
        with transaction.atomic():
            certificate.enter("granted", on=certificate.issued_on)


class ApplicationItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programs.ApplicationItem

    application = factory.SubFactory(SubmittedApplicationFactory)
    key = "legal"


class AppealFactory(factory.django.DjangoModelFactory):
    """An appeal that waits for PROMPERÚ."""

    class Meta:
        model = programs.Appeal

    application = factory.SubFactory(
        SubmittedApplicationFactory, state="rejected", decided_at=factory.LazyFunction(timezone.now)
    )
    grounds = "No vieron la declaración de marzo."
    filed_by = factory.SelfAttribute("application.created_by")
    due_from = due_on = factory.LazyFunction(timezone.localdate)


class ClaimFactory(factory.django.DjangoModelFactory):
    """A claim of a RUC that waits for PROMPERÚ."""

    class Meta:
        model = companies.Claim

    ruc = factory.Sequence(lambda n: ruc(40000 + n))
    role = "coordinator"
    grounds = "Coordino la empresa."
    blob = factory.SubFactory(BlobFactory)
    filename = "poder.pdf"
    claimed_by = factory.SubFactory(UserFactory)


class CommitmentLetterFactory(factory.django.DjangoModelFactory):
    """A letter just issued, of a participation that waits for it."""

    class Meta:
        model = programs.CommitmentLetter

    participation = factory.SubFactory(
        ParticipationFactory, assessment=None, state=programs.Participation.State.LETTER_ISSUED
    )
    issued_on = factory.LazyFunction(timezone.localdate)
    representative = {"full_name": "Alice Paredes Soto", "document": "DNI 40112233", "position": "Gerente general"}


class MeasureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programs.Measure

    company = factory.SubFactory(CompanyFactory)
    title = factory.Sequence(lambda n: f"Medida {n}")
    resource = programs.Measure.Resource.ENERGY
    kind = programs.Measure.Kind.TECHNOLOGY
    investment = 42000
    annual_saving = 18500
    created_by = factory.SubFactory(UserFactory)


class SessionFactory(factory.django.DjangoModelFactory):
    """A session that took place yesterday; give `number` and `edition` to choose the workshop."""

    class Meta:
        model = programs.Session
        exclude = ["edition", "number"]

    edition = factory.SubFactory(EditionFactory)
    number = 1
    workshop = factory.LazyAttribute(
        lambda s: programs.Workshop.objects.get_or_create(
            edition=s.edition, number=s.number, defaults={"name": "Taller"}
        )[0]
    )
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
