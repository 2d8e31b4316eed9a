"""How long a session lasts, and how long ago the person proved who they are."""

from datetime import datetime, timedelta

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.utils import timezone

KEY = "reloj"
WRITE_EVERY = 60  # seconds; a session is not saved at each click


def limits(strict):
    """(idle, total) as timedelta: shorter for PROMPERÚ's staff, who see everybody's papers."""
    idle, total = settings.SESSION_LIMITS["staff" if strict else "company"]
    return timedelta(minutes=idle), timedelta(hours=total)


def is_strict(user):
    return user.is_programme_staff or user.is_staff


def is_over(request, now):
    """Whether the session of `request.user` was idle, or lasts, too long. Its clock starts at the first request."""
    clock = _clock(request)
    if clock is None:
        return False
    idle, total = limits(clock["strict"])
    return now - _moment(clock["seen"]) > idle or now - _moment(clock["started"]) > total


def tick(request, now):
    """Note that the person is at work; a duty given or taken meanwhile changes the limits within a minute."""
    clock, stamp = _clock(request), now.timestamp()
    if clock is None:
        clock = {"user": request.user.pk, "started": stamp, "seen": 0}
    if stamp - clock["seen"] >= WRITE_EVERY or stamp < clock["seen"]:
        request.session[KEY] = clock | {"seen": stamp, "strict": is_strict(request.user)}


def proved_lately(request):
    """Whether the person signed in, or said again who they are, in the last quarter of an hour."""
    clock = _clock(request)
    stamps = [clock["started"]] if clock else []
    stamps += [r["at"] for r in get_authentication_records(request, request.user) if r.get("reauthenticated")]
    return bool(stamps) and 0 <= timezone.now().timestamp() - max(stamps) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def _clock(request):
    clock = request.session.get(KEY)
    return clock if clock and clock["user"] == request.user.pk else None


def _moment(stamp):
    return datetime.fromtimestamp(stamp, tz=timezone.get_current_timezone())
