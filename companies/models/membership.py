from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.lifecycle import IllegalMove, Overtaken


class Duty(models.TextChoices):
    COORDINATOR = "coordinator", _("Coordinación")
    REVIEWER = "reviewer", _("Revisión de postulaciones")
    DECIDER = "decider", _("Decisión y firma")
    ADMINISTRATOR = "administrator", _("Administración")
    MONITOR = "monitor", _("Monitoreo")
    PREAUDITOR = "preauditor", _("Preauditoría")


PANEL_DUTIES = (Duty.COORDINATOR, Duty.REVIEWER, Duty.DECIDER, Duty.ADMINISTRATOR)


class DatedQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class Appointment(models.Model):
    """PROMPERÚ gives a person a duty from one day to another. Ended, never deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    duty = models.CharField(_("función"), max_length=20, choices=Duty)
    starts_on = models.DateField(_("desde"), default=timezone.localdate)
    ends_on = models.DateField(_("hasta"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("designación")
        verbose_name_plural = _("designaciones")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "duty"], condition=Q(ends_on=None), name="appointment_open_once_per_duty"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="appointment_ends_after_it_starts"
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.get_duty_display()}"

    @property
    def is_open(self):
        return self.ends_on is None or self.ends_on >= timezone.localdate()

    def end(self, *, by, reason, on=None):
        """Take the duty away from day `on`: yesterday was its last. Raises Overtaken, or IllegalMove for the last who
        administers."""
        from .event import Event
        from .notice import Notice

        last = (on or timezone.localdate()) - timedelta(days=1)
        with transaction.atomic():
            held = list(Appointment.objects.select_for_update().in_force(timezone.localdate()).filter(duty=self.duty))
            if self not in held:
                raise Overtaken(now_("Esa función ya terminó."), self)
            if self.duty == Duty.ADMINISTRATOR and len({row.user_id for row in held}) == 1:
                raise IllegalMove(now_("Es la última persona que administra. Dé primero la función a otra."))
            # A duty of one day began, on paper, the day before: it must be over at the next request.
            self.starts_on, self.ends_on = min(self.starts_on, last), last
            self.save(update_fields=["starts_on", "ends_on"])
            Event.record(self, by=by, verb="dismiss", note=reason)
            Event.record(self.user, by=by, verb="dismiss", note=f"{self.get_duty_display()}. {reason}")
            title = now_("Terminó su función en PROMPERÚ: %(duty)s") % {"duty": self.get_duty_display()}
            Notice.tell([self.user], key=f"dismiss:{self.pk}", kind="account", title=title, body=reason, url="/cuenta/")


class MembershipQuerySet(DatedQuerySet):
    def of(self, user):
        """Where `user` works today."""
        return self.in_force(timezone.localdate()).filter(user=user).select_related("company", "user")

    def leading(self, user):
        """The memberships by which `user` runs a company's team today."""
        roles = (Membership.Role.REPRESENTATIVE, Membership.Role.COORDINATOR)
        return self.in_force(timezone.localdate()).filter(user=user, role__in=roles)

    def led_by(self, user):
        """The members of the companies whose team `user` runs, former ones included."""
        from .company import Company

        return self.filter(company__in=Company.objects.led_by(user))


class Membership(models.Model):
    """A person works at a company, in one capacity, from one day to another."""

    TOLD_TO_COMPANY = True

    class Role(models.TextChoices):
        REPRESENTATIVE = "representative", _("Representante legal")
        COORDINATOR = "coordinator", _("Coordinación de ecoeficiencia")
        COLLABORATOR = "collaborator", _("Colaboración")
        READER = "reader", _("Solo lectura")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("rol"), max_length=20, choices=Role, default=Role.COLLABORATOR)
    starts_on = models.DateField(_("desde"), default=timezone.localdate)
    ends_on = models.DateField(_("hasta"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("integrante")
        verbose_name_plural = _("integrantes")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "company"], condition=Q(ends_on=None), name="membership_open_once_per_company"
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"

    def become(self, role, *, by):
        """Change what the person does here; raises IllegalMove for the last representative, or when `by` may not."""
        with transaction.atomic():
            self._hold()
            if role == self.role:
                return
            self._only_by_a_representative(role, by)
            self._keep_a_representative(role)
            old, self.role = self.get_role_display(), role
            self.save(update_fields=["role"])
            self._record(by, "role", f"{self.user}: {old} → {self.get_role_display()}")

    def end(self, *, by, on):
        """Stop working here from `on`; raises IllegalMove for the last representative, or when `by` may not."""
        with transaction.atomic():
            self._hold()
            self._only_by_a_representative(self.role, by)
            self._keep_a_representative()
            self.ends_on = on - timedelta(days=1)
            self.save(update_fields=["ends_on"])
            self._record(by, "leave", str(self.user))

    def hand_over(self, to, *, role, by, on):
        """Give the representation to the colleague `to`; go on as `role`, or leave when it is "". Both or neither."""
        with transaction.atomic():
            self._hold()
            if self.role != self.Role.REPRESENTATIVE or to.company_id != self.company_id:
                raise IllegalMove(now_("Solo quien representa a la empresa traspasa la representación."))
            to.become(self.Role.REPRESENTATIVE, by=by)
            self.become(role, by=by) if role else self.end(by=by, on=on)

    def _hold(self):
        """Hold the company's row, and take from the database what this person is here by now: one act at a time."""
        self.company.lock_row()
        current = type(self).objects.in_force(timezone.localdate()).filter(pk=self.pk).first()
        if current is None:
            raise IllegalMove(now_("%(person)s ya no trabaja aquí.") % {"person": self.user})
        self.role = current.role

    def _only_by_a_representative(self, role, by):
        """Nobody else gives or takes the representation, while somebody has it."""
        if self.Role.REPRESENTATIVE in (self.role, role) and not self.company.lets_represent(by):
            raise IllegalMove(now_("La representación la da y la quita quien representa a la empresa."))

    def _keep_a_representative(self, role=""):
        """Refuse to lose the last who signs for the company, or the last who runs it; `role`: what they become."""
        if self.company.successor_id:  # its successor answers for it
            return
        others = self.company.memberships.in_force(timezone.localdate()).exclude(pk=self.pk)
        others = others.filter(user__is_active=True)
        signs, leads = self.Role.REPRESENTATIVE, (self.Role.REPRESENTATIVE, self.Role.COORDINATOR)
        if self.role == signs and not others.filter(role=signs).exists():
            raise IllegalMove(now_("Es el único representante legal. Invite primero a quien lo reemplace."))
        if role not in leads and not others.filter(role__in=leads).exists():
            raise IllegalMove(now_("Nadie más coordina esta empresa. Invite primero a quien lo reemplace."))

    def _record(self, by, verb, note):
        from .event import Event

        Event.record(self, by=by, verb=verb, note=note, company=self.company)
