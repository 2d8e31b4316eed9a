"""Standard → version → aspect → requirement. A published version does not change: a correction is a new version."""

import hashlib

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Frozen(TypeError):
    """Somebody tried to change a published version."""

    def __init__(self):
        super().__init__("A published version does not change.")


class Standard(models.Model):
    code = models.SlugField(_("código"), unique=True)
    name = models.CharField(_("nombre"), max_length=200)

    class Meta:
        verbose_name = _("estándar")
        verbose_name_plural = _("estándares")

    def __str__(self):
        return self.name


class StandardVersionQuerySet(models.QuerySet):
    def published(self):
        return self.filter(published_at__isnull=False)

    def with_counts(self):
        return self.annotate(
            aspect_count=Count("aspects", distinct=True), requirement_count=Count("requirements", distinct=True)
        )

    def update(self, **kwargs):
        if self.published().exists():
            raise Frozen
        return super().update(**kwargs)

    def delete(self):
        if self.published().exists():
            raise Frozen
        return super().delete()


class StandardVersion(models.Model):
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="versions")
    edition = models.CharField(_("edición"), max_length=100)
    is_official = models.BooleanField(_("oficial"), default=False)
    disclaimer = models.TextField(_("advertencia"), blank=True)
    pass_rule = models.CharField(_("regla de aprobación"), max_length=300, blank=True)
    published_at = models.DateTimeField(_("publicada el"), null=True, blank=True)
    digest = models.CharField(_("huella del contenido"), max_length=64, blank=True, editable=False)

    objects = StandardVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("versión del estándar")
        verbose_name_plural = _("versiones del estándar")
        constraints = [
            models.UniqueConstraint(fields=["standard", "edition"], name="standard_version_once"),
        ]

    def __str__(self):
        return f"{self.standard} · {self.edition}"

    def save(self, *args, **kwargs):
        if StandardVersion.objects.published().filter(pk=self.pk).exists():
            raise Frozen
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        if StandardVersion.objects.published().filter(pk=self.pk).exists():
            raise Frozen
        return super().delete(*args, **kwargs)

    @property
    def is_frozen(self):
        return self.published_at is not None

    @property
    def notice(self):
        """What the NO OFICIAL strip says wherever requirements are shown; empty once the standard is official."""
        if self.is_official:
            return ""
        return _("%(edition)s, hasta que PROMPERÚ cargue su estándar.") % {
            "edition": self.edition[:1].upper() + self.edition[1:]
        }

    def publish(self, digest):
        """Freeze the version: from now on neither it nor its parts change. Once only."""
        self.published_at, self.digest = timezone.now(), digest
        if not StandardVersion.objects.filter(pk=self.pk).update(published_at=self.published_at, digest=digest):
            raise Frozen


class PartOfVersionQuerySet(models.QuerySet):
    def update(self, **kwargs):
        if self.filter(version__published_at__isnull=False).exists():
            raise Frozen
        return super().update(**kwargs)

    def delete(self):
        if self.filter(version__published_at__isnull=False).exists():
            raise Frozen
        return super().delete()

    def bulk_create(self, objs, *args, **kwargs):
        """As Django's, which bypasses save(): refused all the same when a version is published."""
        objs = list(objs)
        if StandardVersion.objects.published().filter(pk__in={part.version_id for part in objs}).exists():
            raise Frozen
        return super().bulk_create(objs, *args, **kwargs)


class PartOfVersion(models.Model):
    """A row of a version: written while the version is a draft, frozen with its publication."""

    version = models.ForeignKey(StandardVersion, on_delete=models.PROTECT, related_name="%(class)ss")

    objects = PartOfVersionQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.refuse_if_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self.refuse_if_frozen()
        return super().delete(*args, **kwargs)

    def refuse_if_frozen(self):
        """Asks the database, not this copy; a part may neither leave a published version nor enter one."""
        old = type(self)._base_manager.filter(pk=self.pk).values("version")
        if StandardVersion.objects.published().filter(Q(pk=self.version_id) | Q(pk__in=old)).exists():
            raise Frozen


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
    description = models.TextField(_("descripción"), blank=True)
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
    # [{"code": "AGUA_CONSUMO", "name": "Consumo de agua", "unit": "m3"}]
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
