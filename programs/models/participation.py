from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Duty, Event
from companies.models.membership import DatedQuerySet
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove, Party, Stateful, StatefulQuerySet
from programs import notices
from requirements_std.models import Assessment

from .accompaniment import Accompaniment
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

    def in_course(self):
        """Participations whose life in the programme is not over."""
        return self.filter(state__in=[state for state, moves in self.model.MOVES.items() if moves])

    def in_training(self):
        """Participations that workshops are for: admitted, and not yet at the pre-audit."""
        return self.filter(state__in=Participation.TRAINING)

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

    def for_company_home(self):
        """With everything the company's home and the monitor's page of it read."""
        return self.select_related(
            "company", "edition__standard_version__standard", "application__edition", "assessment", "letter"
        ).prefetch_related("audits__nonconformities", "assessment__by_aspect__aspect")

    def for_panel(self):
        """One participation with all its page shows."""
        return (
            self.with_attendance()
            .select_related(
                "company__activity",
                "edition__program",
                "edition__standard_version",
                "assessment",
                "application",
                "letter",
            )
            .prefetch_related("assessment__by_aspect__aspect", "audits__nonconformities")
        )

    def managed_by(self, user):
        """Participations PROMPERÚ's staff act upon."""
        return self if user.is_programme_staff else self.none()

    def coordinated_by(self, user):
        """Participations to which `user` may give a monitor, and which `user` may end."""
        return self if user.has_duty(Duty.COORDINATOR) else self.none()

    def open(self, application, *, by, on=None):
        """The participation of an admitted application, with its commitment letter and the job that prints it."""
        from .letter import CommitmentLetter
        from .letter_signing import signatory

        on = on or timezone.localdate()
        company, mandate = application.company, application.company.mandate_on(on)
        with transaction.atomic():
            participation = self.create(application=application, edition=application.edition, company=company)
            letter = CommitmentLetter.objects.create(
                participation=participation, issued_on=on, representative=signatory(mandate)
            )
            Event.record(participation, by=by, verb="create")
            Event.record(letter, by=by, verb="create")
            Job.enqueue("programs.letter", key=f"letter:{letter.pk}", payload={"letter": letter.pk})
        return participation


class Participation(Accompaniment, Readiness, Stateful):
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
    TRAINING = (State.LETTER_ISSUED, State.LETTER_SIGNED, State.IMPLEMENTING, State.READY)
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
        (
            _("Auditoría externa"),
            (State.PREAUDIT_PASSED, State.EXTERNAL_REQUESTED, State.EXTERNAL_AUDIT, State.EXTERNAL_CORRECTING),
        ),
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
            models.UniqueConstraint(fields=["participation"], condition=Q(ends_on=None), name="one_monitor_at_a_time"),
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
