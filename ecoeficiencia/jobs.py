"""Work to do after a change is saved. The row is the truth; the broker only carries its id, and may lose it.

A job is written in the transaction that needs it, so both exist or neither does. Its handler runs in one
transaction with the mark that it is done. What leaves the database (a mail, a file) may happen twice after a
crash: handlers are safe to run again, and mails bear an identifier made from the job's key.
"""

import logging
import time
from datetime import timedelta
from functools import cache, partial

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _
from structlog.contextvars import bound_contextvars, get_contextvars

from .walls.acting import as_worker

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
LEASE = timedelta(minutes=5)  # longer than the longest task (CELERY_TASK_TIME_LIMIT)
RESEND_AFTER = timedelta(seconds=60)  # a message this old is presumed lost
LATE = timedelta(minutes=5)  # a due job older than this means that no worker is at work
BROKER_REST = 5  # seconds a process leaves a broker alone that did not answer, so that people need not wait for it
MAX_RACES = 10  # jobs that other workers may take first before a worker goes back to its broker
AWAY_AT_MOST = timedelta(days=5)  # as mail servers do among themselves
RETRYING = timedelta(hours=1)  # somebody should know of a job that failed and is not done after so long

_handlers = {}
_secret = set()
_given_up = {}
_rest_until = 0.0  # on time.monotonic()


def handles(kind, secret=False):
    """Register the function that does jobs of `kind`; it receives the payload as keyword arguments.

    secret: the payload lets somebody in (a code, a link); it is shown to nobody and forgotten when the job is done.
    """

    def register(function):
        if kind in _handlers:
            raise RuntimeError(f"Two handlers for jobs of kind {kind!r}.")
        _handlers[kind] = function
        if secret:
            _secret.add(kind)
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


def when_given_up(kind):
    """Register `function(error, **payload)`: what else becomes true, in the same transaction, when a job is dead."""

    def register(function):
        _given_up[kind] = function
        return function

    return register


class LeaseLost(Exception):
    """Another worker took the job over while this one was doing it."""


class Away(Exception):
    """What a handler needs outside does not answer: no fault of the job, which waits for it as long as AWAY_AT_MOST."""


class Urgency(models.IntegerChoices):
    """Of the jobs that are due, the more urgent goes first."""

    FIRST = 1, _("primero")  # a code to sign in, what the law counts days from
    USUAL = 5, _("normal")
    LAST = 9, _("al final")  # digests


class JobQuerySet(models.QuerySet):
    def due(self, now):
        """Jobs that nobody is doing and whose time has come."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.filter(free, state=Job.State.PENDING, run_at__lte=now)

    def late(self, now):
        """Due jobs that nobody has done for longer than workers at work would let them wait."""
        return self.due(now).filter(run_at__lte=now - LATE)

    def retrying(self, now):
        """Jobs that failed and have not been done for so long that somebody should know why."""
        return self.filter(state=Job.State.PENDING, created_at__lte=now - RETRYING).exclude(error="")

    def most_urgent(self, now, asked):
        """The due job to do for a message that asks for `asked`: that one, unless a more urgent waits or it is done."""
        first = self.due(now).order_by("urgency", "run_at", "pk").first()
        if first is None or first.pk == asked:
            return first
        return self.due(now).filter(pk=asked, urgency__lte=first.urgency).first() or first

    def take(self, asked):
        """Claim the job to do for a message that asks for `asked`; None when there is nothing to do."""
        for _race in range(MAX_RACES):
            job = self.most_urgent(timezone.now(), asked)
            if job is None or job.claim():
                return job
        return None  # the others leave it nothing; what was asked for is done by one of them, or sent again

    def unsent(self, now):
        """Due jobs whose message was never sent, or so long ago that it must have been lost."""
        return self.due(now).filter(Q(sent_at=None) | Q(sent_at__lte=now - RESEND_AFTER))

    def relay(self, limit=500):
        """Send the messages that are missing; return how many went. The first that fails ends the round."""
        sent = 0
        for job in self.unsent(timezone.now()).order_by("urgency", "run_at", "pk")[:limit]:
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
    urgency = models.PositiveSmallIntegerField(
        _("urgencia"), choices=Urgency, default=Urgency.USUAL, db_default=Urgency.USUAL
    )
    # The request that asked for it: what the worker logs bears the same id.
    request_id = models.CharField(_("solicitud"), max_length=36, blank=True, default="", db_default="")
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
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state="pending"), name="job_pending_by_run_at"),
            models.Index(fields=["urgency", "run_at"], condition=Q(state="pending"), name="job_pending_by_urgency"),
        ]

    def __str__(self):
        return self.key

    @property
    def is_secret(self):
        _import_handlers()
        return self.kind in _secret

    @classmethod
    def enqueue(cls, kind, key, payload=None, run_at=None, urgency=Urgency.USUAL):
        """Write down a job of `kind` once per `key`, and send it when the caller's transaction commits.

        run_at: not before this moment (aware datetime); now when missing. Raises LookupError for an unknown kind.
        """
        handler_for(kind)
        facts = {"kind": kind, "payload": payload or {}, "run_at": run_at or timezone.now(), "urgency": urgency}
        facts["request_id"] = get_contextvars().get("request_id", "")
        job, created = cls.objects.get_or_create(key=key, defaults=facts)
        if created and run_at is None:
            transaction.on_commit(job.nudge, robust=True)
        return job

    @classmethod
    def enqueue_all(cls, kind, payloads, urgency=Urgency.USUAL):
        """As `enqueue`, for {key: payload}, in as many statements for a thousand as for one."""
        handler_for(kind)
        facts = {"kind": kind, "run_at": timezone.now(), "urgency": urgency}
        facts["request_id"] = get_contextvars().get("request_id", "")
        had = set(cls.objects.filter(key__in=payloads).values_list("key", flat=True))
        jobs = [cls(key=key, payload=payload, **facts) for key, payload in payloads.items() if key not in had]
        try:
            with transaction.atomic():
                cls.objects.bulk_create(jobs)
        except IntegrityError:  # one of them was enqueued at the same moment by another transaction
            for key, payload in payloads.items():
                cls.enqueue(kind, key, payload, urgency=urgency)
        else:
            transaction.on_commit(partial(cls._nudge_all, jobs), robust=True)

    @classmethod
    def _nudge_all(cls, jobs):
        sent = [job.pk for job in jobs if time.monotonic() >= _rest_until and job.send()]
        cls.objects.filter(pk__in=sent).update(sent_at=timezone.now())

    def nudge(self):
        """Send the id at once, unless the broker did not answer a moment ago: then the relay sends it."""
        if time.monotonic() >= _rest_until:
            self.publish()

    def publish(self):
        """Send the id to the workers and note when; True when the broker took it."""
        if sent := self.send():
            Job.objects.filter(pk=self.pk).update(sent_at=timezone.now())
        return sent

    def send(self):
        """Hand the id to the broker; True when it took it. A failure is left to the next relay."""
        global _rest_until
        from .tasks import run_job

        try:
            run_job.delay(self.pk)
        except Exception as error:  # whatever the transport raises: the row stays due
            _rest_until = time.monotonic() + BROKER_REST
            logger.warning("job %s not sent: %s", self.key, error)
            return False
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
        return self.claim() and self.do()

    def do(self):
        """Do the job that this worker has claimed; what is logged meanwhile bears the id of the request behind it."""
        with bound_contextvars(request_id=self.request_id or f"job-{self.pk}"):
            return self._do()

    def _do(self):
        if self.attempts > MAX_ATTEMPTS:  # its workers died before they could say why
            self._fail(self.error or "No worker came back from it.")
            return False
        try:
            with transaction.atomic(), as_worker():
                handler_for(self.kind)(**self.payload)
                self._finish()
        except LeaseLost:
            logger.warning("job %s was taken over by another worker", self.key)
            return False
        except Away as error:
            logger.warning("job %s waits, attempt %s: %s", self.key, self.attempts, error)
            self._fail(str(error), away=timezone.now() - self.created_at < AWAY_AT_MOST)
            return False
        except Exception as error:
            logger.exception("job %s failed, attempt %s", self.key, self.attempts)
            self._fail(f"{type(error).__name__}: {error}")
            return False
        logger.info("job %s done, attempt %s", self.key, self.attempts)
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
        if self.is_secret:
            done["payload"] = {}
        if not self._mine().update(**done):
            raise LeaseLost(self.key)

    def _fail(self, error, away=False):
        """Rest until the next attempt, or be given up. What waits for something outside uses up no attempts."""
        attempts = min(self.attempts, MAX_ATTEMPTS // 2) if away else self.attempts
        state = self.State.DEAD if attempts >= MAX_ATTEMPTS else self.State.PENDING
        rest = {"attempts": attempts, "run_at": timezone.now() + pause_after(attempts), "lease_until": None}
        with transaction.atomic():
            if self._mine().update(state=state, error=error[:2000], **rest) and state == self.State.DEAD:
                self._tell_given_up(error)

    def _tell_given_up(self, error):
        logger.error("job %s given up: %s", self.key, error)
        try:
            with transaction.atomic():
                _given_up.get(self.kind, lambda error, **payload: None)(error, **self.payload)
        except Exception:  # it is dead all the same, and staff see it
            logger.exception("job %s: what depends on it was not told", self.key)
