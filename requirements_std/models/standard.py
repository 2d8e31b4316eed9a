"""Standard → version → aspect → requirement. A published version does not change: a correction is a new version."""

import hashlib

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Frozen(TypeError):
    """Somebody tried to change a published version."""


class Standard(models.Model):
    code = models.SlugField(_("código"), unique=True)
    name = models.CharField(_("nombre"), max_length=200)

    class Meta:
        verbose_name = _("estándar")
        verbose_name_plural = _("estándares")

    def __str__(self):
        return self.name


class StandardVersion(models.Model):
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="versions")
    edition = models.CharField(_("edición"), max_length=100)
    is_official = models.BooleanField(_("oficial"), default=False)
    disclaimer = models.TextField(_("advertencia"), blank=True)
    pass_rule = models.CharField(_("regla de aprobación"), max_length=300, blank=True)
    published_at = models.DateTimeField(_("publicada el"), null=True, blank=True)
    digest = models.CharField(_("huella del contenido"), max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("versión del estándar")
        verbose_name_plural = _("versiones del estándar")
        constraints = [
            models.UniqueConstraint(fields=["standard", "edition"], name="standard_version_once"),
        ]

    def __str__(self):
        return f"{self.standard} · {self.edition}"

    @property
    def is_frozen(self):
        return self.published_at is not None


class PartOfVersionQuerySet(models.QuerySet):
    def update(self, **kwargs):
        if self.filter(version__published_at__isnull=False).exists():
            raise Frozen("A published version does not change.")
        return super().update(**kwargs)

    def delete(self):
        if self.filter(version__published_at__isnull=False).exists():
            raise Frozen("A published version does not change.")
        return super().delete()


class PartOfVersion(models.Model):
    """A row of a version: written while the version is a draft, frozen with its publication."""

    version = models.ForeignKey(StandardVersion, on_delete=models.PROTECT, related_name="%(class)ss")

    objects = PartOfVersionQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.version.is_frozen:
            raise Frozen("A published version does not change.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        if self.version.is_frozen:
            raise Frozen("A published version does not change.")
        return super().delete(*args, **kwargs)


class Condition(PartOfVersion):
    """A fact of a site's profile that makes some requirements apply."""

    LICENSED = "tiene_derecho_uso_marca"  # follows the mark licence; nobody ticks it

    key = models.SlugField(_("clave"), max_length=60)
    description = models.CharField(_("descripción"), max_length=250)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        verbose_name = _("condición")
        verbose_name_plural = _("condiciones")
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="condition_once_per_version")]

    def __str__(self):
        return self.description


class Aspect(PartOfVersion):
    code = models.CharField(_("código"), max_length=4)
    name = models.CharField(_("nombre"), max_length=150)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        verbose_name = _("aspecto")
        verbose_name_plural = _("aspectos")
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="aspect_once_per_version")]

    def __str__(self):
        return self.name


class Requirement(PartOfVersion):
    class Criticality(models.TextChoices):
        MAJOR = "mayor", _("Mayor")
        MINOR = "menor", _("Menor")

    class Level(models.TextChoices):
        ORGANISATION = "organizacion", _("Organización")
        SITE = "sede", _("Sede")

    aspect = models.ForeignKey(Aspect, on_delete=models.PROTECT, related_name="requirements")
    code = models.CharField(_("código"), max_length=10)
    number = models.PositiveSmallIntegerField(_("número"))
    title = models.CharField(_("título"), max_length=200)
    text = models.TextField(_("texto"))
    criticality = models.CharField(_("criticidad"), max_length=10, choices=Criticality)
    level = models.CharField(_("nivel"), max_length=15, choices=Level)
    # NULL: it applies to everybody.
    condition = models.ForeignKey(
        Condition, null=True, blank=True, on_delete=models.PROTECT, related_name="requirements"
    )
    typical_evidence = models.JSONField(_("evidencia típica"), default=list)
    iso = models.JSONField(_("cláusulas ISO"), default=list)
    workshops = models.JSONField(_("talleres"), default=list)
    verification = models.JSONField(_("métodos de verificación"), default=list)
    legal = models.JSONField(_("base legal"), default=list, blank=True)
    kpis = models.JSONField(_("indicadores"), default=list, blank=True)
    text_hash = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["number"]
        verbose_name = _("requisito")
        verbose_name_plural = _("requisitos")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="requirement_code_once_per_version"),
            models.UniqueConstraint(fields=["version", "number"], name="requirement_number_once_per_version"),
            models.CheckConstraint(condition=Q(number__gt=0), name="requirement_number_above_zero"),
        ]

    def __str__(self):
        return f"{self.code} {self.title}"

    def save(self, *args, **kwargs):
        self.text_hash = self.hash_of(self.text)
        super().save(*args, **kwargs)

    @staticmethod
    def hash_of(text):
        return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
