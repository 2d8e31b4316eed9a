from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import Duty, Event, Notice, User
from ecoeficiencia.lifecycle import IllegalMove, Overtaken, Party, Stateful, StatefulQuerySet

from .certificate import Certificate
from .external import refuse


class WithdrawalQuerySet(StatefulQuerySet):
    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()

    def visible_to(self, user):
        """PROMPERÚ's own: once it is confirmed, the company reads the reason on its certificate and in the register."""
        return self.managed_by(user)

    def for_page(self):
        return self.select_related(
            "proposed_by", "certificate__company", "certificate__licence", "certificate__decision__audit__participation"
        )

    def waiting(self):
        return self.filter(state="proposed")

    def propose(self, certificate, *, by, reason):
        """Propose to end `certificate` for good; return the proposal. `reason` is what the register will publish.

        Raises IllegalMove when `by` may not, when it ended already, or when a proposal waits.
        """
        from audits.gates import proposer_refusals

        refuse(proposer_refusals(certificate.decision, by))
        if not certificate.can_move(Certificate.State.WITHDRAWN):
            state = certificate.get_state_display()
            raise Overtaken(gettext("El certificado está en «%(state)s».") % {"state": state}, certificate)
        with transaction.atomic():
            try:
                with transaction.atomic():
                    proposal = self.create(certificate=certificate, reason=reason, proposed_by=by)
            except IntegrityError:
                first = self.waiting().get(certificate=certificate)
                raise Overtaken(gettext("Ya hay una propuesta de retiro por resolver."), first) from None
            Event.record(proposal, by=by, verb="create", new=proposal.state, note=reason)
            title = gettext("Le toca confirmar el retiro de %(number)s")
            proposal.tell(User.objects.with_duty(Duty.DECIDER).exclude(pk=by.pk), "proposed", title, reason)
        return proposal


class Withdrawal(Stateful):
    """The proposal to end a certificate: the coordinator makes it, another person who did not audit resolves it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Por confirmar")
        CONFIRMED = "confirmed", _("Confirmado")
        REJECTED = "rejected", _("No confirmado")

    MOVES = {State.PROPOSED: (State.CONFIRMED, State.REJECTED), State.CONFIRMED: (), State.REJECTED: ()}
    TURN = {State.PROPOSED: Party.STAFF, State.CONFIRMED: Party.NOBODY, State.REJECTED: Party.NOBODY}

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="withdrawals")
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.PROPOSED)
    reason = models.TextField(_("motivo"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    grounds = models.TextField(_("sustento"), blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        verbose_name = _("retiro propuesto")
        verbose_name_plural = _("retiros propuestos")
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"], condition=Q(state="proposed"), name="withdrawal_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(resolved_by=None) | ~Q(resolved_by=F("proposed_by")), name="withdrawal_by_another_person"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed")
                | (Q(resolved_by__isnull=False, resolved_at__isnull=False) & ~Q(grounds="")),
                name="withdrawal_resolved_has_grounds",
            ),
        ]

    def __str__(self):
        return self.certificate.number

    def event_company(self):
        return self.certificate.company

    def confirm(self, *, by, grounds, on):
        """End the certificate, and the licence with it. All is saved or nothing; the company is told.

        Raises IllegalMove when `by` may not, or when somebody was first at the proposal or at the certificate.
        """
        with transaction.atomic():
            self._resolve(self.State.CONFIRMED, by, grounds)
            self.certificate.withdraw(by=by, reason=self.reason, on=on)
            self.tell([self.proposed_by], "confirmed", gettext("Se confirmó el retiro de %(number)s"), grounds)

    def reject(self, *, by, grounds):
        """Leave the certificate as it is, and tell who proposed why."""
        with transaction.atomic():
            self._resolve(self.State.REJECTED, by, grounds)
            self.tell([self.proposed_by], "rejected", gettext("No se confirmó el retiro de %(number)s"), grounds)

    def _resolve(self, to, by, grounds):
        from audits.gates import withdrawal_resolver_refusals

        refuse(withdrawal_resolver_refusals(self, by))
        if not grounds.strip():
            raise IllegalMove(gettext("Falta el sustento."))
        self.move(to, by=by, note=grounds, grounds=grounds, resolved_by=by, resolved_at=timezone.now())

    def tell(self, people, fact, title, body):
        """Tell `people` of PROMPERÚ, once."""
        Notice.tell(
            people,
            key=f"withdrawal:{self.pk}:{fact}",
            kind="decision",
            title=title % {"number": self.certificate.number},
            body=body,
            url=reverse("panel:certificate", args=[self.certificate_id]),
            company=self.event_company(),
        )
