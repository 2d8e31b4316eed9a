"""Which stage each demonstration company is in. The list repeats when more companies are asked for."""

from dataclasses import dataclass

from audits.models import Audit
from programs.models import Application, Participation

A, P = Application.State, Participation.State


@dataclass(frozen=True)
class Stage:
    """edition: "past", "running" or "full". share: how much of the applicable rows the monitor accepted."""

    edition: str
    application: str
    participation: str = ""
    share: float = 0.0
    attended: int = 0
    preaudit: str = ""
    external: str = ""
    account: str = ""
    certificate: str = ""


S = Audit.State
CERTIFIED = {
    "application": A.ADMITTED, "participation": P.CERTIFIED, "share": 1.0, "attended": 10,
    "preaudit": S.CONFIRMED, "external": S.CONFIRMED,
}  # fmt: skip
PAST = {"edition": "past", **CERTIFIED}
STAGES = (
    Stage("running", A.ADMITTED, P.IMPLEMENTING, 0.62, 8, account="empresa"),
    Stage("running", A.ADMITTED, P.CORRECTING, 1.0, 9, preaudit=S.CORRECTING, account="empresa2"),
    Stage("running", A.DRAFT, account="postulante"),
    Stage(**PAST, certificate="valid"),
    Stage("running", A.SUBMITTED),
    Stage("running", A.OBSERVED),
    Stage("running", A.MENDED),
    Stage("running", A.REJECTED),
    Stage("running", A.ADMITTED, P.LETTER_ISSUED),
    Stage("running", A.ADMITTED, P.LETTER_SIGNED),
    Stage("running", A.ADMITTED, P.IMPLEMENTING, 0.18, 4),
    Stage("running", A.ADMITTED, P.READY, 1.0, 9),
    Stage("running", A.ADMITTED, P.PREAUDIT, 1.0, 10, preaudit=S.STARTED),
    Stage("running", A.ADMITTED, P.PREAUDIT_PASSED, 1.0, 9, preaudit=S.CONFIRMED),
    Stage("running", A.ADMITTED, P.EXTERNAL_REQUESTED, 1.0, 9, preaudit=S.CONFIRMED, external=S.REQUESTED),
    Stage("running", A.ADMITTED, P.EXTERNAL_AUDIT, 1.0, 10, preaudit=S.CONFIRMED, external=S.STARTED),
    Stage("running", A.ADMITTED, P.DECISION, 1.0, 10, preaudit=S.CONFIRMED, external=S.CLOSED),
    Stage("running", **CERTIFIED, certificate="valid"),
    Stage(**PAST, certificate="valid"),
    Stage(**PAST, certificate="expiring"),
    Stage(**PAST, certificate="suspended"),
    Stage("past", A.ADMITTED, P.NOT_CERTIFIED, 1.0, 9, preaudit=S.CONFIRMED, external=S.CONFIRMED),
    Stage(**PAST, certificate="expired"),
    Stage("past", A.ADMITTED, P.WITHDRAWN, 0.3, 3),
    Stage("full", A.ADMITTED, P.LETTER_ISSUED),
    Stage("full", A.ADMITTED, P.LETTER_ISSUED),
    Stage("full", A.WAITING),
    Stage("full", A.WAITING),
    Stage("full", A.WAITING),
)
