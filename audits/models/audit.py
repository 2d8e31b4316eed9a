from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Duty, Event
from ecoeficiencia.lifecycle import IllegalMove, Party, Stateful, StatefulQuerySet
from programs.models import Participation
from requirements_std.models import Scope

from .body import BodyPerson, CertificationBody
from .external import Requested, RequestedQuerySet
from .findings import Findings
from .preparation import Preparation

# Auditors keep reading their audit for this long after it ended.
ACCESS_AFTER_END = timedelta(days=90)


@cache
def _progress():
    """Written once a process: it stands in every audit asked for, granted or not."""
    return {
        "total": _count("checks"),
        "answered": _count("checks", ~Q(result="")),
        "majors": _count("checks", Q(result="major")),
        "minors": _count("checks", Q(result="minor")),
        "to_verify": _count("nonconformities", Q(state="answered")),
        "unclosed": _count("nonconformities", ~Q(state="closed")),
    }


def _count(relation, condition=None):
    rows = Audit._meta.get_field(relation).related_model.objects.filter(condition or Q(), audit=OuterRef("pk"))
    return Coalesce(Subquery(rows.order_by().values("audit").annotate(n=Count("pk")).values("n")), 0)


class AuditQuerySet(RequestedQuerySet, StatefulQuerySet):
    def audited_by(self, user):
        """Audits of whose team `user` is, from acceptance until ACCESS_AFTER_END after their end.

        A company that left the programme took its papers with it; whoever left the body, or PROMPERÚ's duty, has none.

        Good for names and dates; what is inside opens with the declaration, see conducted_by.
        """
        employers = BodyPerson.objects.in_force(timezone.localdate()).filter(user=user).values("body")
        for_promperu = Q(body=None) if user.has_duty(Duty.PREAUDITOR) else Q(pk__in=[])
        return self.filter(
            Q(ended_at=None) | Q(ended_at__gte=timezone.now() - ACCESS_AFTER_END),
            Q(body__in=employers) | for_promperu,
            team__in=AuditMember.objects.filter(user=user, left_on=None),
        ).exclude(
            Q(state__in=[Audit.State.REQUESTED, Audit.State.DECLINED, Audit.State.CANCELLED])
            | Q(participation__state__in=Participation.EXITS)
        )

    def conducted_by(self, user):
        """Audits of whose team `user` is, having declared to be free of conflict."""
        declared = AuditMember.objects.filter(user=user, left_on=None, declared_at__isnull=False)
        return self.audited_by(user).filter(pk__in=declared.values("audit"))

    def requested_from(self, user):
        """External audits of the bodies `user` manages: the request and its state, not the evidence."""
        return self.filter(body__in=CertificationBody.objects.managed_by(user).values("pk"))

    def visible_to(self, user):
        """Members and staff see the audits of the company; its team sees its own once it declared."""
        if user.is_programme_staff:
            return self
        return self.filter(
            Q(participation__company__in=Company.objects.belonging_to(user).values("pk"))
            | Q(pk__in=self.model.objects.conducted_by(user).values("pk"))
        )

    def editable_by(self, user):
        """Audits in which `user` answers for the company."""
        return self.filter(participation__company__in=Company.objects.edited_by(user))

    def of_members(self, user):
        """Audits of the companies where `user` is a member today."""
        return self.filter(participation__company__in=Company.objects.belonging_to(user).values("pk"))

    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()

    def preaudits(self):
        return self.filter(kind=Audit.Kind.PREAUDIT)

    def for_list(self):
        return self.select_related(
            "participation__company", "participation__edition", "body", "scope__assessment__standard_version"
        ).with_progress()

    def open(self):
        return self.exclude(state__in=[state for state, moves in Audit.MOVES.items() if not moves])

    def running_first(self):
        """With `over`, so that what still moves can come first."""
        final = [state for state, moves in Audit.MOVES.items() if not moves]
        return self.annotate(over=Case(When(state__in=final, then=1), default=0))

    def with_progress(self):
        """With `total` and `answered` checks, `majors` and `minors` among them, and nonconformities by turn."""
        return self.annotate(**_progress())

    def open_preaudit(self, *, participation, auditor, starts_on, ends_on, by):
        """Open PROMPERÚ's pre-audit of a company that is ready, over its latest scope, frozen now.

        Raises IllegalMove when the company is not ready, and Conflict when the auditor is not free of conflict.
        """
        with transaction.atomic():
            participation.move(Participation.State.PREAUDIT, by=by)
            scope = participation.assessment.scopes.order_by("-number").first()
            if scope is None:
                raise IllegalMove(_("La empresa aún no tiene un alcance. Defínalo antes de abrir la preauditoría."))
            audit = self.create(
                kind=Audit.Kind.PREAUDIT,
                participation=participation,
                scope=scope,
                created_by=by,
                starts_on=starts_on,
                ends_on=ends_on,
            )
            audit.freeze_scope()
            Event.record(audit, by=by, verb="create")
            audit.name_auditor(auditor, by=by)
        return audit


class Audit(Requested, Preparation, Findings, Stateful):
    """A pre-audit by PROMPERÚ or a certification audit by a third party, over a frozen scope and checklist."""

    # Drafts of the auditors; the company reads them in the report, once it is closed.
    INSIDE_FIELDS = ("opening_minutes", "closing_minutes", "conclusion", "recommendation", "level")

    class Kind(models.TextChoices):
        PREAUDIT = "preaudit", _("Preauditoría")
        CERTIFICATION = "certification", _("Auditoría de certificación")

    class State(models.TextChoices):
        REQUESTED = "requested", _("Solicitada al organismo")
        DECLINED = "declined", _("Declinada por el organismo")
        ACCEPTED = "accepted", _("Aceptada, por planificar")
        PLANNED = "planned", _("Plan propuesto")
        AGREED = "agreed", _("Plan aceptado")
        STARTED = "started", _("En ejecución")
        CORRECTING = "correcting", _("En subsanación")
        CLOSED = "closed", _("Cerrada, por confirmar")
        CONFIRMED = "confirmed", _("Confirmada")
        CANCELLED = "cancelled", _("Cancelada")

    MOVES = {
        State.REQUESTED: (State.ACCEPTED, State.DECLINED, State.CANCELLED),
        State.DECLINED: (),
        State.ACCEPTED: (State.PLANNED, State.CANCELLED),
        State.PLANNED: (State.AGREED, State.ACCEPTED, State.CANCELLED),
        State.AGREED: (State.STARTED, State.CANCELLED),
        State.STARTED: (State.CORRECTING, State.CLOSED, State.CANCELLED),
        State.CORRECTING: (State.CLOSED, State.STARTED),
        State.CLOSED: (State.CONFIRMED, State.STARTED),
        State.CONFIRMED: (),
        State.CANCELLED: (),
    }
    TURN = {
        State.REQUESTED: Party.BODY,
        State.DECLINED: Party.NOBODY,
        State.ACCEPTED: Party.AUDITOR,
        State.PLANNED: Party.COMPANY,
        State.AGREED: Party.AUDITOR,
        State.STARTED: Party.AUDITOR,
        State.CORRECTING: Party.COMPANY,
        State.CLOSED: Party.STAFF,
        State.CONFIRMED: Party.NOBODY,
        State.CANCELLED: Party.NOBODY,
    }

    class Recommendation(models.TextChoices):
        CERTIFY = "certify", _("Recomienda certificar")
        NOT_CERTIFY = "not_certify", _("No recomienda certificar")

    kind = models.CharField(_("tipo"), max_length=15, choices=Kind)
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="audits")
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="audits", verbose_name=_("alcance"))
    body = models.ForeignKey(
        CertificationBody,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="audits",
        verbose_name=_("organismo"),
    )
    state = models.CharField(_("estado"), max_length=12, choices=State, default=State.ACCEPTED)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    request_message = models.TextField(_("mensaje al organismo"), blank=True)
    decline_reason = models.TextField(_("motivo para declinar"), blank=True)
    starts_on = models.DateField(_("desde"), null=True, blank=True)
    ends_on = models.DateField(_("hasta"), null=True, blank=True)
    agenda = models.TextField(_("agenda"), blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(_("lista congelada el"), null=True, blank=True)
    opening_minutes = models.TextField(_("acta de apertura"), blank=True)
    closing_minutes = models.TextField(_("acta de cierre"), blank=True)
    conclusion = models.TextField(_("conclusiones"), blank=True)
    recommendation = models.CharField(_("recomendación"), max_length=12, choices=Recommendation, blank=True)
    correction_due_on = models.DateField(_("plazo de subsanación"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Level of implementation reached (fact S5): conforming / applicable, stated when the audit closes.
    level = models.DecimalField(_("nivel de implementación"), max_digits=5, decimal_places=4, null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("auditoría")
        verbose_name_plural = _("auditorías")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="preaudit", body=None) | Q(kind="certification", body__isnull=False),
                name="audit_by_promperu_or_by_a_third_party",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="audit_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["participation", "kind"],
                condition=~Q(state__in=["declined", "confirmed", "cancelled"]),
                name="one_open_audit_per_kind",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.participation.company}"

    def event_company(self):
        return self.participation.company

    @property
    def is_preaudit(self):
        return self.kind == self.Kind.PREAUDIT


class AuditMemberQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who may see an audit knows who makes it; a person always knows their own naming."""
        return self.filter(Q(audit__in=Audit.objects.visible_to(user)) | Q(user=user))

    def present(self):
        return self.filter(left_on=None)


class AuditMember(models.Model):
    """A named auditor of one audit, who declared to be free of conflict before seeing it."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Auditoría líder")
        MEMBER = "member", _("Auditoría")

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="audit_roles")
    role = models.CharField(_("función"), max_length=10, choices=Role, default=Role.LEAD)
    named_at = models.DateTimeField(default=timezone.now)
    declared_at = models.DateTimeField(_("declaró imparcialidad el"), null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    # Why the person stepped aside, in their words. It blocks a later naming for the same company.
    conflict = models.TextField(_("conflicto declarado"), blank=True)

    objects = AuditMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("integrante del equipo auditor")
        verbose_name_plural = _("equipo auditor")
        constraints = [models.UniqueConstraint(fields=["audit", "user"], name="auditor_once_per_audit")]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"
