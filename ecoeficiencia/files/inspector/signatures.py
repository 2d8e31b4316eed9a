"""The digital signatures of a PDF: whether each still holds for the bytes it covers, and what came after it.

Nobody's certificate is judged, nothing is asked over the network. One that cannot be read is an answer, too.
"""

import io
from itertools import islice

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

MOST = 20  # signatures of one document
LONGEST = 150  # characters of a name
READABLE = ("/adbe.pkcs7.detached", "/ETSI.CAdES.detached")
STAMP = "/ETSI.RFC3161"  # a time stamp over the whole: of a service, not of a person


def read(source, target):
    source.seek(0)
    reader = PdfFileReader(io.BytesIO(source.read()), strict=False)
    fields = islice(enumerate_sig_fields(reader, filled_status=True), MOST)
    found = [_signature(reader, *field) for field in fields]
    found.sort(key=lambda pair: pair[0])
    return {"signatures": [told for _revision, told in found if told]}


def _signature(reader, name, value, field):
    """(revision, what is told of it); nothing is told of a time stamp."""
    revision = 1_000_000
    try:
        kind = str(value.get_object().get("/SubFilter", ""))
        if kind == STAMP:
            return revision, None
        if kind not in READABLE:
            return revision, {"state": "unknown"}
        signature = EmbeddedPdfSignature(reader, field, name)
        revision = signature.signed_revision
        return revision, {**_who(signature), "state": _state(signature)}
    except MemoryError:
        raise
    except Exception:  # each way of being broken raises its own
        return revision, {"state": "broken"}


def _state(signature):
    signature.compute_integrity_info()
    intact, valid = validate_sig_integrity(
        signature.signer_info, signature.signer_cert, "data", signature.compute_digest()
    )
    if not (intact and valid):
        return "altered"
    if signature.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return "intact"
    level = getattr(signature.diff_result, "modification_level", ModificationLevel.OTHER)
    allowed = signature.summarise_integrity_info()["docmdp_ok"]
    return "extended" if allowed and level <= ModificationLevel.FORM_FILLING else "changed"


def _who(signature):
    subject, issuer = signature.signer_cert.subject.native, signature.signer_cert.issuer.native
    at = signature.self_reported_timestamp
    return {
        "signer": _name(subject, "common_name") or _name(subject, "surname"),
        "organisation": _name(subject, "organization_name"),
        "issuer": _name(issuer, "common_name") or _name(issuer, "organization_name"),
        "at": at.isoformat() if at else "",
    }


def _name(names, key):
    found = names.get(key, "")
    words = " ".join(map(str, found)) if isinstance(found, list) else str(found)
    return " ".join(words.split())[:LONGEST]
