"""Where a company works and what it exports: sites with their papers, export records."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.writing import dmy, number

from .company import Company, CompanyPartQuerySet
from .event import Event
from .versioned import Versioned


class SiteQuerySet(CompanyPartQuerySet):
    def in_the_scope(self):
        """Those an application is about, each with its district."""
        return self.filter(in_scope=True, closed_on=None).select_related("district")

    def for_application(self):
        """The sites in use, each with its district and papers."""
        return self.filter(closed_on=None).select_related("district").prefetch_related("documents__blob")


class Site(Versioned):
    """A place of work of the company that may enter the scope of its certification."""

    TOLD_TO_COMPANY = True

    class StreetType(models.TextChoices):
        AVENUE = "av", _("Avenida")
        STREET = "ca", _("Calle")
        JIRON = "jr", _("Jirón")
        PASSAGE = "pj", _("Pasaje")
        ROAD = "ctra", _("Carretera")
        OTHER = "otro", _("Otro")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(_("nombre de la sede"), max_length=100)
    street_type = models.CharField(_("tipo de vía"), max_length=5, choices=StreetType, default=StreetType.AVENUE)
    street = models.CharField(_("nombre de la vía"), max_length=150)
    number = models.CharField(_("número, manzana o lote"), max_length=40, blank=True)
    urbanization = models.CharField(_("urbanización o sector"), max_length=120, blank=True)
    reference = models.CharField(_("referencia"), max_length=200, blank=True)
    district = models.ForeignKey("companies.District", on_delete=models.PROTECT, verbose_name=_("distrito"))
    process = models.CharField(_("qué se produce o transforma aquí"), max_length=300, blank=True)
    in_scope = models.BooleanField(_("entra en el alcance"), default=True)
    closed_on = models.DateField(_("cerrada el"), null=True, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("sede")
        verbose_name_plural = _("sedes")
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="site_name_once_per_company")]

    def __str__(self):
        return self.name

    @property
    def address(self):
        return ", ".join(
            part
            for part in (
                f"{self.get_street_type_display()} {self.street} {self.number}".strip(),
                self.urbanization,
                str(self.district),
            )
            if part
        )

    def save_edit(self, *, by, fields, note=""):
        with transaction.atomic():
            super().save_edit(by=by, fields=fields, note=note)
            if "in_scope" in fields:
                self.ask_for_its_rows()

    def close(self, *, by, on):
        self.closed_on, self.in_scope = on, False
        self.save_edit(by=by, fields=["closed_on", "in_scope"])

    def ask_for_its_rows(self):
        """Have the requirements of the company follow its sites, once the change is committed."""
        if self.company.assessments.filter(closed_at=None).exists():
            key = f"requirements_std.sync:{self.pk}:{self.version}"
            Job.enqueue("requirements_std.sync", key=key, payload={"company": self.company_id})

    def add_document(self, paper, *, by):
        """Keep a paper of this site. The last one handed in is the one that counts; the others are its history."""
        with transaction.atomic():
            paper.uploaded_by = by
            paper.save()
            Event.record(self, by=by, verb="add", note=str(paper))
        return paper

    def remove_document(self, paper, *, reason, by):
        """Take off a paper nobody was handed; the one before counts again. Raises IllegalMove when it was handed in."""
        with transaction.atomic():
            if self.company.applications.handed_in_since(paper.uploaded_at):
                raise IllegalMove(_("Ese documento ya se presentó a PROMPERÚ: queda en el expediente. Reemplácelo."))
            digest = paper.blob.sha256 if paper.blob_id else "—"
            Event.record(self, by=by, verb="remove", note=f"{paper}: {reason} ({paper.filename}, SHA-256 {digest})")
            paper.delete()

    def document(self, kind):
        """The document of `kind` that was handed in last (reads prefetched rows)."""
        found = [d for d in self.documents.all() if d.kind == kind]
        return max(found, key=lambda d: d.pk, default=None)


class SiteDocumentQuerySet(CompanyPartQuerySet):
    def newest(self):
        """The last licence and the last ITSE of each site: those before were replaced."""
        later = SiteDocument.objects.filter(site=models.OuterRef("site"), kind=models.OuterRef("kind"))
        return self.exclude(models.Exists(later.filter(pk__gt=models.OuterRef("pk"))))


class SiteDocument(models.Model):
    """A municipal licence or a civil-defence certificate of one site."""

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
    blob = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)

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
    def extension(self):
        return self.filename.rpartition(".")[2][:4].upper()

    def valid_on(self, day):
        return self.issued_on <= day and (self.valid_until is None or self.valid_until >= day)


class ExportRecord(Versioned):
    """A direct export: the company's RUC is the exporter of record."""

    TOLD_TO_COMPANY = True

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="exports")
    declaration = models.CharField(
        _("declaración aduanera (DAM)"),
        max_length=30,
        validators=[
            RegexValidator(
                r"^\d{3}-\d{4}-\d{2}-\d{6}$", _("La DAM se escribe 118-2024-40-012345: aduana, año, régimen y número.")
            )
        ],
    )
    exported_on = models.DateField(_("fecha de embarque"))
    tariff_code = models.CharField(
        _("partida arancelaria"),
        max_length=13,
        validators=[
            RegexValidator(
                r"^(?!00|77|98|99)\d{4}\.?\d{2}\.?\d{2}\.?\d{2}$",
                _("La partida arancelaria lleva 10 dígitos, por ejemplo 0806.10.00.00."),
            )
        ],
    )
    destination = models.CharField(_("país de destino"), max_length=60)
    fob_usd = models.DecimalField(_("valor FOB (US$)"), max_digits=14, decimal_places=2)
    net_kg = models.DecimalField(_("peso neto (kg)"), max_digits=14, decimal_places=2, null=True, blank=True)

    objects = CompanyPartQuerySet.as_manager()

    class Meta:
        ordering = ["-exported_on"]
        verbose_name = _("exportación")
        verbose_name_plural = _("exportaciones")
        constraints = [
            models.UniqueConstraint(fields=["company", "declaration"], name="export_once_per_declaration"),
            models.CheckConstraint(condition=Q(fob_usd__gt=0), name="export_fob_above_zero"),
        ]

    def __str__(self):
        return self.declaration

    def keep(self, *, by):
        """Save the export, new or corrected, with its line of history."""
        Event.save_and_record(self, by=by)

    def remove(self, *, by):
        """Take the export off the company's papers; what it said stays in the history."""
        with transaction.atomic():
            said = f"{self.declaration}, {dmy(self.exported_on)}, {self.destination}, US$ {number(self.fob_usd, 2)}"
            Event.record(self, by=by, verb="delete", note=said)
            self.delete()
