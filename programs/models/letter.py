from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from ecoeficiencia.lifecycle import Party, Stateful, StatefulQuerySet

from .participation import Participation


class CommitmentLetterQuerySet(StatefulQuerySet):
    def visible_to(self, user):
        return self.filter(participation__company__in=Company.objects.worked_on_by(user))

    def editable_by(self, user):
        return self.filter(participation__company__in=Company.objects.edited_by(user))

    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()


class CommitmentLetter(Stateful):
    """The letter an admitted company receives; its legal representative signs, staff verify."""

    class State(models.TextChoices):
        ISSUED = "issued", _("Carta emitida")
        SIGNED = "signed", _("Carta firmada, por verificar")
        RETURNED = "returned", _("Carta observada")
        VERIFIED = "verified", _("Carta verificada")

    MOVES = {
        State.ISSUED: (State.SIGNED,),
        State.SIGNED: (State.VERIFIED, State.RETURNED),
        State.RETURNED: (State.SIGNED,),
        State.VERIFIED: (),
    }
    TURN = {
        State.ISSUED: Party.COMPANY,
        State.SIGNED: Party.STAFF,
        State.RETURNED: Party.COMPANY,
        State.VERIFIED: Party.NOBODY,
    }

    participation = models.OneToOneField(Participation, on_delete=models.PROTECT, related_name="letter")
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.ISSUED)
    issued_on = models.DateField(_("emitida el"))
    # Who represented the company when the letter was issued; a later change does not void it.
    representative = models.JSONField(_("representante"), default=dict)
    pdf = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_copy = models.ForeignKey(
        "ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_filename = models.CharField(max_length=200, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    return_reason = models.TextField(_("observación"), blank=True)

    objects = CommitmentLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("carta de compromiso")
        verbose_name_plural = _("cartas de compromiso")

    def __str__(self):
        return f"{_('Carta de compromiso')} · {self.participation}"

    def event_company(self):
        return self.participation.company
