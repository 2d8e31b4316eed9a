"""What companies did: attendance, evidence, the state of each requirement, measures."""

from datetime import timedelta

from programs.models import Attendance, Measure, Session
from requirements_std.models import Assessment, Comment, Evidence, EvidenceLink, Fulfilment

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


def open_assessments(firms):
    """Open the assessment of every firm in implementation or beyond."""
    working = [f for f in firms if f.stage.attended]
    for firm in working:
        firm.assessment = Assessment.objects.open(
            company=firm.company,
            standard_version=firm.participation.edition.standard_version,
            sites=firm.sites,
            by=firm.user,
        )
        firm.assessment.opened_at = firm.application.decided_at + timedelta(days=6)
        firm.participation.assessment = firm.assessment
    Assessment.objects.bulk_update([f.assessment for f in working], ["opened_at"], batch_size=500)
    type(working[0].participation).objects.bulk_update(
        [f.participation for f in working], ["assessment"], batch_size=500
    )
    return working


def create(firms, people, today):
    working = open_assessments(firms)
    _attend(working)
    rows = _progress(working, today)
    _prove(working, rows, today)
    _comment(rows, people, today)
    _measure(working, people, today)
    Assessment.objects.filter(pk__in=[f.assessment.pk for f in working]).recount()


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
    """Give each row its state; return the rows by firm index."""
    rows = {}
    for fulfilment in Fulfilment.objects.filter(assessment__in=[f.assessment for f in firms]).select_related(
        "requirement"
    ):
        rows.setdefault(fulfilment.assessment_id, []).append(fulfilment)
    for firm in firms:
        own, share = rows[firm.assessment.pk], firm.stage.share
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
    everything = [row for own in rows.values() for row in own]
    Fulfilment.objects.bulk_update(
        everything, ["state", "work", "review_note", "version", "state_since", "statement"], batch_size=400
    )
    return rows


def _prove(firms, rows, today):
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
    people = {f.assessment.pk: f.user for f in firms}
    EvidenceLink.objects.bulk_create(
        [
            EvidenceLink(evidence=own[row.requirement.number % len(own)], fulfilment=row, linked_by=people[pk])
            for pk, own in library.items()
            for row in rows[pk]
            if row.state != F.OPEN
        ],
        batch_size=1000,
    )


def _comment(rows, people, today):
    Comment.objects.bulk_create(
        [
            Comment(fulfilment=row, author=people["monitor"], audience=Comment.Audience.COMPANY, text=row.review_note)
            for own in rows.values()
            for row in own
            if row.state == F.RETURNED
        ]
    )


def _measure(firms, people, today):
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
