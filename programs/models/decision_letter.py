from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from ecoeficiencia.jobs import Job
from programs.letters import LETTERS


class DecisionLetterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Members of the company and PROMPERÚ's staff."""
        if user.is_programme_staff:
            return self
        return self.filter(application__company__in=Company.objects.belonging_to(user).values("pk"))


class DecisionLetter(models.Model):
    """What PROMPERÚ wrote to an applicant when it decided: the words as they were, and their PDF."""

    application = models.ForeignKey("programs.Application", on_delete=models.PROTECT, related_name="decision_letters")
    kind = models.CharField(_("carta"), max_length=12)
    issued_on = models.DateField(_("emitida el"))
    text = models.TextField(_("texto"))
    pdf = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = DecisionLetterQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("carta de decisión")
        verbose_name_plural = _("cartas de decisión")

    def __str__(self):
        return f"{LETTERS[self.kind].title} · {self.application}"

    def event_company(self):
        return self.application.company

    @property
    def title(self):
        return LETTERS[self.kind].title

    @property
    def filename(self):
        return f"{self.application.number}-{self.kind}.pdf"

    @classmethod
    def issue(cls, application, kind, *, on):
        """Write the edition's words for this applicant, and have them printed."""
        text = application.edition.letter(kind, application.letter_values(on=on))
        letter = cls.objects.create(application=application, kind=kind, issued_on=on, text=text)
        Job.enqueue("programs.decision_letter", key=f"decision_letter:{letter.pk}", payload={"letter": letter.pk})
        return letter
