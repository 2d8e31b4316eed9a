"""What companies did: attendance, evidence, the state of each requirement, measures."""

from datetime import timedelta

from django.db.models import Q

from companies.models import Event
from programs.models import Attendance, Measure, Participation, Session
from requirements_std.models import (
    Assessment,
    Comment,
    Condition,
    Evidence,
    EvidenceLink,
    Fulfilment,
    Requirement,
    Scope,
)
from requirements_std.models.assessment import matching

from . import cast
from .firms import demo_blob

F, W = Fulfilment.State, Fulfilment.Work
OBSERVATIONS = (
    "El registro llega hasta agosto. Agregue los meses que faltan y vuelva a presentarlo.",
    "La evidencia no identifica la sede. Incluya el encabezado con su nombre y la fecha.",
    "El procedimiento está sin firma de aprobación. Suba la versión aprobada.",
    "Las fotografías no muestran la rotulación de los contenedores. Tome otras más cercanas.",
    "El cálculo no indica la unidad de producción. Complétela y adjunte el sustento.",
)


def create(firms, people, today):
    working = [f for f in firms if f.stage.attended]
    _open_assessments(working)
    _attend(working)
    _progress(working, today)
    _prove(working, today)
    _comment(working, people)
    _measure(working, today)
    Assessment.objects.filter(pk__in=[f.assessment.pk for f in working]).recount()


def _open_assessments(firms):
    """Open many assessments as Assessment.objects.open does one; the rows are drawn, not yet written."""
    for firm in firms:
        firm.assessment = firm.participation.assessment = Assessment(
            company=firm.company,
            standard_version=firm.participation.edition.standard_version,
            opened_at=firm.application.decided_at + timedelta(days=6),
        )
    Assessment.objects.bulk_create([f.assessment for f in firms], batch_size=500)
    Participation.objects.bulk_update([f.participation for f in firms], ["assessment"], batch_size=500)
    scopes = Scope.objects.bulk_create([Scope(assessment=f.assessment, number=1) for f in firms], batch_size=500)
    links = Scope.sites.through
    links.objects.bulk_create(
        [links(scope=s, site=site) for s, firm in zip(scopes, firms, strict=True) for site in firm.sites],
        batch_size=1000,
    )
    unlicensed = ~Q(condition__key=Condition.LICENSED) | Q(condition=None)
    requirements = {}
    for row in Requirement.objects.filter(unlicensed).select_related("condition").order_by("number"):
        requirements.setdefault(row.version_id, {})[row.pk] = row
    for firm in firms:
        firm.rows = _rows(firm, requirements[firm.assessment.standard_version_id])
    Event.objects.bulk_create([_opened(f) for f in firms], batch_size=500)


def _rows(firm, requirements):
    flags = {site.pk: set(firm.sector.flags) for site in firm.sites}
    asked = [(r.pk, r.aspect_id, r.level, r.condition and r.condition.key) for r in requirements.values()]
    return [
        Fulfilment(assessment=firm.assessment, requirement=requirements[requirement], site_id=site)
        for requirement, site in matching(asked, flags)
    ]


def _opened(firm):
    return Event(
        actor=firm.user,
        company=firm.company,
        object_type=Assessment._meta.label_lower,
        object_id=firm.assessment.pk,
        verb="create",
        data={"rows": len(firm.rows)},
    )


def _attend(firms):
    sessions = {}
    for session in Session.objects.select_related("workshop").order_by("-starts_at"):
        sessions[session.workshop.edition_id, session.workshop.number] = session  # the earliest stays
    Attendance.objects.bulk_create(
        [
            Attendance(
                session=sessions[firm.participation.edition_id, number],
                participation=firm.participation,
                person=" ".join(firm.person),
                user=firm.user,
            )
            for firm in firms
            for number in range(firm.stage.attended + 1)
        ],
        batch_size=1000,
    )


def _progress(firms, today):
    """Give each row its state, and write it."""
    for firm in firms:
        own, share = firm.rows, firm.stage.share
        order = list(range(len(own)))
        firm.rng.shuffle(order)
        accepted = round(len(own) * share)
        for place, index in enumerate(order):
            row = own[index]
            if place < accepted:
                row.state, row.work = F.ACCEPTED, W.DONE
            elif place < accepted + 5 and share > 0.4:
                row.state, row.work = F.RETURNED, W.PARTIAL
                row.review_note = OBSERVATIONS[place % len(OBSERVATIONS)]
            elif place < accepted + 14:
                row.state, row.work = F.SUBMITTED, W.DONE
            else:
                row.work = firm.rng.choice((W.NOT_STARTED, W.IN_PROGRESS, W.PARTIAL))
            if row.state != F.OPEN:
                row.version = 1
                row.state_since -= timedelta(days=firm.rng.randint(1, 40))
                row.statement = f"Se aplica desde {today.year - 1}. El registro adjunto muestra cómo se cumple."
    Fulfilment.objects.bulk_create([row for f in firms for row in f.rows], batch_size=1000)


def _prove(firms, today):
    blobs = [demo_blob(title) for title in cast.EVIDENCE_TITLES]
    library = {}
    for firm in firms:
        library[firm.assessment.pk] = [
            Evidence(
                company=firm.company,
                title=title,
                document_date=today - timedelta(days=30 + 11 * n),
                expires_on=today + timedelta(days=200) if n == 4 else None,
                blob=blobs[n],
                filename=f"evidencia-{n + 1:02d}.pdf",
                uploaded_by=firm.user,
            )
            for n, title in enumerate(cast.EVIDENCE_TITLES)
        ]
    Evidence.objects.bulk_create([e for own in library.values() for e in own], batch_size=1000)
    EvidenceLink.objects.bulk_create(
        [
            EvidenceLink(evidence=own[row.requirement.number % len(own)], fulfilment=row, linked_by=firm.user)
            for firm in firms
            for own in [library[firm.assessment.pk]]
            for row in firm.rows
            if row.state != F.OPEN
        ],
        batch_size=1000,
    )


def _comment(firms, people):
    Comment.objects.bulk_create(
        [
            Comment(fulfilment=row, author=people["monitor"], audience=Comment.Audience.COMPANY, text=row.review_note)
            for firm in firms
            for row in firm.rows
            if row.state == F.RETURNED
        ],
        batch_size=1000,
    )


def _measure(firms, today):
    states = (Measure.State.VERIFIED, Measure.State.IMPLEMENTED, Measure.State.IMPLEMENTED, Measure.State.IN_PROGRESS)
    measures = []
    for firm in firms:
        chosen = cast.MEASURES if firm.stage.share == 1.0 or firm.stage.account else cast.MEASURES[:2]
        for n, (title, resource, kind, investment, saving, physical, unit) in enumerate(chosen):
            state = states[n % len(states)] if n < 4 else Measure.State.IDEA
            done = state in (Measure.State.VERIFIED, Measure.State.IMPLEMENTED)
            measures.append(
                Measure(
                    company=firm.company,
                    site=firm.sites[0],
                    state=state,
                    title=title,
                    resource=resource,
                    kind=kind,
                    investment=investment,
                    annual_saving=saving,
                    physical_saving=physical,
                    physical_unit=unit,
                    implemented_on=today - timedelta(days=20 + 15 * n) if done else None,
                    created_by=firm.user,
                )
            )
    Measure.objects.bulk_create(measures, batch_size=1000)
