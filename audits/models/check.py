from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from companies.models import Site
from requirements_std.models import Evidence, Fulfilment, Requirement

from .audit import Audit


class CheckQuerySet(models.QuerySet):
    def audited_by(self, user):
        return self.filter(audit__in=Audit.objects.conducted_by(user))

    def for_checklist(self):
        return self.select_related("requirement__aspect", "site").order_by("requirement__number", "site")

    def for_page(self):
        return self.select_related(
            "requirement__aspect",
            "site",
            "answered_by",
            "recheck_of",
            "nonconformity",
            "audit__scope__assessment__standard_version",
            "audit__participation__company",
            "audit__participation__edition",
        )

    def at(self, place):
        """Checks of one site, given its id as text, or of the "organizacion"; all for anything else."""
        if place == "organizacion":
            return self.filter(site=None)
        if not (place.isascii() and place.isdecimal()):
            return self
        return self.filter(site=int(place)) if len(place) < 10 else self.none()

    def by_aspect(self):
        """One dict an aspect, in the order of the standard: code, name, total and answered."""
        named = self.order_by("requirement__aspect__position").values(
            code=F("requirement__aspect__code"), name=F("requirement__aspect__name")
        )
        return named.annotate(total=Count("pk"), answered=Count("pk", filter=~Q(result="")))

    def remarks(self):
        """Findings that do not block: observations and opportunities."""
        return self.filter(result__in=[Check.Result.OBSERVATION, Check.Result.OPPORTUNITY])

    def unanswered(self):
        return self.filter(result="")

    def visible_to(self, user):
        """The team at once; the company and staff when the audit is closed or corrections were asked."""
        told = self.filter(
            audit__in=Audit.objects.visible_to(user),
            audit__state__in=[Audit.State.CORRECTING, Audit.State.CLOSED, Audit.State.CONFIRMED],
        )
        return self.filter(Q(pk__in=told.values("pk")) | Q(audit__in=Audit.objects.conducted_by(user)))


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
    SHORT = {Result.MAJOR: _("NC mayor"), Result.MINOR: _("NC menor"), Result.OPPORTUNITY: _("Oportunidad")}
    # The requirement is met, with or without a remark.
    MET = (Result.CONFORMING, Result.OBSERVATION, Result.OPPORTUNITY)

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

    @property
    def verdict(self):
        """The result in as few words as a list has room for."""
        return self.SHORT.get(self.result, self.get_result_display()) if self.result else _("Pendiente")

    @property
    def nonconformity_or_none(self):
        return getattr(self, "nonconformity", None)

    @property
    def is_answered(self):
        return bool(self.result)

    def next_unanswered(self):
        """The next check without a verdict, going round to the first; None when all have one."""
        before, after = self._around()
        return next((check for check in after + before if not check.is_answered), None)

    def previous(self):
        before = self._around()[0]
        return before[-1] if before else None

    def _around(self):
        lines = list(self.audit.checks.for_checklist())
        here = next(n for n, check in enumerate(lines) if check.pk == self.pk)
        return lines[:here], lines[here + 1 :]

    def fulfilment(self):
        """The company's row behind this check, or None when it is gone."""
        return Fulfilment.objects.filter(**self._row()).first()

    def evidences(self):
        """The proofs the company handed in for this very row: what an auditor may open, and no more."""
        return Evidence.objects.filter(fulfilments__in=Fulfilment.objects.filter(**self._row()))

    def _row(self):
        return {
            "assessment": self.audit.scope.assessment_id,
            "requirement": self.requirement_id,
            "site": self.site_id,
        }
