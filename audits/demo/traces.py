"""What the published company has to show of rarer acts: a file that was opened, a newer version, one taken away, staff
who helped; and a rejected company that asked, some days ago, to be reconsidered."""

from datetime import timedelta

from django.utils import timezone

from companies.models import Delivery, Event, Notice, StandIn
from ecoeficiencia.workdays import add_workdays, workdays_before
from programs import notices
from programs.models import Appeal, Application, DecisionLetter
from requirements_std.models import Evidence

from .admission import noon
from .firms import demo_blob

GROUNDS = (
    "No solo comercializamos. En nuestra planta hacemos lo siguiente: {process} Adjuntamos el plano del proceso, que "
    "no estaba en el expediente. Pedimos que se revise otra vez si hay transformación."
)
DAYS_AGO = 4  # business days since the appeal was filed


def create(people, user, today):
    """user: who runs the published company."""
    coordinator, monitor = people["coordinacion"], people["monitor"]
    company = user.memberships.get().company
    library = list(company.evidences.order_by("pk"))
    _replace(library[0], user)
    _take_away(company, user)
    Event.note_reading(library[1], library[1].filename, by=monitor)
    Event.note_reading(library[2], library[2].filename, by=coordinator)
    facts = {"person": user, "by": coordinator}
    for kind, reason in (
        (StandIn.Kind.SEE, "Llamó: no encuentra dónde ver lo que observó su monitor."),
        (StandIn.Kind.ACT, "Llamó: su conexión no le deja subir el acta, pidió que la cargáramos."),
    ):
        StandIn.start(kind=kind, reason=reason, **facts).end()
    _appeal(coordinator, today)


def _replace(old, user):
    """A newer file of the same proof; what was handed in keeps the older."""
    new = Evidence.objects.create(
        company=old.company, title=old.title, document_date=timezone.localdate() - timedelta(days=3),
        blob=demo_blob(f"{old.title}, segunda versión"), filename="evidencia-01-v2.pdf", uploaded_by=user,
        number=old.number + 1, replaces=old,
    )  # fmt: skip
    Event.record(new, by=user, verb="version", note=f"Versión {new.number}: {new.filename}")


def _take_away(company, user):
    blob, name = demo_blob("Fotografía repetida"), "foto-repetida.pdf"
    proof = company.evidences.create(title="Fotografía repetida", blob=blob, filename=name, uploaded_by=user)
    Event.record(proof, by=user, verb="keep", note=name)
    proof.remove(reason="Era la misma fotografía, subida dos veces.", by=user)


def _appeal(coordinator, today):
    """The rejected company was told the day after, with its letter, and asked within its days."""
    rejected = Application.objects.filter(state=Application.State.REJECTED).select_related("company", "edition")
    application = next((row for row in rejected.order_by("pk") if Delivery.objects.about(row).exists()), None)
    if application is None:
        return
    told = application.decided_at + timedelta(days=1)
    mails = Delivery.objects.about(application)
    done = {"decided_by": coordinator, "decided_at": told, "sent_at": told}
    Notice.objects.filter(pk__in=list(mails.values_list("notice", flat=True))).update(held=False, created_at=told)
    Delivery.objects.filter(pk__in=[mail.pk for mail in mails]).update(state=Delivery.State.SENT, **done)
    DecisionLetter.issue(application, "rejection", on=timezone.localdate(application.decided_at))
    _file(application, max(noon(workdays_before(today, DAYS_AGO)), told + timedelta(hours=3)))


def _file(application, at):
    on, by = timezone.localdate(at), application.submitted_by
    grounds = GROUNDS.format(process=application.company.process)
    due_on = add_workdays(on, application.edition.parameter("appeal_answer_days"))
    appeal = Appeal.objects.create(
        application=application, grounds=grounds, filed_by=by, filed_at=at, state_since=at, due_from=on, due_on=due_on,
        blob=demo_blob("Plano del proceso de producción"), filename="plano-del-proceso.pdf",
    )  # fmt: skip
    facts = {"object_type": application._meta.label_lower, "object_id": application.pk, "verb": "appeal"}
    Event.objects.create(at=at, actor=by, company=application.company, note=grounds, **facts)
    notices.tell_appealed(appeal)
    Notice.objects.filter(key__startswith=f"appeal:{appeal.pk}:").update(created_at=at)
