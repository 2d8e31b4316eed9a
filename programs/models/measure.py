from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Site
from companies.models.company import CompanyPartQuerySet
from ecoeficiencia.lifecycle import Party, Stateful, StatefulQuerySet


class MeasureQuerySet(CompanyPartQuerySet, StatefulQuerySet):
    pass


class Measure(Stateful):
    """An eco-efficiency measure of the company: what it costs once and what it saves a year."""

    class State(models.TextChoices):
        IDEA = "idea", _("Idea")
        APPROVED = "approved", _("Aprobada")
        IN_PROGRESS = "in_progress", _("En ejecución")
        IMPLEMENTED = "implemented", _("Implementada")
        VERIFIED = "verified", _("Verificada")
        DISCARDED = "discarded", _("Descartada")

    class Resource(models.TextChoices):
        MATERIALS = "materials", _("Materias primas y materiales")
        WATER = "water", _("Agua")
        ENERGY = "energy", _("Energía")
        WASTE = "waste", _("Residuos")
        EMISSIONS = "emissions", _("Emisiones")
        SAFETY = "safety", _("Seguridad y salud")

    class Kind(models.TextChoices):
        HOUSEKEEPING = "housekeeping", _("Buen manejo interno")
        CONTROL = "control", _("Control de proceso")
        MAINTENANCE = "maintenance", _("Mantenimiento")
        INPUT = "input", _("Cambio de insumo")
        TECHNOLOGY = "technology", _("Cambio tecnológico")
        REUSE = "reuse", _("Reúso o reciclaje")
        REDESIGN = "redesign", _("Rediseño de producto")

    MOVES = {
        State.IDEA: (State.APPROVED, State.DISCARDED),
        State.APPROVED: (State.IN_PROGRESS, State.IMPLEMENTED, State.DISCARDED),
        State.IN_PROGRESS: (State.IMPLEMENTED, State.DISCARDED),
        State.IMPLEMENTED: (State.VERIFIED, State.IN_PROGRESS),
        State.VERIFIED: (),
        State.DISCARDED: (State.IDEA,),
    }
    TURN = {
        State.IDEA: Party.COMPANY,
        State.APPROVED: Party.COMPANY,
        State.IN_PROGRESS: Party.COMPANY,
        State.IMPLEMENTED: Party.MONITOR,
        State.VERIFIED: Party.NOBODY,
        State.DISCARDED: Party.NOBODY,
    }

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="measures")
    site = models.ForeignKey(
        Site, null=True, blank=True, on_delete=models.PROTECT, related_name="measures", verbose_name=_("sede")
    )
    state = models.CharField(_("estado"), max_length=12, choices=State, default=State.IDEA)
    title = models.CharField(_("medida"), max_length=200)
    resource = models.CharField(_("recurso"), max_length=10, choices=Resource)
    kind = models.CharField(_("tipo"), max_length=12, choices=Kind)
    description = models.TextField(_("qué se hace"), blank=True)
    investment = models.DecimalField(
        _("inversión (S/)"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)]
    )
    annual_saving = models.DecimalField(_("ahorro anual (S/)"), max_digits=14, decimal_places=2)
    annual_cost = models.DecimalField(
        _("costos anuales adicionales (S/)"), max_digits=14, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    physical_saving = models.DecimalField(
        _("ahorro físico al año"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    physical_unit = models.CharField(_("unidad"), max_length=10, blank=True)
    implemented_on = models.DateField(_("implementada el"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("medida")
        verbose_name_plural = _("medidas")
        constraints = [
            models.CheckConstraint(condition=Q(investment__gte=0), name="measure_investment_not_negative"),
            models.CheckConstraint(condition=Q(annual_cost__gte=0), name="measure_cost_not_negative"),
        ]

    def __str__(self):
        return self.title

    @property
    def net_saving(self):
        return self.annual_saving - self.annual_cost
