"""What the registries of the State change of a company: another RUC, or another company that took it over."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.files.blob import store
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.walls.acting import in_full
from ecoeficiencia.writing import dmy

from .event import Event
from .notice import Notice
from .undoing import Undoable


class Taken(Exception):
    """The RUC is on record, today or formerly, of whomever."""


class Registered(models.Model):
    """The part of Company that staff change with a document and a reason; nothing of what was is overwritten."""

    # The company that absorbed this one, and whoever absorbed that one later: who answers for it today.
    successor = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="absorbed",
        verbose_name=_("absorbida por"),
    )
    # Former RUCs with a space between, so that the company is found by them and a page prints them at no cost.
    formerly = models.CharField(_("RUC anteriores"), max_length=120, blank=True, editable=False)

    # What SUNAT said of the company's RUC.
    RUC_CHECK = ("ruc_state", "ruc_condition", "ruc_source", "ruc_checked_on")

    class Meta:
        abstract = True

    @classmethod
    def holding(cls, ruc):
        """The company that answers for `ruc`: has it, had it, or took over the one that did; None without one."""
        found = cls.objects.filter(Q(ruc=ruc) | Q(former_rucs__ruc=ruc)).select_related("successor").first()
        return found and (found.successor or found)

    @classmethod
    def is_taken(cls, ruc):
        """Whether anybody has or had `ruc`, seen or not."""
        with transaction.atomic(), in_full():
            return cls.objects.filter(Q(ruc=ruc) | Q(former_rucs__ruc=ruc)).exists()

    def answering(self):
        """The company that answers for this one today: its successor, whoever asks, or itself."""
        if not self.successor_id:
            return self
        with transaction.atomic(), in_full():
            return type(self).objects.get(pk=self.successor_id)

    @property
    def former_numbers(self):
        return self.formerly.split()

    def change_ruc(self, *, ruc, on, reason, file, by):
        """From `on` the company has another RUC; the former one stays findable and on what was issued with it.

        Raises IllegalMove for a RUC somebody has or had, and for a company that was absorbed.
        """
        self.refuse_when_absorbed()
        if ruc != self.ruc and ruc in self.former_numbers:
            raise IllegalMove(now_("Ese RUC ya fue de esta empresa."))
        if self.is_taken(ruc):
            raise IllegalMove(now_("Ese RUC ya figura en el registro. Busque la empresa: quizá sea una fusión."))
        former = self.ruc
        with transaction.atomic():
            self.lock_row()
            act = self._keep_act(RucHistory.Kind.CHANGE, until=on - timedelta(days=1), reason=reason, file=file, by=by)
            self.ruc, self.formerly = ruc, f"{former} {self.formerly}".strip()
            self.forget_ruc_check()
            self.save_edit(by=by, fields=["ruc", "formerly", *self.RUC_CHECK], note=reason)
            self.note_holder(self, on, self._said_of_ruc(former, on), by)
            title = now_("Su empresa figura con el RUC %(ruc)s desde el %(day)s") % {"ruc": ruc, "day": dmy(on)}
            self.tell_registered(f"ruc:{act.pk}", title, reason, self.people())

    def forget_ruc_check(self):
        """What SUNAT said was said of another number."""
        self.ruc_state = self.ruc_condition = self.ruc_source = ""
        self.ruc_checked_on = None

    @staticmethod
    def _said_of_ruc(former, on):
        return now_("El titular tiene otro RUC desde el %(day)s; antes, %(former)s.") % {
            "day": dmy(on), "former": former,
        }  # fmt: skip

    def absorb_into(self, other, *, on, reason, file, by):
        """From `on` `other` answers for this company: its people read and act for it, and nothing of it moves.

        Raises IllegalMove when either was absorbed already, or both are one.
        """
        if other.pk == self.pk:
            raise IllegalMove(now_("Una empresa no puede absorberse a sí misma."))
        with transaction.atomic():
            for company in sorted((self, other), key=lambda row: row.pk):
                company.lock_row().refuse_when_absorbed()
            act = self._keep_act(
                RucHistory.Kind.MERGER,
                until=on - timedelta(days=1),
                reason=reason,
                file=file,
                by=by,
                into=str(other),
                before=self._as_it_was(other, on),
            )
            Event.record(other, by=by, verb="absorb", note=f"{self}: {reason}")
            self.successor = other
            self.save_edit(by=by, fields=["successor"], note=reason)
            said = now_("El titular fue absorbido por %(name)s, RUC %(ruc)s, el %(day)s.")
            self.note_holder(other, on, said % {"name": other, "ruc": other.ruc, "day": dmy(on)}, by)
            self._hand_over(other, on, reason, by)
            title = now_("%(company)s fue absorbida por %(name)s") % {"company": self, "name": other}
            people = {person.pk: person for person in [*self.people(), *other.people()]}
            self.tell_registered(f"merger:{act.pk}", title, reason, people.values())

    def _hand_over(self, other, on, reason, by):
        """What it absorbed goes on to `other`, and nobody represents it of its own any more."""
        for earlier in self.absorbed.all():
            earlier.successor = other
            earlier.save_edit(by=by, fields=["successor"], note=reason)
        for mandate in self.mandates.in_force(on):
            mandate.ends_on = _last_day(mandate, on)
            mandate.save_edit(by=by, fields=["ends_on"], note=reason)

    def _as_it_was(self, other, on):
        """What a merger is about to change, so that it can be undone (undoing.py)."""
        mandates = [
            {"pk": mandate.pk, "until": mandate.ends_on and mandate.ends_on.isoformat(),
             "ended": _last_day(mandate, on).isoformat()}
            for mandate in self.mandates.in_force(on)
        ]  # fmt: skip
        earlier = list(self.absorbed.values_list("pk", flat=True))
        return {"successor": other.pk, "earlier": earlier, "mandates": mandates}

    def note_holder(self, holder, on, said, by):
        """The certificates of this company and of those it took over say who holds them today."""
        for company in (self, *self.absorbed.all()):
            company.certificates.note_holder(holder, on=on, reason=said, by=by)

    def refuse_when_absorbed(self):
        if self.successor_id:
            raise IllegalMove(now_("Otra empresa absorbió a %(company)s y responde por ella.") % {"company": self})

    def _keep_act(self, kind, *, file, by, **facts):
        act = self.former_rucs.create(
            kind=kind, ruc=self.ruc, blob=store(file), filename=file.name, recorded_by=by, **facts
        )
        Event.record(act, by=by, verb="create", note=act.reason)
        return act

    def tell_registered(self, key, title, reason, people):
        url = reverse("empresa:profile", args=[self.pk])
        Notice.tell(people, key=key, kind="registry", title=title, body=reason, url=url, company=self)


def _last_day(mandate, on):
    """The last day of a mandate that ends because the company is absorbed on `on`."""
    return max(on - timedelta(days=1), mandate.starts_on)


class RucHistoryQuerySet(models.QuerySet):
    def visible_to(self, user):
        from .company import Company

        return self.filter(company__in=Company.objects.worked_on_by(user))


class RucHistory(Undoable):
    """A RUC that ended for the company: until when, why, and by which document."""

    TOLD_TO_COMPANY = True

    class Kind(models.TextChoices):
        CHANGE = "change", _("Cambio de RUC")
        MERGER = "merger", _("Fusión por absorción")

    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="former_rucs")
    kind = models.CharField(_("qué pasó"), max_length=10, choices=Kind, default=Kind.CHANGE)
    ruc = models.CharField(_("RUC"), max_length=11, db_index=True)
    until = models.DateField(_("hasta"))
    reason = models.CharField(_("motivo"), max_length=500)
    into = models.CharField(_("absorbida por"), max_length=200, blank=True)
    blob = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = RucHistoryQuerySet.as_manager()

    class Meta:
        ordering = ["-until", "-pk"]
        verbose_name = _("RUC anterior")
        verbose_name_plural = _("RUC anteriores")

    def __str__(self):
        return self.ruc
