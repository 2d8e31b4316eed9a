"""The row of a file: what its bytes are, whether it may be handed out, and whether anybody still needs it."""

import hashlib
import logging

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .kinds import PICTURES

logger = logging.getLogger(__name__)


class Blob(models.Model):
    """The bytes of a file, written once under the name of their SHA-256; rows elsewhere give it a meaning."""

    class State(models.TextChoices):
        PENDING = "pending", _("En revisión")
        CLEAN = "clean", _("Revisado")
        INFECTED = "infected", _("Retenido por el antivirus")
        UNVERIFIABLE = "unverifiable", _("No verificable")

    HELD = (State.INFECTED, State.UNVERIFIABLE)

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    state = models.CharField(_("revisión"), max_length=15, choices=State, default=State.CLEAN)
    finding = models.CharField(_("hallazgo"), max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(_("intentos de revisión"), default=0)
    generated = models.BooleanField(_("hecho por el sistema"), default=False)
    facts = models.JSONField(_("datos"), default=dict, blank=True)  # what its inspection learnt: pages, width, height
    # A photo is handed out without the place and the device it tells; the bytes that were sent stay as they are.
    shown = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(_("comprobado el"), null=True, blank=True)
    damaged_at = models.DateTimeField(_("dañado desde"), null=True, blank=True)
    loose_since = models.DateTimeField(_("sin uso desde"), null=True, blank=True)

    class Meta:
        verbose_name = _("archivo")
        verbose_name_plural = _("archivos")
        indexes = [
            models.Index(fields=["state"], condition=~models.Q(state="clean"), name="blob_not_clean"),
            models.Index(fields=["damaged_at"], condition=models.Q(damaged_at__isnull=False), name="blob_damaged"),
        ]

    def __str__(self):
        return self.sha256[:12]

    @property
    def is_held(self):
        """Whether the antivirus keeps it from everybody."""
        return self.state in self.HELD

    @property
    def path(self):
        return f"blobs/{self.sha256[:2]}/{self.sha256}"

    @property
    def is_ready(self):
        """Whether it may be handed out."""
        return self.state == self.State.CLEAN and not self.damaged_at

    @property
    def is_picture(self):
        return self.content_type in PICTURES

    def open(self):
        return default_storage.open(self.path)

    @classmethod
    def store(cls, content, content_type, **facts):
        """Keep `content` (bytes or a Django file) and return its row; the same bytes are kept once.

        The file is complete on disk before the row exists, so a crash leaves no row without its file.
        facts: fields of the row, should it be new. Without any, the file is one that we made.
        """
        file = ContentFile(content) if isinstance(content, bytes) else content
        digest = digest_of(file)
        default_storage.save(cls(sha256=digest).path, file)
        facts = facts or {"generated": True}
        defaults = {"size": file.size, "content_type": content_type, **facts}
        blob, new = cls.objects.get_or_create(sha256=digest, defaults=defaults)
        if not new and blob.loose_since and not cls.objects.filter(pk=blob.pk).update(loose_since=None):
            return cls.objects.create(sha256=digest, **defaults)  # it was swept a moment ago
        return blob

    def look_again(self):
        """Have the antivirus look at a held file once more; False when it is not held."""
        held = Blob.objects.filter(pk=self.pk, state__in=self.HELD)
        return bool(held.update(state=self.State.PENDING, tries=0, finding=""))

    def is_whole(self):
        """Read it all and compare with what was kept; a change, for the worse or the better, is noted in the row."""
        try:
            with self.open() as file:
                whole = _sha256(file) == self.sha256
        except FileNotFoundError:
            whole = False
        if not whole:
            logger.error("file %s is damaged or missing: restore it from a backup", self.path)
        if whole == bool(self.damaged_at):
            self.damaged_at = None if whole else timezone.now()
            Blob.objects.filter(pk=self.pk).update(damaged_at=self.damaged_at)
        return whole


def digest_of(file):
    """The SHA-256 of a Django file; of one that was received it is known already."""
    return getattr(file, "sha256", None) or _sha256(file)


def _sha256(file):
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks(256 * 1024):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def store(file):
    """Keep a file that UploadField has cleaned; return its Blob. Of a photo, also the picture that is handed out.

    Where there is an antivirus, nobody gets the file before that has looked.
    """
    state, shown = Blob.State.PENDING if settings.CLAMAV_URL else Blob.State.CLEAN, None
    facts = getattr(file, "facts", {})
    if kind := facts.get("shown"):
        shown = Blob.store(file.rendition.reread(), kind, state=Blob.State.CLEAN)
    blob = Blob.store(file, file.content_type, state=state, facts=facts, shown=shown)
    if facts.keys() - blob.facts.keys():  # the same bytes came before, where less was asked of them
        blob.facts = facts | blob.facts
        Blob.objects.filter(pk=blob.pk).update(facts=blob.facts)
    return blob
