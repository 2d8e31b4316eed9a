from datetime import timedelta

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from ecoeficiencia.jobs import Job
from ecoeficiencia.verification import verifies

from .models import Delivery, Event, Seal

UNSEALED = timedelta(minutes=15)  # how long an event may wait for its link


@verifies("cadena de la historia")
def history_chain(quick, late):
    """Each link follows from the one before and covers an event that says what it said; none is cut off."""
    yield from Seal.objects.faults()
    waiting = Event.objects.filter(seal=None, at__lte=timezone.now() - max(late, UNSEALED)).order_by("pk").first()
    if waiting:
        yield _("el hecho %(pk)s no está en la cadena") % {"pk": waiting.pk}


@verifies("correos por enviar")
def unsent_mails(quick, late):
    """A mail that is still to leave has the job that sends it."""
    key = Concat(Value("deliver:"), Cast(OuterRef("pk"), CharField()))
    again = Concat(key, Value(":"), Cast(OuterRef("retries"), CharField()))
    job = Job.objects.filter(Q(key=key) | Q(key=again), state=Job.State.PENDING)
    for delivery in Delivery.objects.filter(~Exists(job), state=Delivery.State.PENDING)[:5]:
        yield _("la entrega %(pk)s está por enviar y nadie la enviará") % {"pk": delivery.pk}
