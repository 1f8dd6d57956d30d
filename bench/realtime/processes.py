"""What a server has cost so far: processor seconds and memory of its processes, from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor seconds (user and system) that the processes and their children have used."""
    return sum(_ticks(pid, ended_children=True) + sum(_ticks(child) for child in _children(pid)) for pid in pids) / TICK


def resident_bytes(pids: Iterable[int]) -> int:
    """Return the resident memory of the processes."""
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids) * PAGE


def _ticks(pid: int, ended_children: bool = False) -> int:
    try:
        # The name in brackets may hold spaces; what counts stands behind it.
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(int(word) for word in words[11 : 15 if ended_children else 13])


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(word) for word in task.read_text().split()]
    return found
