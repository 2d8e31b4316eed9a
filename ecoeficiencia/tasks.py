from contextlib import suppress
from datetime import datetime, timedelta

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from . import folder_broker
from .files import scanning, sweeping
from .jobs import Job
from .once import Sent

CLOCK_LATE = timedelta(minutes=10)


@shared_task
def run_job(pk):
    """Do one due job: the one asked for, or a more urgent one, whose message then does this one.

    A message only says that there is work: one that comes twice, late, or for a row that is gone does no harm.
    """
    if job := Job.objects.take(pk):
        job.do()


@shared_task
def relay_jobs():
    """Send again what the broker lost or never got."""
    Job.objects.relay()
    with suppress(Exception):  # the cache may be away; the relay is what matters
        cache.set("clock", timezone.now().isoformat(), timeout=None)


@shared_task
def forget_sent_forms():
    """Every hour: a form sent a week ago is not sent again."""
    Sent.objects.forget_old(timezone.now())


@shared_task
def scan_files():
    """Have the antivirus look at what waits for it."""
    scanning.scan_waiting()


@shared_task
def sweep_files():
    """Take away what was broken off, left behind, or is needed no more."""
    sweeping.sweep()
    folder_broker.sweep(settings.BROKER_FOLDER, timezone.now())


@shared_task
def verify_files():
    """Read some of the files and compare them with what was kept."""
    sweeping.verify_some()


def clock_age(now):
    """How long ago the clock last had the relay run; None when it never did, or the cache is away."""
    try:
        ticked = cache.get("clock")
    except Exception:  # whatever the cache's transport raises: it holds nothing that must not be lost
        return None
    return now - datetime.fromisoformat(ticked) if ticked else None
