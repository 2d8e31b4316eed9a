from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.models import Count, Min, Q
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .backup.copies import PROVEN, TAKEN, age
from .files.scanning import scanner
from .files.sweeping import free_space
from .jobs import LATE, Job
from .models import Blob
from .tasks import CLOCK_LATE, clock_age
from .walls import roles
from .walls.acting import has_roles


@login_not_required
@never_cache
@require_safe
def live(request):
    """The process answers. Asks nothing of the database: a restart would not mend it."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request):
    """The database answers and the workers keep up; 503 otherwise."""
    now = timezone.now()
    try:
        oldest = Job.objects.due(now).aggregate(oldest=Min("run_at"))["oldest"]
        dead = Job.objects.filter(state=Job.State.DEAD).count()
        retrying = Job.objects.retrying(now).count()
        role = _role()
    except Error:
        return JsonResponse({"database": "down"}, status=503)
    waiting = now - oldest if oldest else timedelta()
    late = waiting > LATE
    body = {
        "database": "ok",
        "database_role": role,
        "jobs": "late" if late else "ok",
        "oldest_job_seconds": int(waiting.total_seconds()),
        "dead_jobs": dead,
        "retrying_jobs": retrying,
        "clock": _clock(now),
        **_files(),
        "backup_hours": _hours(age(TAKEN)),
        "restore_days": _hours(age(PROVEN), 86_400),
    }
    return JsonResponse(body, status=503 if late else 200)


def _files():
    """How the files fare. No reason to refuse requests, but to alarm."""
    counts = Blob.objects.aggregate(
        waiting=Count("pk", filter=Q(state=Blob.State.PENDING)), damaged=Count("pk", filter=Q(damaged_at__isnull=False))
    )
    return {
        "antivirus": scanner(),
        "waiting_files": counts["waiting"],
        "damaged_files": counts["damaged"],
        "space": "ok" if free_space() > settings.FREE_SPACE_FLOOR else "low",
    }


def _role():
    """Whether whoever serves is kept by the walls of the database. No reason to refuse requests, but to alarm."""
    if not has_roles() or settings.DEMO or settings.DEBUG:
        return "ok"
    with connection.cursor() as cursor:
        return "almighty" if roles.sees_all(cursor) or roles.owns_tables(cursor) else "ok"


def _hours(seconds, unit=3600):
    """Whole hours (or days) of `seconds`; None when it never happened."""
    return None if seconds is None else int(seconds // unit)


def _clock(now):
    """Whether beat ticks. No reason to refuse requests, but to alarm: reminders would stay away unnoticed."""
    age = clock_age(now)
    if age is None:
        return "unknown"
    return "late" if age > CLOCK_LATE else "ok"
