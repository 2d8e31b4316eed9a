from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Duty, Event, User
from companies.quota import require_room
from ecoeficiencia.files.blob import store
from ecoeficiencia.lifecycle import IllegalMove, Overtaken, Party, Stateful, StatefulQuerySet
from ecoeficiencia.workdays import add_workdays, decreed_days, lengthened
from ecoeficiencia.writing import due_in_workdays
from programs import notices


class AppealQuerySet(StatefulQuerySet):
    def visible_to(self, user):
        """Members of the company and PROMPERÚ's staff."""
        if user.is_programme_staff:
            return self
        return self.filter(application__company__in=Company.objects.belonging_to(user).values("pk"))

    def managed_by(self, user):
        return self if user.is_programme_staff else self.none()

    def waiting_for(self, user):
        """Filed and not resolved: of a reviewer, their own and those nobody has yet and they took no part in."""
        filed = self.filter(state=self.model.State.FILED)
        if user.has_duty(Duty.COORDINATOR):
            return filed
        took_part = Q(application__decided_by=user) | Q(application__reviewer=user)
        return filed.filter(Q(reviewer=user) | Q(reviewer=None) & ~took_part)

    def resolvable_by(self, user):
        """Appeals `user` may take or resolve: reviewers and coordinators. That they took no part is asked per row."""
        return self if user.has_duty(Duty.REVIEWER, Duty.COORDINATOR) else self.none()


class Appeal(Stateful):
    """A company asks that its rejection be reconsidered: a record with a clock of its own and another reviewer."""

    class State(models.TextChoices):
        FILED = "filed", _("Presentada")
        UPHELD = "upheld", _("Fundada")
        DISMISSED = "dismissed", _("Infundada")

    MOVES = {
        State.FILED: (State.UPHELD, State.DISMISSED),
        State.UPHELD: (),
        State.DISMISSED: (),
    }
    TURN = {
        State.FILED: Party.STAFF,
        State.UPHELD: Party.NOBODY,
        State.DISMISSED: Party.NOBODY,
    }

    application = models.OneToOneField("programs.Application", on_delete=models.PROTECT, related_name="appeal")
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.FILED)
    grounds = models.TextField(_("por qué pide que se reconsidere"))
    blob = models.ForeignKey("ecoeficiencia.Blob", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200, blank=True)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(_("presentada el"), default=timezone.now)
    due_from = models.DateField(_("plazo desde"))
    due_on = models.DateField(_("plazo para resolver"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    resolution = models.TextField(_("motivación"), blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["due_on"]
        verbose_name = _("reconsideración")
        verbose_name_plural = _("reconsideraciones")

    def __str__(self):
        return f"{_('Reconsideración')} · {self.application}"

    def event_company(self):
        return self.application.company

    @classmethod
    def file(cls, application, *, grounds, file=None, by, on):
        """Put the company's appeal on record and start its clock.

        Raises IllegalMove out of time, a second time, or without room for the file.
        """
        if missing := application.missing_to_appeal(on):
            raise IllegalMove(str(missing))
        due_on = add_workdays(on, application.edition.parameter("appeal_answer_days"), decreed_days())
        with transaction.atomic():
            if file:
                require_room(application.company, file)
            facts = {"blob": store(file), "filename": file.name} if file else {}
            application.record("appeal", by=by, note=grounds)  # two presses at once: one of them is late
            appeal = cls.objects.create(
                application=application, grounds=grounds, filed_by=by, due_from=on, due_on=due_on, **facts
            )
            notices.tell_appealed(appeal)
        return appeal

    def due_in_words(self, on):
        """How much of PROMPERÚ's term is left on day `on`."""
        return due_in_workdays(self.due_on, on, decreed_days())

    # Who may see it

    @cached_property
    def took_part(self):
        """The ids of who reviewed, proposed or decided what is contested: nobody judges their own act."""
        application = self.application
        people = {application.reviewer_id, application.proposed_by_id, application.decided_by_id}
        people |= set(application.items.values_list("decided_by", flat=True))
        acts = Event.objects.about(application).filter(verb__in=["review", "propose", "move"])
        return people.union(acts.values_list("actor", flat=True)) - {None}

    def judges(self):
        """Who may see it: the people who review or coordinate and took no part."""
        return User.objects.with_duty(Duty.REVIEWER, Duty.COORDINATOR).exclude(pk__in=self.took_part)

    def barred(self):
        """The people who would, had they taken no part."""
        return User.objects.with_duty(Duty.REVIEWER, Duty.COORDINATOR).filter(pk__in=self.took_part)

    def why_not(self, user):
        """Why `user` may not resolve it, or ""."""
        if user.pk in self.took_part:
            return _("Usted participó en la revisión o en la decisión: la reconsideración la ve otra persona.")
        return ""

    def history(self):
        """The events that tell it: its own, and that it was asked for, which its application tells."""
        own = Q(object_type=self._meta.label_lower, object_id=self.pk)
        asked = Q(object_type=self.application._meta.label_lower, object_id=self.application_id, verb="appeal")
        return Event.objects.filter(own | asked)

    @property
    def texts(self):
        """What was written: by who asked, and by who resolved."""
        return self.grounds, self.resolution

    def assign(self, reviewer, *, by):
        """Give it to `reviewer`, or to oneself. Raises IllegalMove for who took part."""
        if self.state != self.State.FILED:
            raise Overtaken(_("La reconsideración ya se resolvió."), self)
        if reviewer.pk in self.took_part:
            sentence = _("%(person)s participó en la revisión o en la decisión: la reconsideración la ve otra persona.")
            raise IllegalMove(sentence % {"person": reviewer})
        with transaction.atomic():
            self.reviewer = reviewer
            self.save_edit(by=by, fields=["reviewer"], note=str(reviewer), verb="assign")
            if reviewer != by:
                notices.tell_appeal_assigned(self)

    def resolve(self, *, upheld, resolution, by):
        """Decide it. Upheld, the application goes back to review for somebody else; dismissed, nothing moves."""
        if why_not := self.why_not(by):
            raise IllegalMove(str(why_not))
        state = self.State.UPHELD if upheld else self.State.DISMISSED
        with transaction.atomic():
            self.move(
                state, by=by, note=resolution, resolution=resolution, resolved_by=by, resolved_at=timezone.now(),
                reviewer=self.reviewer or by,
            )  # fmt: skip
            if upheld:
                self.application.reopen(by=by, note=_("La reconsideración fue fundada."))
            self.application.record(f"appeal_{state}", by=by, note=resolution)
            notices.tell_appeal_resolved(self)

    def lengthen(self, day, before, after):
        """A day decreed non-working gives PROMPERÚ that day back. True when it did."""
        due_on = lengthened(self.due_from, self.due_on, before, after)
        if due_on == self.due_on:
            return False
        self.due_on = due_on
        self.save_edit(by=None, fields=["due_on"], note=str(day))
        return True
