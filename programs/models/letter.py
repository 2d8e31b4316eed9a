from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Duty
from companies.quota import require_room
from ecoeficiencia.files.blob import store
from ecoeficiencia.lifecycle import IllegalMove, Party, Stateful, StatefulQuerySet
from programs import notices

from .letter_signing import NOBODY, OVERTAKEN, ScreenSigned
from .participation import Participation


class CommitmentLetterQuerySet(StatefulQuerySet):
    def visible_to(self, user):
        return self.filter(participation__company__in=Company.objects.worked_on_by(user))

    def editable_by(self, user):
        return self.filter(participation__company__in=Company.objects.edited_by(user))

    def signable_by(self, user):
        """Letters of the companies `user` represents."""
        return self.filter(participation__company__in=Company.objects.represented_by(user))

    def belonging_to(self, user):
        return self.filter(participation__company__in=Company.objects.belonging_to(user).values("pk"))

    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()

    def verifiable_by(self, user):
        """Letters `user` verifies or gives back for PROMPERÚ."""
        return self if user.has_duty(Duty.COORDINATOR, Duty.REVIEWER) else self.none()


class CommitmentLetter(ScreenSigned, Stateful):
    """The letter an admitted company receives; its legal representative signs, staff verify."""

    TOLD_TO_COMPANY = True

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
    signed_filename = models.CharField(_("archivo firmado"), max_length=200, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    return_reason = models.TextField(_("observación"), blank=True)
    # Of one signed on screen: the evidence.
    signature = models.OneToOneField(
        "programs.Signature", null=True, blank=True, on_delete=models.PROTECT, related_name="letter",
        verbose_name=_("firma en pantalla"),
    )  # fmt: skip

    objects = CommitmentLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("carta de compromiso")
        verbose_name_plural = _("cartas de compromiso")

    def __str__(self):
        return f"{_('Carta de compromiso')} · {self.participation}"

    def event_company(self):
        return self.participation.company

    def printed(self):
        """What the letter says: the company, its representative and the edition's own numbers."""
        return self._printed(self.paragraphs(self.representative), self.representative or NOBODY)

    def printed_signed(self):
        """The same, of the words that were signed on screen, with the evidence of it."""
        signature = self.signature
        names = {"full_name": signature.signer_name, "document": signature.signer_document}
        signer = names | {"position": signature.signer_position}
        return self._printed(signature.paragraphs, signer) | {"signature": signature}

    def _printed(self, paragraphs, representative):
        opening, *commitments, closing = paragraphs
        return {
            "reference": self.reference,
            "file_number": self.participation.application.number,
            "issued_on": self.issued_on,
            "company": self.participation.company,
            "representative": representative,
            "opening": opening,
            "commitments": commitments,
            "closing": closing,
            "signature": None,
        }

    @property
    def reference(self):
        """The file's own number, marked as a letter: CC-2026-00012."""
        return (self.participation.application.number or "").replace("EXP", "CC")

    @property
    def awaits_signature(self):
        return self.can_move(self.State.SIGNED)

    @property
    def is_printed(self):
        """Whether what was signed on screen has its PDF; true of what was not signed so."""
        return bool(self.signed_copy_id or not self.signature_id)

    @property
    def awaits_verification(self):
        return self.state == self.State.SIGNED

    def sign(self, *, file, by):
        """Keep the copy the legal representative signed; PROMPERÚ verifies it. `file` was cleaned by UploadField."""
        with transaction.atomic():
            require_room(self.participation.company, file)
            self.move(
                self.State.SIGNED, by=by, note=file.name, signed_copy=store(file), signed_filename=file.name,
                signed_at=timezone.now(), uploaded_by=by, return_reason="", signature=None,
            )  # fmt: skip
            self.participation.move(self.participation.State.LETTER_SIGNED, by=by)
            notices.tell_letter_signed(self)

    def verify(self, *, by):
        """The signature is the representative's. When the monitor is there too, the implementation starts."""
        if self.is_overtaken:
            raise IllegalMove(OVERTAKEN)
        with transaction.atomic():
            self.move(self.State.VERIFIED, by=by, verified_at=timezone.now(), verified_by=by)
            notices.tell_letter_verified(self)
            self.participation.start_if_ready(by=by)

    def give_back(self, *, by, reason):
        """Ask the company for another copy; the one it sent stays in the history of the letter's file."""
        with transaction.atomic():
            self.move(self.State.RETURNED, by=by, note=reason, return_reason=reason)
            self.participation.move(self.participation.State.LETTER_ISSUED, by=by)
            notices.tell_letter_returned(self)
