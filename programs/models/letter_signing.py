"""The words of a commitment letter, and its signing on screen by the legal representative."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from programs import notices, sworn_statement

from .signing import Signature, SigningCode, signer_of, take_mandate

NOBODY = {"full_name": "—", "document": "—", "position": "—"}
OVERTAKEN = gettext_lazy(
    "Después de la firma cambió el texto o un dato que la carta nombra: la firma ya no lo cubre. Devuélvala para que "
    "la firmen otra vez."
)
COMMITMENT = Signature.Kind.COMMITMENT


class ScreenSigned:
    """A commitment letter's half that is its words and their acceptance on screen."""

    def paragraphs(self, signer):
        """The letter's words for `signer` (see `signatory`), in Spanish whatever the reader's language: the opening,
        one paragraph a commitment, the closing."""
        with translation.override("es-pe"):
            application = self.participation.application
            values = application.letter_values(on=self.issued_on)
            values |= {"representante": signer.get("full_name", "—")}
            lines = self.participation.edition.letter("commitment", values).splitlines()
            return [self._opening(signer or NOBODY), *(line for line in lines if line.strip()), _closing()]

    def _opening(self, signer):
        company, edition = self.participation.company, self.participation.edition
        site = company.sites.filter(closed_on=None).select_related("district").first()
        return _(
            "Por la presente, %(name)s, con RUC %(ruc)s y domicilio en %(address)s, representada por %(full_name)s, "
            "con %(document)s y poder inscrito en la partida %(entry)s del Registro de Personas Jurídicas, acepta su "
            "admisión al %(program)s, %(edition)s, y se compromete a:"
        ) % {
            "name": company.legal_name,
            "ruc": company.ruc,
            "address": site.address if site else "—",
            "entry": company.registry_entry or "—",
            "program": edition.program.name,
            "edition": edition,
            **signer,
        }

    def words(self, signer):
        return "\n\n".join(self.paragraphs(signer))

    @property
    def text_version(self):
        """The version of the edition's own words; 0 are the default ones."""
        return str(self.participation.edition.lettered("commitment").number)

    @property
    def is_overtaken(self):
        """Whether what was signed on screen is not what the letter says now."""
        if self.signature is None:
            return False
        return self.signature.sha256 != sworn_statement.digest(self.words(self.representative))

    def to_sign(self, *, by, on, seen=""):
        """(mandate, words) for `by` to sign. Raises IllegalMove: not theirs, or the words changed since `seen`."""
        if not self.awaits_signature:
            words = _("La carta está en «%(state)s»: no espera una firma.")
            raise IllegalMove(words % {"state": self.get_state_display()})
        refusal = _("La carta la firma %(name)s, representante legal.")
        mandate = signer_of(self.participation.company, by=by, on=on, refusal=refusal)
        text = self.words(signatory(mandate))
        if seen and seen != sworn_statement.digest(text):
            raise IllegalMove(_("El texto cambió mientras lo leía. Vuelva a leerlo antes de firmar."))
        return mandate, text

    def ask_code(self, *, by, on, seen=""):
        """Mail the legal representative the code that confirms the letter's words."""
        _mandate, text = self.to_sign(by=by, on=on, seen=seen)
        application = self.participation.application
        return SigningCode.send(application, kind=COMMITMENT, sha256=sworn_statement.digest(text), by=by)

    def sign_on_screen(self, *, by, on, code, seen="", ip=None, user_agent=""):
        """Keep that the legal representative accepted the letter's words; the worker prints them with the evidence.

        Raises IllegalMove as `to_sign`; WrongCode.
        """
        mandate, text = self.to_sign(by=by, on=on, seen=seen)
        application, digest = self.participation.application, sworn_statement.digest(text)
        confirmed = SigningCode.confirm(application, kind=COMMITMENT, sha256=digest, by=by, code=code)
        with transaction.atomic():
            take_mandate(mandate, by=by)
            facts = {"kind": COMMITMENT, "text_version": self.text_version, "ip": ip, "user_agent": user_agent[:300]}
            signature = Signature.of(mandate, text, by=by, application=application, code=confirmed, **facts)
            signature.save()
            self._take(signature, signatory(mandate), by)
            Job.enqueue("programs.signed_letter", f"signed_letter:{signature.pk}", {"letter": self.pk})
        return signature

    def _take(self, signature, signer, by):
        self.move(
            self.State.SIGNED, by=by, note=str(signature.get_way_display()), signature=signature, representative=signer,
            signed_at=signature.signed_at, uploaded_by=by, return_reason="", signed_copy=None,
            signed_filename=f"carta-{self.reference}-firmada.pdf",
        )  # fmt: skip
        self.participation.move(self.participation.State.LETTER_SIGNED, by=by)
        notices.tell_letter_signed(self)


def _closing():
    return _(
        "El retiro del programa se comunica por escrito y con su motivo. La empresa sabe que incumplir de manera "
        "reiterada puede llevar a su exclusión, con aviso previo y oportunidad de responder."
    )


def signatory(mandate):
    """Who is to sign the letter, as printed on it; nobody when the company has no mandate in force."""
    if mandate is None:
        return {}
    return {
        "full_name": mandate.full_name,
        "document": f"{mandate.get_document_type_display()} {mandate.document_number}",
        "position": mandate.position,
    }
