from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Site
from ecoeficiencia.lifecycle import Party, Stateful, StatefulQuerySet
from programs.models import Participation
from requirements_std.models import Requirement, Scope

from .body import CertificationBody

# Auditors keep reading their audit for this long after it ended.
ACCESS_AFTER_END = timedelta(days=90)


class AuditQuerySet(StatefulQuerySet):
    def audited_by(self, user):
        """Audits of whose team `user` is, from acceptance until ACCESS_AFTER_END after their end."""
        return self.filter(
            Q(ended_at=None) | Q(ended_at__gte=timezone.now() - ACCESS_AFTER_END),
            team__in=AuditMember.objects.filter(user=user, left_on=None),
        ).exclude(state__in=[Audit.State.REQUESTED, Audit.State.DECLINED, Audit.State.CANCELLED])

    def requested_from(self, user):
        """External audits of the bodies `user` manages: the request and its state, not the evidence."""
        return self.filter(body__in=CertificationBody.objects.managed_by(user).values("pk"))

    def visible_to(self, user):
        """Members and staff see the audits of the company; its team sees its own."""
        if user.is_programme_staff:
            return self
        return self.filter(
            Q(participation__company__in=Company.objects.belonging_to(user).values("pk"))
            | Q(pk__in=self.model.objects.audited_by(user).values("pk"))
        )

    def editable_by(self, user):
        """Audits in which `user` answers for the company."""
        return self.filter(participation__company__in=Company.objects.edited_by(user))

    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()

    def open(self):
        return self.exclude(state__in=[state for state, moves in Audit.MOVES.items() if not moves])


class Audit(Stateful):
    """A pre-audit by PROMPERÚ or a certification audit by a third party, over a frozen scope and checklist."""

    class Kind(models.TextChoices):
        PREAUDIT = "preaudit", _("Preauditoría")
        CERTIFICATION = "certification", _("Auditoría de certificación")

    class State(models.TextChoices):
        REQUESTED = "requested", _("Solicitada al organismo")
        DECLINED = "declined", _("Declinada por el organismo")
        ACCEPTED = "accepted", _("Aceptada, por planificar")
        PLANNED = "planned", _("Plan propuesto")
        AGREED = "agreed", _("Plan aceptado")
        STARTED = "started", _("En ejecución")
        CORRECTING = "correcting", _("En subsanación")
        CLOSED = "closed", _("Cerrada, por confirmar")
        CONFIRMED = "confirmed", _("Confirmada")
        CANCELLED = "cancelled", _("Cancelada")

    MOVES = {
        State.REQUESTED: (State.ACCEPTED, State.DECLINED, State.CANCELLED),
        State.DECLINED: (),
        State.ACCEPTED: (State.PLANNED, State.CANCELLED),
        State.PLANNED: (State.AGREED, State.ACCEPTED, State.CANCELLED),
        State.AGREED: (State.STARTED, State.CANCELLED),
        State.STARTED: (State.CORRECTING, State.CLOSED, State.CANCELLED),
        State.CORRECTING: (State.CLOSED, State.STARTED),
        State.CLOSED: (State.CONFIRMED, State.STARTED),
        State.CONFIRMED: (),
        State.CANCELLED: (),
    }
    TURN = {
        State.REQUESTED: Party.BODY,
        State.DECLINED: Party.NOBODY,
        State.ACCEPTED: Party.AUDITOR,
        State.PLANNED: Party.COMPANY,
        State.AGREED: Party.AUDITOR,
        State.STARTED: Party.AUDITOR,
        State.CORRECTING: Party.COMPANY,
        State.CLOSED: Party.STAFF,
        State.CONFIRMED: Party.NOBODY,
        State.CANCELLED: Party.NOBODY,
    }

    class Recommendation(models.TextChoices):
        CERTIFY = "certify", _("Recomienda certificar")
        NOT_CERTIFY = "not_certify", _("No recomienda certificar")

    kind = models.CharField(_("tipo"), max_length=15, choices=Kind)
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="audits")
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="audits", verbose_name=_("alcance"))
    body = models.ForeignKey(
        CertificationBody, null=True, blank=True, on_delete=models.PROTECT, related_name="audits",
        verbose_name=_("organismo"),
    )
    state = models.CharField(_("estado"), max_length=12, choices=State, default=State.ACCEPTED)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    request_message = models.TextField(_("mensaje al organismo"), blank=True)
    decline_reason = models.TextField(_("motivo para declinar"), blank=True)
    starts_on = models.DateField(_("desde"), null=True, blank=True)
    ends_on = models.DateField(_("hasta"), null=True, blank=True)
    agenda = models.TextField(_("agenda"), blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(_("lista congelada el"), null=True, blank=True)
    opening_minutes = models.TextField(_("acta de apertura"), blank=True)
    closing_minutes = models.TextField(_("acta de cierre"), blank=True)
    conclusion = models.TextField(_("conclusiones"), blank=True)
    recommendation = models.CharField(_("recomendación"), max_length=12, choices=Recommendation, blank=True)
    correction_due_on = models.DateField(_("plazo de subsanación"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Level of implementation reached (fact S5): conforming / applicable, stated when the audit closes.
    level = models.DecimalField(_("nivel de implementación"), max_digits=5, decimal_places=4, null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("auditoría")
        verbose_name_plural = _("auditorías")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="preaudit", body=None) | Q(kind="certification", body__isnull=False),
                name="audit_by_promperu_or_by_a_third_party",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="audit_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["participation", "kind"],
                condition=~Q(state__in=["declined", "confirmed", "cancelled"]),
                name="one_open_audit_per_kind",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.participation.company}"

    def event_company(self):
        return self.participation.company

    @property
    def is_preaudit(self):
        return self.kind == self.Kind.PREAUDIT


class AuditMember(models.Model):
    """A named auditor of one audit, who declared to be free of conflict before seeing it."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Auditoría líder")
        MEMBER = "member", _("Auditoría")

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="audit_roles")
    role = models.CharField(_("función"), max_length=10, choices=Role, default=Role.LEAD)
    named_at = models.DateTimeField(default=timezone.now)
    declared_at = models.DateTimeField(_("declaró imparcialidad el"), null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("integrante del equipo auditor")
        verbose_name_plural = _("equipo auditor")
        constraints = [models.UniqueConstraint(fields=["audit", "user"], name="auditor_once_per_audit")]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"


class CheckQuerySet(models.QuerySet):
    def audited_by(self, user):
        return self.filter(audit__in=Audit.objects.audited_by(user))

    def visible_to(self, user):
        """The team at once; the company and staff when the audit is closed or corrections were asked."""
        told = self.filter(
            audit__in=Audit.objects.visible_to(user),
            audit__state__in=[Audit.State.CORRECTING, Audit.State.CLOSED, Audit.State.CONFIRMED],
        )
        return self.filter(Q(pk__in=told.values("pk")) | Q(audit__in=Audit.objects.audited_by(user)))


class Check(models.Model):
    """One line of the frozen checklist: an applicable requirement, for the organisation or one sampled site."""

    class Result(models.TextChoices):
        CONFORMING = "conforming", _("Conforme")
        MAJOR = "major", _("No conformidad mayor")
        MINOR = "minor", _("No conformidad menor")
        OBSERVATION = "observation", _("Observación")
        OPPORTUNITY = "opportunity", _("Oportunidad de mejora")
        NOT_APPLICABLE = "not_applicable", _("No aplica")

    NONCONFORMING = (Result.MAJOR, Result.MINOR)

    class Method(models.TextChoices):
        DOCUMENT = "documental", _("Revisión documental")
        INTERVIEW = "entrevista", _("Entrevista")
        OBSERVATION = "observacion", _("Observación")
        MEASUREMENT = "medicion", _("Medición")
        SAMPLING = "muestreo", _("Muestreo")

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="checks")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(_("resultado"), max_length=15, choices=Result, blank=True)
    method = models.CharField(_("método"), max_length=12, choices=Method, blank=True)
    evidence_seen = models.TextField(_("evidencia revisada"), blank=True)
    persons = models.CharField(_("personas entrevistadas"), max_length=300, blank=True)
    note = models.TextField(_("hallazgo"), blank=True)
    # A nonconformity of the pre-audit comes back here and cannot be skipped.
    recheck_of = models.ForeignKey(
        "audits.NonConformity", null=True, blank=True, on_delete=models.PROTECT, related_name="rechecks"
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["requirement__number", "site_id"]
        verbose_name = _("verificación")
        verbose_name_plural = _("verificaciones")
        constraints = [
            models.UniqueConstraint(fields=["audit", "requirement"], condition=Q(site=None), name="check_once"),
            models.UniqueConstraint(
                fields=["audit", "requirement", "site"], condition=Q(site__isnull=False), name="check_once_per_site"
            ),
            models.CheckConstraint(
                condition=~Q(result__in=["major", "minor", "not_applicable"]) | ~Q(note=""),
                name="check_refused_with_its_finding",
            ),
        ]

    def __str__(self):
        return f"{self.requirement.code} · {self.site}" if self.site_id else self.requirement.code
