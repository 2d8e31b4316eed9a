from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company

from .application import Application
from .participation import Participation


class WaiverQuerySet(models.QuerySet):
    def visible_to(self, user):
        companies = Company.objects.worked_on_by(user).values("pk")
        return self.filter(Q(application__company__in=companies) | Q(participation__company__in=companies))

    def in_force(self, on):
        return self.filter(revoked_at=None, expires_on__gte=on)


class Waiver(models.Model):
    """Staff lift one condition of a gate: why, who, until when. Some conditions are never lifted."""

    # S6, S7 and impartiality: nobody may lift these.
    NEVER = frozenset({"open_nonconformities", "third_party", "impartiality", "decider_not_auditor"})

    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.PROTECT, related_name="waivers"
    )
    participation = models.ForeignKey(
        Participation, null=True, blank=True, on_delete=models.PROTECT, related_name="waivers"
    )
    condition = models.CharField(_("condición"), max_length=60)
    reason = models.TextField(_("motivo"))
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField(_("vence el"))
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = WaiverQuerySet.as_manager()

    class Meta:
        ordering = ["-approved_at"]
        verbose_name = _("dispensa")
        verbose_name_plural = _("dispensas")
        constraints = [
            models.CheckConstraint(
                condition=Q(application=None, participation__isnull=False)
                | Q(application__isnull=False, participation=None),
                name="waiver_of_one_gate",
            ),
            models.CheckConstraint(
                condition=~Q(
                    condition__in=["open_nonconformities", "third_party", "impartiality", "decider_not_auditor"]
                ),
                name="waiver_never_of_the_three",
            ),
        ]

    def __str__(self):
        return f"{self.condition} → {self.expires_on:%d/%m/%Y}"

    def event_company(self):
        return (self.application or self.participation).company
