import unicodedata

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from companies.ruc import validate_ruc
from ecoeficiencia.fields import WebField

from .event import Event
from .membership import Membership
from .versioned import Versioned


def plain(text):
    """Lower case without accents, for searching the same on SQLite and PostgreSQL."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


class CompanyQuerySet(models.QuerySet):
    """The relations through which a person may see a company, each defined once."""

    def belonging_to(self, user, on=None):
        """Companies where `user` is a member today."""
        return self.filter(memberships__in=Membership.objects.in_force(on or timezone.localdate()).filter(user=user))

    def monitored_by(self, user, on=None):
        """Companies `user` monitors today."""
        day = on or timezone.localdate()
        return self.filter(
            pk__in=self.model.objects.filter(
                Q(participations__assignments__ends_on=None) | Q(participations__assignments__ends_on__gte=day),
                participations__assignments__monitor=user,
                participations__assignments__starts_on__lte=day,
            ).values("pk")
        )

    def worked_on_by(self, user):
        """Companies whose working papers `user` may read: members, the assigned monitor, PROMPERÚ."""
        if user.is_programme_staff:
            return self
        return self.filter(
            Q(pk__in=self.model.objects.belonging_to(user).values("pk"))
            | Q(pk__in=self.model.objects.monitored_by(user).values("pk"))
        )

    def edited_by(self, user):
        """Companies for which `user` writes: members who are more than readers."""
        writers = Membership.objects.in_force(timezone.localdate()).exclude(role=Membership.Role.READER)
        return self.filter(pk__in=writers.filter(user=user).values("company"))

    def represented_by(self, user):
        """Companies `user` signs for."""
        signers = Membership.objects.in_force(timezone.localdate()).filter(role=Membership.Role.REPRESENTATIVE)
        return self.filter(pk__in=signers.filter(user=user).values("company"))

    def visible_to(self, user):
        """Everybody who may know of the company: those who work on it and those who audit it."""
        if user.is_programme_staff:
            return self
        return self.filter(
            Q(pk__in=self.model.objects.worked_on_by(user).values("pk"))
            | Q(participations__audits__team__user=user)
            | Q(participations__audits__body__people__user=user)
        ).distinct()

    def search(self, text):
        for word in plain(text).split():
            self = self.filter(search__contains=word)
        return self


class Company(Versioned):
    """An exporting company: the tenant. RUC is an attribute with history, not the key."""

    class Size(models.TextChoices):
        MICRO = "micro", _("Microempresa")
        SMALL = "small", _("Pequeña empresa")
        MEDIUM = "medium", _("Mediana empresa")
        LARGE = "large", _("Gran empresa")

    ruc = models.CharField(
        _("RUC"),
        max_length=11,
        unique=True,
        validators=[validate_ruc],
        error_messages={
            "unique": _("No podemos registrar este RUC desde aquí. Si su empresa ya participa, pida acceso a PROMPERÚ.")
        },
    )
    legal_name = models.CharField(_("razón social"), max_length=200)
    trade_name = models.CharField(_("nombre comercial"), max_length=200, blank=True)
    registry_entry = models.CharField(
        _("partida registral (SUNARP)"),
        max_length=10,
        blank=True,
        validators=[RegexValidator(r"^\d{6,10}$", _("La partida registral lleva entre 6 y 10 dígitos."))],
    )
    registry_office = models.CharField(_("oficina registral"), max_length=80, blank=True)
    started_on = models.DateField(_("inicio de operaciones"), null=True, blank=True)
    activity = models.ForeignKey(
        "companies.Activity", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("actividad económica")
    )
    size = models.CharField(_("tamaño"), max_length=10, choices=Size, blank=True)
    products = models.CharField(_("productos que exporta"), max_length=300, blank=True)
    process = models.TextField(_("proceso de producción o transformación"), blank=True)
    phone = PhoneNumberField(_("teléfono"), blank=True)
    email = models.EmailField(_("correo corporativo"), blank=True)
    website = WebField(_("página web"), blank=True)
    # What SUNAT says of the taxpayer, confirmed by staff (later by the padrón reducido).
    ruc_state = models.CharField(_("estado del contribuyente"), max_length=40, blank=True)
    ruc_condition = models.CharField(_("condición de domicilio"), max_length=40, blank=True)
    ruc_checked_on = models.DateField(_("RUC verificado el"), null=True, blank=True)
    economic_debt = models.BooleanField(_("tiene cuentas económicas pendientes con PROMPERÚ"), default=False)
    documentary_debt = models.BooleanField(_("tiene cuentas documentarias pendientes con PROMPERÚ"), default=False)
    debts_checked_on = models.DateField(_("deudas verificadas el"), null=True, blank=True)
    search = models.CharField(max_length=500, editable=False, default="", db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        ordering = ["legal_name"]
        verbose_name = _("empresa")
        verbose_name_plural = _("empresas")

    def __str__(self):
        return self.legal_name

    def save(self, *args, **kwargs):
        self.search = self.derived()["search"]
        super().save(*args, **kwargs)

    def derived(self):
        return {"search": plain(f"{self.ruc} {self.legal_name} {self.trade_name}")[:500]}

    def event_company(self):
        return self

    @property
    def name(self):
        return self.trade_name or self.legal_name

    def people(self, *roles):
        """The users who are members today, of the given roles or of any."""
        memberships = self.memberships.in_force(timezone.localdate()).filter(user__is_active=True)
        if roles:
            memberships = memberships.filter(role__in=roles)
        return [m.user for m in memberships.select_related("user")]

    @classmethod
    def register(cls, *, by, role, **fields):
        """Open a company with `by` as its first member, legal representative or coordinator by their own word.

        Raises IntegrityError when the RUC is already on record.
        """
        with transaction.atomic():
            company = cls.objects.create(**fields)
            company.memberships.create(user=by, role=role)
            Event.record(company, by=by, verb="create")
        return company

    def mandate_on(self, day):
        """The legal representation in force on `day`, or None."""
        return self.mandates.in_force(day).order_by("-starts_on").first()


class RucHistory(models.Model):
    """A RUC the company had before, and until when."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="former_rucs")
    ruc = models.CharField(max_length=11)
    until = models.DateField()
    reason = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("RUC anterior")
        verbose_name_plural = _("RUC anteriores")

    def __str__(self):
        return self.ruc


class MandateQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class Mandate(Versioned):
    """Who represents the company in law, from when to when, by which power of attorney."""

    class DocumentType(models.TextChoices):
        DNI = "dni", _("DNI")
        CE = "ce", _("Carné de extranjería")
        PASSPORT = "passport", _("Pasaporte")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="mandates")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="mandates"
    )
    full_name = models.CharField(_("nombres y apellidos"), max_length=150)
    document_type = models.CharField(
        _("tipo de documento"), max_length=10, choices=DocumentType, default=DocumentType.DNI
    )
    document_number = models.CharField(_("número de documento"), max_length=12)
    position = models.CharField(_("cargo"), max_length=100)
    power_issued_on = models.DateField(_("vigencia de poder emitida el"), null=True, blank=True)
    starts_on = models.DateField(_("desde"), default=timezone.localdate)
    ends_on = models.DateField(_("hasta"), null=True, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("representación legal")
        verbose_name_plural = _("representaciones legales")

    def __str__(self):
        return self.full_name


class CompanyPartQuerySet(models.QuerySet):
    """Papers of the company read by those who work on it, written by its members."""

    def visible_to(self, user):
        return self.filter(company__in=Company.objects.worked_on_by(user))

    def editable_by(self, user):
        return self.filter(company__in=Company.objects.edited_by(user))


class SiteQuerySet(CompanyPartQuerySet):
    def for_application(self):
        """The sites in use, each with its district and papers."""
        return self.filter(closed_on=None).select_related("district").prefetch_related("documents__blob")


class Site(Versioned):
    """A place of work of the company that may enter the scope of its certification."""

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

    def document(self, kind):
        """The document of `kind` that was handed in last (reads prefetched rows)."""
        found = [d for d in self.documents.all() if d.kind == kind]
        return max(found, key=lambda d: d.pk, default=None)


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

    objects = CompanyPartQuerySet.as_manager()

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

    def valid_on(self, day):
        return self.issued_on <= day and (self.valid_until is None or self.valid_until >= day)


class ExportRecord(models.Model):
    """A direct export: the company's RUC is the exporter of record."""

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
