from itertools import islice

from django.utils.translation import gettext as _

from ecoeficiencia import heads
from ecoeficiencia.verification import numbering_faults, verifies

from .models import Certificate, MarkLicence, NonConformity, RegisterEntry
from .models.register import SERIES


@verifies("registro público")
def register_chain(quick, late):
    """Each line follows from the one before."""
    entry, reason = RegisterEntry.objects.first_broken()
    if entry:
        yield _("asiento %(n)s (%(certificate)s): %(reason)s") % {
            "n": entry.sequence,
            "certificate": entry.certificate.number,
            "reason": reason,
        }
    known = dict(RegisterEntry.objects.values_list("sequence", "digest"))
    yield from heads.faults(SERIES, known.get)


@verifies("números de certificados, licencias y no conformidades")
def numbers(quick, late):
    for model in (Certificate, MarkLicence, NonConformity):
        yield from _numbers_of(model)


def _numbers_of(model):
    rows = model._base_manager.all()
    if model is Certificate:  # those granted before the system bear the number of their paper
        rows = rows.exclude(printed__has_key="imported")
    given = list(rows.values_list("number", flat=True))
    for series in sorted({number.rsplit("-", 2)[0] for number in given}):
        yield from numbering_faults(series, given)


@verifies("certificados y registro")
def registered(quick, late):
    """Every certificate was granted in the register, and says what the register says of it."""
    for certificate, reason in islice(RegisterEntry.objects.at_odds(), 5):
        yield _("el certificado %(number)s %(reason)s") % {"number": certificate.number, "reason": reason}
    alone = Certificate.objects.filter(state="withdrawn").exclude(withdrawals__state="confirmed")
    for number in alone.values_list("number", flat=True)[:5]:
        yield _("el certificado %(number)s está retirado sin que dos personas lo decidieran") % {"number": number}
