"""What /metrics counts in this process, written by hand in Prometheus's text format."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

# Upper bounds in seconds.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_lock = threading.Lock()
_requests: Counter[tuple[str, int]] = Counter()
_within: Counter[float] = Counter()
_seconds = 0.0
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count_request(method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    global _seconds
    # A made-up method must not become a label of its own.
    label = method if method in _METHODS else "other"
    with _lock:
        _requests[label, status] += 1
        _seconds += seconds
        for bound in BUCKETS:
            if seconds <= bound:
                _within[bound] += 1


def as_text(gauges: Mapping[str, float]) -> str:
    """Return everything counted here and the gauges, by name, that the caller measured just now."""
    with _lock:
        counted, within, total = dict(_requests), dict(_within), _seconds
    lines = ["# TYPE openhall_requests_total counter"]
    for (method, status), count in sorted(counted.items()):
        lines.append(f'openhall_requests_total{{method="{method}",status="{status}"}} {count}')
    lines.append("# TYPE openhall_request_seconds histogram")
    for bound in BUCKETS:
        lines.append(f'openhall_request_seconds_bucket{{le="{bound}"}} {within.get(bound, 0)}')
    answered = sum(counted.values())
    lines.append(f'openhall_request_seconds_bucket{{le="+Inf"}} {answered}')
    lines.append(f"openhall_request_seconds_sum {total:.6f}")
    lines.append(f"openhall_request_seconds_count {answered}")
    for name, value in sorted(gauges.items()):
        lines += [f"# TYPE openhall_{name} gauge", f"openhall_{name} {value:g}"]
    return "\n".join(lines) + "\n"
