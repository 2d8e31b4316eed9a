"""What was recorded of a registry by mistake is taken back: nothing of what was written is lost, and both acts stay."""

from datetime import date

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.writing import dmy

from .event import READ, Event
from .membership import Membership

SHOWN = 5  # acts named among the reasons that it cannot be undone


class Undoable(models.Model):
    """The half of RucHistory by which an act that should not have been recorded is undone."""

    # What the act changed elsewhere and as what it was; empty in acts recorded before this was kept.
    before = models.JSONField(default=dict, blank=True, editable=False)
    undone_at = models.DateTimeField(_("deshecho el"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undo_reason = models.CharField(_("por qué se deshizo"), max_length=500, blank=True)

    class Meta:
        abstract = True

    def missing_to_undo(self):
        """Why it cannot be undone, as sentences; none when it can."""
        if self.undone_at:
            return [now_("Ya se deshizo.")]
        later = self.company.former_rucs.filter(undone_at=None, pk__gt=self.pk).first()
        if later:
            return [now_("Después se registró «%(act)s»: deshaga primero eso.") % {"act": later.get_kind_display()}]
        return self._kept_by_merger() if self.kind == self.Kind.MERGER else self._kept_by_change()

    def _kept_by_change(self):
        company = self.company
        if company.successor_id or company.former_numbers[:1] != [self.ruc]:
            return [now_("El RUC anterior de la empresa ya no es el que dice este registro.")]
        bearing = company.certificates.filter(printed__ruc=company.ruc)
        return [
            now_("El certificado %(number)s se emitió con el RUC %(ruc)s.")
            % {"number": certificate.number, "ruc": company.ruc}
            for certificate in bearing[:SHOWN]
        ]

    def _kept_by_merger(self):
        company = self.company
        if not self.before:
            return [now_("Se registró antes de que el sistema guardara lo que hace falta para deshacerlo.")]
        if company.successor_id != self.before["successor"]:
            return [now_("Quien la absorbió fue absorbida a su vez: deshaga primero esa fusión.")]
        return [*self._granted_since(), *self._written_since()]

    def _granted_since(self):
        """Who came to the other company because it answered for this one."""
        from .claim import Claim

        numbers = [self.company.ruc, *self.company.former_numbers]
        claims = Claim.objects.filter(ruc__in=numbers, state=Claim.State.GRANTED, decided_at__gt=self.recorded_at)
        return [
            now_("Se concedió a %(person)s su reclamo por el RUC %(ruc)s: retire antes ese acceso.")
            % {"person": claim.claimed_by, "ruc": claim.ruc}
            for claim in claims.select_related("claimed_by")[:SHOWN]
            if self.company.successor.memberships.in_force(timezone.localdate()).filter(user=claim.claimed_by).exists()
        ]

    def _written_since(self):
        """What people who reach the company only through its successor wrote there: they would not find it again."""
        own = Membership.objects.filter(company=self.company, starts_on__lte=timezone.localdate(self.recorded_at))
        insiders = set(own.values_list("user", flat=True))
        since = Event.objects.filter(company=self.company, at__gt=self.recorded_at).exclude(verb=READ)
        actors = apps.get_model(settings.AUTH_USER_MODEL).objects.filter(pk__in=since.order_by().values("actor"))
        others = [user.pk for user in actors if user.pk not in insiders and not user.is_programme_staff]
        stood_for = set(since.values_list("data__on_behalf_of", flat=True)) - insiders - {None}
        theirs = Q(actor__in=others) | Q(data__on_behalf_of__in=stood_for)
        found = since.filter(theirs).select_related("actor").order_by("at", "pk")
        return [
            now_("%(who)s escribió en esta empresa el %(day)s: %(what)s.")
            % {"who": event.who, "day": dmy(timezone.localdate(event.at)), "what": event.summary}
            for event in found[:SHOWN]
        ]

    def undo(self, *, reason, by):
        """Put back what the act changed, and keep that it was recorded and undone. Raises IllegalMove with why not."""
        other = self.company.successor
        with transaction.atomic():
            for company in sorted(filter(None, (self.company, other)), key=lambda row: row.pk):
                company.lock_row()
            acts = type(self).objects.select_related("company__successor").select_for_update(of=("self",))
            act = acts.get(pk=self.pk)
            if missing := act.missing_to_undo():
                raise IllegalMove(" ".join(missing))
            if act.kind == act.Kind.MERGER:
                act._restore_independence(reason, by)
            else:
                act._restore_ruc(reason, by)
            act.undone_at, act.undone_by, act.undo_reason = timezone.now(), by, reason
            act.save(update_fields=["undone_at", "undone_by", "undo_reason"])
            Event.record(act, by=by, verb="undo", note=reason)

    def _restore_ruc(self, reason, by):
        company, today = self.company, timezone.localdate()
        wrong, company.ruc, company.formerly = company.ruc, self.ruc, " ".join(company.former_numbers[1:])
        company.forget_ruc_check()
        company.save_edit(by=by, fields=["ruc", "formerly", *company.RUC_CHECK], note=reason)
        said = now_("El titular tiene el RUC %(ruc)s: el cambio al %(wrong)s se registró por error.")
        company.note_holder(company, today, said % {"ruc": self.ruc, "wrong": wrong}, by)
        title = now_("Se deshizo el cambio de RUC: su empresa figura con el %(ruc)s") % {"ruc": self.ruc}
        company.tell_registered(f"undone:{self.pk}", title, reason, company.people())

    def _restore_independence(self, reason, by):
        company, other, today = self.company, self.company.successor, timezone.localdate()
        people = {person.pk: person for person in company.people()}
        company.successor = None
        company.save_edit(by=by, fields=["successor"], note=reason)
        for earlier in type(company).objects.filter(pk__in=self.before["earlier"], successor=other):
            earlier.successor = company
            earlier.save_edit(by=by, fields=["successor"], note=reason)
        self._restore_mandates(reason, by, today)
        said = now_("El titular es %(name)s, RUC %(ruc)s: su absorción se registró por error.")
        company.note_holder(company, today, said % {"name": company, "ruc": company.ruc}, by)
        Event.record(other, by=by, verb="unabsorb", note=f"{company}: {reason}")
        title = now_("Se deshizo la fusión de %(company)s con %(name)s") % {"company": company, "name": other}
        company.tell_registered(f"undone:{self.pk}", title, reason, people.values())

    def _restore_mandates(self, reason, by, today):
        """Whoever represented the company does again, unless somebody else was named meanwhile."""
        if self.company.mandates.in_force(today).exists():
            return
        for was in self.before["mandates"]:
            for mandate in self.company.mandates.filter(pk=was["pk"], ends_on=was["ended"]):
                mandate.ends_on = date.fromisoformat(was["until"]) if was["until"] else None
                mandate.save_edit(by=by, fields=["ends_on"], note=reason)
