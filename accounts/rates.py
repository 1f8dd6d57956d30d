"""How often somebody may do something: counted in the shared cache, and in this process while that is lost."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict

from django.core.cache import cache

from .rules import TooMany

# How many counters this process keeps; the oldest go first.
KEPT_COUNTERS = 20_000
# After the cache failed it is left alone for so many seconds, so that a dead one does not slow every request.
LEFT_ALONE = 5.0


class LocalCounters:
    """Counts by slot in this process, each for its window."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, slot: str, seconds: float) -> int:
        """Count one more use in `slot`, whose window of `seconds` begins with the first use."""
        now = time.monotonic()
        with self._lock:
            until, used = self._counts.pop(slot, (now + seconds, 0))
            if until <= now:
                until, used = now + seconds, 0
            self._counts[slot] = (until, used + 1)
            while len(self._counts) > KEPT_COUNTERS:
                self._counts.popitem(last=False)
        return used + 1


_local = LocalCounters()
_cache_lost_at = float("-inf")


def limit_rate(name: str, key: object, most: int, seconds: float) -> None:
    """Count one use of `name` by `key`; beyond `most` uses in `seconds` since the first one raise TooMany."""
    digest = hashlib.sha256(f"{name}:{key}".encode("utf-8", "replace")).hexdigest()[:32]
    if _count(f"rate:{digest}", seconds) > most:
        raise TooMany(retry_after=max(1, round(seconds)))


def _count(slot: str, seconds: float) -> int:
    global _cache_lost_at
    if time.monotonic() - _cache_lost_at > LEFT_ALONE:
        try:
            return 1 if cache.add(slot, 1, timeout=seconds) else int(cache.incr(slot))
        except ValueError:
            # The window ended between the two calls: this use is the first of the next one.
            cache.set(slot, 1, timeout=seconds)
            return 1
        # Whatever a lost cache raises (refused, timed out, out of memory): never unlimited, the count goes on here.
        except Exception:
            _cache_lost_at = time.monotonic()
    return _local.count(slot, seconds)
