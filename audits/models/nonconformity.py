from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from ecoeficiencia.lifecycle import Party, Stateful, StatefulQuerySet

from .answering import Answering
from .audit import Audit
from .check import Check


class NonConformityQuerySet(StatefulQuerySet):
    def open(self):
        return self.exclude(state=NonConformity.State.CLOSED)

    def audited_by(self, user):
        return self.filter(audit__in=Audit.objects.conducted_by(user))

    def of_members(self, user):
        """Nonconformities of the companies where `user` is a member today."""
        return self.filter(audit__in=Audit.objects.of_members(user))

    def for_list(self):
        return self.select_related("audit__participation__company", "check_line__requirement", "check_line__site")

    def for_page(self):
        return self.select_related(
            "audit__participation__company",
            "audit__participation__edition",
            "audit__body",
            "check_line__requirement",
            "check_line__site",
            "check_line__answered_by",
            "verified_by",
        )

    def visible_to(self, user):
        """Who may see the audit. Rows exist from the moment the audit tells of them, never before."""
        return self.filter(audit__in=Audit.objects.visible_to(user))

    def editable_by(self, user):
        """Nonconformities `user` answers for the company."""
        return self.filter(audit__participation__company__in=Company.objects.edited_by(user))


class NonConformity(Answering, Stateful):
    """A requirement not met, found in an audit: what the company does about it and how it was verified."""

    TOLD_TO_COMPANY = True

    class Grade(models.TextChoices):
        MAJOR = "major", _("Mayor")
        MINOR = "minor", _("Menor")

    class State(models.TextChoices):
        OPEN = "open", _("Abierta")
        ANSWERED = "answered", _("En revisión")
        RETURNED = "returned", _("Devuelta")
        CLOSED = "closed", _("Cerrada")

    MOVES = {
        State.OPEN: (State.ANSWERED,),
        State.ANSWERED: (State.CLOSED, State.RETURNED),
        State.RETURNED: (State.ANSWERED,),
        State.CLOSED: (),
    }
    TURN = {
        State.OPEN: Party.COMPANY,
        State.ANSWERED: Party.AUDITOR,
        State.RETURNED: Party.COMPANY,
        State.CLOSED: Party.NOBODY,
    }

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="nonconformities")
    check_line = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="nonconformity")
    number = models.CharField(_("número"), max_length=20, unique=True)
    grade = models.CharField(_("grado"), max_length=5, choices=Grade)
    statement = models.TextField(_("enunciado"))
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(_("plazo"), null=True, blank=True)
    correction = models.TextField(_("corrección inmediata"), blank=True)
    root_cause = models.TextField(_("causa raíz"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    late = models.BooleanField(_("respondida fuera de plazo"), default=False)
    review_note = models.TextField(_("revisión del auditor"), blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = NonConformityQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("no conformidad")
        verbose_name_plural = _("no conformidades")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False, verified_by__isnull=False),
                name="nonconformity_closed_by_an_auditor",
            )
        ]

    def __str__(self):
        return self.number

    def event_company(self):
        return self.audit.participation.company


class CorrectiveActionQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(nonconformity__in=NonConformity.objects.visible_to(user))

    def audited_by(self, user):
        return self.filter(nonconformity__in=NonConformity.objects.audited_by(user))

    def of_members(self, user):
        return self.filter(nonconformity__in=NonConformity.objects.of_members(user))

    def editable_by(self, user):
        return self.filter(nonconformity__in=NonConformity.objects.editable_by(user))

    def unfinished(self):
        return self.filter(done_on=None)


class CorrectiveAction(models.Model):
    """What will not let it happen again: owner, day, proof. A nonconformity closes with all of them done."""

    nonconformity = models.ForeignKey(NonConformity, on_delete=models.CASCADE, related_name="actions")
    description = models.TextField(_("acción correctiva"))
    responsible = models.CharField(_("responsable"), max_length=150)
    due_on = models.DateField(_("fecha comprometida"))
    done_on = models.DateField(_("terminada el"), null=True, blank=True)
    blob = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(_("evidencia"), max_length=200, blank=True)

    objects = CorrectiveActionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("acción correctiva")
        verbose_name_plural = _("acciones correctivas")
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(blob__isnull=False), name="corrective_action_done_has_its_proof"
            )
        ]

    def __str__(self):
        return self.description[:60]
