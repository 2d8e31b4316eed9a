import json
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.lifecycle import IllegalMove

from .company import Company
from .event import Event
from .membership import Membership
from .notice import Notice


class StandInQuerySet(models.QuerySet):
    def running(self, now):
        return self.filter(ended_at=None, ends_at__gt=now).select_related("staff", "person")


class StandIn(models.Model):
    """Staff see the product as somebody, or act in a company's name. With a reason, for a while, and never silently."""

    class Kind(models.TextChoices):
        SEE = "see", _("Ver como")
        ACT = "act", _("En nombre de")

    TOLD_TO_COMPANY = True
    LASTS = {Kind.SEE: timedelta(minutes=30), Kind.ACT: timedelta(minutes=60)}

    kind = models.CharField(_("qué"), max_length=5, choices=Kind)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stand_ins")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stood_in_for")
    reason = models.CharField(_("motivo"), max_length=300)
    started_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = _("actuación por otra persona")
        verbose_name_plural = _("actuaciones por otras personas")

    def __str__(self):
        return f"{self.get_kind_display()} {self.person}"

    @property
    def acts(self):
        return self.kind == self.Kind.ACT

    @property
    def held_back(self):
        """Where nothing may be sent to, for the page to hold its buttons back."""
        from companies.standing_in import held_back

        return json.dumps(held_back(self))

    @classmethod
    def start(cls, *, kind, person, by, reason):
        """Begin, and tell the person's companies. Raises IllegalMove for staff, and for whom there is nothing to do."""
        if person.is_programme_staff or person.is_staff or not person.is_active:
            raise IllegalMove(now_("No se puede ver ni actuar como personal de PROMPERÚ ni con cuentas desactivadas."))
        companies = list(Company.objects.belonging_to(person))
        if kind == cls.Kind.ACT and not Company.objects.edited_by(person).exists():
            raise IllegalMove(now_("Esta persona no puede cambiar nada en ninguna empresa: no hay en nombre de quién."))
        now = timezone.now()
        with transaction.atomic():
            row = cls.objects.create(
                kind=kind, person=person, staff=by, reason=reason, started_at=now, ends_at=now + cls.LASTS[kind]
            )
            for company in companies or [None]:
                row._record(by, "act_for" if row.acts else "see_as", company)
            row._tell(companies)
        return row

    def end(self):
        """Back to oneself; what the time already ended stays as it is."""
        running = type(self).objects.filter(pk=self.pk, ended_at=None, ends_at__gt=timezone.now())
        with transaction.atomic():
            if running.update(ended_at=timezone.now()):
                for company in list(Company.objects.belonging_to(self.person)) or [None]:
                    self._record(self.staff, "stand_in_end", company)

    def _record(self, by, verb, company):
        Event.record(self, by=by, verb=verb, note=f"{self.person}. {self.reason}", company=company)

    def _tell(self, companies):
        words = {
            self.Kind.ACT: now_("%(who)s, de PROMPERÚ, actúa en nombre de %(person)s: %(reason)s"),
            self.Kind.SEE: now_("%(who)s, de PROMPERÚ, ve el sistema como %(person)s, sin cambiar nada: %(reason)s"),
        }[self.kind] % {"who": self.staff, "person": self.person, "reason": self.reason}
        title = {
            self.Kind.ACT: now_("PROMPERÚ actúa en nombre de %(person)s"),
            self.Kind.SEE: now_("PROMPERÚ ve el sistema como %(person)s"),
        }[self.kind] % {"person": self.person}
        leads = (Membership.Role.REPRESENTATIVE, Membership.Role.COORDINATOR)
        told = {"key": f"stand-in:{self.pk}", "title": title, "body": words}
        Notice.tell([self.person], kind="stand_in", **told)
        for company in companies:
            people = company.memberships.in_force(timezone.localdate()).filter(role__in=leads).select_related("user")
            url = f"/empresa/{company.pk}/historia/"
            Notice.tell([m.user for m in people], kind="stand_in", company=company, url=url, **told)
