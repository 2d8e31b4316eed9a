from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Duty, Event
from programs.conditions import CONDITIONS


class PhraseQuerySet(models.QuerySet):
    def for_condition(self, key):
        """The phrases in use for one condition, those of any condition last."""
        return self.filter(retired=False, condition__in=[key, ""]).order_by("-condition", "text")

    def kept_by(self, user):
        return self if user.has_duty(Duty.REVIEWER, Duty.COORDINATOR) else self.none()


class Phrase(models.Model):
    """A reason reviewers write often, ready to be chosen; what was written with it does not change afterwards."""

    condition = models.CharField(
        _("punto"), max_length=40, blank=True, choices=[(key, c.label) for key, c in CONDITIONS.items()]
    )
    text = models.CharField(_("frase"), max_length=500)
    retired = models.BooleanField(_("en desuso"), default=False)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        ordering = ["condition", "text"]
        verbose_name = _("frase tipo")
        verbose_name_plural = _("frases tipo")
        constraints = [models.UniqueConstraint(fields=["condition", "text"], name="phrase_once_per_condition")]

    def __str__(self):
        return self.text

    @classmethod
    def keep(cls, *, condition, text, by):
        """Offer a phrase, new or retired before."""
        phrase = cls.objects.filter(condition=condition, text=text).first() or cls(condition=condition, text=text)
        phrase.retired = False
        Event.save_and_record(phrase, by=by)

    def retire(self, *, by):
        """No longer offer the phrase."""
        self.retired = True
        Event.save_and_record(self, by=by, fields=["retired"])
