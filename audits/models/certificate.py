import secrets
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.printed import printed_facts
from companies.models import Company, Event, Notice
from companies.models.company import plain
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove, Party, Stateful, StatefulQuerySet
from ecoeficiencia.models import Counter
from ecoeficiencia.workdays import anniversary_eve
from requirements_std.models import Scope

from .decision import Decision

EXPIRES_SOON_DAYS = 180


def new_code():
    """A public code that cannot be guessed: 128 bits, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


class Entitlement(Stateful):
    """What the certificate and the mark licence share: acts are stored, the calendar is asked of a day."""

    class State(models.TextChoices):
        ISSUED = "issued", _("Vigente")
        SUSPENDED = "suspended", _("Suspendido")
        WITHDRAWN = "withdrawn", _("Retirado")
        REPLACED = "replaced", _("Reemplazado")

    MOVES = {
        State.ISSUED: (State.SUSPENDED, State.WITHDRAWN, State.REPLACED),
        State.SUSPENDED: (State.ISSUED, State.WITHDRAWN),
        State.WITHDRAWN: (),
        State.REPLACED: (),
    }
    TURN = {
        State.ISSUED: Party.NOBODY,
        State.SUSPENDED: Party.COMPANY,
        State.WITHDRAWN: Party.NOBODY,
        State.REPLACED: Party.NOBODY,
    }

    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.ISSUED)
    state_reason = models.TextField(_("motivo del estado"), blank=True)
    valid_from = models.DateField(_("vigente desde"))
    valid_until = models.DateField(_("vigente hasta"))

    class Meta:
        abstract = True

    def status_on(self, day):
        """The status on `day`: the stored act, else what the calendar says.

        One of suspended, withdrawn, replaced, not_yet, expired, expiring, valid.
        """
        if self.state != self.State.ISSUED:
            return self.state
        if day < self.valid_from:
            return "not_yet"
        if day > self.valid_until:
            return "expired"
        return "expiring" if (self.valid_until - day).days <= EXPIRES_SOON_DAYS else "valid"

    def status_label(self, day):
        """The status on `day` in words."""
        status = self.status_on(day)
        if status == "expiring":
            left = (self.valid_until - day).days
            return _("Vence hoy") if left == 0 else _("Vence en %(days)s días") % {"days": left}
        return STATUS_LABELS[status]


STATUS_LABELS = {
    "valid": _("Vigente"),
    "expiring": _("Por vencer"),
    "suspended": _("Suspendido"),
    "withdrawn": _("Retirado"),
    "expired": _("Vencido"),
    "replaced": _("Reemplazado"),
    "not_yet": _("Aún no vigente"),
}


class CertificateQuerySet(StatefulQuerySet):
    def public(self, on):
        """What the public door shows: every certificate ever granted, with its status asked of `on`."""
        return self.filter(valid_from__lte=on)

    def standing(self, code):
        """All that may change of what the public reads of the certificate with this code; None without one.

        Verifying again does little else, and building the statement costs six times as much as asking it.
        """
        with connection.cursor() as cursor:
            cursor.execute(_standing_of_a_code(), [code])
            return cursor.fetchone()

    def with_status(self, status, on):
        """Certificates whose `status_on(on)` is `status`, or `current`: in force, or suspended within their term."""
        soon = on + timedelta(days=EXPIRES_SOON_DAYS)
        issued = Q(state="issued", valid_from__lte=on)
        return self.filter(
            {
                "valid": issued & Q(valid_until__gt=soon),
                "expiring": issued & Q(valid_until__gte=on, valid_until__lte=soon),
                "expired": issued & Q(valid_until__lt=on),
                "in_force": issued & Q(valid_until__gte=on),
                "withdrawal": Q(withdrawals__state="proposed"),
                "current": Q(state__in=["issued", "suspended"], valid_until__gte=on),
            }.get(status, Q(state=status))
        )

    def for_page(self):
        return self.select_related("company", "licence", "decision__audit__participation__edition", "pdf")

    def search(self, text):
        """Certificates whose company, products or number hold every word of `text`, accents aside."""
        for word in plain(text).split():
            self = self.filter(Q(search__contains=word) | Q(company__search__contains=word))
        return self

    def issue(self, decision, *, by, on):
        """Write the certificate of a decision that grants: number, term, what is printed, register, PDF to come.

        Call inside the transaction of the decision. Raises IntegrityError when the decision has one already.
        """
        participation = decision.participation
        edition = participation.edition
        series, years = edition.parameter("certificate_series"), edition.parameter("certificate_years")
        certificate = self.create(
            decision=decision,
            company=participation.company,
            scope=decision.audit.scope,
            number=f"{series}-{on.year}-{Counter.next(series, on.year):04d}",
            issued_on=on,
            valid_from=on,
            valid_until=anniversary_eve(on, years),
            printed=printed_facts(decision, signatory=by, on=on),
        )
        Event.record(certificate, by=by, verb="create", new=certificate.state)
        certificate.enter("granted", on=on)
        Job.enqueue(
            "audits.certificate", key=f"audits.certificate:{certificate.pk}", payload={"certificate": certificate.pk}
        )
        return certificate

    def note_holder(self, holder, *, on, reason, by):
        """Say that `holder` holds these certificates today, with the RUC of today. What was printed stays."""
        facts = {"ruc": holder.ruc, "name": holder.legal_name, "since": on.isoformat(), "said": reason}
        for certificate in self:
            search = certificate.searchable(certificate.number, certificate.printed, facts)
            rows = type(self)(self.model).filter(pk=certificate.pk)
            rows.update(holder=facts, search=search, version=F("version") + 1)  # pages kept of it are written anew
            Event.record(certificate, by=by, verb="holder", note=reason)
            certificate.enter("holder", on=on, reason=reason)

    def in_force(self, on):
        return self.filter(state="issued", valid_from__lte=on, valid_until__gte=on)

    def visible_to(self, user):
        if user.is_programme_staff:
            return self
        return self.of_members(user)

    def of_members(self, user):
        """Certificates of the companies where `user` is a member today."""
        return self.filter(company__in=Company.objects.belonging_to(user).values("pk"))

    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()


@cache
def _standing_of_a_code():
    own = ("version", "state", "valid_from", "valid_until")
    licence = [f"licence__{field}" for field in ("version", "state", "valid_until")]
    rows = Certificate.objects.filter(code="a code").order_by().values_list(*own, *licence)
    statement, _values = rows.query.sql_with_params()
    return statement


class Certificate(Entitlement):
    """The certification PROMPERÚ granted: one a decision, whatever is pressed twice."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="certificate")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="certificates")
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="certificates")
    number = models.CharField(_("número"), max_length=30, unique=True)
    code = models.CharField(_("código de verificación"), max_length=40, unique=True, default=new_code, editable=False)
    issued_on = models.DateField(_("otorgado el"))
    # What was printed: names, sites, standard, body, signatory. Later changes of the company do not touch it.
    printed = models.JSONField(default=dict)
    pdf = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    suspended_until = models.DateField(_("suspendido hasta"), null=True, blank=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")

    # Who holds it since another RUC or a merger, {"ruc", "name", "since", "said"}; empty while it is who was printed.
    holder = models.JSONField(_("titular de hoy"), default=dict, blank=True)

    # Names, products and number without accents, to be found in the catalogue on any database.
    search = models.TextField(editable=False, default="")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-number"]
        verbose_name = _("certificado")
        verbose_name_plural = _("certificados")
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="certificate_valid_forwards")
        ]

    def __str__(self):
        return self.number

    def save(self, *args, **kwargs):
        self.search = self.searchable(self.number, self.printed, self.holder)
        super().save(*args, **kwargs)

    @staticmethod
    def searchable(number, printed, holder=None):
        words = ("company_name", "trade_name", "ruc", "processes", "products", "sector")
        today = (holder or {}).get("name", ""), (holder or {}).get("ruc", "")
        return plain(" ".join([number, *(str(printed.get(key, "")) for key in words), *today]).strip())

    @property
    def slug(self):
        """The address of the company's public card: the id makes it stable, the name readable."""
        return f"{self.company_id}-{slugify(self.printed.get('company_name', '')) or 'empresa'}"

    @cached_property
    def licence_or_none(self):
        return getattr(self, "licence", None)

    @property
    def code_groups(self):
        """The code in eight groups of four, as people read it aloud."""
        return [self.code[n : n + 4] for n in range(0, len(self.code), 4)]

    def enter(self, act, *, on, reason=""):
        """Write an act about this certificate into the public register."""
        return self.register.model.append(self, act, on=on, reason=reason)

    def last_day_of_suspension(self, on):
        """The last day until which a suspension that begins `on` may last."""
        return on + timedelta(days=self.decision.participation.edition.parameter("suspension_days"))

    def suspend(self, *, by, reason, until, on):
        """Stop the certificate at once, and the licence with it: a precaution that PROMPERÚ resolves by `until`.

        Raises IllegalMove when it would last no day, or longer than the edition's parameter.
        """
        if not on < until <= self.last_day_of_suspension(on):
            raise IllegalMove(gettext("El término de la suspensión no está dentro del que permite la edición."))
        told = gettext("%(reason)s Dura hasta el %(day)s, salvo que se resuelva antes.")
        told %= {"reason": reason, "day": f"{until:%d/%m/%Y}"}
        self._act(self.State.SUSPENDED, "suspended", by, reason, on, told, suspended_until=until)

    def reinstate(self, *, by, reason, on):
        """Give back a suspended certificate, and the licence suspended with it. The term does not grow."""
        if self.withdrawals.waiting().exists():
            raise IllegalMove(gettext("Hay una propuesta de retiro por resolver. Resuélvala antes de restituirlo."))
        self._act(self.State.ISSUED, "reinstated", by, reason, on, suspended_until=None)

    def withdraw(self, *, by, reason, on):
        """End the certificate for good, and the licence with it. For Withdrawal.confirm: one person alone does not."""
        if not self.withdrawals.filter(state="confirmed", resolved_by=by).exists():
            raise IllegalMove(gettext("El retiro lo propone una persona y lo confirma otra."))
        self._act(self.State.WITHDRAWN, "withdrawn", by, reason, on)

    def _act(self, to, act, by, reason, on, told="", **stamps):
        if not reason.strip():
            raise IllegalMove(gettext("Falta el motivo. Se publica en el registro."))
        with transaction.atomic():
            self.move(to, by=by, note=reason, state_reason=reason, **stamps)
            self.enter(act, on=on, reason=reason)
            licence = self.licence_or_none
            if licence and licence.can_move(to):
                licence.move(to, by=by, note=reason, state_reason=reason)
                self.enter(f"licence_{act}", on=on)
            title = gettext("Su certificado %(number)s: %(state)s") % {
                "number": self.number,
                "state": self.get_state_display().lower(),
            }
            self._tell(f"{act}:{self.version}", title, told or reason)

    def grant_licence(self, *, by, uses, on):
        """Grant the right to use the mark until the certificate ends; return the licence.

        Raises IllegalMove with every unmet condition, or when there is a licence already.
        """
        from audits.gates import blocking, licence_conditions

        conditions = licence_conditions(self.decision.participation, on, self)
        if unmet := blocking(conditions):
            raise IllegalMove(" ".join(f"{item} {item.detail}" for item in unmet))
        with transaction.atomic():
            try:
                with transaction.atomic():
                    licence = MarkLicence.objects.create(
                        certificate=self,
                        number=f"LM-{on.year}-{Counter.next('LM', on.year):04d}",
                        valid_from=on,
                        valid_until=self.valid_until,
                        conditions=[f"{item}: {item.detail}" for item in conditions],
                        uses=uses,
                        granted_by=by,
                    )
            except IntegrityError:
                raise IllegalMove(gettext("Este certificado ya tiene licencia de uso de la marca.")) from None
            Event.record(licence, by=by, verb="create", new=licence.state)
            self.enter("licence_granted", on=on)
            self._tell("licence", gettext("Su empresa puede usar la marca: %(n)s") % {"n": licence.number})
        return licence

    def _tell(self, fact, title, body=""):
        url = reverse("empresa:certificate", args=[self.company_id])
        key = f"certificate:{self.pk}:{fact}"
        people = self.company.people()
        Notice.tell(people, key=key, kind="certificate", title=title[:200], body=body, url=url, company=self.company)


class MarkLicenceQuerySet(StatefulQuerySet):
    def visible_to(self, user):
        return self.filter(certificate__in=Certificate.objects.visible_to(user))


class MarkLicence(Entitlement):
    """The right to use the mark: its own conditions, never beyond its certificate."""

    class Use(models.TextChoices):
        INSTITUTIONAL = "institutional", _("Institucional: web, papelería, publicidad de la empresa")
        PRODUCT = "product", _("En productos: etiquetas, envases, publicidad del producto")
        EVENT = "event", _("En eventos: ferias y actividades de promoción")

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="licence")
    number = models.CharField(_("número"), max_length=30, unique=True)
    conditions = models.JSONField(_("condiciones cumplidas al otorgarla"), default=list)
    uses = models.JSONField(_("usos permitidos"), default=list)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MarkLicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("licencia de uso de la marca")
        verbose_name_plural = _("licencias de uso de la marca")
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="licence_valid_forwards")
        ]

    def __str__(self):
        return self.number

    def event_company(self):
        return self.certificate.company

    @property
    def use_labels(self):
        return [label for value, label in self.Use.choices if value in self.uses]
