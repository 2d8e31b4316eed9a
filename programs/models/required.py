from datetime import timedelta

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.models import Event, SiteDocument
from ecoeficiencia.changes import differences, in_force, label_of
from ecoeficiencia.files.kinds import KINDS
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.workdays import anniversary_eve
from ecoeficiencia.writing import dmy

from ..conditions import PROVABLE
from .keepers import KEEPERS

SCANS = ["application/pdf", "image/jpeg", "image/png"]


class RequiredDocumentQuerySet(models.QuerySet):
    def asked(self):
        """Those an application needs today, in their order."""
        return self.filter(withdrawn=False)

    def managed_by(self, user):
        return self if user.has_duty(*KEEPERS) else self.none()

    def announced(self):
        """Those of editions whose call is out, for everybody who may apply."""
        return self.filter(edition__published=True)


class RequiredDocument(models.Model):
    """One entry of an edition's catalogue: which paper, of the company or of each site, in which form, valid how long.

    The licence and the ITSE of a site are the entries whose key is a SiteDocument.Kind; others have keys of their own.
    """

    class Subject(models.TextChoices):
        COMPANY = "company", _("De la empresa")
        SITE = "site", _("De cada sede del alcance")

    class Validity(models.TextChoices):
        NONE = "none", _("No vence")
        OPTIONAL = "optional", _("Puede no vencer; si vence, después del cierre de la convocatoria")
        STATED = "stated", _("Vence en la fecha que dice, después del cierre de la convocatoria")
        YEARS = "years", _("Vence a los años de su emisión")
        RECENT = "recent", _("Emitido pocos días antes de presentar")

    class Applies(models.TextChoices):
        ALWAYS = "always", _("A todas las empresas")
        SEVERAL_SITES = "several_sites", _("Si hay más de una sede en el alcance")
        SMALL = "small", _("Si es micro o pequeña empresa")
        LARGE = "large", _("Si es mediana o gran empresa")
        FOREIGN = "foreign", _("Si su representante legal no se identifica con DNI")

    # The rules whose meaning needs a number: years, or days.
    NUMBERED = (Validity.YEARS, Validity.RECENT)

    edition = models.ForeignKey("programs.Edition", on_delete=models.CASCADE, related_name="documents")
    key = models.SlugField(_("clave"), max_length=30)
    title = models.CharField(_("documento"), max_length=150)
    help = models.TextField(_("qué debe mostrar"), max_length=500, blank=True)
    subject = models.CharField(_("de quién"), max_length=10, choices=Subject, default=Subject.COMPANY)
    needed = models.BooleanField(_("obligatorio"), default=True)
    applies_when = models.CharField(_("a quién se pide"), max_length=15, choices=Applies, default=Applies.ALWAYS)
    # The condition it is the proof of: when that one is observed, the company may hand it in or change it.
    proves = models.CharField(
        _("qué requisito sustenta"), max_length=20, choices=PROVABLE, blank=True, default="", db_default=""
    )
    # Content types of ecoeficiencia.files.kinds.KINDS.
    kinds = models.JSONField(_("tipos de archivo"), default=list)
    max_mb = models.PositiveSmallIntegerField(_("tamaño máximo (MB)"), default=25)
    validity = models.CharField(_("vigencia"), max_length=10, choices=Validity, default=Validity.NONE)
    validity_number = models.PositiveSmallIntegerField(_("años o días"), null=True, blank=True)
    template = models.ForeignKey(
        "ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    template_filename = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    withdrawn = models.BooleanField(_("ya no se pide"), default=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = RequiredDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("documento requerido")
        verbose_name_plural = _("documentos requeridos")
        constraints = [
            models.UniqueConstraint(fields=["edition", "key"], name="required_document_key_once_per_edition"),
            models.CheckConstraint(
                condition=~Q(validity__in=["years", "recent"]) | Q(validity_number__gt=0),
                name="required_document_numbered_validity_has_its_number",
            ),
            models.CheckConstraint(condition=Q(max_mb__gte=1, max_mb__lte=25), name="required_document_fits_uploads"),
        ]

    def __str__(self):
        return self.title

    @property
    def is_of_a_site(self):
        """Whether the site's own page asks for it: the licence and the ITSE."""
        return self.key in SiteDocument.Kind.values

    @property
    def is_one_a_site(self):
        return self.subject == self.Subject.SITE

    @property
    def kinds_in_words(self):
        return ", ".join(KINDS[kind] for kind in self.kinds if kind in KINDS)

    @property
    def upload_rules(self):
        """What an upload for it may be, as its field is told; digital signatures are read where there are any."""
        kinds = tuple(kind for kind in KINDS if kind in self.kinds) or tuple(KINDS)
        return {"kinds": kinds, "max_mb": self.max_mb, "signatures": True}

    @property
    def validity_in_words(self):
        if self.validity == self.Validity.YEARS:
            words = ngettext("Vence al año de su emisión", "Vence a los %(n)s años de su emisión", self.validity_number)
            return words % {"n": self.validity_number}
        if self.validity == self.Validity.RECENT:
            words = ngettext(
                "Emitido como máximo %(n)s día antes de presentar",
                "Emitido como máximo %(n)s días antes de presentar",
                self.validity_number,
            )
            return words % {"n": self.validity_number}
        return self.get_validity_display()

    @property
    def why_asked(self):
        """Why it is asked of this company, when it is not asked of all."""
        if self.applies_when == self.Applies.ALWAYS:
            return ""
        when = str(self.get_applies_when_display())
        return _("Se pide %(when)s.") % {"when": when[0].lower() + when[1:]}

    def applies_to(self, company, mandate, sites):
        """Whether it is asked of `company`. A size nobody told keeps none of the two sizes out."""
        sizes = {self.Applies.SMALL: ("", "micro", "small"), self.Applies.LARGE: ("", "medium", "large")}
        if self.applies_when in sizes:
            return company.size in sizes[self.applies_when]
        if self.applies_when == self.Applies.SEVERAL_SITES:
            return len(sites) > 1
        if self.applies_when == self.Applies.FOREIGN:
            return mandate is not None and mandate.document_type != mandate.DocumentType.DNI
        return True

    @property
    def asks_issue(self):
        return self.validity in {self.Validity.OPTIONAL, *self.NUMBERED}

    @property
    def asks_end(self):
        return self.validity in {self.Validity.OPTIONAL, self.Validity.STATED}

    def end_of(self, issued_on):
        """The last day of a paper issued on `issued_on` that runs out some years later; None under the other rules."""
        if self.validity != self.Validity.YEARS or issued_on is None:
            return None
        return anniversary_eve(issued_on, self.validity_number)

    def fault_of(self, paper, *, on, closes, handed_on):
        """Why a paper does not count, as a sentence; "" when it does. handed_on: from when it must be recent."""
        days = {"closes": dmy(closes), "n": self.validity_number}
        if paper.issued_on and paper.issued_on > on:
            return _("la fecha de emisión (%(day)s) aún no llega.") % {"day": dmy(paper.issued_on)}
        if self.validity == self.Validity.STATED and paper.valid_until is None:
            return _("falta su fecha de vencimiento.")
        if self.validity in self.NUMBERED and paper.issued_on is None:
            return _("falta su fecha de emisión.")
        if paper.valid_until and paper.valid_until < closes:
            days["day"] = dmy(paper.valid_until)
            return _("vence el %(day)s, antes del cierre de la convocatoria (%(closes)s).") % days
        oldest = handed_on - timedelta(days=self.validity_number or 0)
        if self.validity == self.Validity.RECENT and paper.issued_on < oldest:
            days["day"] = dmy(paper.issued_on)
            return (
                ngettext(
                    "se emitió el %(day)s, hace más de %(n)s día.",
                    "se emitió el %(day)s, hace más de %(n)s días.",
                    self.validity_number,
                )
                % days
            )
        return ""

    def keep(self, *, by, fields):
        """Save an edited entry; raises IllegalMove when somebody else saved it meanwhile."""
        values = {name: getattr(self, name) for name in fields}
        with transaction.atomic():
            before = in_force(self, fields)
            row = type(self).objects.filter(pk=self.pk, version=self.version)
            if row.update(version=F("version") + 1, **values) != 1:
                raise IllegalMove(_("Otra persona guardó antes que usted. Compare y elija."))
            self.version += 1
            told = {label_of(type(self), name): words for name, words in differences(self, before).items()}
            Event.record(self.edition, by=by, verb="catalogue", note=self.title, changes=told)

    def withdraw(self, *, by, asked_again=False):
        """Stop asking for it, or ask again. What companies handed in stays."""
        self.withdrawn = not asked_again
        self.keep(by=by, fields=["withdrawn"])


# What every edition asks for until PROMPERÚ says otherwise: the papers of fact S14, and the proof of S15 when wanted.
def standard_documents():
    return [
        RequiredDocument(
            key=SiteDocument.Kind.LICENCE, title=str(SiteDocument.Kind.LICENCE.label), subject="site", kinds=SCANS,
            validity="optional", position=1, help=str(_("Número, titular, giro autorizado y dirección de la sede.")),
        ),
        RequiredDocument(
            key=SiteDocument.Kind.ITSE, title=str(SiteDocument.Kind.ITSE.label), subject="site", kinds=SCANS,
            validity="years", validity_number=2, position=2, help=str(_("Vigente al cierre de la convocatoria.")),
        ),
        RequiredDocument(
            key="exports", title=str(_("Sustento de las exportaciones (DAM)")), subject="company", kinds=SCANS,
            needed=False, position=3, help=str(_("Declaración aduanera a nombre de la empresa.")), proves="exports",
        ),
    ]  # fmt: skip


class Catalogued:
    """An edition's half that says which papers an application needs."""

    def create_documents(self):
        """Give the edition the standard catalogue; what it has stays as it is."""
        there = set(self.documents.values_list("key", flat=True))
        new = [document for document in standard_documents() if document.key not in there]
        for document in new:
            document.edition = self
        RequiredDocument.objects.bulk_create(new, ignore_conflicts=True)

    def copy_documents(self, other):
        """Take the catalogue of edition `other`, but what it no longer asks for."""
        for document in other.documents.asked():
            document.pk, document.edition, document.version = None, self, 0
            document.save(force_insert=True)

    def add_document(self, document, *, by):
        """Put a new entry at the end, with a key made from its title."""
        with transaction.atomic():
            document.edition, stem = self, slugify(document.title)[:24] or "documento"
            taken = set(self.documents.values_list("key", flat=True)) | set(SiteDocument.Kind.values)
            numbered = (f"{stem}-{n}" for n in range(2, 1000))
            document.key = stem if stem not in taken else next(key for key in numbered if key not in taken)
            document.position = 1 + max(self.documents.values_list("position", flat=True), default=0)
            document.save(force_insert=True)
            Event.record(self, by=by, verb="catalogue", note=document.title)
        return document

    def site_papers(self):
        """The kinds of SiteDocument every site in the scope must show (reads prefetched rows)."""
        entries = {document.key: document for document in self.documents.all()}
        if not entries:
            return list(SiteDocument.Kind.values)
        return [k for k in SiteDocument.Kind.values if k in entries and entries[k].needed and not entries[k].withdrawn]
