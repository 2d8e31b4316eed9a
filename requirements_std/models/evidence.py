from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Event
from companies.models.company import CompanyPartQuerySet
from ecoeficiencia.files.blob import store

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

    def keep(self, company, file, *, by):
        """Keep a file that UploadField has cleaned in the library of `company`."""
        stem, _dot, extension = file.name.rpartition(".")
        title = (stem or extension).replace("_", " ").strip() or file.name
        return self.create(company=company, title=title, blob=store(file), filename=file.name, uploaded_by=by)

    def keep_all(self, company, files, *, by):
        """Keep several files, all or none."""
        with transaction.atomic():
            return [self.keep(company, file, by=by) for file in files]


class Evidence(models.Model):
    """A proof in the company's library; one proof may serve many requirements."""

    TOLD_TO_COMPANY = True

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="evidences")
    title = models.CharField(_("título"), max_length=200)
    document_date = models.DateField(_("fecha del documento"), null=True, blank=True)
    covers_from = models.DateField(_("cubre desde"), null=True, blank=True)
    covers_to = models.DateField(_("cubre hasta"), null=True, blank=True)
    expires_on = models.DateField(_("vence el"), null=True, blank=True)
    blob = models.ForeignKey("ecoeficiencia.Blob", on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(_("archivo"), max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("subido el"), default=timezone.now)
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
            )
        ]

    def __str__(self):
        return self.title

    def event_company(self):
        return self.company

    def describe(self, facts, *, by):
        """Save what the file is called and which time it speaks of; the file itself never changes."""
        for name, value in facts.items():
            setattr(self, name, value)
        Event.save_and_record(self, by=by, fields=list(facts))

    @property
    def extension(self):
        return self.filename.rpartition(".")[2][:4]

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
