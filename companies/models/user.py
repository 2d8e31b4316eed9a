from datetime import date
from functools import cache

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import connection, models, transaction
from django.db.models import Count, Exists, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.lifecycle import IllegalMove


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def with_duty(self, *duties):
        """The people who hold one of `duties` today."""
        from .membership import Appointment

        held = Appointment.objects.in_force(timezone.localdate()).filter(duty__in=duties)
        return self.filter(is_active=True, pk__in=held.values("user"))


# What stands in a kept statement for the person and for the day.
NOBODY, SOME_DAY = -1, "1900-01-01"


@cache
def _frame_statement():
    """The statement of `User.frame` and its values: building it for each page costs more than asking it."""
    nobody = User(pk=NOBODY)
    day = date.fromisoformat(SOME_DAY)
    unread = nobody.notices.unread().order_by().values("user").values_list(Count("pk"))
    rows = User.objects.filter(pk=NOBODY).values_list(
        Exists(nobody.memberships.in_force(day)),
        Exists(nobody.body_roles.in_force(day)) | Exists(nobody.audit_roles.all()),
        Exists(nobody.body_roles.in_force(day).filter(role="manager")),
        Coalesce(Subquery(unread), 0),
    )
    statement, values = rows.query.sql_with_params()
    return statement, [SOME_DAY if value in (day, SOME_DAY) else value for value in values]


class User(AbstractUser):
    """A person. What somebody may do follows from relations: appointments, memberships, assignments, audit teams."""

    username = None
    email = models.EmailField(_("correo electrónico"), unique=True)
    # When a mail server said for good that nobody is there; empty again once one takes a mail.
    mail_refused_at = models.DateTimeField(_("correo rechazado"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()

    class Meta:
        verbose_name = _("persona")
        verbose_name_plural = _("personas")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once_whatever_the_case")]

    def __str__(self):
        return self.get_full_name() or self.email

    @property
    def initials(self):
        return ((self.first_name[:1] + self.last_name[:1]) or self.email[:2]).upper()

    @cached_property
    def duties(self):
        """The duties PROMPERÚ has given this person that are in force today."""
        return frozenset(self.appointments.in_force(timezone.localdate()).values_list("duty", flat=True))

    def has_duty(self, *duties):
        return self.is_active and not self.duties.isdisjoint(duties)

    @property
    def is_programme_staff(self):
        from .membership import PANEL_DUTIES

        return self.has_duty(*PANEL_DUTIES)

    @cached_property
    def frame(self):
        """What the frame of every page asks, in one statement: works, audits and manages (whether; the last: a body),
        unread (how many notices)."""
        statement, names = _frame_statement()
        today = connection.ops.adapt_datefield_value(timezone.localdate())
        given = {NOBODY: self.pk, SOME_DAY: today}
        with connection.cursor() as cursor:
            cursor.execute(statement, [given.get(name, name) for name in names])
            return dict(zip(("works", "audits", "manages", "unread"), cursor.fetchone(), strict=True))

    @cached_property
    def doors(self):
        """The doors open to this person today, the first being theirs after signing in."""
        from .membership import Duty

        doors = {
            "panel": self.is_programme_staff,
            "monitor": self.has_duty(Duty.MONITOR),
            "auditoria": self.has_duty(Duty.PREAUDITOR) or self.frame["audits"],
            "empresa": self.frame["works"],
        }
        # Somebody new comes to register a company.
        return [door for door, is_open in doors.items() if is_open] or ["empresa"]

    def reset_second_factor(self, *, by, reason):
        """Take away what this person lost, and close their sessions. Raises IllegalMove for oneself or for nothing."""
        from .event import Event
        from .notice import Notice

        if by.pk == self.pk:
            raise IllegalMove(now_("Pida a otra persona que administra que restablezca la suya."))
        with transaction.atomic():
            if not self.authenticator_set.all().delete()[0]:
                raise IllegalMove(now_("Esta persona no tiene verificación en dos pasos."))
            for session in self.usersession_set.all():
                session.end()
            event = Event.record(self, by=by, verb="reset_second_factor", note=reason)
            Notice.tell(
                [self],
                key=f"second-factor-reset:{event.pk}",
                kind="account",
                title=now_("Su verificación en dos pasos se restableció"),
                body=now_(
                    "%(who)s, de PROMPERÚ, la restableció a su pedido: %(reason)s Sus sesiones se cerraron. "
                    "Active otra al ingresar. Si usted no lo pidió, escriba a la ayuda ahora."
                )
                % {"who": by, "reason": reason},
                url="/cuenta/",
            )


class ConsentText(models.Model):
    """The words a person agreed to. A new wording is a new row."""

    purpose = models.CharField(_("finalidad"), max_length=40)
    number = models.PositiveSmallIntegerField(_("versión"))
    text = models.TextField(_("texto"))
    published_on = models.DateField(_("publicado"), default=timezone.localdate)

    class Meta:
        verbose_name = _("texto de consentimiento")
        verbose_name_plural = _("textos de consentimiento")
        constraints = [models.UniqueConstraint(fields=["purpose", "number"], name="consent_text_version_once")]

    def __str__(self):
        return f"{self.purpose} v{self.number}"

    @classmethod
    def current(cls, purpose="registro"):
        return cls.objects.filter(purpose=purpose).order_by("-number").first()


class Consent(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    given_at = models.DateTimeField(default=timezone.now)
    ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        verbose_name = _("consentimiento")
        verbose_name_plural = _("consentimientos")
        constraints = [models.UniqueConstraint(fields=["user", "text"], name="consent_once_per_text")]

    def __str__(self):
        return f"{self.user} · {self.text}"
