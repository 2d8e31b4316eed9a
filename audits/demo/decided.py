"""Decisions on the audited companies, and the certificates and licences they led to."""

from datetime import timedelta

from audits.gates import licence_conditions
from audits.models import Audit, Certificate, Decision, MarkLicence, RegisterEntry, Withdrawal
from audits.printed import printed_facts
from companies.models import Event
from ecoeficiencia.models import Counter
from ecoeficiencia.workdays import anniversary_eve

from .admission import noon
from .firms import demo_blob

S = Audit.State
GROUNDS = {
    True: "El informe recomienda certificar, no hay no conformidades abiertas y los documentos están vigentes.",
    False: "El organismo no recomienda certificar: los consumos de energía del último año no son trazables.",
}
# Days since the decision: it says what the calendar makes of a two-year certificate today.
AGE = {"valid": 400, "expiring": 640, "suspended": 420, "expired": 760, "": 500}
LAPSE = "Venció el certificado ITSE de la planta y no se presentó la renovación en el plazo dado."
LAPSED_AFTER, SUSPENDED = 200, 180  # days since the decision; days that a suspension lasts
UNANSWERED = "Pasó el término de la suspensión y la empresa no presentó la renovación del certificado ITSE."
USES = ["institutional", "product"]


def create(pairs, people, today):
    """Decisions of the closed certification audits; those that grant lead to a certificate."""
    closed = [(f, a) for f, a in pairs if a.kind == Audit.Kind.CERTIFICATION and a.state in (S.CLOSED, S.CONFIRMED)]
    days = [today - timedelta(days=AGE[f.stage.certificate] if f.stage.edition == "past" else 3) for f, _ in closed]
    decisions = [_decision(*pair, people, day) for pair, day in zip(closed, days, strict=True)]
    Decision.objects.bulk_create(decisions, batch_size=500)
    granted = [
        (firm, decision, day)
        for (firm, _), decision, day in zip(closed, decisions, days, strict=True)
        if decision.outcome == Decision.Outcome.GRANT
    ]
    for firm, decision, day in granted:
        if firm.in_full:
            _certify(firm, decision, people, day)
    if rest := [line for line in granted if not line[0].in_full]:
        _certify_all(rest, people)


def _decision(firm, audit, people, day):
    if audit.state == S.CLOSED:
        return Decision(audit=audit)
    granted = bool(firm.stage.certificate)
    outcome = Decision.Outcome.GRANT if granted else Decision.Outcome.DENY
    return Decision(
        audit=audit,
        state=Decision.State.DECIDED,
        state_since=noon(day),
        version=2,
        proposal=outcome,
        proposal_grounds=GROUNDS[granted],
        proposed_by=people["coordinacion"],
        proposed_at=noon(day - timedelta(days=4)),
        outcome=outcome,
        grounds=GROUNDS[granted],
        decided_by=people["decision"],
        decided_at=noon(day),
    )


def _licensed(firm):
    """One in five has not asked for the mark yet."""
    return firm.index % 5 != 2


def _certify(firm, decision, people, day):
    """The product's own acts, notices and PDF included."""
    certificate = Certificate.objects.issue(decision, by=people["decision"], on=day)
    if _licensed(firm):
        certificate.grant_licence(by=people["coordinacion"], uses=USES, on=day)
    if firm.stage.certificate == "suspended":
        on = day + timedelta(days=LAPSED_AFTER)
        certificate.suspend(
            by=people["coordinacion"], reason=LAPSE, on=on, until=certificate.last_day_of_suspension(on)
        )
        Withdrawal.objects.propose(certificate, by=people["coordinacion"], reason=UNANSWERED)


def _certify_all(granted, people):
    """What `_certify` leaves behind, set-based, without telling anybody."""
    pdf = demo_blob("Certificado")
    years = [day.year for _, _, day in granted]
    series = granted[0][0].participation.edition.parameter("certificate_series")
    numbers = Counter.next_each(series, years)
    certificates = [
        _certificate(*line, f"{series}-{line[2].year}-{number:04d}", people, pdf)
        for line, number in zip(granted, numbers, strict=True)
    ]
    Certificate.objects.bulk_create(certificates, batch_size=500)
    lines = list(zip((firm for firm, _, _ in granted), certificates, strict=True))
    licences = _licences([c for firm, c in lines if _licensed(firm)], people)
    RegisterEntry.append_all([entry for firm, c in lines for entry in _acts(c, licences.get(c.pk))])
    Event.objects.bulk_create(
        [event for c in certificates for event in _events(c, people)]
        + [event for licence in licences.values() for event in _events(licence, people)],
        batch_size=1000,
    )


def _certificate(firm, decision, day, number, people, pdf):
    edition = firm.participation.edition
    printed = printed_facts(decision, signatory=people["decision"], on=day, sites=firm.sites)
    suspended = firm.stage.certificate == "suspended"
    return Certificate(
        decision=decision,
        company=firm.company,
        scope_id=decision.audit.scope_id,
        number=number,
        issued_on=day,
        valid_from=day,
        valid_until=anniversary_eve(day, edition.parameter("certificate_years")),
        printed=printed,
        search=Certificate.searchable(number, printed),
        pdf=pdf,
        suspended_until=day + timedelta(days=LAPSED_AFTER + SUSPENDED) if suspended else None,
        **_standing(suspended, day),
    )


def _standing(suspended, day):
    if not suspended:
        return {"state": Certificate.State.ISSUED, "state_since": noon(day)}
    since = noon(day + timedelta(days=LAPSED_AFTER))
    return {"state": Certificate.State.SUSPENDED, "state_since": since, "state_reason": LAPSE, "version": 1}


def _licences(certificates, people):
    """The licences of these certificates, by the certificate's pk; the conditions met are worded once for all."""
    if not certificates:
        return {}
    sample = certificates[0]
    checked = licence_conditions(sample.decision.participation, sample.issued_on, sample)
    conditions = [f"{item}: {item.detail}" for item in checked]
    years = [c.valid_from.year for c in certificates]
    licences = [
        MarkLicence(
            certificate=c,
            number=f"LM-{year}-{number:04d}",
            conditions=[text.replace(sample.number, c.number) for text in conditions],
            uses=USES,
            granted_by=people["coordinacion"],
            valid_from=c.valid_from,
            valid_until=c.valid_until,
            **_standing(c.state == c.State.SUSPENDED, c.valid_from),
        )
        for c, year, number in zip(certificates, years, Counter.next_each("LM", years), strict=True)
    ]
    MarkLicence.objects.bulk_create(licences, batch_size=500)
    return {licence.certificate_id: licence for licence in licences}


def _acts(certificate, licence):
    """The lines the public register has about one certificate."""
    day, act = certificate.valid_from, RegisterEntry.Act
    yield certificate, act.GRANTED, day, ""
    if licence:
        yield certificate, act.LICENCE_GRANTED, day, ""
    if certificate.state == certificate.State.SUSPENDED:
        lapsed = day + timedelta(days=LAPSED_AFTER)
        yield certificate, act.SUSPENDED, lapsed, LAPSE
        if licence:
            yield certificate, act.LICENCE_SUSPENDED, lapsed, ""


def _events(obj, people):
    about = {"company": obj.event_company(), "object_type": obj._meta.label_lower, "object_id": obj.pk}
    yield Event(at=noon(obj.valid_from), actor=people["decision"], verb="create", new="issued", **about)
    if obj.state != obj.State.ISSUED:
        yield Event(
            at=obj.state_since,
            actor=people["coordinacion"],
            verb="move",
            old="issued",
            new=obj.state,
            note=LAPSE,
            **about,
        )
