"""The company and its monitor: who accompanies it, when the work begins, when it ends before its time."""

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Duty, Event, User
from ecoeficiencia.lifecycle import IllegalMove, Missing, Party
from ecoeficiencia.workdays import anniversary_eve
from programs import notices
from requirements_std.models import Assessment

from .review import condition_label

OVER = ("certified", "not_certified", "withdrawn", "excluded")


class Accompaniment:
    """What a Participation does between the admission and the implementation, and when it leaves."""

    def assign_monitor(self, *, monitor, by, reason="", on=None):
        """Give the company a monitor from `on`; the one before stays in the history with the reason.

        Raises IllegalMove when the participation is over, when the person is not a monitor or is bound to the
        company, without a reason for a change, and when somebody assigned another one meanwhile.
        """
        on = on or timezone.localdate()
        current = self.assignments.filter(ends_on=None).select_related("monitor").first()
        if obstacles := self.obstacles_to(monitor, current=current, reason=reason, on=on):
            raise IllegalMove(" ".join(str(o) for o in obstacles))
        try:
            with transaction.atomic():
                if current:
                    current.end(on, reason)
                given = self.assignments.create(monitor=monitor, assigned_by=by, starts_on=on, reason=reason)
                Event.record(self, by=by, verb="assign", note=f"{monitor}. {reason}".removesuffix(". "))
                notices.tell_monitor_assigned(given)
                self.start_if_ready(by=by, on=on)
        except IntegrityError:
            raise IllegalMove(_("Otra persona asignó un monitor antes que usted. Vuelva a cargar la página.")) from None
        return given

    def obstacles_to(self, monitor, *, on, current=None, reason=""):
        """Why `monitor` may not be given this company, in sentences."""
        obstacles = monitor_conflicts(monitor, self.company, on, self.edition.parameter("conflict_years"))
        if self.is_over:
            obstacles.append(_("Esta participación ya terminó."))
        if not monitor.has_duty(Duty.MONITOR):
            obstacles.append(_("%(person)s no tiene la función de monitoreo.") % {"person": monitor})
        if current and current.monitor == monitor:
            obstacles.append(_("%(person)s ya es quien acompaña a esta empresa.") % {"person": monitor})
        elif current and not reason:
            obstacles.append(_("Indique el motivo del cambio de monitor."))
        return obstacles

    def missing_to_start(self, on):
        """What keeps the implementation from starting, met and unmet."""
        letter, assignment, version = self.letter, self.monitor_on(on), self.edition.standard_version
        signed = letter.state in {letter.State.SIGNED, letter.State.VERIFIED}
        verified = letter.state == letter.State.VERIFIED
        admitted_on = timezone.localdate(self.application.decided_at or self.state_since)
        return [
            Missing(
                _("Carta de compromiso firmada por su representante legal"),
                key="letter_signed",
                since=letter.issued_on,
                done=signed,
            ),
            Missing(
                _("Carta verificada por PROMPERÚ"),
                owner=Party.STAFF,
                key="letter_verified",
                since=timezone.localdate(letter.state_since) if signed else None,
                waiting=signed,
                done=verified,
            ),
            Missing(
                _("Monitor asignado"),
                owner=Party.STAFF,
                key="monitor",
                since=admitted_on,
                done=assignment is not None,
                detail=str(assignment.monitor) if assignment else "",
            ),
            Missing(
                _("Versión del estándar publicada"),
                owner=Party.STAFF,
                key="version",
                done=version.is_frozen,
                detail=version.edition,
            ),
        ]

    def gate(self, on):
        """The conditions ahead of the company's stage, met and unmet; none where only somebody's turn counts."""
        states = self.State
        if self.state in {states.LETTER_ISSUED, states.LETTER_SIGNED}:
            return self.missing_to_start(on)
        if self.state == states.IMPLEMENTING:
            return self.preaudit_checklist(on, door="panel")
        return []

    def waivable_conditions(self, on):
        """The conditions of the gate ahead that may be lifted now, as (key, label)."""
        keys = {m.key for m in self.gate(on) if m.waivable and not (m.done or m.waived)}
        return [(key, condition_label(key)) for key in sorted(keys)]

    def start(self, *, by, on=None):
        """Open the requirements. Raises IllegalMove with what is missing."""
        on = on or timezone.localdate()
        if missing := [m for m in self.missing_to_start(on) if not m.done]:
            raise IllegalMove(_("Aún falta: %(missing)s.") % {"missing": ", ".join(str(m).lower() for m in missing)})
        sites = self.company.sites.filter(in_scope=True, closed_on=None)
        with transaction.atomic():
            assessment = self.assessment or Assessment.objects.open(
                company=self.company, standard_version=self.edition.standard_version, sites=list(sites), by=by
            )
            self.move(self.State.IMPLEMENTING, by=by, assessment=assessment)
            notices.tell_started(self)

    def start_if_ready(self, *, by, on=None):
        """Start when the last condition has just been met; whoever met it is the one who started it."""
        on = on or timezone.localdate()
        if self.state == self.State.LETTER_SIGNED and all(m.done for m in self.missing_to_start(on)):
            self.start(by=by, on=on)

    def withdraw(self, *, by, reason):
        """The company leaves of its own accord."""
        self._leave(self.State.WITHDRAWN, by=by, reason=reason)

    def exclude(self, *, by, reason):
        """PROMPERÚ ends the participation."""
        self._leave(self.State.EXCLUDED, by=by, reason=reason)

    def _leave(self, state, *, by, reason):
        with transaction.atomic():
            self.move(state, by=by, note=reason, exit_reason=reason, due_on=None)
            for assignment in self.assignments.filter(ends_on=None).select_related("monitor"):
                assignment.end(timezone.localdate(), str(self.get_state_display()))
            notices.tell_left(self)
            if self.edition.has_places() and (first := self.edition.waiting_list().first()):
                notices.tell_place_free(self, first)


def monitor_conflicts(monitor, company, on, years):
    """Why `monitor` is not impartial towards `company` on day `on`, in sentences; `years`: how long a bond counts."""
    since = anniversary_eve(on, -years)
    conflicts = []
    past = Q(ends_on=None) | Q(ends_on__gte=since)
    if company.memberships.filter(past, user=monitor).exists():
        conflicts.append(_("%(person)s integra o integró esta empresa: no puede ser su monitor.") % {"person": monitor})
    audited = Q(audits__ended_at=None) | Q(audits__ended_at__date__gte=since)
    if company.participations.filter(audited, audits__team__user=monitor).exists():
        conflicts.append(_("%(person)s audita o auditó esta empresa: no puede ser su monitor.") % {"person": monitor})
    return conflicts


def monitors_with_load(edition=None):
    """The monitors of today with `load`, how many companies each accompanies now; the lightest first.

    edition: then only who accompanies companies of it, and how many of those.
    """
    now = Q(assignments__ends_on=None) & ~Q(assignments__participation__state__in=OVER)
    monitors = User.objects.with_duty(Duty.MONITOR)
    if edition:
        now &= Q(assignments__participation__edition=edition)
        monitors = monitors.filter(now)
    return monitors.annotate(load=Count("assignments", filter=now, distinct=True)).order_by("load", "first_name", "pk")
