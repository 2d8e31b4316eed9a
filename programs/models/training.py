from decimal import Decimal

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Event
from ecoeficiencia.fields import WebField
from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove, Overtaken

from .edition import Edition
from .participation import Participation

# What the source lists: number, name, hours (None where it states none).
WORKSHOPS = (
    (0, "Charla introductoria", Decimal("1")),
    (1, "Transferencia metodológica", Decimal("2")),
    (2, "Análisis de ciclo de vida y huellas ambientales", Decimal("2")),
    (3, "Economía circular", Decimal("2")),
    (4, "Eficiencia energética", Decimal("2")),
    (5, "Eficiencia de Recursos y Producción más Limpia", None),
    (6, "Gestión de mantenimiento de maquinarias, equipos e infraestructura", None),
    (7, "IPERC", Decimal("2")),
    (8, "Presentación de casos de éxito, cálculo económico y redacción", Decimal("2.5")),
    (9, "Auditorías internas y revisión por la dirección", Decimal("2")),
    (10, "Marketing verde", None),
)


class WorkshopQuerySet(models.QuerySet):
    def with_sessions(self):
        """With their sessions, each with how many people came and from how many companies."""
        counted = Session.objects.annotate(
            people=models.Count("attendances"), companies=models.Count("attendances__participation", distinct=True)
        )
        return self.prefetch_related(models.Prefetch("sessions", counted))


class Workshop(models.Model):
    """One of T0-T10 in an edition. T0 does not count for the minimum."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="workshops")
    number = models.PositiveSmallIntegerField(_("número"))
    name = models.CharField(_("nombre"), max_length=200)
    hours = models.DecimalField(_("horas"), max_digits=4, decimal_places=1, null=True, blank=True)

    objects = WorkshopQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("taller")
        verbose_name_plural = _("talleres")
        constraints = [models.UniqueConstraint(fields=["edition", "number"], name="workshop_once_per_edition")]

    def __str__(self):
        return f"T{self.number} {self.name}"

    @property
    def counts(self):
        return self.number > 0


class SessionQuerySet(models.QuerySet):
    def standing(self):
        """Those that were not cancelled."""
        return self.filter(cancelled_at=None)


class Session(models.Model):
    """A date on which a workshop is given; one workshop may have several."""

    # What the people it is for have in their calendars.
    ANNOUNCED = ("workshop_id", "starts_at", "ends_at", "mode", "place", "link")

    class Mode(models.TextChoices):
        ONLINE = "online", _("Virtual")
        ONSITE = "onsite", _("Presencial")

    workshop = models.ForeignKey(Workshop, on_delete=models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField(_("fecha y hora"))
    ends_at = models.DateTimeField(_("termina"), null=True, blank=True)
    mode = models.CharField(_("modalidad"), max_length=10, choices=Mode, default=Mode.ONLINE)
    place = models.CharField(_("lugar"), max_length=200, blank=True)
    link = WebField(_("enlace"), blank=True)
    speaker = models.CharField(_("a cargo de"), max_length=150, blank=True)
    # Grows with each change that is announced: calendars keep the highest.
    sequence = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    cancelled_at = models.DateTimeField(_("cancelada el"), null=True, blank=True, editable=False)
    cancel_reason = models.CharField(max_length=1000, blank=True, default="", db_default="", editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        verbose_name = _("sesión")
        verbose_name_plural = _("sesiones")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="session_ends_after_it_starts",
            )
        ]

    def __str__(self):
        return f"{self.workshop} · {timezone.localtime(self.starts_at):%d/%m/%Y %H:%M}"

    def keep(self, *, by):
        """Save the session, new or changed, with its line of history; whoever it is for hears when and where.

        Raises IllegalMove when it was cancelled.
        """
        with transaction.atomic():
            before = Session.objects.select_for_update().filter(pk=self.pk).first()
            if before and before.cancelled_at:
                raise Overtaken(before.no_longer(), self)
            moved = before and any(getattr(before, name) != getattr(self, name) for name in self.ANNOUNCED)
            if moved:
                self.sequence = before.sequence + 1
            Event.save_and_record(self, by=by, note="" if before else str(self))
            if moved:
                self._announce("moved", was=before.starts_at.isoformat())
            elif before is None:
                self._announce("scheduled")

    def cancel(self, *, by, reason):
        """It will not take place, and whoever it is for hears why. Raises IllegalMove once it began, or twice."""
        if self.has_begun(timezone.now()):
            raise IllegalMove(_("La sesión ya empezó: no se puede cancelar."))
        with transaction.atomic():
            facts = {"cancelled_at": timezone.now(), "cancel_reason": reason, "sequence": models.F("sequence") + 1}
            if not Session.objects.standing().filter(pk=self.pk).update(**facts):
                raise Overtaken(_("Otra persona canceló la sesión antes que usted."), self)
            self.refresh_from_db()
            Event.record(self, by=by, verb="cancel", note=reason)
            self._announce("cancelled")

    def _announce(self, fact, **more):
        """Leave it to the workers to tell each company: there may be hundreds. What is over is told to nobody."""
        if self.starts_at > timezone.now():
            payload = {"session": self.pk, "fact": fact, "sequence": self.sequence, **more}
            Job.enqueue("programs.session", f"session:{self.pk}:{self.sequence}", payload)

    def has_begun(self, now):
        return self.starts_at <= now

    def not_yet(self):
        """The sentence for an attendance taken before the session."""
        at = timezone.localtime(self.starts_at)
        return _("La sesión empieza el %(day)s a las %(hour)s. La asistencia se registra desde entonces.") % {
            "day": f"{at:%d/%m/%Y}",
            "hour": f"{at:%H:%M}",
        }

    def no_longer(self):
        """The sentence for whoever works on a session that was cancelled."""
        return _("La sesión se canceló el %(day)s: %(reason)s") % {
            "day": f"{timezone.localtime(self.cancelled_at):%d/%m/%Y}",
            "reason": self.cancel_reason,
        }


class AttendanceQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(participation__company__in=Company.objects.worked_on_by(user))


class Attendance(models.Model):
    """One person of a company was at one session."""

    class Source(models.TextChoices):
        HAND = "hand", _("Registro manual")
        CODE = "code", _("Código en línea")
        FILE = "file", _("Archivo de la videollamada")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="attendances")
    person = models.CharField(_("nombres y apellidos"), max_length=150)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="attendances"
    )
    source = models.CharField(_("registro"), max_length=10, choices=Source, default=Source.HAND)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("asistencia")
        verbose_name_plural = _("asistencias")
        constraints = [
            models.UniqueConstraint(fields=["session", "participation", "person"], name="attendance_once_per_person")
        ]

    def __str__(self):
        return f"{self.person} · {self.session}"
