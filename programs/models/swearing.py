"""The sworn statement of an application: its words in force, and the two ways to sign them."""

from django.db import models, transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.models import Company, Event
from companies.quota import require_room
from ecoeficiencia.files.blob import store
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove

from .. import sworn_statement
from .signing import Signature, SigningCode, mandate_of, signer_of, take_mandate

STATEMENT = Signature.Kind.SWORN_STATEMENT


class Sworn:
    """An application's half that is its sworn statement."""

    def statement_signature(self, mandate, sites=None):
        """The signature that covers what is so today for `mandate`, in the wording it was given in, or None.

        sites: those in the scope with their districts, where they were read already.
        """
        if mandate is None or not self._signatures:
            return None
        sites = self.sworn_sites() if sites is None else sites
        versions = {s.text_version for s in self._signatures}
        found = {v: sworn_statement.digest(self._words(mandate, sites, version=v)) for v in versions}
        return next((s for s in self._signatures if s.sha256 == found[s.text_version]), None)

    def lapsed_signature(self, mandate, sites=None):
        """The last signature when it does not cover what is so today any more; else None."""
        return None if self.statement_signature(mandate, sites) else self.last_signature

    def sworn_sites(self):
        """The sites the words name."""
        return list(self.company.sites.in_the_scope())

    @property
    def last_signature(self):
        """The last signature of the statement, whatever words it covers."""
        return next(iter(self._signatures), None)

    @cached_property
    def _signatures(self):
        return list(self.signatures.filter(kind=STATEMENT).select_related("pdf", "signed_copy").order_by("-pk"))

    def _words(self, mandate, sites=None, **version):
        sites = self.sworn_sites() if sites is None else sites
        return sworn_statement.words(self.company, self.edition, mandate, sites, **version)

    def _refuse_unfinished(self, on):
        """One swears to what is there: raises IllegalMove while another section lacks something."""
        if unfinished := self.sections_before_swearing(self.checklist(on)):
            names = ", ".join(self.names_of(unfinished))
            raise IllegalMove(_("Antes de firmar la declaración complete: %(sections)s.") % {"sections": names})

    def _to_sign(self, *, by, on, seen):
        """(mandate, words) for `by` to sign. Raises IllegalMove: not theirs, unfinished, or changed since `seen`."""
        refusal = _("La declaración la acepta %(name)s, representante legal.")
        mandate = signer_of(self.company, by=by, on=on, refusal=refusal)
        self._refuse_unfinished(on)
        text = self._words(mandate)
        if seen and seen != sworn_statement.digest(text):
            raise IllegalMove(_("El texto cambió mientras lo leía. Vuelva a leerlo antes de aceptar."))
        return mandate, text

    def ask_statement_code(self, *, by, on, seen=""):
        """Mail the legal representative the code that confirms the words in force."""
        _mandate, text = self._to_sign(by=by, on=on, seen=seen)
        return SigningCode.send(self, kind=STATEMENT, sha256=sworn_statement.digest(text), by=by)

    def sign_statement(self, *, by, on, code, seen="", ip=None, user_agent=""):
        """Keep that the legal representative accepted the words in force: which words, who, when, from where.

        code: the one that was mailed for these words. seen: the hash of the words on the page, when there was one.
        Raises IllegalMove when `by` is not the person the company names as its representative, or when the words
        changed since; WrongCode.
        """
        mandate, text = self._to_sign(by=by, on=on, seen=seen)
        if signed := self._signed_on_screen(text):
            return signed
        digest = sworn_statement.digest(text)
        confirmed = SigningCode.confirm(self, kind=STATEMENT, sha256=digest, by=by, code=code)
        with transaction.atomic():
            take_mandate(mandate, by=by)
            facts = {"ip": ip, "user_agent": user_agent[:300], "code": confirmed}
            return self._keep_signature(Signature.of(mandate, text, by=by, **facts), by=by)

    def _signed_on_screen(self, text):
        digest = sworn_statement.digest(text)
        return next((s for s in self._signatures if s.sha256 == digest and not s.is_outside), None)

    def _keep_signature(self, signature, *, by, note=""):
        signature.application, signature.kind = self, STATEMENT
        signature.text_version = sworn_statement.VERSION
        signature.save()
        Event.record(self, by=by, verb="sign", note=note or str(signature.get_way_display()))
        self.forget_signatures()
        return signature

    def forget_signatures(self):
        """Read them anew when they are asked for next."""
        self.__dict__.pop("_signatures", None)

    # Signed outside

    def print_statement(self, *, by, on):
        """Have the words in force printed, to be signed outside. Asking twice prints them once."""
        mandate = mandate_of(self.company, on)
        text = self._words(mandate)
        names = {"full_name": mandate.full_name, "document": Signature.of(mandate, text, by=by).signer_document}
        with transaction.atomic():
            row, new = self.statement_copies.get_or_create(
                sha256=sworn_statement.digest(text),
                defaults={"text": text, "signer": names | {"position": mandate.position}},
            )
            if new:
                Job.enqueue("programs.statement_copy", f"statement_copy:{row.pk}", {"copy": row.pk})
                Event.record(self, by=by, verb="print", note=str(row))
        return row

    def statement_copy(self, text):
        """The printed copy of these words, or None when nobody asked for it."""
        return self.statement_copies.filter(sha256=sworn_statement.digest(text)).first() if text else None

    def upload_statement(self, file, *, by, on):
        """Keep the statement as it was signed outside. `file` was cleaned by UploadField; PROMPERÚ looks at it."""
        mandate = mandate_of(self.company, on)
        self._refuse_unfinished(on)
        with transaction.atomic():
            require_room(self.company, file)
            facts = {"way": Signature.Way.OUTSIDE, "signed_copy": store(file), "filename": file.name}
            signature = Signature.of(mandate, self._words(mandate), by=by, **facts)
            return self._keep_signature(signature, by=by, note=file.name)


class StatementCopyQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(application__company__in=Company.objects.belonging_to(user).values("pk"))


class StatementCopy(models.Model):
    """The words of a sworn statement printed for signing outside."""

    application = models.ForeignKey("programs.Application", on_delete=models.PROTECT, related_name="statement_copies")
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    signer = models.JSONField(default=dict)
    pdf = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = StatementCopyQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("declaración jurada para firmar")
        verbose_name_plural = gettext_lazy("declaraciones juradas para firmar")
        constraints = [models.UniqueConstraint(fields=["application", "sha256"], name="statement_copy_once")]

    def __str__(self):
        return f"SHA-256 {self.sha256[:12]}"
