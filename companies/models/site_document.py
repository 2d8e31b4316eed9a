"""The two papers every site shows, its municipal licence and its civil-defence certificate, each made of files."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.lifecycle import Overtaken

from .company import Company, CompanyPartQuerySet
from .event import Event
from .kept_file import THERE_OR_SAYS_WHY_NOT, FileVersion, FileVersionQuerySet, Holder, files_of
from .site import Site
from .versioned import Versioned

NEAR = timedelta(days=90)  # before its end, when it is pointed at


class SiteDocumentQuerySet(CompanyPartQuerySet):
    def newest(self):
        """The licence and the ITSE of each site that count: rows before them were replaced."""
        later = SiteDocument.objects.filter(site=models.OuterRef("site"), kind=models.OuterRef("kind"))
        return self.exclude(models.Exists(later.filter(pk__gt=models.OuterRef("pk"))))

    def with_files(self):
        return self.prefetch_related(files_of(SiteDocumentFile))

    def read(self, **of):
        """The one that counts among those `of` a site and kind, with its files, in one statement; None without one."""
        rows = SiteDocumentFile.objects.filter(document__in=self.newest().filter(**of))
        files = list(rows.select_related("document", "blob", "uploaded_by", "removed_by").order_by("pk"))
        document = files[0].document if files else self.newest().filter(**of).first()
        if document:
            document.read = files
        return document

    def of_the_release_before(self):
        """Those whose file it wrote, after the migration that gave the files rows of their own."""
        known = SiteDocumentFile.objects.filter(document=models.OuterRef("pk"), blob=models.OuterRef("blob"))
        return self.newest().exclude(blob=None).exclude(models.Exists(known))

    def knowing_files(self):
        """Each knows whether it has a file, at no further cost; see is_shown."""
        counting = SiteDocumentFile.objects.counting().filter(document=models.OuterRef("pk"))
        return self.annotate(has_file=models.Exists(counting))


class SiteDocument(Holder, Versioned):
    """A municipal licence or a civil-defence certificate of one site, as it is today; its history says what it was."""

    TOLD_TO_COMPANY = True

    class Kind(models.TextChoices):
        LICENCE = "licence", _("Licencia municipal de funcionamiento")
        ITSE = "itse", _("Certificado ITSE (ex INDECI)")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="documents")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("documento"), max_length=10, choices=Kind)
    number = models.CharField(_("número"), max_length=60)
    issuer = models.CharField(_("municipalidad que lo emite"), max_length=120)
    issued_on = models.DateField(_("emitido el"))
    valid_until = models.DateField(_("vence el"), null=True, blank=True, help_text=_("Vacío si no tiene vencimiento."))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    # The newest file, for the release before, which reads it here and writes rows without a version. Both columns go as
    # docs/operations.md says («Upgrade without downtime»).
    blob = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = SiteDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["site", "kind", "-issued_on"]
        verbose_name = _("documento de sede")
        verbose_name_plural = _("documentos de sede")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("issued_on")),
                name="site_document_ends_after_its_issue",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.number}"

    @property
    def address(self):
        """Its page at the company's door."""
        return reverse("empresa:site_document", args=[self.site_id, self.kind])

    @property
    def is_shown(self):
        """Whether a file of it counts (reads what knowing_files() found, else prefetched files)."""
        return self.has_file if hasattr(self, "has_file") else bool(self.current)

    def valid_on(self, day):
        return self.issued_on <= day and (self.valid_until is None or self.valid_until >= day)

    def ends_soon(self, day):
        """Whether it counts on `day` and runs out soon after it."""
        return bool(self.valid_until and day <= self.valid_until <= day + NEAR)

    def hand_in(self, files, *, by):
        """Keep more of its files, all or none, and the document itself with the first. Return the files that are new.

        Raises Overtaken when a colleague registered the document of this site meanwhile; IllegalMove without room.
        """
        with transaction.atomic():
            if self.pk is None:
                self.company.lock_row()
                if there := self.site.documents.filter(kind=self.kind).first():
                    raise Overtaken(_("Otra persona registró este documento antes que usted."), there)
                self.uploaded_by = by
                Event.save_and_record(self, by=by)
            return self.add_files(files, by=by)

    def files_changed(self):
        """Let the release before read the newest file where it looks for it."""
        newest = self.files.counting().order_by("pk").last()
        self.blob_id, self.filename = (newest.blob_id, newest.filename) if newest else (None, "")
        self.save(update_fields=["blob", "filename"])

    def take_files(self):
        """Give the file that the release before wrote in this row meanwhile its own row, as the next version."""
        with transaction.atomic():
            self.company.lock_row()
            slot = SiteDocumentFile.objects.filter(document__site=self.site_id, document__kind=self.kind)
            slot.update(document=self)
            before = slot.counting().order_by("pk").last()
            if before and before.blob_id == self.blob_id:
                return
            self.files.create(
                blob=self.blob, filename=self.filename, uploaded_by=self.uploaded_by, uploaded_at=self.uploaded_at,
                replaces=before, version=before.version + 1 if before else 1,
            )  # fmt: skip


class SiteDocumentFileQuerySet(FileVersionQuerySet):
    def visible_to(self, user):
        return self.filter(document__in=SiteDocument.objects.visible_to(user).values("pk"))

    def editable_by(self, user):
        """Files of the companies `user` works at. Whether they may change now is the application's business."""
        return self.filter(document__in=SiteDocument.objects.editable_by(user).values("pk"))


class SiteDocumentFile(FileVersion):
    """One file of a licence or an ITSE; what PROMPERÚ was handed keeps its bytes."""

    document = models.ForeignKey(SiteDocument, on_delete=models.PROTECT, related_name="files")
    # Empty for what was brought before it was noted who brings it.
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SiteDocumentFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("archivo de un documento de sede")
        verbose_name_plural = _("archivos de documentos de sede")
        constraints = [
            models.CheckConstraint(condition=THERE_OR_SAYS_WHY_NOT, name="site_file_is_there_or_says_why_not")
        ]

    @property
    def holder(self):
        return self.document

    @property
    def was_handed_in(self):
        return self.document.company.applications.handed_in_since(self.uploaded_at)

    @property
    def url(self):
        return reverse("public:site_document", args=[self.pk])

    def get_absolute_url(self):
        return self.document.address
