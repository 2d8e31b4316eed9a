"""A file that somebody of a company sent: its versions, and what stays of one that was taken away."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.quota import require_room
from ecoeficiencia.files.blob import digest_of, store
from ecoeficiencia.lifecycle import IllegalMove

from .event import Event

MOST_FILES = 10  # of one document at a time
THERE_OR_SAYS_WHY_NOT = Q(removed_at=None, blob__isnull=False) | Q(
    removed_at__isnull=False, removed_by__isnull=False
) & ~Q(removal_reason="")


class KeptFile(models.Model):
    """The file itself; once taken away, who did it, when, why, and which bytes it had."""

    # Empty once it was taken away: the bytes go when nothing else needs them for seven days.
    blob = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(_("archivo"), max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("subido el"), default=timezone.now)
    removed_at = models.DateTimeField(_("quitado el"), null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    removal_reason = models.CharField(_("por qué se quitó"), max_length=300, blank=True)
    removed_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        abstract = True

    @property
    def extension(self):
        return self.filename.rpartition(".")[2][:4].upper()

    def bury(self, *, reason, by, keep_bytes=False):
        """Leave of it only who took it away, when, why and which bytes it had."""
        self.removed_at, self.removed_by, self.removal_reason = timezone.now(), by, reason
        self.removed_sha256 = self.blob.sha256
        if not keep_bytes:
            self.blob = None
        self.save(update_fields=["removed_at", "removed_by", "removal_reason", "removed_sha256", "blob"])


class FileVersionQuerySet(models.QuerySet):
    def counting(self):
        """Neither replaced nor removed."""
        return self.filter(removed_at=None, replaced_by=None)


class FileVersion(KeptFile):
    """One of the files of a document, its `holder`. A newer version names the one it replaces."""

    version = models.PositiveSmallIntegerField(_("versión"), default=1)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")

    class Meta:
        abstract = True

    def __str__(self):
        return self.filename

    def event_company(self):
        return self.holder.event_company()

    @property
    def said(self):
        return _("Versión %(n)s: %(file)s") % {"n": self.version, "file": self.filename}

    def _current(self):
        """Its row, held to the end of the transaction; raises IllegalMove when it counts no more."""
        row = type(self).objects.select_for_update().get(pk=self.pk)
        if row.removed_at or hasattr(row, "replaced_by"):
            raise IllegalMove(_("Ese archivo ya fue reemplazado o quitado. Vea cómo quedó el documento."))
        return row

    def replace(self, file, *, by):
        """Keep `file` as the next version of this one."""
        with transaction.atomic():
            if self._current().blob.sha256 == digest_of(file):
                raise IllegalMove(_("Es el mismo archivo que ya está. Elija el que lo reemplaza."))
            return self.holder.keep_file(file, by=by, replacing=self)

    def remove(self, *, reason, by):
        """Take it out of its document: who, when, why and which bytes stay; the bytes too, once handed in."""
        with transaction.atomic():
            row = self._current()
            row.bury(reason=reason, by=by, keep_bytes=row.was_handed_in)
            self.holder.files_changed()
            Event.record(self.holder, by=by, verb="remove", note=f"{self.filename}: {reason}")


class Holder:
    """A document made of files, each with its versions: its `files` are FileVersion rows."""

    read = None  # its files, when they were read along with it

    def _files(self):
        return self.files.all() if self.read is None else self.read

    @property
    def current(self):
        """The files that count: neither replaced nor removed (reads prefetched files)."""
        replaced = {file.replaces_id for file in self._files()}
        return [file for file in self._files() if file.removed_at is None and file.pk not in replaced]

    @property
    def former(self):
        """The versions before, and what was removed, the newest first (reads prefetched files)."""
        counting = self.current
        return [file for file in reversed(self._files()) if file not in counting]

    def add_files(self, files, *, by):
        """Keep more files, all or none; those that are there already are not repeated. Return the new ones."""
        with transaction.atomic():
            self.event_company().lock_row()  # two at once count each other's files
            there = {file.blob.sha256 for file in self.files.select_related("blob").filter(removed_at=None)}
            fresh = [file for file in files if digest_of(file) not in there]
            if len(self.current) + len(fresh) > MOST_FILES:
                raise IllegalMove(
                    _("Cada documento admite %(n)s archivos. Junte las páginas en menos archivos.") % {"n": MOST_FILES}
                )
            return [self.keep_file(file, by=by) for file in fresh]

    def keep_file(self, file, *, by, replacing=None):
        """Keep one file that UploadField has cleaned, as a newer version of `replacing` or besides the others."""
        require_room(self.event_company(), file)
        version = replacing.version + 1 if replacing else 1
        kept = self.files.create(
            blob=store(file), filename=file.name, uploaded_by=by, replaces=replacing, version=version
        )
        self.files_changed()
        verb, note = ("version", kept.said) if replacing else ("add", kept.filename)
        Event.record(self, by=by, verb=verb, note=note)
        return kept

    def files_changed(self):
        """What else follows from a file more or less."""


def files_of(model, path="files"):
    """What a query prefetches so that documents read their files at no further cost."""
    return Prefetch(path, model.objects.select_related("blob", "uploaded_by", "removed_by").order_by("pk"))
