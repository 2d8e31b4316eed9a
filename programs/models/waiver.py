from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Duty, Event, Site
from ecoeficiencia.lifecycle import IllegalMove
from programs import notices

from .application import Application
from .participation import Participation
from .review import condition_label, titles_of_papers


class WaiverQuerySet(models.QuerySet):
    def visible_to(self, user):
        companies = Company.objects.worked_on_by(user).values("pk")
        return self.filter(Q(application__company__in=companies) | Q(participation__company__in=companies))

    def granted_by_duty_of(self, user):
        """Waivers that `user`, as coordinator, may end."""
        return self if user.has_duty(Duty.COORDINATOR) else self.none()

    def of_both_gates(self, participation):
        """Those of its application and those it got since."""
        return self.filter(Q(participation=participation) | Q(application=participation.application_id))

    def in_force(self, on):
        return self.filter(revoked_at=None, expires_on__gte=on)

    def labelled(self):
        """A list of them, each with its label, in as many statements for many as for one."""
        waivers = list(self.select_related("approved_by"))
        keys = [waiver.condition for waiver in waivers]
        sites = [key.partition(":")[2] for key in keys if key.partition(":")[2].isdigit()]
        names = dict(Site.objects.filter(pk__in=sites).values_list("pk", "name")) if sites else {}
        papers = titles_of_papers([key.partition(":")[0] for key in keys])
        for waiver in waivers:
            waiver.label = condition_label(waiver.condition, names, papers)
        return waivers


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

    @property
    def record(self):
        """The application or participation whose gate it opens."""
        return self.application or self.participation

    @cached_property
    def label(self):
        return condition_label(self.condition)

    def in_force_on(self, day):
        return self.revoked_at is None and self.expires_on >= day

    @classmethod
    def grant(cls, *, condition, reason, expires_on, by, application=None, participation=None, on=None):
        """Lift one condition of one gate until `expires_on`, and tell the company.

        Raises IllegalMove for what nobody may lift, for a past day, and when the condition is lifted already.
        """
        on = on or timezone.localdate()
        if condition in cls.NEVER:
            raise IllegalMove(
                _("Esta condición no se dispensa nunca: %(label)s.") % {"label": condition_label(condition)}
            )
        if expires_on < on:
            raise IllegalMove(_("La dispensa debe vencer hoy o después."))
        record = application or participation
        with transaction.atomic():
            if record.waivers.in_force(on).filter(condition=condition).exists():
                raise IllegalMove(
                    _("Esa condición ya está dispensada. Deje sin efecto la dispensa anterior si va a cambiarla.")
                )
            waiver = cls.objects.create(
                application=application, participation=participation, condition=condition, reason=reason,
                approved_by=by, expires_on=expires_on,
            )  # fmt: skip
            Event.record(record, by=by, verb="waive", note=f"{waiver.label}: {reason}")
            notices.tell_waived(waiver)
        return waiver

    def revoke(self, *, by, reason):
        """Raises IllegalMove when it was revoked before."""
        now = timezone.now()
        with transaction.atomic():
            if type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now) != 1:
                raise IllegalMove(_("Esta dispensa ya estaba sin efecto."))
            self.revoked_at = now
            Event.record(self.record, by=by, verb="revoke", note=f"{self.label}: {reason}")
            notices.tell_revoked(self, reason)
