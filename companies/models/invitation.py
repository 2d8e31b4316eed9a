import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from ecoeficiencia.jobs import Job
from ecoeficiencia.lifecycle import IllegalMove
from ecoeficiencia.walls import acting as walls

from .event import Event
from .membership import Appointment, Duty, Membership
from .notice import Notice

LASTS = timedelta(days=7)


class TooManyInvitations(Exception):
    """A company may not become a way to send mail to everybody. The message is shown to the person."""


class InvitationQuerySet(models.QuerySet):
    def pending(self, now):
        return self.filter(accepted_at=None, expires_at__gt=now)

    def led_by(self, user):
        from .company import Company

        return self.filter(company__in=Company.objects.led_by(user))

    def ended(self, token):
        """The invitation of `token` that serves no more, used or out of time; None when there is none."""
        return self.exclude(pk__in=self.pending(timezone.now())).filter(token_hash=Invitation.hash(token)).first()

    def holding(self, token, now):
        """The invitation whoever holds `token` may still use, or None."""
        token_hash = Invitation.hash(token)
        walls.hold(token_hash)
        rows = self.pending(now).select_related("company", "body", "invited_by")
        return rows.filter(token_hash=token_hash).first()


class Invitation(models.Model):
    """A single-use token that gives whoever holds it one place: in a company, at PROMPERÚ, or in a certification body.

    Only the token's hash is kept. It is never matched with the text of an e-mail address.
    """

    TOLD_TO_COMPANY = True

    company = models.ForeignKey(
        "companies.Company", null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    role = models.CharField(_("rol"), max_length=20, choices=Membership.Role, default=Membership.Role.COLLABORATOR)
    duty = models.CharField(_("función"), max_length=20, choices=Duty, blank=True)
    body = models.ForeignKey(
        "audits.CertificationBody", null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("correo electrónico"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(_("vence"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitación")
        verbose_name_plural = _("invitaciones")
        constraints = [
            models.CheckConstraint(
                condition=Q(company__isnull=False, duty="", body=None)
                | Q(company=None, body=None) & ~Q(duty="")
                | Q(company=None, duty="", body__isnull=False),
                name="invitation_to_one_place",
            )
        ]

    def __str__(self):
        return f"{self.email} → {self.host}"

    @property
    def host(self):
        """Who invites: the company, the body, or PROMPERÚ."""
        return self.company or self.body or "PROMPERÚ"

    @property
    def place(self):
        """What one becomes."""
        if self.duty:
            return self.get_duty_display()
        if self.body_id:
            return dict(self.body.people.model.Role.choices)[self.role]
        return self.get_role_display()

    def is_to(self, user):
        """Whether it was sent to an address of `user`. It may be accepted all the same, when they say so."""
        addresses = {user.email.lower(), *(a.email.lower() for a in user.emailaddress_set.filter(verified=True))}
        return self.email.lower() in addresses

    @property
    def hidden_email(self):
        """The address it was sent to, so that its owner knows it and nobody else learns it: n•••@pruebas.example."""
        name, _at, domain = self.email.partition("@")
        return f"{name[:1]}•••@{domain}"

    @staticmethod
    def new_token():
        """Return a fresh token and the hash to keep of it."""
        token = secrets.token_urlsafe(32)
        return token, Invitation.hash(token)

    @staticmethod
    def hash(token):
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def send(cls, company, *, email, role, by):
        """Invite to a company.

        Raises TooManyInvitations when it sent its share of a day already, IllegalMove when `by` may not invite to this.
        """
        if role == Membership.Role.REPRESENTATIVE and not company.lets_represent(by):
            raise IllegalMove(now_("A quien represente a la empresa lo invita quien la representa hoy."))
        day_ago = timezone.now() - timedelta(days=1)
        if company.events.filter(verb="invite", at__gt=day_ago).count() >= settings.INVITATIONS_PER_DAY:
            raise TooManyInvitations(
                now_("Su empresa ya envió %(n)s invitaciones en un día. Envíe las demás mañana.")
                % {"n": settings.INVITATIONS_PER_DAY}
            )
        return cls._send(email, by=by, company=company, role=role)

    @classmethod
    def appoint(cls, *, email, duty, by):
        """Invite to a duty of PROMPERÚ."""
        return cls._send(email, by=by, duty=duty)

    @classmethod
    def send_for(cls, body, *, email, role, by):
        """Invite to work for a certification body."""
        return cls._send(email, by=by, body=body, role=role)

    @classmethod
    def _send(cls, email, *, by, **place):
        """Invite by mail, taking back an unused one of the same kind. The worker makes the link when it sends it."""
        _token, token_hash = cls.new_token()
        now, email = timezone.now(), email.lower()
        same = {name: place.get(name) for name in ("company", "body")} | {"duty": place.get("duty", "")}
        with transaction.atomic():
            cls.objects.pending(now).filter(email=email, **same).update(expires_at=now)
            new = cls.objects.create(email=email, token_hash=token_hash, invited_by=by, expires_at=now + LASTS, **place)
            Event.record(new, by=by, verb="invite", note=email, company=new.company)
            Job.enqueue("companies.invite", f"invite:{new.pk}", {"invitation": new.pk})
        return new

    def new_link(self):
        """Make a fresh token, forget the former one, and return the path that takes it."""
        token, self.token_hash = self.new_token()
        self.save(update_fields=["token_hash"])
        return reverse("empresa:invitation", args=[token])

    def tell_not_arrived(self, reason):
        """Whoever invited hears once that the mail did not arrive, and why."""
        Notice.tell(
            [self.invited_by],
            key=f"invitation:{self.pk}:failed",
            kind="invitation",
            title=now_("No llegó la invitación a %(email)s") % {"email": " ".join(self.email.split())},
            body=now_("Revise la dirección e invite otra vez. %(reason)s") % {"reason": reason},
            url=self.page(),
            company=self.company,
        )

    def page(self):
        """Where it was sent from."""
        if self.company_id:
            return reverse("empresa:team", args=[self.company_id])
        return reverse("panel:body", args=[self.body_id]) if self.body_id else reverse("panel:people")

    def cancel(self, *, by):
        """Take it back; raises IllegalMove when it was used or had ended."""
        now = timezone.now()
        with transaction.atomic():
            if not type(self).objects.pending(now).filter(pk=self.pk).update(expires_at=now):
                raise IllegalMove(
                    now_("La invitación a %(email)s ya se usó, venció o se anuló.") % {"email": self.email}
                )
            Event.record(self, by=by, verb="uninvite", note=self.email, company=self.company)

    def accept(self, *, by):
        """Give `by` the place; the token works once. Raises IllegalMove when it was used meanwhile, or to no avail."""
        now = timezone.now()
        with transaction.atomic(), walls.in_full():  # the link is the key: what it opens is not theirs before
            fresh = Invitation.objects.pending(now).filter(pk=self.pk)
            if fresh.update(accepted_at=now, accepted_by=by) != 1:
                raise IllegalMove(now_("Esta invitación ya se usó o venció. Pida otra."))
            self._seat(by)
            Event.record(self, by=by, verb="accept", note=f"{self.email} → {by.email}", company=self.company)

    def _seat(self, user):
        today = timezone.localdate()
        if self.duty:
            if Appointment.objects.in_force(today).filter(user=user, duty=self.duty).exists():
                raise IllegalMove(now_("Usted ya tiene esa función."))
            Appointment.objects.create(user=user, duty=self.duty)
        elif self.body_id:
            self.body.add_person(user, self.role, by=self.invited_by)
        else:
            if self.company.memberships.in_force(today).filter(user=user).exists():
                raise IllegalMove(now_("Usted ya trabaja en esta empresa."))
            member = self.company.memberships.create(user=user, role=self.role)
            Event.record(member, by=user, verb="join", note=str(user), company=self.company)
