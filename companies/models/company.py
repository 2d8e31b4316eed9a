from contextlib import contextmanager, nullcontext
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from companies.ruc import validate_ruc
from ecoeficiencia.changes import in_force
from ecoeficiencia.fields import WebField
from ecoeficiencia.lifecycle import Closed
from ecoeficiencia.walls.acting import in_full

from .event import Event
from .likeness import Likened, LikenessQuerySet, drawn, plain
from .membership import Duty, Membership
from .notice import Notice
from .registry import Registered, Taken
from .versioned import Versioned


class CompanyQuerySet(LikenessQuerySet):
    """The relations through which a person may see a company, each defined once."""

    def _through(self, memberships):
        """The companies of these memberships, and those they took over: who works in one answers for the others."""
        held = memberships.values("company")
        return self.filter(Q(pk__in=held) | Q(successor__in=held))

    def belonging_to(self, user, on=None):
        """Companies where `user` is a member today."""
        return self._through(Membership.objects.in_force(on or timezone.localdate()).filter(user=user))

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
        return self._through(writers.filter(user=user))

    def led_by(self, user):
        """Companies whose team `user` runs."""
        return self._through(Membership.objects.leading(user))

    def represented_by(self, user):
        """Companies `user` signs for."""
        signers = Membership.objects.in_force(timezone.localdate()).filter(role=Membership.Role.REPRESENTATIVE)
        return self._through(signers.filter(user=user))

    def audited_by(self, user):
        """Companies with an audit that `user` makes, or answers for as manager of its body; both end with the work."""
        audits = apps.get_model("audits", "Audit").objects
        return self.filter(
            Q(pk__in=audits.audited_by(user).values("participation__company"))
            | Q(pk__in=audits.requested_from(user).values("participation__company"))
        )

    def visible_to(self, user):
        """Everybody who may know of the company: those who work on it and those who audit it."""
        if user.is_programme_staff:
            return self
        return self.filter(
            Q(pk__in=self.model.objects.worked_on_by(user).values("pk"))
            | Q(pk__in=self.model.objects.audited_by(user).values("pk"))
        )

    def search(self, text):
        for word in plain(text).split():
            self = self.filter(search__contains=word)
        return self

    def seats(self):
        """{pk: the department of the seat}, in one statement; see Company.seat."""
        rows = self.filter(sites__closed_on=None, sites__isnull=False).order_by("-sites__pk")
        return dict(rows.values_list("pk", "sites__district__department"))

    def departments(self):
        """{pk: the departments where the company has open sites, in words}, in one statement."""
        rows = self.filter(sites__closed_on=None, sites__isnull=False).order_by("sites__district__department")
        found = {}
        for pk, department in rows.values_list("pk", "sites__district__department").distinct():
            found[pk] = f"{found[pk]}, {department}" if pk in found else department
        return found


class Company(Registered, Likened, Versioned):
    """An exporting company: the tenant. RUC is an attribute with history, not the key."""

    TOLD_TO_COMPANY = True
    KEPT_INSIDE = ("claim",)

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
    # What SUNAT and PROMPERÚ's accounts say: from the register named in `…_source`, or by hand when that is empty.
    ruc_state = models.CharField(_("estado del contribuyente"), max_length=40, blank=True)
    ruc_condition = models.CharField(_("condición de domicilio"), max_length=40, blank=True)
    ruc_checked_on = models.DateField(_("RUC verificado el"), null=True, blank=True)
    ruc_source = models.CharField(_("fuente del RUC"), max_length=300, blank=True)
    economic_debt = models.BooleanField(_("tiene cuentas económicas pendientes con PROMPERÚ"), default=False)
    documentary_debt = models.BooleanField(_("tiene cuentas documentarias pendientes con PROMPERÚ"), default=False)
    debts_checked_on = models.DateField(_("deudas verificadas el"), null=True, blank=True)
    debts_source = models.CharField(_("fuente de las deudas"), max_length=300, blank=True)
    # What the company answered before it had an account, and the day: to fill the application in, never as evidence.
    self_check = models.JSONField(_("autoevaluación"), default=dict, blank=True, editable=False)
    search = models.CharField(max_length=500, editable=False, default="", db_index=True)
    # Of each name what is drawn alike; see taken_for.
    drawn = models.CharField(max_length=200, editable=False, default="", db_index=True)
    trade_drawn = models.CharField(max_length=200, editable=False, default="", db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        ordering = ["legal_name"]
        verbose_name = _("empresa")
        verbose_name_plural = _("empresas")

    def __str__(self):
        return self.legal_name

    def save(self, *args, **kwargs):
        for name, value in self.derived().items():
            setattr(self, name, value)
        super().save(*args, **kwargs)

    def derived(self):
        return {
            "search": plain(f"{self.ruc} {self.legal_name} {self.trade_name} {self.formerly}".strip())[:500],
            "drawn": drawn(self.legal_name),
            "trade_drawn": drawn(self.trade_name),
        }

    def event_company(self):
        return self

    @property
    def name(self):
        return self.trade_name or self.legal_name

    @cached_property
    def seat(self):
        """The department of its first open site, by whose decreed days its terms are counted; "" without one."""
        return type(self).objects.filter(pk=self.pk).seats().get(self.pk, "")

    def people(self, *roles):
        """The users who are members today, of the given roles or of any; of its successor, too."""
        memberships = Membership.objects.in_force(timezone.localdate()).filter(user__is_active=True)
        memberships = memberships.filter(company__in=[self.pk, self.successor_id or self.pk])
        if roles:
            memberships = memberships.filter(role__in=roles)
        with in_full() if self.successor_id else nullcontext():  # who left it behind does not see who took it over
            return list({m.user_id: m.user for m in memberships.select_related("user").order_by("pk")}.values())

    def lets_represent(self, user):
        """Whether `user` may say who represents the company: whoever does already, or anybody while nobody does."""
        roles = Membership.objects.in_force(timezone.localdate()).filter(role=Membership.Role.REPRESENTATIVE)
        signers = set(roles.filter(company__in=[self.pk, self.successor_id or self.pk]).values_list("user", flat=True))
        return not signers or getattr(user, "pk", None) in signers

    @classmethod
    def register(cls, *, by, role, **fields):
        """Open a company with `by` as its first member, legal representative or coordinator by their own word.

        Raises Taken when somebody has or had the RUC, IntegrityError when somebody registers it in this moment.
        """
        if cls.is_taken(fields["ruc"]):
            raise Taken
        with transaction.atomic():
            company = cls.objects.create(**fields)
            company.memberships.create(user=by, role=role)
            Event.record(company, by=by, verb="create", note=company.legal_name)
        return company

    def answer_self_check(self, answers, *, by):
        """Keep the answers given in public, with their day, in place of earlier ones."""
        if answers == self.self_check:
            return
        self.self_check = answers
        with transaction.atomic():
            type(self).objects.filter(pk=self.pk).update(self_check=answers)
            Event.record(self, by=by, verb="self_check")

    @classmethod
    def claim(cls, ruc, *, by):
        """Somebody tried to register a RUC that is on record: PROMPERÚ is told, the person learns nothing of it."""
        from .user import User

        with transaction.atomic(), in_full():
            company = cls.holding(ruc)
            if company is None:
                return
            Event.record(company, by=by, verb="claim", note=str(by.email))
            Notice.tell(
                User.objects.with_duty(Duty.COORDINATOR),
                key=f"claim:{company.pk}:{by.pk}",
                kind="claim",
                title=_("%(person)s intentó registrar a %(company)s") % {"person": by.email, "company": company},
                body=_("El RUC ya está registrado. Se le ofreció presentar un reclamo con prueba."),
                company=company,
            )

    def keep_found(self, *, by, **found):
        """Write what was found of the company elsewhere. It edits none of these fields, so nobody conflicts."""
        for name, value in found.items():
            setattr(self, name, value)
        with transaction.atomic():
            before = in_force(self, [name for name in found if not name.endswith(("_on", "_source"))])
            type(self).objects.filter(pk=self.pk).update(**found)
            Event.record_edit(self, by=by, before=before)

    def lock_row(self):
        """Hold this company's row to the end of the transaction: what counts its people or files takes turns."""
        return type(self).objects.select_for_update().get(pk=self.pk)

    @contextmanager
    def hold_open(self, section, site=None, kind=""):
        """Change what an application asks for, taking turns with whoever hands it in.

        section, site, kind: what changes, as ApplicationQuerySet.lock_on takes it. Raises Closed when it may not.
        """
        with transaction.atomic():
            self.lock_row()
            if lock := self.applications.lock_on(section, site, kind):
                raise Closed(lock)
            yield

    def represent(self, *, by, **fields):
        """Name a new legal representative from today; the former mandate ends yesterday and keeps what it signed."""
        today = timezone.localdate()
        with transaction.atomic():
            for former in self.mandates.in_force(today):
                former.ends_on = today - timedelta(days=1)
                former.save_edit(by=by, fields=["ends_on"])
            mandate = self.mandates.create(starts_on=today, **fields)
            Event.record(mandate, by=by, verb="create", note=mandate.full_name)
        return mandate

    def mandate_on(self, day):
        """The legal representation in force on `day`, or None; of an absorbed company, of whoever answers for it."""
        own = self.mandates.in_force(day).order_by("-starts_on").first()
        return own or (self.answering().mandate_on(day) if self.successor_id else None)


class MandateQuerySet(models.QuerySet):
    def in_force(self, on):
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class Mandate(Versioned):
    """Who represents the company in law, from when to when, by which power of attorney."""

    TOLD_TO_COMPANY = True

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
