"""Where a company works and what it exports: sites with their papers, export records."""

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.jobs import Job
from ecoeficiencia.writing import dmy, number

from .company import Company, CompanyPartQuerySet
from .event import Event
from .kept_file import files_of
from .versioned import Versioned


class SiteQuerySet(CompanyPartQuerySet):
    def in_the_scope(self):
        """Those an application is about, each with its district."""
        return self.filter(in_scope=True, closed_on=None).select_related("district")

    def for_application(self):
        """The sites in use, each with its district and papers."""
        return self.filter(closed_on=None).select_related("district").with_papers()

    def with_papers(self):
        """With the licence and the ITSE of each, and their files."""
        from .site_document import SiteDocumentFile

        return self.prefetch_related("documents", files_of(SiteDocumentFile, "documents__files"))


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

    def document(self, kind):
        """The document of `kind` that was handed in last (reads prefetched rows)."""
        found = [d for d in self.documents.all() if d.kind == kind]
        return max(found, key=lambda d: d.pk, default=None)

    @property
    def papers(self):
        """The licence and the ITSE that count, those there are (reads prefetched rows)."""
        newest = {document.kind: document for document in sorted(self.documents.all(), key=lambda row: row.pk)}
        return [newest[kind] for kind in sorted(newest, reverse=True)]


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
