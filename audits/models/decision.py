from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Duty, Event, Notice, User
from ecoeficiencia.lifecycle import IllegalMove, Party, Stateful, StatefulQuerySet
from programs.models import Participation

from .audit import Audit
from .external import refuse


class DecisionQuerySet(StatefulQuerySet):
    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()

    def visible_to(self, user):
        """Staff always; members once it is taken."""
        if user.is_programme_staff:
            return self
        return self.filter(
            audit__participation__company__in=Company.objects.belonging_to(user).values("pk"), state="decided"
        )

    def for_list(self):
        company = "audit__participation__company"
        return self.select_related(company, "audit__participation__edition", "audit__body", "proposed_by", "decided_by")


class Decision(Stateful):
    """To certify or not: the coordinator proposes, another person who did not audit decides."""

    class State(models.TextChoices):
        PENDING = "pending", _("Por proponer")
        PROPOSED = "proposed", _("Propuesta")
        DECIDED = "decided", _("Decidida")

    class Outcome(models.TextChoices):
        GRANT = "grant", _("Otorgar la certificación")
        DENY = "deny", _("No otorgar la certificación")

    MOVES = {
        State.PENDING: (State.PROPOSED,),
        State.PROPOSED: (State.DECIDED, State.PENDING),
        State.DECIDED: (),
    }
    TURN = {State.PENDING: Party.STAFF, State.PROPOSED: Party.STAFF, State.DECIDED: Party.NOBODY}

    audit = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="decision")
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.PENDING)
    proposal = models.CharField(_("propuesta"), max_length=6, choices=Outcome, blank=True)
    proposal_grounds = models.TextField(_("sustento de la propuesta"), blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("decisión"), max_length=6, choices=Outcome, blank=True)
    grounds = models.TextField(_("motivación"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("decisión")
        verbose_name_plural = _("decisiones")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="decided_by_another_person"
            ),
            models.CheckConstraint(
                condition=~Q(state="decided")
                | (Q(decided_by__isnull=False, proposed_by__isnull=False) & ~Q(outcome="") & ~Q(grounds="")),
                name="decision_taken_has_grounds",
            ),
        ]

    def __str__(self):
        return f"{_('Decisión')} · {self.audit.participation.company}"

    def event_company(self):
        return self.audit.participation.company

    @property
    def participation(self):
        return self.audit.participation

    @classmethod
    def open_for(cls, audit):
        """The decision that a closed certification audit waits for; a proposal made before it reopened is void."""
        decision, new = cls.objects.get_or_create(audit=audit)
        if new:
            Event.record(decision, by=None, verb="create")
        elif decision.state == cls.State.PROPOSED:
            decision.move(cls.State.PENDING, by=None, note=gettext("La auditoría se reabrió después de la propuesta."))
        return decision

    def propose(self, *, by, outcome, grounds):
        """Coordination proposes, with grounds. Raises IllegalMove when `by` may not or the audit is not closed."""
        from audits.gates import grant_refusals, proposer_refusals

        refuse(proposer_refusals(self, by))
        if outcome == self.Outcome.GRANT:
            refuse(grant_refusals(self))
        stamps = {"proposed_by": by, "proposed_at": timezone.now()}
        with transaction.atomic():
            self.move(self.State.PROPOSED, by=by, note=grounds, proposal=outcome, proposal_grounds=grounds, **stamps)
            people = User.objects.with_duty(Duty.DECIDER).exclude(pk=by.pk)
            title = gettext("Le toca decidir sobre %(company)s") % {"company": self.participation.company}
            self._tell(people, "proposed", title, reverse("panel:decision", args=[self.pk]))

    def give_back(self, *, by, reason):
        """Whoever may decide asks for another proposal, saying why."""
        from audits.gates import decider_refusals

        refuse(decider_refusals(self, by))
        with transaction.atomic():
            proposer = self.proposed_by
            self.move(self.State.PENDING, by=by, note=reason)
            title = gettext("Su propuesta sobre %(company)s fue devuelta") % {"company": self.participation.company}
            self._tell([proposer], "given_back", title, reverse("panel:decision", args=[self.pk]), reason)

    def decide(self, *, by, outcome, grounds, on=None):
        """Grant or deny, once and for all; return the certificate issued, or None.

        on: the day of the decision, from which the certificate is valid. Everything is saved or nothing is.
        Raises IllegalMove when `by` may not decide, a condition is unmet, or somebody decided first.
        """
        from audits.gates import decider_refusals, grant_refusals

        refuse(decider_refusals(self, by))
        if outcome == self.Outcome.GRANT:
            refuse(grant_refusals(self))
        if not grounds.strip():
            raise IllegalMove(gettext("Falta la motivación de la decisión."))
        stamps = {"outcome": outcome, "grounds": grounds, "decided_by": by, "decided_at": timezone.now()}
        with transaction.atomic():
            self.move(self.State.DECIDED, by=by, note=grounds, **stamps)
            self.audit.move(Audit.State.CONFIRMED, by=by)
            if outcome == self.Outcome.DENY:
                self._deny(by)
                return None
            self.participation.move(Participation.State.CERTIFIED, by=by)
            return self._issue(by, on or timezone.localdate())

    def _deny(self, by):
        self.participation.move(Participation.State.NOT_CERTIFIED, by=by, note=self.grounds)
        title = gettext("PROMPERÚ no otorgó la certificación")
        company = self.participation.company
        self._tell(company.people(), "denied", title, reverse("empresa:certificate", args=[company.pk]), self.grounds)

    def _issue(self, by, on):
        from .certificate import Certificate

        certificate = Certificate.objects.issue(self, by=by, on=on)
        title = gettext("Su empresa está certificada: %(number)s") % {"number": certificate.number}
        company = certificate.company
        self._tell(company.people(), "granted", title, reverse("empresa:certificate", args=[company.pk]))
        told = gettext("%(company)s recibió el certificado %(number)s")
        told %= {"company": company, "number": certificate.number}
        self._tell(
            User.objects.with_duty(Duty.COORDINATOR),
            "granted",
            told,
            reverse("panel:certificate", args=[certificate.pk]),
        )
        return certificate

    def _tell(self, people, fact, title, url, body=""):
        company = self.participation.company
        key = f"decision:{self.pk}:{fact}:{self.version}"
        Notice.tell(people, key=key, kind="decision", title=title[:200], body=body, url=url, company=company)
