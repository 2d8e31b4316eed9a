"""Applications as the reviewers find them, and the participations of those admitted."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from companies.models import Company, Delivery, ExportRecord, Site
from ecoeficiencia.models import Counter
from ecoeficiencia.workdays import add_workdays, next_workday, workdays_before
from programs import notices, sworn_statement
from programs.conditions import CONDITIONS
from programs.models import (
    Application,
    ApplicationItem,
    ApplicationRevision,
    CommitmentLetter,
    DecisionLetter,
    MonitorAssignment,
    Participation,
    Signature,
)
from programs.snapshot import handed_in

from . import mended, papers
from .firms import demo_blob

A, V = Application.State, ApplicationItem.Verdict
P, L = Participation.State, CommitmentLetter.State
PER_SITE = ("licence", "itse")
SIGNING = timedelta(days=2)  # from the decision to the signature of the letter
REVIEWERS = ("revision", "coordinacion2", "coordinacion")  # who share the files
GROUNDS = {
    A.ADMITTED: "Cumple los requisitos S13 a S19 con documentos vigentes a la fecha de cierre.",
    A.WAITING: "Cumple los requisitos S13 a S19. Los dos lugares de la edición están ocupados.",
    A.REJECTED: "Su actividad es solo comercial: no hay proceso de producción ni transformación.",
}
OBSERVED = {
    "licence": "La licencia escaneada no deja leer el giro autorizado. Súbala otra vez, completa.",
    "doc-poder": "La copia no muestra las facultades de quien firma. Suba la vigencia de poder completa.",
    "exports": "Falta una exportación a nombre de la empresa dentro del plazo. Agregue otra declaración.",
}


ANSWERED = {
    "licence": "Pedimos una copia nueva a la municipalidad y la escaneamos completa.",
    "doc-poder": "Es la vigencia completa; las facultades están en la segunda hoja.",
    "exports": "Agregamos la exportación que faltaba, con la DAM a nombre de la empresa.",
}


def noon(day):
    return timezone.make_aware(datetime.combine(day, time(12)))


def by_company(rows):
    found = {}
    for row in rows:
        found.setdefault(row.company_id, []).append(row)
    return found


def create(firms, editions, people, today):
    _applications(firms, editions, people, today)
    papers.create(firms)
    sent = [f for f in firms if f.application.state != A.DRAFT]
    _sign_and_snapshot(sent)
    mended.create([f for f in sent if f.application.state == A.MENDED])
    _items(sent)
    _waiting_letters([f.application for f in sent if f.application.state == A.WAITING])
    admitted = [f for f in sent if f.application.state == A.ADMITTED]
    _participations(admitted, today)
    _letters(admitted, people)
    _monitors(admitted, people)
    _hold_results(editions["running"])


def _hold_results(edition):
    """The newest two results of `edition` wait in the outbox for the coordinators to send them."""
    if Delivery.objects.filter(state=Delivery.State.HELD).exists():
        return
    decided = edition.applications.select_related("participation__letter", "company", "edition").order_by("-pk")
    for application in decided.filter(state=A.ADMITTED, participation__state=P.LETTER_ISSUED)[:1]:
        notices.tell_admitted(application)
    for application in decided.filter(state=A.REJECTED)[:1]:
        notices.tell_rejected(application)


def _applications(firms, editions, people, today):
    for firm in firms:
        edition, state = editions[firm.stage.edition], firm.stage.application
        opened = _opened_on(firm, edition, today)
        firm.application = application = Application(
            edition=edition, company=firm.company, state=state, created_by=firm.user, created_at=noon(opened)
        )
        if state == A.DRAFT:
            continue
        sent = opened + timedelta(days=2)
        application.submitted_at = application.state_since = noon(sent)
        application.submitted_by = firm.user
        application.reviewer = people[_reviewer(firm)]
        application.version = 1
        if state == A.OBSERVED:
            firm.observed_at = application.state_since = noon(workdays_before(today, 2))
            application.due_from = timezone.localdate(firm.observed_at)
            application.due_on = add_workdays(application.due_from, edition.parameter("observation_days"))
        if state == A.MENDED:
            firm.observed_at, application.state_since = noon(next_workday(sent)), noon(workdays_before(today, 1))
        if state in GROUNDS:
            admits = state != A.REJECTED
            application.proposal = Application.Outcome.ADMIT if admits else Application.Outcome.REJECT
            application.proposal_grounds = application.decision_grounds = GROUNDS[state]
            application.proposed_by, application.decided_by = application.reviewer, people["coordinacion"]
            application.decided_at = application.state_since = noon(next_workday(sent + timedelta(days=6)))
    sent = [f.application for f in firms if f.application.submitted_at]
    years = [a.submitted_at.year for a in sent]
    for application, year, number in zip(sent, years, Counter.next_each("EXP", years), strict=True):
        application.number = f"EXP-{year}-{number:05d}"
    Application.objects.bulk_create([f.application for f in firms], batch_size=1000)
    _look_up_again([f for f in firms if f.observed_at or f.application.decided_at])


def _look_up_again(firms):
    """The RUC of what was reviewed was looked up after it was handed in."""
    companies = [firm.company for firm in firms]
    for firm in firms:
        seen = timezone.localdate(firm.observed_at or firm.application.decided_at)
        firm.company.ruc_checked_on = max(firm.company.ruc_checked_on, seen)
    Company.objects.bulk_update(companies, ["ruc_checked_on"], batch_size=500)


def _opened_on(firm, edition, today):
    """The day its draft was begun: when the call opened, or lately, for what still waits or was just decided."""
    ago = {A.DRAFT: (4, 12), A.SUBMITTED: (4, 12), A.OBSERVED: (8, 12), A.MENDED: (14, 18)}
    ago |= dict.fromkeys((A.REJECTED, A.WAITING), (24, 27))  # in time to appeal
    if firm.stage.participation in (P.LETTER_ISSUED, P.LETTER_SIGNED):
        ago[A.ADMITTED] = (24, 27)
    if days := ago.get(firm.stage.application):
        return today - timedelta(days=firm.rng.randint(*days))
    return edition.opens_on + timedelta(days=firm.rng.randint(3, 25))


def _reviewer(firm):
    """Files are shared out. Who may be given the appeal did not see the file it is about."""
    return "coordinacion" if firm.stage.application == A.REJECTED else REVIEWERS[firm.index % len(REVIEWERS)]


def _sign_and_snapshot(firms):
    """The sworn statement as each representative accepted it, and what was handed in."""
    statement, signatures, revisions = demo_blob("Declaración jurada"), {}, []
    for firm in firms:
        application, mandate = firm.application, firm.mandate
        text = sworn_statement.words(firm.company, application.edition, mandate, [s for s in firm.sites if s.in_scope])
        signatures[firm.index] = Signature(
            application=application,
            kind=Signature.Kind.SWORN_STATEMENT,
            text_version=sworn_statement.VERSION,
            text=text,
            sha256=sworn_statement.digest(text),
            signed_by=firm.user,
            signer_name=mandate.full_name,
            signer_document=f"DNI {mandate.document_number}",
            signer_position=mandate.position,
            signed_at=application.submitted_at,
            ip="192.0.2.10",
            pdf=statement,
        )
    Signature.objects.bulk_create(signatures.values(), batch_size=500)
    companies = [f.company for f in firms]
    sites = by_company(Site.objects.filter(company__in=companies).for_application())
    exports = by_company(ExportRecord.objects.filter(company__in=companies))
    shown = papers.of([f.application for f in firms])
    record = demo_blob("Ficha de postulación")
    for firm in firms:
        application, pk = firm.application, firm.company.pk
        revisions.append(
            ApplicationRevision(
                application=application,
                number=1,
                data=handed_in(
                    firm.company, firm.mandate, sites[pk], exports[pk], signatures[firm.index], shown[application.pk]
                ),
                submitted_by=firm.user,
                submitted_at=application.submitted_at,
                record=record,
            )
        )
    ApplicationRevision.objects.bulk_create(revisions, batch_size=500)


def _item_keys(firm):
    """(key, site) of everything the reviewer decides about."""
    for key in CONDITIONS:
        if key in PER_SITE:
            yield from ((key, site) for site in firm.sites)
        else:
            yield key, None


def _items(firms):
    items = []
    handed = papers.of([f.application for f in firms])
    for firm in firms:
        state = firm.stage.application
        reviewed = [(key, site, None) for key, site in _item_keys(firm)]
        reviewed += [(paper.key, paper.site, paper.entry) for paper in handed[firm.application.pk]]
        for key, site, entry in reviewed:
            item = ApplicationItem(application=firm.application, key=key, site=site, entry=entry)
            if state != A.SUBMITTED:
                item.verdict, item.decided_by = V.ACCEPTED, firm.application.reviewer
                item.decided_at = firm.observed_at or firm.application.state_since
            if state == A.REJECTED and key == "production":
                item.verdict, item.reason = V.REJECTED, "Solo comercializa: no transforma."
            if state in (A.OBSERVED, A.MENDED) and key in OBSERVED and site in (None, firm.sites[0]):
                item.reason = OBSERVED[key]
                item.verdict = V.OBSERVED if state == A.OBSERVED else V.PENDING
                if state == A.MENDED:
                    item.mended_at, item.answer = firm.application.state_since, ANSWERED[key]
            items.append(item)
    ApplicationItem.objects.bulk_create(items, batch_size=1000)


def _waiting_letters(applications):
    """What each company on the waiting list was sent."""
    printed = demo_blob("Comunicación de lista de espera")
    facts = [(row, timezone.localdate(row.decided_at)) for row in applications]
    DecisionLetter.objects.bulk_create(
        DecisionLetter(
            application=row, kind="waiting", issued_on=on, pdf=printed,
            text=row.edition.letter("waiting", row.letter_values(on=on)),
        )
        for row, on in facts
    )  # fmt: skip


def _since(firm, today):
    """When the firm entered its stage: days ago in the running edition, long ago in the finished one."""
    if firm.stage.participation == P.LETTER_ISSUED:
        return firm.application.decided_at
    if firm.stage.participation == P.LETTER_SIGNED:
        return firm.application.decided_at + SIGNING
    if firm.stage.edition == "past":
        return firm.application.decided_at + timedelta(days=firm.rng.randint(200, 400))
    return noon(today - timedelta(days=firm.rng.randint(2, 26)))


def _participations(firms, today):
    for firm in firms:
        firm.participation = Participation(
            edition=firm.application.edition,
            company=firm.company,
            application=firm.application,
            state=firm.stage.participation,
            state_since=_since(firm, today),
            exit_reason="Cambio de prioridades de la empresa." if firm.stage.participation == P.WITHDRAWN else "",
            version=1,
        )
    Participation.objects.bulk_create([f.participation for f in firms], batch_size=1000)


def _letters(firms, people):
    letter, signed = demo_blob("Carta de compromiso"), demo_blob("Carta de compromiso firmada")
    letters = []
    for firm in firms:
        state = {P.LETTER_ISSUED: L.ISSUED, P.LETTER_SIGNED: L.SIGNED}.get(firm.stage.participation, L.VERIFIED)
        row = CommitmentLetter(
            participation=firm.participation,
            state=state,
            issued_on=timezone.localdate(firm.application.decided_at),
            representative={
                "full_name": firm.mandate.full_name,
                "document": f"DNI {firm.mandate.document_number}",
                "position": firm.mandate.position,
            },
            pdf=letter,
        )
        if state != L.ISSUED:
            row.signed_copy, row.signed_filename, row.uploaded_by = signed, "carta-firmada.pdf", firm.user
            row.signed_at = firm.application.decided_at + SIGNING
        if state == L.VERIFIED:
            row.verified_by, row.verified_at = people["coordinacion"], noon(next_workday(row.signed_at.date()))
        row.state_since = row.verified_at or row.signed_at or firm.application.decided_at
        firm.letter = row
        letters.append(row)
    CommitmentLetter.objects.bulk_create(letters, batch_size=1000)


def _monitors(firms, people):
    working = [f for f in firms if f.stage.attended]
    monitors = [people[name] for name in ("monitor", "monitor2", "monitor3")]
    MonitorAssignment.objects.bulk_create(
        [
            MonitorAssignment(
                participation=f.participation,
                # The published monitor has the published companies; the rest are shared out.
                monitor=monitors[0] if f.stage.account else monitors[n % len(monitors)],
                starts_on=timezone.localdate(f.application.decided_at) + timedelta(days=4),
                assigned_by=people["coordinacion"],
                reason="Por región y carga de trabajo.",
            )
            for n, f in enumerate(working)
        ],
        batch_size=1000,
    )
