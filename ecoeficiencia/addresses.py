"""Where pages are, kept once found: a list asks the way to each of its rows, and every page to all of its menu."""

from functools import lru_cache

from django.conf import settings
from django.urls import get_script_prefix, reverse


def address(name, *args):
    """As `reverse`. Raises NoReverseMatch."""
    return _address(settings.ROOT_URLCONF, get_script_prefix(), name, args)


@lru_cache(maxsize=5_000)
def _address(urlconf, _prefix, name, args):
    return reverse(name, urlconf, args)
