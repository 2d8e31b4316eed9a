from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from companies.ruc import validate_ruc
from ecoeficiencia.files.blob import store
from ecoeficiencia.lifecycle import IllegalMove, Party, Stateful, StatefulQuerySet
from ecoeficiencia.walls.acting import in_full

from .company import Company
from .event import Event
from .membership import Duty, Membership
from .notice import Notice


class ClaimQuerySet(StatefulQuerySet):
    def visible_to(self, user):
        """Whoever claims, and PROMPERÚ's staff; the company itself learns of a claim when it is granted."""
        return self if user.is_programme_staff else self.of(user)

    def of(self, user):
        return self.filter(claimed_by=user)

    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()

    def decidable_by(self, user):
        return self if user.has_duty(Duty.COORDINATOR) else self.none()


class Claim(Stateful):
    """A person says that a RUC they could not register is their company's, and shows why. Staff decide.

    It is written whether or not the RUC is on record, and names no company before it is granted: nothing in it, in its
    page or in how long it takes tells which it was.
    """

    class State(models.TextChoices):
        FILED = "filed", _("Por resolver")
        GRANTED = "granted", _("Concedido")
        REFUSED = "refused", _("Denegado")
        WITHDRAWN = "withdrawn", _("Retirado")

    MOVES = {
        State.FILED: (State.GRANTED, State.REFUSED, State.WITHDRAWN),
        State.GRANTED: (),
        State.REFUSED: (),
        State.WITHDRAWN: (),
    }
    TURN = {
        State.FILED: Party.STAFF,
        State.GRANTED: Party.NOBODY,
        State.REFUSED: Party.NOBODY,
        State.WITHDRAWN: Party.NOBODY,
    }

    ruc = models.CharField(_("RUC"), max_length=11, validators=[validate_ruc])
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.PROTECT, related_name="claims")
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.FILED)
    role = models.CharField(_("función que pide"), max_length=20, choices=Membership.Role)
    grounds = models.TextField(_("por qué le corresponde"), max_length=2000)
    blob = models.ForeignKey("ecoeficiencia.Blob", on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims")
    claimed_at = models.DateTimeField(_("presentado el"), default=timezone.now)
    resolution = models.TextField(_("motivo"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["claimed_at", "pk"]
        verbose_name = _("reclamo")
        verbose_name_plural = _("reclamos")
        constraints = [
            models.UniqueConstraint(
                fields=["claimed_by", "ruc"], condition=Q(state="filed"), name="claim_open_once_per_person_and_ruc"
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(company__isnull=False), name="claim_granted_names_its_company"
            ),
        ]

    def __str__(self):
        return now_("Reclamo por el RUC %(ruc)s") % {"ruc": self.ruc}

    @classmethod
    def file(cls, *, ruc, role, grounds, file, by):
        """Put the claim on record and tell PROMPERÚ. Raises IllegalMove while another of theirs waits for this RUC."""
        try:
            with transaction.atomic(), in_full():
                claim = cls.objects.create(
                    ruc=ruc, role=role, grounds=grounds, blob=store(file), filename=file.name, claimed_by=by
                )
                Event.record(claim, by=by, verb="create", note=grounds)
                claim._tell_staff()
        except IntegrityError as error:
            raise IllegalMove(now_("Ya presentó un reclamo por este RUC y está por resolver.")) from error
        return claim

    def rivals(self):
        """Other claims for the same RUC that wait for an answer."""
        return Claim.objects.filter(ruc=self.ruc, state=self.State.FILED).exclude(pk=self.pk)

    def subject(self):
        """The company that has the RUC, had it, or took over the one that had it; None when nobody registered it."""
        return Company.holding(self.ruc)

    def why_not(self):
        """Why it cannot be granted, or ""."""
        company = self.subject()
        if company is None:
            return now_("Nadie registró este RUC: la persona puede registrarlo ella misma. Dígaselo al denegar.")
        if company.memberships.in_force(timezone.localdate()).filter(user=self.claimed_by).exists():
            return now_("Ya trabaja en esa empresa.")
        return ""

    def grant(self, *, role, resolution, by):
        """Give the person a place in the company and tell those who represent it. Raises IllegalMove."""
        if why_not := self.why_not():
            raise IllegalMove(why_not)
        company = self.subject()
        present = company.people(Membership.Role.REPRESENTATIVE, Membership.Role.COORDINATOR)
        with transaction.atomic():
            company.lock_row()
            self._decide(self.State.GRANTED, resolution, by, company=company)
            member = company.memberships.create(user=self.claimed_by, role=role)
            Event.record(member, by=by, verb="join", note=str(self.claimed_by), company=company)
            self._tell_company(company, present, member)
            self._tell_claimant(
                now_("Ya puede entrar a %(company)s") % {"company": company},
                url=reverse("empresa:company", args=[company.pk]),
            )

    def refuse(self, *, resolution, by):
        with transaction.atomic():
            self._decide(self.State.REFUSED, resolution, by)
            self._tell_claimant(now_("Se denegó su reclamo por el RUC %(ruc)s") % {"ruc": self.ruc})

    def withdraw(self, *, by):
        self.move(self.State.WITHDRAWN, by=by)

    def _decide(self, state, resolution, by, **stamps):
        self.move(
            state, by=by, note=resolution, resolution=resolution, decided_by=by, decided_at=timezone.now(), **stamps
        )

    def _tell_staff(self):
        from .user import User

        Notice.tell(
            User.objects.with_duty(Duty.COORDINATOR),
            key=f"claim:{self.pk}:filed",
            kind="claim",
            title=now_("%(person)s reclama el RUC %(ruc)s") % {"person": self.claimed_by.email, "ruc": self.ruc},
            body=self.grounds,
            url=reverse("panel:claim", args=[self.pk]),
        )

    def _tell_claimant(self, title, url=""):
        url = url or reverse("empresa:claim", args=[self.pk])
        Notice.tell(
            [self.claimed_by], key=f"claim:{self.pk}:{self.state}", kind="claim_answer", title=title,
            body=self.resolution, url=url,
        )  # fmt: skip

    def _tell_company(self, company, people, member):
        """Those who ran the company so far hear who came in, as what and why, in time to object."""
        facts = {"person": member.user, "email": member.user.email, "role": member.get_role_display()}
        Notice.tell(
            people,
            key=f"claim:{self.pk}:joined",
            kind="claim_joined",
            title=now_("PROMPERÚ incorporó a %(person)s a su empresa") % facts,
            body=now_("%(email)s, como %(role)s. Si no corresponde, retire su acceso y avise a PROMPERÚ.") % facts,
            url=reverse("empresa:team", args=[company.pk]),
            company=company,
        )
