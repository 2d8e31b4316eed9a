from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.kinds import Group, kind_of

from .event import Event


class PreferenceQuerySet(models.QuerySet):
    def chosen(self, users, kind):
        """{user pk: how} for the people who chose something else than the usual for this kind."""
        kind = kind_of(kind)
        if kind.legal or kind.at_once:
            return {}
        return dict(self.filter(user__in=users, group=kind.group).values_list("user_id", "how"))

    def set_for(self, user, group, how):
        """Keep what `user` chose, with its line of history; nothing when it is what they had."""
        row = self.filter(user=user, group=group).first() or self.model(user=user, group=group)
        if row.how != how or row.pk is None:
            row.how = how
            Event.save_and_record(row, by=user, note=str(row))


class Preference(models.Model):
    """When one person wants the mails of a group of kinds. Without a row: at once."""

    class How(models.TextChoices):
        NOW = "now", _("Al momento")
        DAILY = "daily", _("Resumen diario")
        WEEKLY = "weekly", _("Resumen semanal")
        CENTRE = "centre", _("Solo en el centro de avisos")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences")
    group = models.CharField(_("avisos"), max_length=20, choices=Group)
    how = models.CharField(_("cuándo"), max_length=10, choices=How, default=How.NOW)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("preferencia de avisos")
        verbose_name_plural = _("preferencias de avisos")
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="preference_once_per_group")]

    def __str__(self):
        return f"{self.get_group_display()}: {self.get_how_display()}"
