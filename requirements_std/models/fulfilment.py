from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Event, Site
from ecoeficiencia.lifecycle import IllegalMove, Missing, Party, Stateful, StatefulQuerySet
from requirements_std import notices

from .assessment import Assessment
from .standard import Requirement


class FulfilmentQuerySet(StatefulQuerySet):
    def visible_to(self, user):
        """Rows that members, the assigned monitor and staff may read; auditors reach them through an audit."""
        return self.filter(assessment__company__in=Company.objects.worked_on_by(user))

    def belonging_to(self, user):
        """Rows of the companies `user` is a member of, readers included."""
        return self.filter(assessment__company__in=Company.objects.belonging_to(user))

    def editable_by(self, user):
        """Rows of the companies `user` works at. When they may be edited is MOVES's business."""
        return self.filter(assessment__company__in=Company.objects.edited_by(user))

    def reviewable_by(self, user):
        """Rows of the companies `user` monitors today."""
        return self.filter(assessment__company__in=Company.objects.monitored_by(user))

    def audited_by(self, user):
        """Rows inside the frozen scope of an audit `user` conducts: the organisation's and the sampled sites'."""
        audits = apps.get_model("audits", "Audit").objects.conducted_by(user).values("pk")
        in_scope = Q(site__scopes__audits__in=audits, site__scopes__assessment=F("assessment"))
        organisation = Q(site=None, assessment__participation__audits__in=audits)
        return self.filter(pk__in=self.model.objects.filter(organisation | in_scope).values("pk"))

    def to_review(self):
        """Rows that wait for the monitor, the longest wait first."""
        return self.in_turn_of(Party.MONITOR).filter(closed_on=None).order_by("state_since", "pk")

    def for_page(self):
        """With all that the page of one row shows of its own."""
        return self.select_related(
            "assessment__company",
            "assessment__standard_version",
            "assessment__participation__edition",
            "requirement__aspect",
            "requirement__condition",
            "site",
        )

    def for_selection(self):
        """With what a list of chosen rows shows of each, `files` among it."""
        return self.for_page().annotate(files=Count("links")).order_by("assessment", "requirement__number", "site")

    def applicable(self):
        return self.filter(closed_on=None).exclude(state=self.model.State.NOT_APPLICABLE)


class Fulfilment(Stateful):
    """How one company meets one requirement, for the organisation or for one site.

    `work` is what the company says of its own progress; `state` is where the review stands. They never mix.
    """

    TOLD_TO_COMPANY = True

    class State(models.TextChoices):
        OPEN = "open", _("Sin presentar")
        SUBMITTED = "submitted", _("En revisión")
        RETURNED = "returned", _("Observado")
        ACCEPTED = "accepted", _("Aceptado")
        CLAIMED_NA = "claimed_na", _("No aplica, por confirmar")
        NOT_APPLICABLE = "not_applicable", _("No aplica")

    class Work(models.IntegerChoices):
        NOT_STARTED = 0, _("No iniciado")
        IN_PROGRESS = 1, _("En proceso")
        PARTIAL = 2, _("Parcial")
        DONE = 3, _("Implementado")

    MOVES = {
        State.OPEN: (State.SUBMITTED, State.CLAIMED_NA),
        State.SUBMITTED: (State.ACCEPTED, State.RETURNED, State.OPEN),
        State.RETURNED: (State.SUBMITTED, State.CLAIMED_NA),
        State.ACCEPTED: (State.RETURNED,),
        State.CLAIMED_NA: (State.NOT_APPLICABLE, State.RETURNED, State.OPEN),
        State.NOT_APPLICABLE: (State.RETURNED,),
    }
    EDITABLE = (State.OPEN, State.RETURNED)
    TURN = {
        State.OPEN: Party.COMPANY,
        State.SUBMITTED: Party.MONITOR,
        State.RETURNED: Party.COMPANY,
        State.ACCEPTED: Party.NOBODY,
        State.CLAIMED_NA: Party.MONITOR,
        State.NOT_APPLICABLE: Party.NOBODY,
    }

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="fulfilments")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="fulfilments")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="fulfilments")
    state = models.CharField(_("revisión"), max_length=15, choices=State, default=State.OPEN)
    work = models.PositiveSmallIntegerField(_("avance"), choices=Work, default=Work.NOT_STARTED)
    statement = models.TextField(_("cómo lo cumple la empresa"), blank=True)
    na_reason = models.TextField(_("por qué no aplica"), blank=True)
    review_note = models.TextField(_("observación del monitor"), blank=True)
    closed_on = models.DateField(_("cerrado el"), null=True, blank=True)  # its site left the scope

    objects = FulfilmentQuerySet.as_manager()

    class Meta:
        ordering = ["requirement__number", "site_id"]
        verbose_name = _("cumplimiento")
        verbose_name_plural = _("cumplimientos")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "requirement"], condition=Q(site=None), name="fulfilment_once_per_organisation"
            ),
            models.UniqueConstraint(
                fields=["assessment", "requirement", "site"],
                condition=Q(site__isnull=False),
                name="fulfilment_once_per_site",
            ),
        ]
        indexes = [models.Index(fields=["assessment", "state"], name="fulfilment_by_state")]

    def __str__(self):
        return f"{self.requirement.code} · {self.site}" if self.site_id else self.requirement.code

    def event_company(self):
        return self.assessment.company

    @property
    def is_editable(self):
        return self.state in self.EDITABLE and self.closed_on is None

    def can_move(self, to):
        return self.closed_on is None and super().can_move(to)

    # Counters: whatever changes `state` or `work` passes here, in the same transaction.

    @property
    def counted(self):
        """The counters of the assessment this row adds one to."""
        if self.closed_on or self.state == self.State.NOT_APPLICABLE:
            return ()
        if self.state == self.State.OPEN:
            return ("applicable", "started") if self.work else ("applicable",)
        return ("applicable", self.COUNTERS[self.state])

    COUNTERS = {
        State.SUBMITTED: "submitted",
        State.CLAIMED_NA: "submitted",
        State.RETURNED: "returned",
        State.ACCEPTED: "accepted",
    }

    def _count(self, before):
        after = self.counted
        change = {name: (name in after) - (name in before) for name in {*before, *after}}
        self.assessment.count(self.requirement.aspect_id, change)

    def move(self, to, *, by, note="", **stamps):
        with transaction.atomic():
            before = self.counted
            super().move(to, by=by, note=note, **stamps)
            self._count(before)

    # What the company does

    def save_work(self, *, work, statement, by, version=None):
        """Save what the company says of its progress. version: the one the person read, to notice who saved between.

        Raises IllegalMove when the row is handed in or somebody saved first; then nothing is written.
        """
        if version is not None:
            self.version = version
        if (work, statement) == (self.work, self.statement):
            return
        note = ""
        if work != self.work:
            labels = dict(self.Work.choices)
            note = _("Avance: de «%(old)s» a «%(new)s».") % {"old": labels[self.work], "new": labels[work]}
        with transaction.atomic():
            self._hold()
            before = self.counted
            self.work, self.statement = work, statement
            self.save_edit(by=by, fields=["work", "statement"], note=note)
            self._count(before)

    def add_evidence(self, *, by, files=(), existing=()):
        """Keep `files` (cleaned by UploadField) in the company's library and link them, and `existing`, to this row.

        Raises IllegalMove when the row is handed in: its evidence is fixed.
        """
        company = self.assessment.company
        if any(evidence.company_id != company.pk for evidence in existing):
            raise ValueError("Evidence of another company.")
        with transaction.atomic():
            self._hold()
            if files and self.links.count() + len(files) > settings.REQUIREMENT_FILES:
                raise IllegalMove(
                    _("Este requisito admite hasta %(n)s archivos. Quite los que no hagan falta.")
                    % {"n": settings.REQUIREMENT_FILES}
                )
            new = company.evidences.keep_all(company, files, by=by)
            added = [*new, *existing]
            self.links.bulk_create(
                [self.links.model(evidence=evidence, fulfilment=self, linked_by=by) for evidence in added],
                ignore_conflicts=True,
            )
            if added:
                Event.record(self, by=by, verb="evidence", note=", ".join(evidence.filename for evidence in added))
        return new

    def swap_evidence(self, old, new, *, by):
        """Show the newer version of a proof instead of the older."""
        self.add_evidence(existing=[new], by=by)
        self.unlink_evidence(old, by=by)

    def unlink_evidence(self, evidence, *, by):
        """Take `evidence` off this row; it stays in the library and in the history."""
        with transaction.atomic():
            self._hold()
            removed, _rows = self.links.filter(evidence=evidence).delete()
            if removed:
                Event.record(self, by=by, verb="unlink", note=evidence.filename)

    def missing_to_submit(self):
        """What the company still owes before the monitor can review."""
        missing = []
        if not self.links.exists():
            missing.append(
                Missing(_("Falta al menos una evidencia."), since=timezone.localdate(self.state_since), key="evidence")
            )
        if not self.statement.strip():
            missing.append(
                Missing(
                    _("Falta explicar cómo cumple el requisito."),
                    since=timezone.localdate(self.state_since),
                    key="statement",
                )
            )
        return missing

    def submit(self, *, by):
        """Hand the row over to the monitor; from then on its evidence is fixed."""
        with transaction.atomic():
            self._lock()
            if self.can_move(self.State.SUBMITTED) and (missing := self.missing_to_submit()):
                raise IllegalMove(" ".join(str(condition) for condition in missing))
            self.move(self.State.SUBMITTED, by=by)
            notices.submitted(self)

    def claim_na(self, reason, *, by):
        """Say, with a reason, that the requirement does not apply. The monitor agrees or refuses."""
        if not reason.strip():
            raise IllegalMove(_("Explique por qué no aplica."))
        with transaction.atomic():
            self.move(self.State.CLAIMED_NA, by=by, note=reason, na_reason=reason)
            notices.submitted(self)

    def withdraw_submission(self, *, by):
        """Take back what the monitor has not decided; what was observed before is observed again."""
        self.move(self.State.RETURNED if self.review_note else self.State.OPEN, by=by)

    # What the monitor does

    def review(self, state, *, by, note=""):
        """Decide on a row handed in: ACCEPTED, RETURNED (with what to mend) or, when claimed, NOT_APPLICABLE."""
        returned = state == self.State.RETURNED
        if returned and not note.strip():
            raise IllegalMove(_("Escriba qué debe corregir la empresa."))
        with transaction.atomic():
            self.move(state, by=by, note=note, review_note=note if returned else "")
            notices.reviewed(self)

    def comment(self, text, *, by, audience=None):
        """Add a message. Without an audience it goes to the narrowest that its author belongs to."""
        with transaction.atomic():
            comment = self.comments.create(
                author=by,
                text=text,
                audience=audience or self.comments.model.default_audience(by, self.assessment.company),
            )
            notices.commented(comment)
        return comment

    def _lock(self):
        """Hold the row until the transaction ends; return its state and closing day as they are now."""
        rows = type(self)._base_manager.select_for_update().filter(pk=self.pk)
        return rows.values_list("state", "closed_on").get()

    def _hold(self):
        state, closed_on = self._lock()
        if closed_on:
            raise IllegalMove(_("«%(row)s» ya no aplica: su sede o condición salió del alcance.") % {"row": self})
        if state not in self.EDITABLE:
            raise IllegalMove(
                _("«%(row)s» está en «%(state)s»: lo presentado ya no se cambia. Retírelo primero para corregir.")
                % {"row": self, "state": self._state_label(state)}
            )
