import uuid
from collections import defaultdict

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.kinds import kind_of
from ecoeficiencia.changes import in_force
from ecoeficiencia.jobs import Job

from .event import Event
from .preference import Preference


class DeliveryQuerySet(models.QuerySet):
    def plan(self, notices, chosen):
        """Give each new notice its mail: a draft, one of a digest, none, or one that leaves now.

        chosen: {user pk: Preference.How}, at once for those who are not in it.
        """
        rows = self.bulk_create([self._planned(notice, chosen.get(notice.user_id)) for notice in notices])
        leaving = defaultdict(dict)
        for row in rows:
            if row.state == Delivery.State.PENDING:
                leaving[row.kind.urgency][f"deliver:{row.pk}"] = {"delivery": row.pk}
        for urgency, payloads in leaving.items():
            Job.enqueue_all("companies.deliver", payloads, urgency=urgency)
        return rows

    def _planned(self, notice, how):
        states = Delivery.State
        if notice.held:
            return Delivery(notice=notice, state=states.HELD)
        if how == Preference.How.CENTRE:
            return Delivery(
                notice=notice, state=states.SKIPPED, error=gettext("La persona eligió verlo solo en el centro.")
            )
        if how in (Preference.How.DAILY, Preference.How.WEEKLY):
            return Delivery(notice=notice, state=states.WAITING, rhythm=how)
        return Delivery(notice=notice)

    def about(self, *records):
        """The mails about these records and their reminders, newest first."""
        wanted = Q()
        for record in records:
            name = f"{record._meta.model_name}:{record.pk}:"
            wanted |= Q(notice__key__startswith=name) | Q(notice__key__startswith=f"reminder:{name}")
        found = self.filter(wanted) if wanted else self.none()
        return found.select_related("notice__user").order_by("-notice__created_at", "-pk")

    def readable_in_panel(self, user):
        return self if user.is_programme_staff else self.none()

    def editable_by(self, user):
        from .membership import Duty

        return self if user.has_duty(Duty.COORDINATOR) else self.none()


class Delivery(models.Model):
    """One mail of one notice; sent only after the mail server said so."""

    class State(models.TextChoices):
        HELD = "held", _("En borrador")
        WAITING = "waiting", _("Para el resumen")
        PENDING = "pending", _("Por enviar")
        SENT = "sent", _("Enviado")
        FAILED = "failed", _("Fallido")
        SKIPPED = "skipped", _("No enviado")
        DISCARDED = "discarded", _("Descartado")

    notice = models.OneToOneField("companies.Notice", on_delete=models.CASCADE, related_name="delivery")
    message_id = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.PENDING)
    rhythm = models.CharField(max_length=10, choices=Preference.How, blank=True)
    digest = models.ForeignKey(
        "companies.Digest", null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    # What PROMPERÚ wrote instead of the template's words; empty: the template's.
    subject = models.CharField(_("asunto"), max_length=200, blank=True)
    body = models.TextField(_("texto"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    retries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    # Two people at one draft conflict visibly.
    version = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entrega")
        verbose_name_plural = _("entregas")
        indexes = [models.Index(fields=["rhythm"], condition=Q(state="waiting"), name="delivery_waiting")]

    def __str__(self):
        return f"{self.notice} → {self.notice.user.email}"

    @property
    def kind(self):
        return kind_of(self.notice.kind)

    def enqueue(self):
        key = f"deliver:{self.pk}" + (f":{self.retries}" if self.retries else "")
        Job.enqueue("companies.deliver", key=key, payload={"delivery": self.pk}, urgency=self.kind.urgency)

    # Each of the following answers whether it was this call that did it: two people may press at once, and none acts
    # upon words that somebody changed since this record was read.

    def rewrite(self, *, by, subject, body, seen=None):
        """Change the words of a draft. seen: the version of those on the writer's page."""
        if seen is not None:
            self.version = seen
        return self._change(self.State.HELD, by=by, subject=" ".join(subject.split()), body=body)

    def release(self, *, by):
        """Send a draft, and publish its notice in the person's centre."""
        from .notice import Notice

        with transaction.atomic():
            if won := self._change(self.State.HELD, by=by, state=self.State.PENDING):
                Notice.objects.filter(pk=self.notice_id).update(held=False, created_at=timezone.now())
                self.enqueue()
        return won

    def discard(self, *, by, reason=""):
        """The draft will not be sent; the notice stays unpublished."""
        return self._change(self.State.HELD, by=by, state=self.State.DISCARDED, error=reason)

    def retry(self, *, by):
        """Try a failed mail again, now."""
        with transaction.atomic():
            won = self._change(self.State.FAILED, by=by, state=self.State.PENDING, error="", retries=F("retries") + 1)
            if won:
                self.refresh_from_db()
                self.enqueue()
        return won

    def _change(self, from_state, *, by, **fields):
        mine = Delivery.objects.filter(pk=self.pk, state=from_state, version=self.version)
        with transaction.atomic():
            before = in_force(self, [name for name in fields if name != "retries"])
            if not mine.update(decided_by=by, decided_at=timezone.now(), version=F("version") + 1, **fields):
                return False
            self.version += 1
            saved = Delivery.objects.select_related("notice").get(pk=self.pk)
            Event.record_edit(saved, by=by, before=before, company=saved.notice.company)
        return True


class Digest(models.Model):
    """One mail a person and period. `period` is "daily:2026-11-24" or "weekly:2026-11-23"."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests")
    period = models.CharField(max_length=20)
    message_id = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    state = models.CharField(max_length=10, choices=Delivery.State, default=Delivery.State.PENDING)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("resumen")
        verbose_name_plural = _("resúmenes")
        constraints = [models.UniqueConstraint(fields=["user", "period"], name="digest_once_per_person_and_period")]

    def __str__(self):
        return f"{self.user} · {self.period}"
