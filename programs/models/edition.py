from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from programs.parameters import PARAMETERS
from requirements_std.models import Standard, StandardVersion


class Program(models.Model):
    code = models.SlugField(_("código"), unique=True)
    name = models.CharField(_("nombre"), max_length=200)
    owner = models.CharField(_("a cargo de"), max_length=200)
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="programs")
    mark_name = models.CharField(_("nombre de la marca"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("programa")
        verbose_name_plural = _("programas")

    def __str__(self):
        return self.name


class EditionQuerySet(models.QuerySet):
    def open_on(self, day):
        return self.filter(published=True, opens_on__lte=day, closes_on__gte=day)


class Edition(models.Model):
    """One cohort. It may run over several calendar years; every date belongs to it."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="editions")
    name = models.CharField(_("nombre"), max_length=100)
    year = models.PositiveSmallIntegerField(_("año"))
    standard_version = models.ForeignKey(StandardVersion, on_delete=models.PROTECT, related_name="editions")
    published = models.BooleanField(_("publicada"), default=False)
    opens_on = models.DateField(_("abre la convocatoria"))
    closes_on = models.DateField(_("cierra la convocatoria"))
    quota = models.PositiveSmallIntegerField(_("cupo"), null=True, blank=True)
    implementation_starts_on = models.DateField(_("inicio de la implementación"), null=True, blank=True)
    implementation_ends_on = models.DateField(_("fin de la implementación"), null=True, blank=True)
    preaudit_starts_on = models.DateField(_("inicio de las preauditorías"), null=True, blank=True)
    preaudit_ends_on = models.DateField(_("fin de las preauditorías"), null=True, blank=True)
    external_starts_on = models.DateField(_("inicio de las auditorías externas"), null=True, blank=True)
    external_ends_on = models.DateField(_("fin de las auditorías externas"), null=True, blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_on"]
        verbose_name = _("edición")
        verbose_name_plural = _("ediciones")
        constraints = [
            models.UniqueConstraint(fields=["program", "name"], name="edition_name_once_per_program"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="edition_closes_after_it_opens"),
        ]

    def __str__(self):
        return self.name

    def is_open_on(self, day):
        return self.published and self.opens_on <= day <= self.closes_on

    @cached_property
    def _parameters(self):
        rows = ParameterValue.objects.filter(Q(edition=self) | Q(program=self.program_id)).order_by("pk")
        # The edition's own word wins over the programme's; among equals the last one.
        return {r.key: r for r in sorted(rows, key=lambda r: (r.edition_id is not None, r.pk))}

    def parameter(self, key):
        """The value of `key` in this edition: its own, else the programme's, else our default."""
        row = self._parameters.get(key)
        return PARAMETERS[key].default if row is None else PARAMETERS[key].kind(row.value)

    def create_workshops(self):
        """Give the edition T0-T10 as the source lists them; those it has stay as they are. Returns how many are new."""
        from .training import WORKSHOPS, Workshop

        there = set(self.workshops.values_list("number", flat=True))
        new = [Workshop(edition=self, number=n, name=name, hours=h) for n, name, h in WORKSHOPS if n not in there]
        Workshop.objects.bulk_create(new, ignore_conflicts=True)
        return len(new)

    def parameter_row(self, key):
        """The row that sets `key`, or None when our default stands."""
        return self._parameters.get(key)


class ParameterValue(models.Model):
    """A parameter somebody set. Rows are only added: the last one counts, the others are its history."""

    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.PROTECT, related_name="parameters")
    edition = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="parameters")
    key = models.CharField(max_length=40)
    value = models.CharField(_("valor"), max_length=200)
    note = models.CharField(_("sustento"), max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("parámetro")
        verbose_name_plural = _("parámetros")
        constraints = [
            models.CheckConstraint(
                condition=Q(program=None, edition__isnull=False) | Q(program__isnull=False, edition=None),
                name="parameter_of_a_program_or_an_edition",
            )
        ]

    def __str__(self):
        return f"{self.key} = {self.value}"
