"""What still stands between a company and its next step in the certification, as sentences."""

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.impartiality import conflicts
from audits.models import Audit, AuditMember, NonConformity
from companies.models import Duty, SiteDocument
from ecoeficiencia.lifecycle import Missing, Party
from programs.models import Measure
from programs.models.readiness import address

DONE_MEASURES = (Measure.State.IMPLEMENTED, Measure.State.VERIFIED)


def blocking(items):
    """Those of a checklist that stop the act: neither met nor waived."""
    return [item for item in items if not (item.done or item.waived)]


def participation_missing_for_external(participation, on, until=None):
    """What stops the company from asking for the external audit held from `on` to `until`.

    Open nonconformities (fact S6) are never waived; the documents of the sites may be.
    """
    return [
        *_missing_preaudit(participation),
        *open_nonconformities(participation),
        *_missing_documents(participation, on, until or on),
        *_external_in_progress(participation),
    ]


def _missing_preaudit(participation):
    if participation.state != participation.State.PREAUDIT_PASSED:
        sentence = _("La preauditoría todavía no está aprobada, o esta etapa ya pasó.")
        detail = participation.get_state_display()
        since = timezone.localdate(participation.state_since)
        yield Missing(sentence, participation.turn, since, detail, key="preaudit_passed")


def open_nonconformities(participation):
    """One sentence for each nonconformity, of any grade and audit, that is not closed."""
    for nc in NonConformity.objects.open().filter(audit__participation=participation).select_related("audit"):
        yield Missing(
            _("La no conformidad %(grade)s %(number)s sigue sin cerrar.")
            % {"grade": nc.get_grade_display().lower(), "number": nc.number},
            nc.turn,
            timezone.localdate(nc.state_since),
            nc.get_state_display(),
            key="open_nonconformities",
        )


def _missing_documents(participation, starts_on, ends_on):
    """Licence and ITSE of each site, valid on every proposed day."""
    waived = participation.waivers.in_force(timezone.localdate()).filter(condition="site_documents").exists()
    url = address("empresa:sites", participation.company_id)
    for site in _sites(participation):
        for kind, label in SiteDocument.Kind.choices:
            paper = site.document(kind)
            if paper and not paper.is_shown:
                paper = None  # its files were taken away
            if paper and paper.valid_on(starts_on) and paper.valid_on(ends_on):
                continue
            yield Missing(
                _("%(document)s de %(site)s: no está vigente en las fechas de la auditoría.")
                % {"document": label, "site": site},
                Party.COMPANY,
                paper.valid_until if paper else None,
                detail=_detail(paper),
                url=url,
                key=f"site_documents:{kind}:{site.pk}",
                waived=waived,
                waivable=True,
            )


def _detail(paper):
    if paper is None:
        return _("No se ha cargado.")
    if paper.valid_until:
        return _("El que se cargó vence el %(day)s.") % {"day": f"{paper.valid_until:%d/%m/%Y}"}
    return _("El que se cargó es posterior a esas fechas.")


def _sites(participation):
    scope = participation.assessment.scopes.first() if participation.assessment else None
    sites = scope.sites.all() if scope and scope.sites.exists() else participation.company.sites.filter(in_scope=True)
    return sites.filter(closed_on=None).prefetch_related(Prefetch("documents", SiteDocument.objects.knowing_files()))


def _external_in_progress(participation):
    audits = Audit.objects.open().filter(
        kind=Audit.Kind.CERTIFICATION,
        participation__company=participation.company_id,
        participation__edition__program=participation.edition.program_id,
    )
    other = audits.select_related("body").first()
    if other:
        yield Missing(
            _("Ya hay una auditoría externa en curso con %(body)s.") % {"body": other.body},
            other.turn,
            timezone.localdate(other.state_since),
            other.get_state_display(),
            key="one_external",
        )


def body_refusals(body, company, starts_on, ends_on):
    """Why `body` may not audit `company` from `starts_on` to `ends_on` (fact S7, never waived)."""
    if not (body.is_enabled_on(starts_on) and body.is_enabled_on(ends_on)):
        yield _("%(body)s no está habilitado por PROMPERÚ en esas fechas. Elija otro organismo u otras fechas.") % {
            "body": body
        }
    # The ties of one of its people and of all the others: the block looks at the whole body.
    person = body.people.in_force(timezone.localdate()).select_related("user").first()
    if person is None:
        yield _("%(body)s no tiene personas registradas que puedan responder. Elija otro organismo.") % {"body": body}
        return
    for reason in conflicts(person.user, company, starts_on, body=body):
        yield _("%(body)s no puede auditarla por conflicto de interés: %(reason)s") % {"body": body, "reason": reason}


def auditor_refusals(auditor, audit, on):
    """Why `auditor` may not be named for `audit` (impartiality, never waived)."""
    people = audit.body.people.in_force(on).filter(user=auditor, role="auditor")
    if not people.exists():
        yield _("%(person)s no es auditor de %(body)s.") % {"person": auditor, "body": audit.body}
    yield from conflicts(auditor, audit.participation.company, on, body=audit.body)


def proposer_refusals(decision, user):
    """Why `user` may not propose `decision`, or to withdraw the certificate that it gave."""
    if not user.has_duty(Duty.COORDINATOR):
        yield _("Propone quien tiene la función de coordinación.")
    yield from _audited_refusals(decision, user)


def decider_refusals(decision, user):
    """Why `user` may not take `decision`. Never waived."""
    own = _("Usted hizo la propuesta. La decisión la toma otra persona.")
    return _second_refusals(user, decision, proposal=decision, own=own)


def withdrawal_resolver_refusals(withdrawal, user):
    """Why `user` may not confirm or reject `withdrawal`. Never waived."""
    own = _("Usted propuso el retiro. Lo resuelve otra persona.")
    return _second_refusals(user, withdrawal.certificate.decision, proposal=withdrawal, own=own)


def _second_refusals(user, decision, *, proposal, own):
    """Why `user` may not be the second person of an act on `decision`. own: what is said to who made the proposal."""
    if not user.has_duty(Duty.DECIDER):
        yield _("Decide quien tiene la función de decisión y firma.")
    if proposal.proposed_by_id == user.pk:
        yield own
    yield from _audited_refusals(decision, user)


def _audited_refusals(decision, user):
    roles = AuditMember.objects.filter(user=user, audit__participation=decision.audit.participation_id)
    for member in roles.select_related("audit"):
        yield _("Usted integró el equipo de la %(audit)s de esta empresa. Quien auditó no propone ni decide.") % {
            "audit": member.audit.get_kind_display().lower()
        }


def grant_refusals(decision):
    """Why the certification cannot be granted, whoever decides. Never waived."""
    audit = decision.audit
    if audit.state != audit.State.CLOSED:
        yield _("La auditoría externa está en «%(state)s»: se decide cuando está cerrada.") % {
            "state": audit.get_state_display()
        }
    if audit.recommendation != audit.Recommendation.CERTIFY:
        yield _("El organismo de certificación no recomendó certificar. Puede no otorgar, o devolver la propuesta.")
    for item in open_nonconformities(audit.participation):
        yield item.sentence


def licence_conditions(participation, on, certificate=None):
    """The whole checklist of the right to use the mark (fact S9): met or not, each with its figure."""
    minimum, wanted = (participation.edition.parameter(key) for key in ("minimum_attendance", "licence_measures"))
    share = round(participation.attendance_share * 100)
    resources = participation.company.measures.filter(state__in=DONE_MEASURES).values("resource").distinct().count()
    in_force = certificate is not None and certificate.status_on(on) in ("valid", "expiring")
    company = participation.company_id
    return [
        Missing(
            _("Certificado en vigor"),
            Party.STAFF,
            detail=certificate.number if certificate else _("Depende de la decisión."),
            key="certificate",
            done=in_force,
            waiting=certificate is None,
        ),
        Missing(
            _("Asistencia a los talleres de %(minimum)s %% o más") % {"minimum": minimum},
            Party.COMPANY,
            detail=_("Alcanzó %(share)s %%.") % {"share": share},
            url=address("empresa:workshops", company),
            key="attendance",
            done=participation.meets_attendance,
        ),
        Missing(
            _("Medidas implementadas en %(wanted)s recursos distintos o más") % {"wanted": wanted},
            Party.COMPANY,
            detail=_("Tiene medidas implementadas en %(n)s.") % {"n": resources},
            url=address("empresa:measures", company),
            key="measures",
            done=resources >= wanted,
        ),
    ]
