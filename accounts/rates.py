"""How often somebody may do something: counted in the shared Redis, in this process without one or while it is lost.

Processes that share a Redis count together; one trip counts for any number of people.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

import redis
from django.conf import settings

from .rules import TooMany

# How many counters this process keeps; the oldest go first.
KEPT_COUNTERS = 50_000
# After Redis failed it is left alone for so many seconds, so that a dead one does not slow every request.
LEFT_ALONE = 5.0
PATIENCE = 0.5


class LocalCounters:
    """Counts by slot in this process, each for its window."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, slots: Sequence[str], seconds: float) -> list[int]:
        """Count one more use in each of the slots, whose windows of `seconds` begin with their first use."""
        with self._lock:
            return [self._count(slot, seconds, time.monotonic()) for slot in slots]

    def _count(self, slot: str, seconds: float, now: float) -> int:
        until, used = self._counts.pop(slot, (now + seconds, 0))
        if until <= now:
            until, used = now + seconds, 0
        self._counts[slot] = (until, used + 1)
        while len(self._counts) > KEPT_COUNTERS:
            self._counts.popitem(last=False)
        return used + 1

    def give_back(self, slot: str) -> None:
        """Count one use less; the window ends when it would have."""
        with self._lock:
            if slot in self._counts:
                until, used = self._counts[slot]
                self._counts[slot] = until, max(used - 1, 0)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._counts.clear()


local = LocalCounters()
_redis_lost_at = float("-inf")


def limit_rate(name: str, key: object, most: int, seconds: float) -> None:
    """Count one use of `name` by `key`; beyond `most` uses in `seconds` since the first one raise TooMany."""
    if over_rate(name, [key], most, seconds)[0]:
        raise TooMany(retry_after=max(1, round(seconds)))


def over_rate(name: str, keys: Sequence[object], most: int, seconds: float) -> list[bool]:
    """Count one use of `name` by each of the keys, in one trip; return for each whether it is one too many."""
    counts = _count([f"{name}:{key}" for key in keys], seconds)
    return [count > most for count in counts]


def give_back(name: str, key: object, seconds: float) -> None:
    """Take back one use that `limit_rate` counted: of a limit that is there for wrong tries, when the try was right."""
    global _redis_lost_at
    slot = f"{name}:{key}"
    if settings.REDIS_URL and time.monotonic() - _redis_lost_at > LEFT_ALONE:
        try:
            with _client(settings.REDIS_URL).pipeline() as pipeline:
                # A window that ended meanwhile begins anew, with nothing counted.
                pipeline.set(_name(slot), 1, px=round(seconds * 1000), nx=True)
                pipeline.decr(_name(slot))
                pipeline.execute()
            return
        except redis.RedisError:
            _redis_lost_at = time.monotonic()
    local.give_back(slot)


def _name(slot: str) -> str:
    return "rate:" + hashlib.sha256(slot.encode("utf-8", "replace")).hexdigest()[:32]


def _count(slots: Sequence[str], seconds: float) -> list[int]:
    global _redis_lost_at
    if settings.REDIS_URL and time.monotonic() - _redis_lost_at > LEFT_ALONE:
        try:
            return _count_together(slots, seconds)
        # Refused, timed out, out of memory: never unlimited, the count goes on here.
        except redis.RedisError:
            _redis_lost_at = time.monotonic()
    return local.count(slots, seconds)


def _count_together(slots: Sequence[str], seconds: float) -> list[int]:
    with _client(settings.REDIS_URL).pipeline() as pipeline:
        for slot in slots:
            name = _name(slot)
            # The window begins with the first use: later ones find the counter there.
            pipeline.set(name, 0, px=round(seconds * 1000), nx=True)
            pipeline.incr(name)
        return [int(count) for count in pipeline.execute()[1::2]]


@lru_cache(maxsize=1)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
