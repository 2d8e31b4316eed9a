import re
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

DAYS = (1, 3, 7, 14, 30)
KEY = re.compile(r"(?P<about>.+:(?P<due>\d{4}-\d\d-\d\d)):\d+")  # a rung of "+5" is late already


class SnoozeQuerySet(models.QuerySet):
    def about(self, abouts):
        """{(user pk, what about): until}."""
        return {(row.user_id, row.about): row.until for row in self.filter(about__in=abouts)}


class Snooze(models.Model):
    """Until that day one person is not reminded of one thing; never beyond the day on which it falls due."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snoozes")
    about = models.CharField(max_length=200)  # a reminder's key without its rung: the thing and the day it falls due
    until = models.DateField(_("hasta"))

    objects = SnoozeQuerySet.as_manager()

    class Meta:
        verbose_name = _("recordatorio pospuesto")
        verbose_name_plural = _("recordatorios pospuestos")
        constraints = [models.UniqueConstraint(fields=["user", "about"], name="snooze_once_per_person_and_thing")]

    def __str__(self):
        return f"{self.about} → {self.until:%d/%m/%Y}"

    @staticmethod
    def of(notice):
        """(what a reminder is about, the day it falls due); None for a notice that reminds of nothing."""
        found = KEY.fullmatch(notice.key) if notice.kind == "reminder" else None
        return (found["about"], date.fromisoformat(found["due"])) if found else None

    @classmethod
    def days_for(cls, notice, on):
        """For how many days `notice` may be put off on day `on`, so that it comes back by the day it falls due."""
        found = cls.of(notice)
        return [days for days in DAYS if on + timedelta(days=days) <= found[1]] if found else []
