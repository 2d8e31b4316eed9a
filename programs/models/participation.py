from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from companies.models.membership import DatedQuerySet
from ecoeficiencia.lifecycle import Party, Stateful, StatefulQuerySet
from ecoeficiencia.workdays import anniversary_eve
from requirements_std.models import Assessment

from .application import Application
from .edition import Edition
from .readiness import Readiness


class ParticipationQuerySet(StatefulQuerySet):
    def visible_to(self, user):
        """Members, the assigned monitor and staff; auditors reach what they need through their audit."""
        return self.filter(company__in=Company.objects.worked_on_by(user))

    def editable_by(self, user):
        return self.filter(company__in=Company.objects.edited_by(user))

    def monitored_by(self, user):
        return self.filter(company__in=Company.objects.monitored_by(user))

    def going_on(self):
        """Participations whose life in the programme is not over."""
        return self.exclude(state__in=[state for state, moves in Participation.MOVES.items() if not moves])

    def in_training(self):
        """Participations that workshops are for: admitted, and not yet at the pre-audit."""
        states = Participation.State
        return self.filter(
            state__in=[states.LETTER_ISSUED, states.LETTER_SIGNED, states.IMPLEMENTING, states.READY]
        )

    def with_attendance(self):
        """With `modules_attended`: how many of T1-T10 at least one person attended, several sessions counting once."""
        attended = (
            apps.get_model("programs", "Attendance")
            .objects.filter(participation=OuterRef("pk"), session__workshop__number__gt=0)
            .order_by()
            .values("participation")
            .annotate(n=Count("session__workshop__number", distinct=True))
            .values("n")
        )
        return self.annotate(modules_attended=Coalesce(Subquery(attended), 0))

    def managed_by(self, user):
        """Participations PROMPERÚ's staff act upon."""
        return self if user.is_programme_staff else self.none()

    def coordinated_by(self, user):
        """Participations to which `user` may give a monitor, and which `user` may end."""
        return self if user.has_duty(Duty.COORDINATOR) else self.none()

    def in_course(self):
        return self.filter(state__in=[state for state, moves in self.model.MOVES.items() if moves])

    def open(self, application, *, by, on=None):
        """The participation of an admitted application, with its commitment letter and the job that prints it."""
        from .letter import CommitmentLetter

        on = on or timezone.localdate()
        company, mandate = application.company, application.company.mandate_on(on)
        with transaction.atomic():
            participation = self.create(application=application, edition=application.edition, company=company)
            letter = CommitmentLetter.objects.create(
                participation=participation, issued_on=on, representative=mandate.snapshot() if mandate else {}
            )
            Event.record(participation, by=by, verb="create")
            Job.enqueue("programs.letter", key=f"letter:{letter.pk}", payload={"letter": letter.pk})
        return participation


class Participation(Readiness, Stateful):
    """An admitted company in one edition, from the commitment letter to the certificate."""

    class State(models.TextChoices):
        LETTER_ISSUED = "letter_issued", _("Carta emitida")
        LETTER_SIGNED = "letter_signed", _("Carta firmada")
        IMPLEMENTING = "implementing", _("En implementación")
        READY = "ready", _("Lista para preauditoría")
        PREAUDIT = "preaudit", _("En preauditoría")
        CORRECTING = "correcting", _("En subsanación")
        PREAUDIT_PASSED = "preaudit_passed", _("Preauditoría aprobada")
        EXTERNAL_REQUESTED = "external_requested", _("Auditoría externa solicitada")
        EXTERNAL_AUDIT = "external_audit", _("En auditoría externa")
        EXTERNAL_CORRECTING = "external_correcting", _("En acciones correctivas")
        DECISION = "decision", _("En decisión")
        CERTIFIED = "certified", _("Certificada")
        NOT_CERTIFIED = "not_certified", _("No certificada")
        WITHDRAWN = "withdrawn", _("Retirada")
        EXCLUDED = "excluded", _("Excluida")

    EXITS = (State.WITHDRAWN, State.EXCLUDED)
    MOVES = {
        State.LETTER_ISSUED: (State.LETTER_SIGNED, *EXITS),
        State.LETTER_SIGNED: (State.LETTER_ISSUED, State.IMPLEMENTING, *EXITS),
        State.IMPLEMENTING: (State.READY, *EXITS),
        State.READY: (State.IMPLEMENTING, State.PREAUDIT, *EXITS),
        State.PREAUDIT: (State.CORRECTING, State.PREAUDIT_PASSED, State.READY, *EXITS),
        State.CORRECTING: (State.PREAUDIT, State.PREAUDIT_PASSED, *EXITS),
        State.PREAUDIT_PASSED: (State.EXTERNAL_REQUESTED, *EXITS),
        State.EXTERNAL_REQUESTED: (State.PREAUDIT_PASSED, State.EXTERNAL_AUDIT, *EXITS),
        State.EXTERNAL_AUDIT: (State.EXTERNAL_CORRECTING, State.DECISION, *EXITS),
        State.EXTERNAL_CORRECTING: (State.EXTERNAL_AUDIT, State.DECISION, *EXITS),
        State.DECISION: (State.CERTIFIED, State.NOT_CERTIFIED, State.EXTERNAL_AUDIT),
        State.CERTIFIED: (),
        State.NOT_CERTIFIED: (),
        State.WITHDRAWN: (),
        State.EXCLUDED: (),
    }
    TURN = {
        State.LETTER_ISSUED: Party.COMPANY,
        State.LETTER_SIGNED: Party.STAFF,
        State.IMPLEMENTING: Party.COMPANY,
        State.READY: Party.STAFF,
        State.PREAUDIT: Party.AUDITOR,
        State.CORRECTING: Party.COMPANY,
        State.PREAUDIT_PASSED: Party.COMPANY,
        State.EXTERNAL_REQUESTED: Party.BODY,
        State.EXTERNAL_AUDIT: Party.AUDITOR,
        State.EXTERNAL_CORRECTING: Party.COMPANY,
        State.DECISION: Party.STAFF,
        State.CERTIFIED: Party.NOBODY,
        State.NOT_CERTIFIED: Party.NOBODY,
        State.WITHDRAWN: Party.NOBODY,
        State.EXCLUDED: Party.NOBODY,
    }
    # The stepper every party sees: label and the states in which it is the current step.
    STEPS = (
        (_("Carta"), (State.LETTER_ISSUED, State.LETTER_SIGNED)),
        (_("Implementación"), (State.IMPLEMENTING, State.READY)),
        (_("Preauditoría"), (State.PREAUDIT,)),
        (_("Subsanación"), (State.CORRECTING,)),
        (_("Auditoría externa"), (State.PREAUDIT_PASSED, State.EXTERNAL_REQUESTED, State.EXTERNAL_AUDIT, State.EXTERNAL_CORRECTING)),
        (_("Decisión"), (State.DECISION,)),
        (_("Certificado y marca"), (State.CERTIFIED, State.NOT_CERTIFIED)),
    )

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="participations")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="participations")
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="participation")
    assessment = models.OneToOneField(
        Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="participation"
    )
    state = models.CharField(_("etapa"), max_length=20, choices=State, default=State.LETTER_ISSUED)
    # The company proposes to go to the pre-audit, the monitor agrees.
    proposed_ready_at = models.DateTimeField(null=True, blank=True)
    proposed_ready_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(_("plazo de la etapa"), null=True, blank=True)
    extended = models.BooleanField(_("prórroga usada"), default=False)
    exit_reason = models.TextField(_("motivo de salida"), blank=True)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        ordering = ["company__legal_name"]
        verbose_name = _("participación")
        verbose_name_plural = _("participaciones")
        constraints = [
            models.UniqueConstraint(fields=["company", "edition"], name="participation_once_per_company_and_edition"),
            models.CheckConstraint(
                condition=~Q(state__in=["withdrawn", "excluded"]) | ~Q(exit_reason=""),
                name="participation_leaves_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["edition", "state"], name="participation_by_state")]

    def __str__(self):
        return f"{self.company} · {self.edition}"

    @property
    def is_over(self):
        return not self.MOVES[self.state]

    def monitor_on(self, day):
        """The assignment in force on `day`, or None."""
        return self.assignments.in_force(day).select_related("monitor").first()

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
        return [
            Missing(
                _("Carta de compromiso firmada por su representante legal"), since=letter.issued_on, key="letter_signed",
                done=signed,
            ),
            Missing(
                _("Carta verificada por PROMPERÚ"), owner=Party.STAFF, key="letter_verified", waiting=signed,
                since=timezone.localdate(letter.state_since) if signed else None, done=letter.state == letter.State.VERIFIED,
            ),
            Missing(
                _("Monitor asignado"), owner=Party.STAFF, since=timezone.localdate(self.application.decided_at or self.state_since),
                key="monitor", done=assignment is not None, detail=str(assignment.monitor) if assignment else "",
            ),
            Missing(
                _("Versión del estándar publicada"), owner=Party.STAFF, key="version", done=version.is_frozen,
                detail=version.edition,
            ),
        ]  # fmt: skip

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


class MonitorAssignment(models.Model):
    """A monitor accompanies a company from one day to another. The history stays."""

    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="assignments")
    monitor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    starts_on = models.DateField(_("desde"), default=timezone.localdate)
    ends_on = models.DateField(_("hasta"), null=True, blank=True)
    reason = models.CharField(_("motivo"), max_length=300, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = _("asignación de monitor")
        verbose_name_plural = _("asignaciones de monitores")
        constraints = [
            models.UniqueConstraint(
                fields=["participation"], condition=Q(ends_on=None), name="one_monitor_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="assignment_ends_after_it_starts"
            ),
        ]

    def __str__(self):
        return f"{self.monitor} → {self.participation}"

    def end(self, on, reason):
        """Close the assignment the day before `on`, or on its only day, and tell the monitor.

        Raises IllegalMove when somebody closed it meanwhile.
        """
        last = max(self.starts_on, on - timedelta(days=1))
        if type(self).objects.filter(pk=self.pk, ends_on=None).update(ends_on=last) != 1:
            raise IllegalMove(_("Otra persona cambió el monitor antes que usted. Vuelva a cargar la página."))
        self.ends_on = last
        notices.tell_monitor_released(self, reason)


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
