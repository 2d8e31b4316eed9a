from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Event, Notice, Site
from companies.models.company import CompanyPartQuerySet
from ecoeficiencia.lifecycle import IllegalMove, Party, Stateful, StatefulQuerySet
from programs import savings

from .readiness import address


class MeasureQuerySet(CompanyPartQuerySet, StatefulQuerySet):
    def belonging_to(self, user):
        """Measures of the companies where `user` is a member, readers included."""
        return self.filter(company__in=Company.objects.belonging_to(user).values("pk"))

    def verifiable_by(self, user):
        """Measures of the companies `user` monitors today."""
        return self.filter(company__in=Company.objects.monitored_by(user))

    def kept(self):
        return self.exclude(state=Measure.State.DISCARDED)

    def totals(self):
        """Sums over the measures not discarded: number, investment and net annual saving, declared and verified, S/."""
        net = F("annual_saving") - F("annual_cost")
        done = Q(state__in=[Measure.State.IMPLEMENTED, Measure.State.VERIFIED])
        verified = Q(state=Measure.State.VERIFIED)
        zero = Value(Decimal(0))
        return self.kept().aggregate(
            measures=Count("pk"),
            verified_measures=Count("pk", filter=verified),
            investment=Coalesce(Sum("investment"), zero),
            planned=Coalesce(Sum(net), zero),
            declared=Coalesce(Sum(net, filter=done), zero),
            verified=Coalesce(Sum(net, filter=verified), zero),
        )


class Measure(Stateful):
    """An eco-efficiency measure of the company: what it costs once and what it saves a year."""

    TOLD_TO_COMPANY = True

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
        _("costos anuales adicionales (S/)"),
        max_digits=14,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
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

    @property
    def flows(self):
        return savings.flows(self.investment, self.net_saving)

    @property
    def payback(self):
        """The payback in words."""
        return savings.payback_text(self.investment, self.net_saving)

    @property
    def irr(self):
        """Yearly rate of return over the horizon, as a fraction, or None where there is none."""
        return savings.irr(self.flows)

    def npv(self, rate):
        """Net present value over the horizon, soles. rate: per cent a year, as the edition's parameter."""
        return savings.npv(Decimal(rate) / 100, self.flows)

    @property
    def is_editable(self):
        return self.state not in (self.State.VERIFIED, self.State.DISCARDED)

    @property
    def next_acts(self):
        """What the company may do next, as (state, the act in words); verifying is the monitor's."""
        begin, done = (
            (self.State.IN_PROGRESS, _("Empezar a ejecutarla")),
            (self.State.IMPLEMENTED, _("Ya está implementada")),
        )
        own = {
            self.State.IDEA: [(self.State.APPROVED, _("Aprobarla"))],
            self.State.APPROVED: [begin, done],
            self.State.IN_PROGRESS: [done],
            self.State.DISCARDED: [(self.State.IDEA, _("Retomarla como idea"))],
        }
        return own.get(self.state, [])

    @property
    def may_discard(self):
        return self.can_move(self.State.DISCARDED)

    def start(self, *, company, by):
        """Write the measure down for the first time, as an idea."""
        with transaction.atomic():
            self.company, self.created_by = company, by
            self.save()
            Event.record(self, by=by, verb="create", note=self.title)

    def change(self, *, by, fields, version=None):
        """Save what the company edited since `version`. A verified or discarded measure stays as it is."""
        if not self.is_editable:
            raise IllegalMove(
                _("La medida está en «%(state)s» y ya no se edita.") % {"state": self.get_state_display()}
            )
        self.version = self.version if version is None else version
        self.save_edit(by=by, fields=[name for name in fields if name != "version"])

    def advance(self, to, *, by, on=None):
        """The company brings the measure one step on."""
        if to not in [state for state, _words in self.next_acts]:
            raise IllegalMove(
                _("La medida está en «%(state)s» y no puede dar ese paso.") % {"state": self.get_state_display()}
            )
        stamps = {}
        if to == self.State.IMPLEMENTED:
            stamps["implemented_on"] = self.implemented_on or on or timezone.localdate()
        self.move(to, by=by, **stamps)

    def discard(self, *, by, reason):
        self.move(self.State.DISCARDED, by=by, note=reason)

    def verify(self, *, by, note=""):
        """The monitor saw the measure working and the saving in the bills."""
        with transaction.atomic():
            self.move(self.State.VERIFIED, by=by, note=note)
            self._tell(_("Su monitor verificó la medida «%(measure)s»") % {"measure": self}, note)

    def give_back(self, *, by, reason):
        """The monitor does not verify yet; the measure goes back to being carried out."""
        if self.state != self.State.IMPLEMENTED:
            raise IllegalMove(_("Solo se devuelve una medida implementada y sin verificar."))
        with transaction.atomic():
            self.move(self.State.IN_PROGRESS, by=by, note=reason)
            self._tell(_("Su monitor devolvió la medida «%(measure)s»") % {"measure": self}, reason)

    def _tell(self, title, body):
        Notice.tell(
            self.company.people(), key=f"measure:{self.pk}:{self.state}:{self.version}", kind="measure",
            title=title[:200], body=body, url=address("empresa:measures", self.company_id), company=self.company,
        )  # fmt: skip
