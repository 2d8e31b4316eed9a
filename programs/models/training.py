from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Event
from ecoeficiencia.fields import WebField

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


class Session(models.Model):
    """A date on which a workshop is given; one workshop may have several."""

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
        """Save the session, new or changed, with its line of history."""
        Event.save_and_record(self, by=by, note="" if self.pk else str(self))

    def has_begun(self, now):
        return self.starts_at <= now

    def not_yet(self):
        """The sentence for an attendance taken before the session."""
        at = timezone.localtime(self.starts_at)
        return _("La sesión empieza el %(day)s a las %(hour)s. La asistencia se registra desde entonces.") % {
            "day": f"{at:%d/%m/%Y}",
            "hour": f"{at:%H:%M}",
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
