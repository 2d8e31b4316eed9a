from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Site

from .standard import Aspect, StandardVersion


class SiteFlag(models.Model):
    """A condition of the standard that a site meets, by key so that it outlives versions."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="flags")
    key = models.SlugField(max_length=60)

    class Meta:
        verbose_name = _("condición de la sede")
        verbose_name_plural = _("condiciones de las sedes")
        constraints = [models.UniqueConstraint(fields=["site", "key"], name="site_flag_once")]

    def __str__(self):
        return f"{self.site}: {self.key}"


class AssessmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Members, the assigned monitor and staff; auditors reach the rows through their audit."""
        return self.filter(company__in=Company.objects.worked_on_by(user))

    def editable_by(self, user):
        return self.filter(company__in=Company.objects.edited_by(user))

    def reviewable_by(self, user):
        return self.filter(company__in=Company.objects.monitored_by(user))


class Assessment(models.Model):
    """One company against one standard version. The counters are kept by Fulfilment's only writer."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="assessments")
    standard_version = models.ForeignKey(StandardVersion, on_delete=models.PROTECT, related_name="assessments")
    opened_at = models.DateTimeField(_("abierta el"), default=timezone.now)
    closed_at = models.DateTimeField(_("cerrada el"), null=True, blank=True)
    applicable = models.PositiveIntegerField(default=0, editable=False)
    accepted = models.PositiveIntegerField(default=0, editable=False)
    submitted = models.PositiveIntegerField(default=0, editable=False)
    returned = models.PositiveIntegerField(default=0, editable=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluación")
        verbose_name_plural = _("evaluaciones")
        indexes = [models.Index(fields=["company", "-opened_at"], name="assessment_of_company")]

    def __str__(self):
        return f"{self.company} · {self.standard_version}"

    def event_company(self):
        return self.company

    @property
    def progress(self):
        """Share of applicable rows accepted, 0 to 1. The one definition used everywhere."""
        return self.accepted / self.applicable if self.applicable else 0.0


class AspectProgress(models.Model):
    """Kept counters of one assessment and aspect, so that no page loops over rows to count them."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="by_aspect")
    aspect = models.ForeignKey(Aspect, on_delete=models.PROTECT, related_name="+")
    applicable = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    submitted = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    started = models.PositiveIntegerField(default=0)  # work begun, not handed in

    class Meta:
        ordering = ["aspect__position"]
        verbose_name = _("avance por aspecto")
        verbose_name_plural = _("avances por aspecto")
        constraints = [models.UniqueConstraint(fields=["assessment", "aspect"], name="aspect_progress_once")]

    def __str__(self):
        return f"{self.aspect}: {self.accepted}/{self.applicable}"

    @property
    def untouched(self):
        return self.applicable - self.accepted - self.submitted - self.returned - self.started


class Scope(models.Model):
    """Which sites, processes and products are assessed. Frozen once an audit or a certificate refers to it."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="scopes")
    number = models.PositiveSmallIntegerField(_("versión"), default=1)
    sites = models.ManyToManyField(Site, related_name="scopes", verbose_name=_("sedes"))
    processes = models.TextField(_("procesos"), blank=True)
    products = models.CharField(_("líneas de producto"), max_length=300, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("alcance")
        verbose_name_plural = _("alcances")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="scope_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="scope_number_above_zero"),
        ]

    def __str__(self):
        return f"{self.assessment} v{self.number}"
