"""Wrong passwords make the next try wait longer. Nobody is locked out: the right one from elsewhere still opens.

Counted in the shared cache (never in a process's memory alone), by account and network, and by network alone.
"""

import hashlib
import ipaddress
from dataclasses import dataclass

from allauth.core.internal.httpkit import get_client_ip
from allauth.core.internal.ratelimit import cache_lock
from django.core.cache import cache, caches
from django.utils import timezone

DAY = 24 * 60 * 60
MINUTE = 60
AT_HAND, FREE = 120, 480  # pages of one kind a minute that a network reads: of one process, and of all beyond that
WARN_AFTER = 20  # wrong passwords of one account in a day, from wherever


class Throttled(Exception):
    """Too soon. `wait`: whole seconds until the next try is looked at."""

    def __init__(self, wait):
        super().__init__(wait)
        self.wait = wait


def network_of(ip):
    """The neighbourhood of an address: /24, or /64 of IPv6."""
    bits = 24 if ipaddress.ip_address(ip).version == 4 else 64
    return str(ipaddress.ip_network(f"{ip}/{bits}", strict=False))


def subject(text):
    """A key that says nothing about whom it is of."""
    return hashlib.sha256(text.lower().encode()).hexdigest()


@dataclass(frozen=True)
class Delay:
    """After `free` tries each further one doubles the wait, up to `longest` seconds; forgotten after `lasts`."""

    what: str
    free: int
    longest: int
    lasts: int = DAY

    @property
    def key(self):
        return f"delay:{subject(self.what)}"

    def take(self):
        """Count a try; raises Throttled while the last one's wait lasts (what is not looked at does not count)."""
        with cache_lock(self.key):
            tries, until = cache.get(self.key, (0, 0))
            now = timezone.now().timestamp()
            if now < until:
                raise Throttled(max(1, round(until - now)))
            tries += 1
            wait = min(2 ** min(tries - self.free, 20), self.longest) if tries >= self.free else 0
            cache.set(self.key, (tries, now + wait), self.lasts)

    def give_back(self):
        """The try was a good one: it counts for nothing."""
        with cache_lock(self.key):
            tries, _until = cache.get(self.key, (0, 0))
            cache.set(self.key, (max(tries - 1, 0), 0), self.lasts)

    def forget(self):
        cache.delete(self.key)


def delays(account, ip):
    """For the account from here, and for this network whatever the account (lists of stolen passwords)."""
    network = network_of(ip)
    return Delay(f"account:{account}:{network}", 5, 15 * 60), Delay(f"network:{network}", 100, 60)


def failures_today(account):
    """Count one more wrong password of the account, from wherever; return how many in a day."""
    key = f"failures:{subject(account)}"
    with cache_lock(key):
        count = cache.get(key, 0) + 1
        cache.set(key, count, DAY)  # not incr: in a table of the database it forgets how long a value lasts
    return count


def pace(request, what):
    """Slow down a network that reads `what` far more often than people do; raises Throttled.

    Each process counts by itself first, so that people cost the shared cache nothing; it counts what comes beyond.
    """
    if not (ip := get_client_ip(request)):
        return
    key = f"{what}:{network_of(ip)}:{int(timezone.now().timestamp() // MINUTE)}"
    here = caches["counts"]
    here.add(subject(key), 0, 2 * MINUTE)
    if here.incr(subject(key)) > AT_HAND:
        Delay(key, FREE, MINUTE, lasts=2 * MINUTE).take()
