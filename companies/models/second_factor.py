from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# What a rule may bind, and the door by which one knows such a person.
RELATIONS = {
    "staff": ("panel", _("Personal de PROMPERÚ")),
    "monitor": ("monitor", _("Monitores")),
    "auditor": ("auditoria", _("Preauditores y personas de los organismos")),
    "company": ("empresa", _("Personas de las empresas")),
}


class SecondFactorRule(models.Model):
    """Who must prove who they are with something besides the password. Rows are only added: the last one counts."""

    relations = models.JSONField(_("obliga a"), default=list)
    grace_days = models.PositiveSmallIntegerField(
        _("días para configurarlo"), default=0, validators=[MaxValueValidator(60)]
    )
    note = models.CharField(_("sustento"), max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("regla de verificación en dos pasos")
        verbose_name_plural = _("reglas de verificación en dos pasos")

    def __str__(self):
        return ", ".join(str(label) for label in self.labels) or str(_("Nadie está obligado"))

    @property
    def labels(self):
        return [label for key, (_door, label) in RELATIONS.items() if key in self.relations]

    @classmethod
    def current(cls):
        """The rule in force; while nobody set one, the installation's (ECO_SECOND_FACTOR), without grace."""
        return cls.objects.first() or cls(relations=settings.SECOND_FACTOR)

    @classmethod
    def set(cls, *, by, **values):
        from .event import Event

        with transaction.atomic():
            row = cls.objects.create(set_by=by, **values)
            Event.record(row, by=by, verb="set", new="second_factor", note=f"{row}. {row.note}")
        return row

    def binds(self, user):
        bound = {RELATIONS[key][0] for key in self.relations}
        return bool(bound.intersection(user.doors)) or ("panel" in bound and user.is_staff)

    def grace_ends(self):
        """The last day on which somebody bound may still work without; None when there is no grace."""
        if not (self.pk and self.grace_days):
            return None
        return timezone.localdate(self.set_at) + timedelta(days=self.grace_days)
