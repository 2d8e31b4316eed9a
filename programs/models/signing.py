"""Signing: exact words, by whom, from where; on screen with a code sent to the person's mail, or outside on paper."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.models import Company, Event
from ecoeficiencia.jobs import Job, Urgency
from ecoeficiencia.lifecycle import IllegalMove
from programs import sworn_statement

LASTS = timedelta(minutes=10)
TRIES = 5  # of one code


class WrongCode(IllegalMove):
    """The code will not do; the message says why and what to do."""


def mandate_of(company, on):
    """The legal representation in force on `on`. Raises IllegalMove without any."""
    mandate = company.mandate_on(on)
    if mandate is None:
        raise IllegalMove(now_("Registre primero a su representante legal."))
    return mandate


def signer_of(company, *, by, on, refusal):
    """The legal representation in force on `on`, that `by` may sign for.

    Raises IllegalMove without any, and with the sentence `refusal` when it is another person's. One that names
    no account yet is that of whoever the company made its representative.
    """
    mandate = mandate_of(company, on)
    if mandate.user_id not in (None, by.pk):
        raise IllegalMove(refusal % {"name": mandate.full_name})
    return mandate


def take_mandate(mandate, *, by):
    """Who signs for a mandate that names no account yet takes it as theirs."""
    if mandate.user_id is None:
        mandate.user = by
        mandate.save_edit(by=by, fields=["user"])


class SigningCodeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(user=user)

    def waiting(self, now):
        return self.filter(used_at=None, expires_at__gt=now, tries__lt=TRIES)

    def asked_by(self, user, application, kind):
        """The last code `user` was sent for a text of this kind, or None."""
        return self.filter(application=application, kind=kind, user=user).order_by("-pk").first()


class SigningCode(models.Model):
    """A code mailed to one person to confirm that they sign one text. It works once, and not for long."""

    application = models.ForeignKey("programs.Application", on_delete=models.PROTECT, related_name="signing_codes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)  # of the text
    code_hash = models.CharField(max_length=64, editable=False)
    sent_to = models.EmailField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = SigningCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("código de firma")
        verbose_name_plural = _("códigos de firma")

    def __str__(self):
        return f"{self.sent_to} · {self.created_at:%d/%m/%Y %H:%M}"

    def _hash(self, code):
        return salted_hmac("programs.signing", f"{self.user_id}:{self.sha256}:{code}", algorithm="sha256").hexdigest()

    @property
    def minutes(self):
        return LASTS // timedelta(minutes=1)

    @classmethod
    def send(cls, application, *, kind, sha256, by):
        """Mail `by` a code for the text whose hash is `sha256`; those sent before for this kind stop working."""
        now, code = timezone.now(), f"{secrets.randbelow(1_000_000):06d}"
        with transaction.atomic():
            cls.objects.waiting(now).filter(application=application, user=by, kind=kind).update(expires_at=now)
            row = cls(application=application, kind=kind, sha256=sha256, user=by, sent_to=by.email)
            row.created_at, row.expires_at, row.code_hash = now, now + LASTS, row._hash(code)
            row.save()
            row._mail(code)
            Event.record(application, by=by, verb="sign_code", note=str(Signature.Kind(kind).label))
        return row

    def _mail(self, code):
        what = str(Signature.Kind(self.kind).label)
        words = {"code": code, "what": what, "company": self.application.company, "minutes": self.minutes}
        body = render_to_string("email/signing_code.txt", words | {"help_email": settings.HELP_EMAIL, "row": self})
        subject = now_("Código para firmar: %(what)s · Ecoeficiencia Perú") % {"what": what}
        facts = {"key": f"signing-{self.pk}", "to": self.sent_to, "subject": subject, "body": body}
        facts["until"] = self.expires_at.isoformat()
        Job.enqueue("companies.account", f"signing:{self.pk}", facts, urgency=Urgency.FIRST)

    @classmethod
    def confirm(cls, application, *, kind, sha256, by, code):
        """Use up the code `by` was sent for this text and return its row. Raises WrongCode; each try is counted.

        Call it outside what its caller rolls back, so that wrong tries stay counted.
        """
        row = cls.objects.asked_by(by, application, kind)
        if row is None:
            raise WrongCode(now_("Pida primero su código: el que recibió otra persona no sirve."))
        row._require_fresh(sha256)
        now = timezone.now()
        if cls.objects.waiting(now).filter(pk=row.pk).update(tries=F("tries") + 1) != 1:
            raise WrongCode(now_("Ese código ya no sirve. Pida otro."))
        if not constant_time_compare(row.code_hash, row._hash(code)):
            raise WrongCode(row._words_left())
        if cls.objects.filter(pk=row.pk, used_at=None).update(used_at=now) != 1:
            raise WrongCode(now_("Ese código ya se usó. Pida otro."))
        return row

    def _require_fresh(self, sha256):
        if self.used_at:
            raise WrongCode(now_("Ese código ya se usó. Pida otro."))
        if self.sha256 != sha256:
            raise WrongCode(now_("El texto cambió después de que pidió el código. Vuelva a leerlo y pida otro."))
        if self.expires_at <= timezone.now():
            raise WrongCode(now_("El código venció: vale %(n)s minutos. Pida otro.") % {"n": self.minutes})

    def _words_left(self):
        left = TRIES - self.tries - 1
        if not left:
            return now_("El código no es ese. Ya no quedan intentos: pida otro.")
        words = ngettext("Queda %(n)s intento.", "Quedan %(n)s intentos.", left) % {"n": left}
        return now_("El código no es ese. Revise el correo más reciente. %(left)s") % {"left": words}


class SignatureQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Members of the company, and PROMPERÚ's staff once the application was handed in."""
        if user.is_programme_staff:
            return self.exclude(application__submitted_at=None)
        return self.filter(application__company__in=Company.objects.belonging_to(user).values("pk"))


def name_of_version(version):
    """How a page calls the version of a text; 0 are the words every edition begins with."""
    return now_("texto general del programa") if version == "0" else now_("versión %(n)s") % {"n": version}


class Signature(models.Model):
    """A text signed by a person: which words, by whom, when, from where. Only its printed copy comes later."""

    SEALED_BUT = ("pdf",)

    class Kind(models.TextChoices):
        SWORN_STATEMENT = "sworn_statement", _("Declaración jurada")
        COMMITMENT = "commitment", _("Carta de compromiso")

    class Way(models.TextChoices):
        SCREEN = "screen", _("En pantalla")
        OUTSIDE = "outside", _("Fuera del sistema")

    application = models.ForeignKey("programs.Application", on_delete=models.PROTECT, related_name="signatures")
    kind = models.CharField(max_length=20, choices=Kind)
    way = models.CharField(_("cómo se firmó"), max_length=10, choices=Way, default=Way.SCREEN)
    text_version = models.CharField(max_length=20)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    # Of one signed outside: who brought it.
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=150)
    signer_document = models.CharField(max_length=30)
    signer_position = models.CharField(max_length=100, blank=True)
    signed_at = models.DateTimeField(default=timezone.now)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    code = models.OneToOneField(SigningCode, null=True, blank=True, on_delete=models.PROTECT, related_name="signature")
    signed_copy = models.ForeignKey(
        "ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    filename = models.CharField(max_length=200, blank=True)
    pdf = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("firma")
        verbose_name_plural = _("firmas")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind", "sha256"],
                condition=Q(way="screen", kind="sworn_statement"),
                name="signature_once_per_text",
            ),
            models.CheckConstraint(
                condition=Q(way="screen") | Q(signed_copy__isnull=False), name="signature_outside_has_its_copy"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.signer_name}"

    @property
    def is_outside(self):
        return self.way == self.Way.OUTSIDE

    @property
    def document(self):
        """The file that shows it: what was brought, or what the worker printed."""
        return self.signed_copy if self.is_outside else self.pdf

    @property
    def paragraphs(self):
        return self.text.split("\n\n")

    @property
    def version_name(self):
        return name_of_version(self.text_version)

    @classmethod
    def of(cls, mandate, text, *, by, **facts):
        """A new signature of `mandate` under `text`, not yet saved."""
        return cls(
            text=text,
            sha256=sworn_statement.digest(text),
            signed_by=by,
            signer_name=mandate.full_name,
            signer_document=f"{mandate.get_document_type_display()} {mandate.document_number}",
            signer_position=mandate.position,
            **facts,
        )
