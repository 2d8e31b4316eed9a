"""The moves that led each record to where it stands, so that every timeline tells its story."""

from datetime import timedelta
from itertools import pairwise

from audits.models import Audit
from companies.models import Event
from programs.models import Application, CommitmentLetter, Participation
from programs.models.submission import SECTIONS
from programs.self_check import FILLED
from requirements_std.models import Fulfilment

A, P, L, S, F = Application.State, Participation.State, CommitmentLetter.State, Audit.State, Fulfilment.State
# The states passed through on the way to each, the first being where the record was born.
APPLICATION = {
    A.SUBMITTED: (A.DRAFT, A.SUBMITTED),
    A.OBSERVED: (A.DRAFT, A.SUBMITTED, A.OBSERVED),
    A.MENDED: (A.DRAFT, A.SUBMITTED, A.OBSERVED, A.MENDED),
    A.ADMITTED: (A.DRAFT, A.SUBMITTED, A.ADMITTED),
    A.WAITING: (A.DRAFT, A.SUBMITTED, A.WAITING),
    A.REJECTED: (A.DRAFT, A.SUBMITTED, A.REJECTED),
}
LIFE = (
    P.LETTER_ISSUED, P.LETTER_SIGNED, P.IMPLEMENTING, P.READY, P.PREAUDIT, P.PREAUDIT_PASSED, P.EXTERNAL_REQUESTED,
    P.EXTERNAL_AUDIT, P.DECISION, P.CERTIFIED,
)  # fmt: skip
AUDIT = (S.ACCEPTED, S.PLANNED, S.AGREED, S.STARTED, S.CLOSED, S.CONFIRMED)
LETTER = (L.ISSUED, L.SIGNED, L.VERIFIED)
FULFILMENT = {
    F.SUBMITTED: (F.OPEN, F.SUBMITTED),
    F.RETURNED: (F.OPEN, F.SUBMITTED, F.RETURNED),
    F.ACCEPTED: (F.OPEN, F.SUBMITTED, F.ACCEPTED),
}


def way_to(state, line, branch):
    """The stretch of `line` up to `state`; a state off the line is reached from `branch`."""
    if state in line:
        return line[: line.index(state) + 1]
    return (*line[: line.index(branch) + 1], state)


def evenly(path, first, last):
    """The times of the moves along `path`, spaced between the first and the last."""
    count = len(path) - 1
    return [first + (last - first) / count * n for n in range(1, count + 1)]


def moves(obj, company, path, times, actors, note=""):
    """One event a move, at each of `times`; actors take turns. note: of the last."""
    steps = list(pairwise(path))
    for n, ((old, new), at) in enumerate(zip(steps, times, strict=True), 1):
        yield Event(
            at=at,
            actor=actors[n % len(actors)],
            company=company,
            object_type=obj._meta.label_lower,
            object_id=obj.pk,
            verb="move",
            old=old,
            new=new,
            note=note if n == len(steps) else "",
        )


def issued(letter, company, at, actor):
    facts = {"object_type": letter._meta.label_lower, "object_id": letter.pk, "verb": "create"}
    return Event(at=at, actor=actor, company=company, **facts)


# What the company of an open draft answered before it had an account.
SELF_CHECK = {
    "legal": "yes", "licence": "yes", "itse": "unsure", "exports": "yes", "production": "yes", "debts": "yes",
}  # fmt: skip


def sections(firm):
    """Who completed which section of a draft, an evening's work; papers and statement are still to do."""
    application, company = firm.application, firm.company
    told = {name: str(getattr(company, name)) for name in FILLED} | {"on": f"{application.created_at:%Y-%m-%d}"}
    type(company).objects.filter(pk=company.pk).update(self_check=SELF_CHECK | told)
    for n, (key, title) in enumerate(list(SECTIONS.items())[:6], 1):
        yield Event(
            at=application.created_at + timedelta(minutes=20 * n),
            actor=firm.user,
            company=company,
            object_type=application._meta.label_lower,
            object_id=application.pk,
            verb="section",
            new=key,
            note=str(title),
        )


def create(firms, people):
    staff, monitor = people["coordinacion"], people["monitor"]
    events = []
    for firm in firms:
        application = firm.application
        if application.state == A.DRAFT:
            events += sections(firm)
        if path := APPLICATION.get(application.state):
            observed = [firm.observed_at] if application.state == A.MENDED else []
            times = [application.submitted_at, *observed, application.state_since][: len(path) - 1]
            whose = [application.decided_by or application.reviewer, firm.user]
            events += moves(application, firm.company, path, times, whose, application.decision_grounds)
        if not firm.participation:
            continue
        row, begun = firm.participation, application.decided_at
        path = way_to(row.state, LIFE, BRANCH.get(row.state, P.DECISION))
        events += moves(row, firm.company, path, evenly(path, begun, row.state_since), [staff, firm.user])
        letter = firm.letter
        events.append(issued(letter, firm.company, begun, staff))
        path = way_to(letter.state, LETTER, L.SIGNED)
        times = [letter.signed_at, letter.verified_at][: len(path) - 1]
        events += moves(letter, firm.company, path, times, [staff, firm.user])
        if firm.in_full:
            for line in (line for line in firm.rows if line.state != F.OPEN):
                start = line.state_since - timedelta(days=6)
                path = FULFILMENT[line.state]
                times = evenly(path, start, line.state_since)
                events += moves(line, firm.company, path, times, [monitor, firm.user])
        for audit in firm.audits:
            path = way_to(audit.state, (S.REQUESTED, *AUDIT) if audit.body_id else AUDIT, S.STARTED)
            times = evenly(path, audit.created_at, audit.ended_at or audit.state_since)
            events += moves(audit, firm.company, path, times, [people["auditor"], firm.user])
    Event.objects.bulk_create(events, batch_size=2000)


# Where a state off the main line is reached from.
BRANCH = {
    P.CORRECTING: P.PREAUDIT,
    P.EXTERNAL_CORRECTING: P.EXTERNAL_AUDIT,
    P.NOT_CERTIFIED: P.DECISION,
    P.WITHDRAWN: P.IMPLEMENTING,
    P.EXCLUDED: P.IMPLEMENTING,
}
