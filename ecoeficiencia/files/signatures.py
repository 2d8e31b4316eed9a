"""What the digital signatures in a PDF say: who, when by their own word, and whether the document changed since.

The child reads them (inspector/signatures.py); here each becomes words. No certificate is judged, and the page says so.
"""

import logging
import tempfile
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from .inspection import Unavailable, inspector

logger = logging.getLogger(__name__)

PDF = "application/pdf"
FACT = "signatures"
# state → (tone, icon, what is said)
STATES = {
    "intact": ("ok", "check-circle-fill", _("Intacta: cubre todo el documento, que no cambió desde que se firmó.")),
    "extended": (
        "ok",
        "check-circle-fill",
        _("Intacta: no cubre lo que se añadió después, que son otras firmas o datos de formulario."),
    ),
    "changed": ("warn", "exclamation-triangle-fill", _("El documento se modificó después de esta firma.")),
    "altered": (
        "bad",
        "x-octagon-fill",
        _("Lo firmado no coincide con la firma: el documento se alteró, o la firma es defectuosa."),
    ),
    "broken": ("bad", "x-octagon-fill", _("La firma está dañada y no se puede leer. Pida que la firmen otra vez.")),
    "unknown": ("mute", "slash-circle", _("Es de un tipo que no sabemos leer. Compruébela en su programa de firma.")),
}


@dataclass(frozen=True)
class ReadSignature:
    """One signature as the file tells it."""

    state: str
    signer: str
    organisation: str
    issuer: str
    at: datetime | None

    @property
    def tone(self):
        return STATES[self.state][0]

    @property
    def icon(self):
        return STATES[self.state][1]

    @property
    def sentence(self):
        return STATES[self.state][2]


def read_signatures(file):
    """Add to the facts of a PDF that was looked into what its signatures say; None when nobody could read them."""
    if file.content_type != PDF:
        return
    with tempfile.TemporaryFile() as nothing:
        try:
            found = inspector.ask("signatures", file, nothing)
        except Unavailable as error:
            logger.warning("signatures not read: %s", error.code)
            found = {}
    file.facts[FACT] = found.get(FACT)


def signatures_of(blob):
    """The signatures of `blob`; empty without any, None when nobody could read them. KeyError if nobody tried."""
    found = blob.facts[FACT]
    return None if found is None else [_words(signature) for signature in found]


def _words(found):
    names = {name: found.get(name, "") for name in ("signer", "organisation", "issuer")}
    state = found["state"] if found["state"] in STATES else "unknown"
    return ReadSignature(state=state, at=parse_datetime(found.get("at") or ""), **names)
