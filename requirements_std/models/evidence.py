from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Event
from companies.models.company import CompanyPartQuerySet
from companies.models.kept_file import KeptFile
from companies.models.versioned import Versioned
from companies.quota import require_room
from ecoeficiencia.files.blob import store
from ecoeficiencia.lifecycle import IllegalMove, Overtaken

from .fulfilment import Fulfilment


class EvidenceQuerySet(CompanyPartQuerySet):
    def readable_by(self, user):
        """Who may open the file: those who work on the company, and whoever audits a row it proves."""
        audited = EvidenceLink.objects.filter(fulfilment__in=Fulfilment.objects.audited_by(user).values("pk"))
        return self.filter(
            Q(company__in=Company.objects.worked_on_by(user).values("pk")) | Q(pk__in=audited.values("evidence"))
        )

    def for_list(self):
        """With what the library shows: the file, who brought it, which requirements it proves."""
        return self.select_related("blob", "uploaded_by").prefetch_related(
            Prefetch("links", EvidenceLink.objects.select_related("fulfilment__requirement", "fulfilment__site"))
        )

    def living(self):
        """Proofs that nobody took away."""
        return self.filter(removed_at=None)

    def keep(self, company, file, *, by, replacing=None):
        """Keep a file that UploadField has cleaned in the library of `company`; the same bytes are one proof.

        replacing: the proof this one is a newer version of; it keeps its file and stays.
        Raises IllegalMove when the company has no room left.
        """
        stem, _dot, extension = file.name.rpartition(".")
        title = (stem or extension).replace("_", " ").strip() or file.name
        with transaction.atomic():
            there = require_room(company, file)
            if there and (same := self.living().filter(company=company, blob=there).order_by("-pk").first()):
                same.was_there = True
                return same
            facts = {"title": replacing.title, "number": replacing.number + 1} if replacing else {"title": title}
            return self.create(
                company=company, blob=store(file), filename=file.name, uploaded_by=by, replaces=replacing, **facts
            )

    def keep_all(self, company, files, *, by):
        """Keep several files, all or none, and tell the company's history which are new."""
        with transaction.atomic():
            kept = [self.keep(company, file, by=by) for file in files]
            for evidence in kept:
                if not evidence.was_there:
                    Event.record(evidence, by=by, verb="keep", note=evidence.filename)
        return kept


class Evidence(KeptFile, Versioned):
    """A proof in the company's library; one proof may serve many requirements."""

    TOLD_TO_COMPANY = True

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="evidences")
    title = models.CharField(_("título"), max_length=200)
    document_date = models.DateField(_("fecha del documento"), null=True, blank=True)
    covers_from = models.DateField(_("cubre desde"), null=True, blank=True)
    covers_to = models.DateField(_("cubre hasta"), null=True, blank=True)
    expires_on = models.DateField(_("vence el"), null=True, blank=True)
    number = models.PositiveSmallIntegerField(_("número de la versión del archivo"), default=1)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    fulfilments = models.ManyToManyField(Fulfilment, through="EvidenceLink", related_name="evidences")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("evidencia")
        verbose_name_plural = _("evidencias")
        constraints = [
            models.CheckConstraint(
                condition=Q(covers_from=None) | Q(covers_to=None) | Q(covers_to__gte=F("covers_from")),
                name="evidence_covers_forwards",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None, blob__isnull=False)
                | Q(removed_at__isnull=False, blob=None, removed_by__isnull=False) & ~Q(removal_reason=""),
                name="evidence_has_its_file_or_says_why_not",
            ),
        ]

    was_there = False  # of a file sent again: the proof it already is

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("empresa:evidence", args=[self.pk])

    def missing_to_remove(self):
        """Why it cannot be taken away: the requirements it proves."""
        codes = dict.fromkeys(self.links.values_list("fulfilment__requirement__code", flat=True))
        if not codes:
            return ""
        return _("Sirve a %(codes)s: quítela antes de ahí.") % {"codes": ", ".join(codes)}

    def remove(self, *, reason, by):
        """Take it out of the library for good. The row stays, with who did it, when, why, and which bytes it had.

        Raises IllegalMove while it proves a requirement, or when it is gone already.
        """
        with transaction.atomic():
            row = Evidence.objects.select_for_update().get(pk=self.pk)
            if row.removed_at:
                raise Overtaken(_("Ya estaba eliminada."), self)
            if refusal := row.missing_to_remove():
                raise IllegalMove(refusal)
            self.bury(reason=reason, by=by)
            Event.record(self, by=by, verb="eliminate", note=f"{self.filename}: {reason}")

    def replace(self, file, *, by):
        """Keep `file` as the next version; requirements that may still change show the new one, the others the old.

        Raises IllegalMove when it was replaced or taken away already, or there is no room.
        """
        with transaction.atomic():
            row = Evidence.objects.select_for_update().get(pk=self.pk)
            if row.removed_at or hasattr(row, "replaced_by"):
                raise IllegalMove(_("Ya hay una versión más nueva, o fue eliminada. Vea la biblioteca."))
            new = Evidence.objects.keep(self.company, file, by=by, replacing=row)
            if new.was_there:
                raise IllegalMove(_("Ese archivo ya está en la biblioteca como «%(title)s».") % {"title": new})
            for link in self.links.select_related("fulfilment"):
                if link.fulfilment.is_editable:
                    link.fulfilment.swap_evidence(self, new, by=by)
            said = _("Versión %(n)s: %(file)s") % {"n": new.number, "file": new.filename}
            Event.record(new, by=by, verb="version", note=said)
        return new

    @property
    def proves(self):
        """The codes of the requirements it serves, each once (reads prefetched links)."""
        return list(dict.fromkeys(link.fulfilment.requirement.code for link in self.links.all()))


class EvidenceLinkQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(evidence__company__in=Company.objects.worked_on_by(user))


class EvidenceLink(models.Model):
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="links")
    fulfilment = models.ForeignKey(Fulfilment, on_delete=models.PROTECT, related_name="links")
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(default=timezone.now)

    objects = EvidenceLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidencia del requisito")
        verbose_name_plural = _("evidencias de los requisitos")
        constraints = [models.UniqueConstraint(fields=["evidence", "fulfilment"], name="evidence_once_per_fulfilment")]

    def __str__(self):
        return f"{self.evidence} → {self.fulfilment_id}"


class CommentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Members read what is addressed to the company; the monitor and staff also what is internal."""
        rows = self.filter(fulfilment__assessment__company__in=Company.objects.worked_on_by(user))
        if user.is_programme_staff:
            return rows
        return rows.filter(
            Q(audience=Comment.Audience.COMPANY)
            | Q(fulfilment__assessment__company__in=Company.objects.monitored_by(user))
        )


class Comment(models.Model):
    class Audience(models.TextChoices):
        INTERNAL = "internal", _("Solo monitor y PROMPERÚ")
        COMPANY = "company", _("Empresa, monitor y PROMPERÚ")

    fulfilment = models.ForeignKey(Fulfilment, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    audience = models.CharField(_("quién lo lee"), max_length=10, choices=Audience)
    text = models.TextField(_("comentario"))
    at = models.DateTimeField(default=timezone.now)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        verbose_name = _("comentario")
        verbose_name_plural = _("comentarios")

    def __str__(self):
        return self.text[:60]

    @property
    def is_internal(self):
        return self.audience == self.Audience.INTERNAL

    @classmethod
    def default_audience(cls, user, company):
        """The narrowest audience `user` belongs to: internal for the monitor and PROMPERÚ."""
        member = Company.objects.belonging_to(user).filter(pk=company.pk).exists()
        return cls.Audience.COMPANY if member else cls.Audience.INTERNAL
