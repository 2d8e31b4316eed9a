from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from ecoeficiencia.lifecycle import Party, Stateful, StatefulQuerySet

from .audit import Audit


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
