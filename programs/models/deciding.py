from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Delivery, Notice
from ecoeficiencia.lifecycle import IllegalMove, Missing, Party
from ecoeficiencia.walls.acting import in_full
from ecoeficiencia.workdays import add_workdays, decreed_days
from programs import notices

from .decision_letter import DecisionLetter


class Deciding:
    """The end of an application: admitted, on the waiting list, rejected; and a rejection looked at again."""

    @property
    def is_over(self):
        """Whether nothing more is expected of anybody, unless an appeal opens it again."""
        return self.state in {self.State.ADMITTED, self.State.REJECTED, self.State.WITHDRAWN}

    @property
    def may_be_rejected(self):
        return self.can_move(self.State.REJECTED)

    @property
    def may_be_admitted(self):
        return self.can_move(self.State.ADMITTED)

    # What each act lacks

    def missing_to_reject(self, on):
        return [*self._pending(self.counts_by_verdict()), *self._days_to_mend(on)]

    def missing_to_wait(self, on, missing=None):
        """What keeps the company off the waiting list: it must qualify, and there must be no place for it.

        missing: what `missing_to_admit(on)` said, where it was asked already.
        """
        missing = self.missing_to_admit(on) if missing is None else missing
        others = [item for item in missing if item.key != "quota"]
        if others or len(others) != len(missing):
            return others
        return [Missing(_("Hay lugares libres: la empresa puede ser admitida."), owner=Party.STAFF, key="quota")]

    def place_in_words(self):
        """Which one it is, of how many, on the waiting list of its edition: who waits longest is the first."""
        with in_full():  # the company sees no other
            line = list(self.edition.waiting_list().values_list("decided_at", "pk"))
        # Counted, not looked for: it may have been called since it was read.
        names = {"place": 1 + sum(other < (self.decided_at, self.pk) for other in line), "of": len(line)}
        return _("En la lista de espera es la n.º %(place)s de %(of)s.") % names

    def _quota(self, taken=None):
        taken = self.edition.places_taken() if taken is None else taken
        if self.edition.has_places(taken):
            return []
        names = {"taken": taken, "quota": self.edition.quota}
        sentence = _("El cupo de la edición está completo: %(taken)s de %(quota)s.") % names
        return [Missing(sentence, owner=Party.STAFF, key="quota")]

    def _days_to_mend(self, on):
        """A company told to mend until a day keeps that day, whatever is thought of its papers meanwhile."""
        if self.state != self.State.OBSERVED or not self.due_on or on > self.due_on:
            return []
        sentence = _("La empresa puede subsanar hasta el %(day)s.") % {"day": f"{self.due_on:%d/%m/%Y}"}
        return [Missing(sentence, owner=Party.COMPANY, key="mending")]

    @property
    def is_rejected(self):
        return self.state == self.State.REJECTED and self.decided_at is not None

    def told_of_rejection_on(self):
        """The day the company was told that it was rejected; None while the notice waits to be sent.

        Where there is no notice to wait for (discarded, or a company without people) the decision's own day counts.
        """
        told = Notice.objects.filter(
            key__startswith=f"application:{self.pk}:rejected:", created_at__gte=self.decided_at
        )
        waiting = Q(held=True, delivery__state=Delivery.State.HELD)
        with in_full():  # whoever joined the company later got no notice
            found = told.aggregate(first=Min("created_at", filter=Q(held=False)), waiting=Count("pk", filter=waiting))
        if found["first"] is None and found["waiting"]:
            return None
        return timezone.localdate(found["first"] or self.decided_at)

    def appeal_until(self):
        """The last day to ask that the rejection be reconsidered.

        None when there is nothing to reconsider, and while no day counts yet because the company was not told.
        """
        told_on = self.told_of_rejection_on() if self.is_rejected else None
        if told_on is None:
            return None
        return add_workdays(told_on, self.edition.parameter("appeal_days"), decreed_days(self.company.seat))

    def missing_to_appeal(self, on, until=None):
        """Why the company may not ask for reconsideration; "" when it may.

        until: what `appeal_until` said, where it was asked already.
        """
        if not self.is_rejected:
            return _("Solo se pide que se reconsidere una postulación no admitida.")
        if hasattr(self, "appeal"):
            return _("Su empresa ya pidió que se reconsidere. Se pide una sola vez.")
        until = until or self.appeal_until()
        if until and on > until:
            return _("El plazo para pedir que se reconsidere venció el %(day)s.") % {"day": f"{until:%d/%m/%Y}"}
        return ""

    def refused_items(self):
        """What the rejection rests on: the points that were not accepted, with their reasons (reads items)."""
        return [item for item in self.items.all() if item.is_refused]

    # The acts

    def admit(self, *, by, grounds, on=None):
        """Admit the company: return its participation, open, with the commitment letter under way."""
        from .participation import Participation

        on = on or timezone.localdate()
        self._another_person(by)
        self.check_registers(on=on, moment="admission", by=by)
        with transaction.atomic():
            self.edition.hold()  # two coordinators do not share the last place
            self._require(self.missing_to_admit(on))
            self._decide(self.State.ADMITTED, by=by, grounds=grounds, letter="admission", on=on)
            participation = Participation.objects.open(self, by=by, on=on)
            notices.tell_admitted(self)
        return participation

    def wait(self, *, by, grounds, on=None):
        """Put a company that qualifies on the waiting list of a full edition, behind those that wait already."""
        on = on or timezone.localdate()
        self._another_person(by)
        with transaction.atomic():
            self.edition.hold()
            self._require(self.missing_to_wait(on))
            self._decide(self.State.WAITING, by=by, grounds=grounds, letter="waiting", on=on)
            notices.tell_waiting(self)

    def reject(self, *, by, grounds, on=None):
        on = on or timezone.localdate()
        self._another_person(by)
        with transaction.atomic():
            self._require(self.missing_to_reject(on))
            self._decide(self.State.REJECTED, by=by, grounds=grounds, letter="rejection", on=on)
            notices.tell_rejected(self)

    def reopen(self, *, by, note):
        """An appeal was upheld: back to review with every item as it stands, for somebody else to decide."""
        self._discard_drafts(by)
        self.move(self.State.SUBMITTED, by=by, note=note, reviewer=None, **self._no_proposal())

    def is_barred(self, user):
        """Whether `user` rejected it before an appeal was upheld: then somebody else decides."""
        return self.decided_by_id == user.pk and self.in_review

    def _another_person(self, by):
        if self.is_barred(by):
            raise IllegalMove(_("Usted decidió este expediente antes de reconsiderarse: ahora decide otra persona."))

    def _decide(self, state, *, by, grounds, letter, on):
        self.move(
            state, by=by, note=grounds, decision_grounds=grounds, decided_by=by, decided_at=timezone.now(), due_on=None,
            due_from=None,
        )  # fmt: skip
        self._discard_drafts(by)
        DecisionLetter.issue(self, letter, on=on)

    def _discard_drafts(self, by):
        """What still waits to be sent of an earlier decision would contradict the new one."""
        drafts = Delivery.objects.filter(state=Delivery.State.HELD, notice__kind="admission")
        for draft in drafts.filter(notice__key__startswith=f"application:{self.pk}:"):
            draft.discard(by=by, reason=_("La decisión cambió antes de enviarlo."))
