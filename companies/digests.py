"""Digests: one mail a person and period, whatever was down. What waits is taken by exactly one digest.

The rule is «the last 08:00 that has passed, and what was told before it», never «it is 08:00»: after days of
downtime one digest carries all that waits.
"""

from datetime import datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from ecoeficiencia.jobs import Job, Urgency
from ecoeficiencia.workdays import decreed_days, is_workday

from .models import Delivery, Digest, Preference

HOUR = time(8)
How = Preference.How


def cutoff(rhythm, now, decreed=frozenset()):
    """The last moment up to `now` at which a digest was due: 08:00 of a business day, the week's first if weekly."""
    day = timezone.localtime(now).date()
    while True:
        moment = timezone.make_aware(datetime.combine(day, HOUR))
        if moment <= now and is_workday(day, decreed) and (rhythm == How.DAILY or _opens_week(day, decreed)):
            return moment
        day -= timedelta(days=1)


def _opens_week(day, decreed):
    monday = day - timedelta(days=day.weekday())
    return not any(is_workday(monday + timedelta(days=n), decreed) for n in range(day.weekday()))


def gather(now):
    """Make the digests that are due; return how many."""
    decreed = decreed_days()
    return sum(_gather(rhythm, cutoff(rhythm, now, decreed)) for rhythm in (How.DAILY, How.WEEKLY))


def _gather(rhythm, moment):
    waiting = Delivery.objects.filter(
        state=Delivery.State.WAITING, rhythm=rhythm, digest=None, notice__created_at__lt=moment
    )
    period = f"{rhythm}:{timezone.localdate(moment)}"
    people = waiting.order_by().values_list("notice__user", flat=True).distinct()
    return sum(_take(waiting, user, period) for user in people.iterator(chunk_size=500))


def _take(waiting, user, period):
    try:
        with transaction.atomic():
            digest = Digest.objects.create(user_id=user, period=period)
            if not waiting.filter(notice__user=user).update(digest=digest):
                raise IntegrityError("Taken meanwhile.")
            facts = {"digest": digest.pk}
            Job.enqueue("companies.digest", key=f"digest:{digest.pk}", payload=facts, urgency=Urgency.LAST)
    except IntegrityError:  # made by somebody else; what is left waits for the next period
        return 0
    return 1
