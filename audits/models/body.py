from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Event
from companies.models.membership import DatedQuerySet
from ecoeficiencia.lifecycle import IllegalMove


class CertificationBodyQuerySet(models.QuerySet):
    def enabled_on(self, day):
        """Bodies PROMPERÚ has enabled and not stopped, on `day`."""
        return self.filter(Q(enabled_until=None) | Q(enabled_until__gte=day), status="enabled", enabled_from__lte=day)

    def not_ended(self, day):
        """Bodies a company may choose for some day from `day` on."""
        return self.filter(Q(enabled_until=None) | Q(enabled_until__gte=day), status="enabled")

    def for_list(self):
        open_requests = Q(audits__state="requested")
        return self.annotate(
            requests=Count("audits", filter=open_requests, distinct=True), audited=Count("audits", distinct=True)
        )

    def managed_by(self, user):
        """Bodies for which `user` answers requests today."""
        return self.filter(
            people__in=BodyPerson.objects.in_force(timezone.localdate()).filter(user=user, role=BodyPerson.Role.MANAGER)
        )


class CertificationBody(models.Model):
    """A third party that PROMPERÚ enables, by resolution, to audit for the certification."""

    class Status(models.TextChoices):
        ENABLED = "enabled", _("Habilitado")
        SUSPENDED = "suspended", _("Suspendido")
        WITHDRAWN = "withdrawn", _("Retirado")

    name = models.CharField(_("nombre"), max_length=200, unique=True)
    ruc = models.CharField(_("RUC"), max_length=11, blank=True)
    resolution = models.CharField(_("resolución de habilitación"), max_length=100)
    enabled_from = models.DateField(_("habilitado desde"))
    enabled_until = models.DateField(_("habilitado hasta"), null=True, blank=True)
    status = models.CharField(_("estado"), max_length=10, choices=Status, default=Status.ENABLED)
    sectors = models.CharField(_("sectores"), max_length=300, blank=True)
    email = models.EmailField(_("correo"), blank=True)
    phone = models.CharField(_("teléfono"), max_length=30, blank=True)

    version = models.PositiveIntegerField(default=0, editable=False)

    objects = CertificationBodyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("organismo de certificación")
        verbose_name_plural = _("organismos de certificación")
        constraints = [
            models.CheckConstraint(
                condition=Q(enabled_until=None) | Q(enabled_until__gte=F("enabled_from")),
                name="body_enabled_forwards",
            )
        ]

    def __str__(self):
        return self.name

    def is_enabled_on(self, day):
        return (
            self.status == self.Status.ENABLED
            and self.enabled_from <= day
            and (self.enabled_until is None or self.enabled_until >= day)
        )

    def keep(self, *, by, note=""):
        """Save what staff edited of the body; who did it and why goes into its history."""
        Event.save_and_record(self, by=by, new=self.status, note=note or ("" if self.pk else str(self)))

    def event_company(self):
        return None

    def add_person(self, user, role, *, by):
        """Let `user` work for the body from today; whoever already does stays as they are."""
        with transaction.atomic():
            person, new = self.people.get_or_create(user=user, role=role, ends_on=None)
            if new:
                Event.record(self, by=by, verb="add_person", note=str(person))
        return person

    def end_person(self, person, *, by):
        """Let today be the last day of `person` at the body; raises IllegalMove when that was said before."""
        with transaction.atomic():
            if not self.people.filter(pk=person.pk, ends_on=None).update(ends_on=timezone.localdate()):
                raise IllegalMove(_("%(person)s ya tiene fecha de salida del organismo.") % {"person": person.user})
            Event.record(self, by=by, verb="end_person", note=str(person))


class BodyPerson(models.Model):
    """Somebody who works for a certification body, from one day to another."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("Gestión")
        AUDITOR = "auditor", _("Auditoría")

    body = models.ForeignKey(CertificationBody, on_delete=models.PROTECT, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="body_roles")
    role = models.CharField(_("función"), max_length=10, choices=Role)
    starts_on = models.DateField(_("desde"), default=timezone.localdate)
    ends_on = models.DateField(_("hasta"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("persona del organismo")
        verbose_name_plural = _("personas del organismo")
        constraints = [
            models.UniqueConstraint(
                fields=["body", "user", "role"], condition=Q(ends_on=None), name="body_person_open_once_per_role"
            )
        ]

    def __str__(self):
        return f"{self.user} · {self.body}"
