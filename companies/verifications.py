from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from ecoeficiencia.jobs import Job
from ecoeficiencia.verification import verifies

from .models import Delivery


@verifies("correos por enviar")
def unsent_mails(quick, late):
    """A mail that is still to leave has the job that sends it."""
    key = Concat(Value("deliver:"), Cast(OuterRef("pk"), CharField()))
    again = Concat(key, Value(":"), Cast(OuterRef("retries"), CharField()))
    job = Job.objects.filter(Q(key=key) | Q(key=again), state=Job.State.PENDING)
    for delivery in Delivery.objects.filter(~Exists(job), state=Delivery.State.PENDING)[:5]:
        yield _("la entrega %(pk)s está por enviar y nadie la enviará") % {"pk": delivery.pk}
