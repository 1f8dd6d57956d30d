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

    def give_back(self, slot: str) -> None:
        """Count one use less; the window ends when it would have."""
        with self._lock:
            if slot in self._counts:
                until, used = self._counts[slot]
                self._counts[slot] = until, max(used - 1, 0)


_local = LocalCounters()
_cache_lost_at = float("-inf")


def limit_rate(name: str, key: object, most: int, seconds: float) -> None:
    """Count one use of `name` by `key`; beyond `most` uses in `seconds` since the first one raise TooMany."""
    if _count(f"rate:{_digest(name, key)}", seconds) > most:
        raise TooMany(retry_after=max(1, round(seconds)))


def give_back(name: str, key: object) -> None:
    """Take back one use that was counted: of a limit that is there for wrong tries, when the try was right."""
    global _cache_lost_at
    slot = f"rate:{_digest(name, key)}"
    if time.monotonic() - _cache_lost_at > LEFT_ALONE:
        try:
            cache.decr(slot)
            return
        except ValueError:
            # The window ended meanwhile, and the count with it.
            return
        except Exception:
            _cache_lost_at = time.monotonic()
    _local.give_back(slot)


def _digest(name: str, key: object) -> str:
    return hashlib.sha256(f"{name}:{key}".encode("utf-8", "replace")).hexdigest()[:32]


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
