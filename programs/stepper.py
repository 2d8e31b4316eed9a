"""The whole life of a company in one edition, as a row of steps."""

from django.utils.translation import gettext as _

from ecoeficiencia.writing import short_day

from .models import Participation
from .next_step import A, Facts, P


def steps(facts: Facts) -> list[dict]:
    """The whole life of the company in the edition, as the stepper wants it: kind, label, detail."""
    row = facts.participation
    first = {"kind": "done" if row else "now", "label": _("Postulación"), "detail": _application_detail(facts)}
    if facts.application is None or facts.application.state in (A.REJECTED, A.WITHDRAWN):
        first["kind"] = "now" if facts.application is None else ""
    at = next((n for n, (_label, states) in enumerate(Participation.STEPS) if row and row.state in states), None)
    over = bool(row and row.state == P.CERTIFIED)
    rest = []
    for n, (label, states) in enumerate(Participation.STEPS):
        kind = "" if at is None or n > at else "done" if n < at or over else "now"
        if states == (P.CORRECTING,):
            if kind == "done" and not _had_nonconformities(row):
                continue
            kind = kind or "cond"
        rest.append({"kind": kind, "label": label, "detail": _step_detail(states, kind, facts)})
    return [first, *rest]


def _application_detail(facts):
    row = facts.application
    if row is None or row.state == A.DRAFT:
        return _("borrador") if row else ""
    return f"{row.get_state_display().lower()} {short_day(row.decided_at or row.state_since)}"


def _step_detail(states, kind, facts):
    edition = facts.application.edition if facts.application else None
    if states == (P.CORRECTING,) and kind == "cond":
        return _("si hiciera falta")
    if P.LETTER_ISSUED in states and facts.letter and facts.letter.verified_at:
        return _("firmada %(day)s") % {"day": short_day(facts.letter.verified_at)}
    if edition is None or kind == "done":
        return ""
    if P.IMPLEMENTING in states and edition.implementation_ends_on:
        return _("hasta %(day)s") % {"day": short_day(edition.implementation_ends_on)}
    starts = {P.PREAUDIT: edition.preaudit_starts_on, P.EXTERNAL_AUDIT: edition.external_starts_on}
    day = next((starts[state] for state in states if starts.get(state)), None)
    return _("desde %(day)s") % {"day": short_day(day)} if day else ""


def _had_nonconformities(participation):
    return any(audit.kind == "preaudit" and audit.nonconformities.all() for audit in participation.audits.all())
