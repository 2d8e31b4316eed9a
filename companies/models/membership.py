import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


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


class Membership(models.Model):
    """A person works at a company, in one capacity, from one day to another."""

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

    objects = DatedQuerySet.as_manager()

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


class Invitation(models.Model):
    """A single-use token that makes whoever holds it a member; only its hash is kept."""

    company = models.ForeignKey("companies.Company", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("correo electrónico"))
    role = models.CharField(_("rol"), max_length=20, choices=Membership.Role, default=Membership.Role.COLLABORATOR)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(_("vence"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitación")
        verbose_name_plural = _("invitaciones")

    def __str__(self):
        return f"{self.email} → {self.company}"

    @staticmethod
    def new_token():
        """Return a fresh token and the hash to keep of it."""
        token = secrets.token_urlsafe(32)
        return token, Invitation.hash(token)

    @staticmethod
    def hash(token):
        return hashlib.sha256(token.encode()).hexdigest()
