"""Work to do after a change is saved. The row is the truth; the broker only carries its id, and may lose it.

A job is written in the transaction that needs it, so both exist or neither does. Its handler runs in one
transaction with the mark that it is done. What leaves the database (a mail, a file) may happen twice after a
crash: handlers are safe to run again, and mails bear an identifier made from the job's key.
"""

import logging
import time
from datetime import timedelta
from functools import cache

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
LEASE = timedelta(minutes=5)  # longer than the longest task (CELERY_TASK_TIME_LIMIT)
RESEND_AFTER = timedelta(seconds=60)  # a message this old is presumed lost
LATE = timedelta(minutes=5)  # a due job older than this means that no worker is at work
BROKER_REST = 5  # seconds a process leaves a broker alone that did not answer, so that people need not wait for it

_handlers = {}
_rest_until = 0.0  # on time.monotonic()


def handles(kind):
    """Register the function that does jobs of `kind`; it receives the payload as keyword arguments."""

    def register(function):
        if kind in _handlers:
            raise RuntimeError(f"Two handlers for jobs of kind {kind!r}.")
        _handlers[kind] = function
        return function

    return register


@cache
def _import_handlers():
    autodiscover_modules("tasks")


def handler_for(kind):
    """Return the function registered for `kind`; raises LookupError when no app handles it."""
    _import_handlers()
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(f"No handler for jobs of kind {kind!r}.") from None


def pause_after(attempts):
    """Return how long a job rests after its nth failure: 1, 2, 4 … minutes, at most an hour."""
    return timedelta(minutes=min(2 ** (attempts - 1), 60))


class LeaseLost(Exception):
    """Another worker took the job over while this one was doing it."""


class JobQuerySet(models.QuerySet):
    def due(self, now):
        """Jobs that nobody is doing and whose time has come."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.filter(free, state=Job.State.PENDING, run_at__lte=now)

    def late(self, now):
        """Due jobs that nobody has done for longer than workers at work would let them wait."""
        return self.due(now).filter(run_at__lte=now - LATE)

    def unsent(self, now):
        """Due jobs whose message was never sent, or so long ago that it must have been lost."""
        return self.due(now).filter(Q(sent_at=None) | Q(sent_at__lte=now - RESEND_AFTER))

    def relay(self, limit=500):
        """Send the messages that are missing; return how many went. The first that fails ends the round."""
        sent = 0
        for job in self.unsent(timezone.now()).order_by("run_at", "pk")[:limit]:
            if not job.publish():
                break
            sent += 1
        return sent


class Job(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", _("pendiente")
        DONE = "done", _("hecho")
        DEAD = "dead", _("abandonado")

    key = models.CharField(_("clave"), max_length=200, unique=True)
    kind = models.CharField(_("tipo"), max_length=60)
    payload = models.JSONField(_("datos"), default=dict)
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.PENDING)
    run_at = models.DateTimeField(_("desde"))
    attempts = models.PositiveSmallIntegerField(_("intentos"), default=0)
    lease_until = models.DateTimeField(_("reservado hasta"), null=True, blank=True)
    sent_at = models.DateTimeField(_("enviado"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("creado"), auto_now_add=True)
    done_at = models.DateTimeField(_("hecho el"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("trabajo")
        verbose_name_plural = _("trabajos")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | ~Q(state="done") & Q(done_at=None),
                name="job_done_has_its_moment",
            ),
        ]
        indexes = [models.Index(fields=["run_at"], condition=Q(state="pending"), name="job_pending_by_run_at")]

    def __str__(self):
        return self.key

    @classmethod
    def enqueue(cls, kind, key, payload=None, run_at=None):
        """Write down a job of `kind` once per `key`, and send it when the caller's transaction commits.

        run_at: not before this moment (aware datetime); now when missing. Raises LookupError for an unknown kind.
        """
        handler_for(kind)
        defaults = {"kind": kind, "payload": payload or {}, "run_at": run_at or timezone.now()}
        job, created = cls.objects.get_or_create(key=key, defaults=defaults)
        if created and run_at is None:
            transaction.on_commit(job.nudge, robust=True)
        return job

    def nudge(self):
        """Send the id at once, unless the broker did not answer a moment ago: then the relay sends it."""
        if time.monotonic() >= _rest_until:
            self.publish()

    def publish(self):
        """Send the id to the workers; True when the broker took it. A failure is left to the next relay."""
        global _rest_until
        from .tasks import run_job

        try:
            run_job.delay(self.pk)
        except Exception as error:  # whatever the transport raises: the row stays due
            _rest_until = time.monotonic() + BROKER_REST
            logger.warning("job %s not sent: %s", self.key, error)
            return False
        Job.objects.filter(pk=self.pk).update(sent_at=timezone.now())
        return True

    def claim(self):
        """Take the job for this worker; False when it is done, not due, or somebody else's."""
        now = timezone.now()
        lease = now + LEASE
        won = Job.objects.due(now).filter(pk=self.pk).update(lease_until=lease, attempts=F("attempts") + 1)
        if won:
            self.refresh_from_db()
        return bool(won)

    def run(self):
        """Do the job unless somebody else has it; True when it was done now. Failures end up in the row."""
        if not self.claim():
            return False
        if self.attempts > MAX_ATTEMPTS:  # its workers died before they could say why
            self._fail(self.error or "No worker came back from it.")
            return False
        try:
            with transaction.atomic():
                handler_for(self.kind)(**self.payload)
                self._finish()
        except LeaseLost:
            logger.warning("job %s was taken over by another worker", self.key)
            return False
        except Exception as error:
            logger.exception("job %s failed, attempt %s", self.key, self.attempts)
            self._fail(f"{type(error).__name__}: {error}")
            return False
        return True

    def revive(self):
        """Give a dead job all its attempts again, from now."""
        dead = Job.objects.filter(pk=self.pk, state=self.State.DEAD)
        if dead.update(state=self.State.PENDING, attempts=0, run_at=timezone.now(), lease_until=None):
            transaction.on_commit(self.nudge, robust=True)

    def _mine(self):
        return Job.objects.filter(pk=self.pk, state=self.State.PENDING, lease_until=self.lease_until)

    def _finish(self):
        done = {"state": self.State.DONE, "done_at": timezone.now(), "lease_until": None, "error": ""}
        if not self._mine().update(**done):
            raise LeaseLost(self.key)

    def _fail(self, error):
        state = self.State.DEAD if self.attempts >= MAX_ATTEMPTS else self.State.PENDING
        run_at = timezone.now() + pause_after(self.attempts)
        self._mine().update(state=state, run_at=run_at, lease_until=None, error=error[:2000])
