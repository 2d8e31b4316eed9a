"""Figures for Prometheus: how long pages take by door, what the workers owe, how mails fare.

Every web process writes its part into files of ECO_VAR/metrics, so that whichever answers tells of all.
What is owed is counted in the database, the one truth.
"""

# ruff: noqa: E402  the library reads a variable of the environment when it is imported

import os
import time

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

FILES = settings.VAR_DIR / "metrics"
FILES.mkdir(parents=True, exist_ok=True)
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(FILES))

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from .backup.copies import PROVEN, TAKEN, age
from .files.sweeping import free_space
from .folder_broker import aside
from .jobs import Job
from .models import Blob
from .walls.acting import in_full

DOORS = frozenset(["public", "empresa", "monitor", "auditoria", "panel", "admin"])
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LATENCY = Histogram("eco_http_seconds", "Time to answer, by door and status class", ["door", "status"], buckets=BUCKETS)
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP")


class LatencyMiddleware:
    """Time every answer. Nothing of the address is kept but its door."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        begun = time.perf_counter()
        response = self.get_response(request)
        namespace = request.resolver_match.namespace if request.resolver_match else ""
        door = namespace if namespace in DOORS else "other"
        LATENCY.labels(door, f"{response.status_code // 100}xx").observe(time.perf_counter() - begun)
        return response


def may_read(request):
    """Whether the asker bears the token; without one set, whether it asks on this machine and through no proxy."""
    if token := settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")
    direct = not any(name in request.headers for name in FORWARDED)
    return direct and not settings.BEHIND_PROXY and request.META.get("REMOTE_ADDR") in LOOPBACK


@login_not_required
@never_cache
@require_safe
def metrics(request):
    if not may_read(request):
        raise Http404
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    with in_full():
        registry.register(Owed(timezone.now()))
        written = generate_latest(registry)
    return HttpResponse(written, content_type=CONTENT_TYPE_LATEST)


class Owed:
    """What the database says is to be done at `now`."""

    def __init__(self, now):
        self.now = now

    def collect(self):
        for name, text, model in (
            ("eco_jobs", "Jobs by state", Job),
            ("eco_mails", "Mails by state", apps.get_model("companies", "Delivery")),
            ("eco_files", "Files by what the antivirus said", Blob),
        ):
            family = GaugeMetricFamily(name, text, labels=["state"])
            counts = dict(model.objects.order_by().values_list("state").annotate(Count("pk")))
            for state in model.State.values:
                family.add_metric([state], counts.get(state, 0))
            yield family
        retrying = Job.objects.retrying(self.now).count()
        yield GaugeMetricFamily("eco_jobs_retrying", "Jobs that have failed for an hour or more", value=retrying)
        oldest = Job.objects.due(self.now).aggregate(oldest=Min("run_at"))["oldest"]
        waiting = (self.now - oldest).total_seconds() if oldest else 0
        for name, text, what in (
            ("eco_backup_age_seconds", "Since the last whole copy", TAKEN),
            ("eco_restore_age_seconds", "Since a copy was last restored, in a drill or for real", PROVEN),
        ):
            yield GaugeMetricFamily(name, text, value=-1 if age(what) is None else age(what))
        damaged = Blob.objects.filter(damaged_at__isnull=False).count()
        yield GaugeMetricFamily("eco_files_damaged", "Files that are not what was kept", value=damaged)
        unread = len(aside(settings.BROKER_FOLDER))
        yield GaugeMetricFamily("eco_messages_unreadable", "Messages put aside in a week", value=unread)
        yield GaugeMetricFamily("eco_free_bytes", "Free disk where files are received", value=free_space())
        yield GaugeMetricFamily("eco_oldest_job_seconds", "Age of the oldest due job", value=waiting)
