"""What the published company has to show of rarer acts: a file that was opened, a newer version, one taken away, staff
who helped; and a rejected company that asks to be reconsidered. Done by the acts themselves, once."""

from datetime import timedelta

from django.utils import timezone

from companies.models import Delivery, Event, StandIn
from programs.models import Appeal, Application
from requirements_std.models import Evidence

from .firms import demo_blob

GROUNDS = (
    "Nuestra planta de Ica selecciona, lava y congela: adjuntamos el plano de proceso y el registro sanitario. "
    "Pedimos que se revise otra vez si hay transformación."
)


def create(people, user):
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
    _appeal(coordinator)


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


def _appeal(coordinator):
    """The rejected company was told, and asks within its days."""
    rejected = Application.objects.filter(state=Application.State.REJECTED, appeal=None)
    application = rejected.select_related("company", "edition").order_by("-pk").first()
    if application is None:
        return
    for delivery in Delivery.objects.about(application).filter(state=Delivery.State.HELD):
        delivery.release(by=coordinator)
    until = application.appeal_until()
    on = min(until, timezone.localdate())
    Appeal.file(application, grounds=GROUNDS, by=application.submitted_by, on=on)
