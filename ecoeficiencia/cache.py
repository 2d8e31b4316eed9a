"""The cache that all processes share. It counts attempts to sign in, so it must neither open the door nor close it."""

import logging
import time
from functools import wraps

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError, TimeoutError

logger = logging.getLogger(__name__)

REST = 5  # seconds a process leaves a Redis alone that did not answer


class SharedCache(RedisCache):
    """Redis; while it does not answer, the table of the database, which counts on from nothing."""

    rest_until = 0.0  # on time.monotonic(), of the whole process


def _or_table(name):
    ask_redis = getattr(RedisCache, name)

    @wraps(ask_redis)
    def ask(self, *args, **kwargs):
        if time.monotonic() >= SharedCache.rest_until:
            try:
                return ask_redis(self, *args, **kwargs)
            except (ConnectionError, TimeoutError) as error:
                SharedCache.rest_until = time.monotonic() + REST
                logger.warning("the cache does not answer: %s", error)
        return getattr(caches["table"], name)(*args, **kwargs)

    return ask


NAMES = ["add", "clear", "delete", "delete_many", "get", "get_many", "has_key", "incr", "set", "set_many", "touch"]
for _name in NAMES:
    setattr(SharedCache, _name, _or_table(_name))
