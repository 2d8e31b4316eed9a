import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from ecoeficiencia.lifecycle import Party, Stateful, StatefulQuerySet
from requirements_std.models import Scope

from .decision import Decision

EXPIRES_SOON_DAYS = 180


def new_code():
    """A public code that cannot be guessed: 128 bits, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


class Entitlement(Stateful):
    """What the certificate and the mark licence share: acts are stored, the calendar is asked of a day."""

    class State(models.TextChoices):
        ISSUED = "issued", _("Vigente")
        SUSPENDED = "suspended", _("Suspendido")
        WITHDRAWN = "withdrawn", _("Retirado")
        REPLACED = "replaced", _("Reemplazado")

    MOVES = {
        State.ISSUED: (State.SUSPENDED, State.WITHDRAWN, State.REPLACED),
        State.SUSPENDED: (State.ISSUED, State.WITHDRAWN),
        State.WITHDRAWN: (),
        State.REPLACED: (),
    }
    TURN = {
        State.ISSUED: Party.NOBODY,
        State.SUSPENDED: Party.COMPANY,
        State.WITHDRAWN: Party.NOBODY,
        State.REPLACED: Party.NOBODY,
    }

    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.ISSUED)
    state_reason = models.TextField(_("motivo del estado"), blank=True)
    valid_from = models.DateField(_("vigente desde"))
    valid_until = models.DateField(_("vigente hasta"))

    class Meta:
        abstract = True

    def status_on(self, day):
        """The status on `day`: the stored act, else what the calendar says.

        One of suspended, withdrawn, replaced, not_yet, expired, expiring, valid.
        """
        if self.state != self.State.ISSUED:
            return self.state
        if day < self.valid_from:
            return "not_yet"
        if day > self.valid_until:
            return "expired"
        return "expiring" if (self.valid_until - day).days <= EXPIRES_SOON_DAYS else "valid"


class CertificateQuerySet(StatefulQuerySet):
    def public(self, on):
        """What the public door shows: every certificate ever granted, with its status asked of `on`."""
        return self.filter(valid_from__lte=on)

    def in_force(self, on):
        return self.filter(state="issued", valid_from__lte=on, valid_until__gte=on)

    def visible_to(self, user):
        if user.is_programme_staff:
            return self
        return self.filter(company__in=Company.objects.belonging_to(user).values("pk"))

    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()


class Certificate(Entitlement):
    """The certification PROMPERÚ granted: one a decision, whatever is pressed twice."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="certificate")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="certificates")
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="certificates")
    number = models.CharField(_("número"), max_length=30, unique=True)
    code = models.CharField(_("código de verificación"), max_length=40, unique=True, default=new_code, editable=False)
    issued_on = models.DateField(_("otorgado el"))
    # What was printed: names, sites, standard, body, signatory. Later changes of the company do not touch it.
    printed = models.JSONField(default=dict)
    pdf = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-number"]
        verbose_name = _("certificado")
        verbose_name_plural = _("certificados")
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="certificate_valid_forwards")
        ]

    def __str__(self):
        return self.number


class MarkLicence(Entitlement):
    """The right to use the mark: its own conditions, never beyond its certificate."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="licence")
    number = models.CharField(_("número"), max_length=30, unique=True)
    conditions = models.JSONField(_("condiciones cumplidas al otorgarla"), default=list)
    uses = models.JSONField(_("usos permitidos"), default=list)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("licencia de uso de la marca")
        verbose_name_plural = _("licencias de uso de la marca")
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="licence_valid_forwards")
        ]

    def __str__(self):
        return self.number

    def event_company(self):
        return self.certificate.company


class RegisterEntry(models.Model):
    """One line of the public register. Each carries the hash of the one before: history cannot be rewritten unseen."""

    sequence = models.PositiveIntegerField(unique=True)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="register")
    act = models.CharField(_("acto"), max_length=20)
    on = models.DateField(_("fecha"))
    payload = models.JSONField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["sequence"]
        verbose_name = _("asiento del registro")
        verbose_name_plural = _("registro público")

    def __str__(self):
        return f"{self.sequence} · {self.act}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise TypeError("The register only grows.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("The register only grows.")
