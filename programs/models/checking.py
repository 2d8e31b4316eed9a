from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies import registers
from companies.models import Company, Event


class Checking:
    """What registers and staff say of the applicant: RUC and pending accounts, each check with its source and day."""

    def check_registers(self, *, on, moment, by=None):
        """Look the company up in the registers loaded, and keep what each says; return the new checks.

        A register older than the edition allows says nothing, and what staff wrote by hand on or after its day stands.
        """
        oldest = on - timedelta(days=self.edition.parameter("register_max_days"))
        standings = {
            "ruc": registers.taxpayer_standing(self.company.ruc),
            "debts": registers.debts_standing(self.company.ruc),
        }
        with transaction.atomic():
            return [
                self._keep(kind, standing, on=on, moment=moment, by=by)
                for kind, standing in standings.items()
                if standing and standing.as_of >= oldest and not self._by_hand_since(kind, standing.as_of)
            ]

    def _by_hand_since(self, kind, day):
        checked_on, source = getattr(self.company, f"{kind}_checked_on"), getattr(self.company, f"{kind}_source")
        return checked_on is not None and checked_on >= day and not source

    def _keep(self, kind, standing, *, on, moment, by):
        now = {**standing.found, f"{kind}_source": standing.source, f"{kind}_checked_on": on}
        self.company.keep_found(by=by, **now)
        facts = {"kind": kind, "moment": moment, "source": standing.source, "as_of": standing.as_of, "checked_on": on}
        last = self.checks.filter(kind=kind).first()
        if last and {**facts, "found": standing.words} == {
            name: getattr(last, name) for name in (*facts, "found")
        }:  # fmt: skip
            return last
        return self.checks.create(found=standing.words, met=self._is_met(kind), by=by, **facts)

    def _is_met(self, kind):
        company = self.company
        if kind == "debts":
            return not (company.economic_debt or company.documentary_debt)
        return (company.ruc_state.upper(), company.ruc_condition.upper()) == ("ACTIVO", "HABIDO")

    def record_checks(self, *, by, checked_on, reason="", **found):
        """Note what staff found by themselves on `checked_on`; it stands until a newer register is loaded."""
        company = self.company
        with transaction.atomic():
            company.keep_found(
                by=by, **found, ruc_checked_on=checked_on, debts_checked_on=checked_on, ruc_source="", debts_source=""
            )
            words = {"ruc": f"{company.ruc_state}, {company.ruc_condition}", "debts": str(debts_in_words(company))}
            for kind, said in words.items():
                self.checks.create(
                    kind=kind, moment=ApplicationCheck.Moment.HAND, found=said, met=self._is_met(kind), reason=reason,
                    source=_("Registrado por PROMPERÚ"), as_of=checked_on, checked_on=checked_on, by=by,
                )  # fmt: skip
            note = f"{words['ruc']}. {words['debts']} {reason}".strip()
            Event.record(self, by=by, verb="check", note=note)

    def contradicts_register(self, found):
        """Whether what staff are about to write differs from what a register says."""
        said = {}
        for standing in (registers.taxpayer_standing(self.company.ruc), registers.debts_standing(self.company.ruc)):
            said |= standing.found if standing else {}
        return any(said[name] != value for name, value in found.items() if name in said)


class ApplicationCheckQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(application__company__in=Company.objects.worked_on_by(user))


class ApplicationCheck(models.Model):
    """One look at a register, or one word of staff, about an applicant: result, source, day. Never changed."""

    class Kind(models.TextChoices):
        RUC = "ruc", _("RUC activo y habido")
        DEBTS = "debts", _("Cuentas con PROMPERÚ")

    class Moment(models.TextChoices):
        SUBMISSION = "submission", _("Al presentar")
        ADMISSION = "admission", _("Al admitir")
        IMPORT = "import", _("Al cargar el registro")
        ASKED = "asked", _("A pedido")
        HAND = "hand", _("A mano")

    application = models.ForeignKey("programs.Application", on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(_("qué se verificó"), max_length=5, choices=Kind)
    moment = models.CharField(_("cuándo"), max_length=10, choices=Moment)
    met = models.BooleanField(_("cumple"))
    found = models.CharField(_("resultado"), max_length=1000)
    source = models.CharField(_("fuente"), max_length=300)
    as_of = models.DateField(_("fecha de la fuente"))
    checked_on = models.DateField(_("verificado el"))
    reason = models.TextField(_("motivo"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = ApplicationCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("verificación de la postulante")
        verbose_name_plural = _("verificaciones de las postulantes")

    def __str__(self):
        return f"{self.get_kind_display()}: {self.found}"

    @property
    def told(self):
        """What was found, where, and of which day that is."""
        return f"{self}".rstrip(".") + f" ({self.source})."


def debts_in_words(company):
    if not (company.economic_debt or company.documentary_debt):
        return _("Sin cuentas pendientes.")
    kinds = [
        w
        for owes, w in ((company.economic_debt, _("económicas")), (company.documentary_debt, _("documentarias")))
        if owes
    ]
    return _("Cuentas pendientes: %(kinds)s.") % {"kinds": ", ".join(map(str, kinds))}
