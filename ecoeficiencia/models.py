"""What belongs to no business: blobs, counters, the calendar of non-working days, jobs."""

from collections import Counter as Tally

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _


class Counter(models.Model):
    """The last number given in a series and year. One row, locked by its own UPDATE: no gaps, no twins."""

    series = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="counter_once_per_series_and_year")]

    def __str__(self):
        return f"{self.series} {self.year}: {self.last}"

    @classmethod
    def next(cls, series, year, count=1):
        """Take the next `count` numbers of `series` in `year`, in the transaction that uses them; return the last."""
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("A number is taken inside the transaction that uses it.")
        cls.objects.get_or_create(series=series, year=year)
        cls.objects.filter(series=series, year=year).update(last=F("last") + count)
        return cls.objects.get(series=series, year=year).last

    @classmethod
    def next_each(cls, series, years):
        """Return a number of `series` for each of `years`, in their order."""
        given = {year: cls.next(series, year, count) - count for year, count in Tally(years).items()}
        numbers = []
        for year in years:
            given[year] += 1
            numbers.append(given[year])
        return numbers


class NonWorkingDay(models.Model):
    """A day decreed non-working beyond the yearly holidays, everywhere or in one department, with its rule."""

    on = models.DateField(_("fecha"))
    department = models.CharField(_("departamento"), max_length=60, blank=True, help_text=_("Vacío: en todo el país."))
    reason = models.CharField(_("motivo"), max_length=200)
    norm = models.CharField(_("norma"), max_length=100, blank=True)

    class Meta:
        ordering = ["on"]
        verbose_name = _("día no laborable")
        verbose_name_plural = _("días no laborables")
        constraints = [
            models.UniqueConstraint(
                fields=["on", "department"],
                name="decreed_once_per_day_and_department",
                violation_error_message=_("Ese día ya está registrado como no laborable."),
            )
        ]

    def __str__(self):
        return f"{self.on:%d/%m/%Y} {self.reason}{f' ({self.department})' if self.department else ''}"

    def decree(self, *, by):
        """Write the day down and lengthen the open terms that run over it; return how many. Call `full_clean` first."""
        from .terms import lengthen_open

        with transaction.atomic():
            self.save(force_insert=True)
            apps.get_model("companies", "Event").record(self, by=by, verb="decree", note=str(self))
            return lengthen_open(self)

    def withdraw(self, *, by, reason):
        """Take the day out of the calendar. Terms it made longer stay as they are: nobody loses days already given."""
        with transaction.atomic():
            apps.get_model("companies", "Event").record(self, by=by, verb="undecree", note=f"{self}: {reason}")
            self.delete()

    def clean(self):
        """A day that is free anyway, there or everywhere, is no decreed day."""
        from .workdays import is_workday, national_holidays

        if self.on and not is_workday(self.on):
            why = national_holidays(self.on.year).get(self.on, _("fin de semana"))
            raise ValidationError({"on": _("Ese día ya no es laborable: %(why)s.") % {"why": why}})
        if self.on and self.department and type(self).objects.filter(on=self.on, department="").exists():
            raise ValidationError({"on": _("Ese día ya está registrado como no laborable en todo el país.")})


from .files.blob import Blob  # noqa: E402, F401
from .jobs import Job  # noqa: E402, F401
from .once import Sent  # noqa: E402, F401
