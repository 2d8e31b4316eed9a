from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Site
from ecoeficiencia.lifecycle import Party, Stateful, StatefulQuerySet

from .assessment import Assessment
from .standard import Requirement


class FulfilmentQuerySet(StatefulQuerySet):
    def visible_to(self, user):
        """Rows that members, the assigned monitor and staff may read; auditors reach them through an audit."""
        return self.filter(assessment__company__in=Company.objects.worked_on_by(user))

    def editable_by(self, user):
        """Rows of the companies `user` works at. When they may be edited is MOVES's business."""
        return self.filter(assessment__company__in=Company.objects.edited_by(user))

    def reviewable_by(self, user):
        """Rows of the companies `user` monitors today."""
        return self.filter(assessment__company__in=Company.objects.monitored_by(user))

    def applicable(self):
        return self.filter(closed_on=None).exclude(state=self.model.State.NOT_APPLICABLE)


class Fulfilment(Stateful):
    """How one company meets one requirement, for the organisation or for one site.

    `work` is what the company says of its own progress; `state` is where the review stands. They never mix.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Sin presentar")
        SUBMITTED = "submitted", _("En revisión")
        RETURNED = "returned", _("Observado")
        ACCEPTED = "accepted", _("Aceptado")
        CLAIMED_NA = "claimed_na", _("No aplica, por confirmar")
        NOT_APPLICABLE = "not_applicable", _("No aplica")

    class Work(models.IntegerChoices):
        NOT_STARTED = 0, _("No iniciado")
        IN_PROGRESS = 1, _("En proceso")
        PARTIAL = 2, _("Parcial")
        DONE = 3, _("Implementado")

    MOVES = {
        State.OPEN: (State.SUBMITTED, State.CLAIMED_NA),
        State.SUBMITTED: (State.ACCEPTED, State.RETURNED, State.OPEN),
        State.RETURNED: (State.SUBMITTED, State.CLAIMED_NA),
        State.ACCEPTED: (State.RETURNED,),
        State.CLAIMED_NA: (State.NOT_APPLICABLE, State.RETURNED, State.OPEN),
        State.NOT_APPLICABLE: (State.RETURNED,),
    }
    TURN = {
        State.OPEN: Party.COMPANY,
        State.SUBMITTED: Party.MONITOR,
        State.RETURNED: Party.COMPANY,
        State.ACCEPTED: Party.NOBODY,
        State.CLAIMED_NA: Party.MONITOR,
        State.NOT_APPLICABLE: Party.NOBODY,
    }

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="fulfilments")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="fulfilments")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="fulfilments")
    state = models.CharField(_("revisión"), max_length=15, choices=State, default=State.OPEN)
    work = models.PositiveSmallIntegerField(_("avance"), choices=Work, default=Work.NOT_STARTED)
    statement = models.TextField(_("cómo lo cumple la empresa"), blank=True)
    na_reason = models.TextField(_("por qué no aplica"), blank=True)
    review_note = models.TextField(_("observación del monitor"), blank=True)
    closed_on = models.DateField(_("cerrado el"), null=True, blank=True)  # its site left the scope

    objects = FulfilmentQuerySet.as_manager()

    class Meta:
        ordering = ["requirement__number", "site_id"]
        verbose_name = _("cumplimiento")
        verbose_name_plural = _("cumplimientos")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "requirement"], condition=Q(site=None), name="fulfilment_once_per_organisation"
            ),
            models.UniqueConstraint(
                fields=["assessment", "requirement", "site"],
                condition=Q(site__isnull=False),
                name="fulfilment_once_per_site",
            ),
        ]
        indexes = [models.Index(fields=["assessment", "state"], name="fulfilment_by_state")]

    def __str__(self):
        return f"{self.requirement.code} · {self.site}" if self.site_id else self.requirement.code

    def event_company(self):
        return self.assessment.company
