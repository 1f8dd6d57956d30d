"""Runs every contender through the same loads, one after the other, and divides.

Three loads: a fan-out (1,000 followers of one stream, 1 and 8 messages in flight), talks (500 of two, 100 messages in
flight, each stored, answered and delivered to both), and a steady 100 messages a second into 250 talks. Processor time
is that of the server's processes, and of PostgreSQL's where it is used, on both sides of every ratio. What a ratio
compares is measured by turns, each time in a fresh process: a ratio is the median of those of the turns.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from scripts.test_servers import postgresql

from . import contenders
from .contenders import ROOT, Contender

FOLLOWERS, TALKS = 1000, 500
# One message at a time shows what an entry costs; eight are a lively room. The ratios take the first.
IN_FLIGHT = [1, 8]
SECONDS = 4.0
# A single pair may be off by a fifth.
TURNS = 3
# Ours and theirs, under which load, and what is counted per second of processor time.
RATIOS = {
    "fanout_daphne_over_channels": ("fanout_daphne", "fanout_channels", "1", "deliveries"),
    "fanout_fast_over_channels": ("fanout_fast", "fanout_channels", "1", "deliveries"),
    "fanout_fast_over_websockets": ("fanout_fast", "fanout_websockets", "1", "deliveries"),
    "durable_over_storing_tutorial_sqlite": ("durable_fast_sqlite", "durable_tutorial_sqlite", "100", "messages"),
    "durable_over_storing_tutorial_postgresql": (
        "durable_fast_postgresql", "durable_tutorial_postgresql", "100", "messages",
    ),
    "durable_over_socketio": ("durable_fast_sqlite", "talks_socketio", "100", "messages"),
}  # fmt: skip
COMPARED = {key for ours, theirs, *_counted in RATIOS.values() for key in (ours, theirs)}
LOAD_SECONDS = 120.0


class Suite:
    """What was measured so far."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = folder
        self.seconds = seconds
        self.turn = 0
        self.rows: list[dict[str, Any]] = []
        self.skipped: list[str] = []

    def measure(self, key: str, server: AbstractContextManager[Contender], load: dict[str, Any]) -> None:
        """Run one load on one server, after the first turn only what is compared; what cannot run is skipped aloud."""
        if self.turn and key not in COMPARED:
            return
        try:
            with server as contender:
                print(f"  {key}: {contender.name} …", file=sys.stderr, flush=True)
                found = self._load(
                    {**load, "dialect": contender.dialect, "port": contender.port, "pids": contender.pids}
                )
            self.rows.append({"key": key, "turn": self.turn, "server": contender.name, "load": load["do"], **found})
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            self.skip(f"{key}: {str(error).strip()[-300:]}")

    def skip(self, words: str) -> None:
        """Say aloud what is not measured."""
        self.skipped.append(words)
        print(f"  SKIPPED {words}", file=sys.stderr, flush=True)

    def _load(self, given: dict[str, Any]) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "bench.realtime.load", json.dumps({"seconds": self.seconds, **given})],
            cwd=ROOT, capture_output=True, text=True, timeout=LOAD_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-1500:])
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    def run(self) -> dict[str, Any]:
        """Measure everything; return the rows and the ratios."""
        began = time.monotonic()
        with durable_postgresql(self) as stored:
            databases = {"sqlite": (f"sqlite:///{self.folder}/openhall.sqlite3", []), **stored}
            cities = {name: self._city(name, url) for name, (url, _pids) in databases.items()}
            for self.turn in range(TURNS):
                self._fan_outs(databases)
                for name, (url, pids) in databases.items():
                    self._talks(name, url, pids, cities[name])
        found = ratios(self.rows)
        return {
            "followers": FOLLOWERS,
            "talks": TALKS,
            "ratios": {name: round(statistics.median(each), 2) if each else None for name, each in found.items()},
            "spreads": {name: [min(each), max(each)] for name, each in found.items() if each},
            "rows": self.rows,
            "skipped": self.skipped,
            "seconds": round(time.monotonic() - began),
        }

    def _environment(self, name: str, url: str) -> dict[str, str]:
        data = self.folder / name
        data.mkdir(exist_ok=True)
        return {
            "DJANGO_SETTINGS_MODULE": "bench.realtime.settings",
            "OPENHALL_DATA_DIR": str(data), "OPENHALL_DATABASE_URL": url, "OPENHALL_REDIS_URL": "",
            "OPENHALL_DEMO": "0", "OPENHALL_DEBUG": "0", "OPENHALL_LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore",
        }  # fmt: skip

    def _city(self, name: str, url: str) -> dict[str, Any]:
        print(f"  preparing {TALKS} talks on {name} …", file=sys.stderr, flush=True)
        made = subprocess.run(
            [sys.executable, "-m", "bench.realtime.city", str(TALKS)],
            cwd=ROOT, env={**os.environ, **self._environment(name, url)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(made.stderr[-2000:])
        return json.loads(made.stdout)  # type: ignore[no-any-return]

    def _fan_outs(self, databases: dict[str, tuple[str, list[int]]]) -> None:
        load = {
            "do": "fanout",
            "room": "open-1",
            "followers": FOLLOWERS,
            "in_flight": IN_FLIGHT[: 1 if self.turn else None],
        }
        environment = self._environment("sqlite", databases["sqlite"][0])
        self.measure("fanout_channels", contenders.tutorial(), {**load, "room": "one"})
        for server in ("daphne", "fast"):
            self.measure(f"fanout_{server}", contenders.ours(server, environment), load)
        self.measure("fanout_websockets", contenders.websockets(), load)
        for script in self._node():
            self.measure(f"fanout_{script}", contenders.node(script), load)

    def _talks(self, name: str, url: str, pids: list[int], city: dict[str, Any]) -> None:
        load = {"do": "talks", "in_flight": [100], "database_pids": pids}
        plain = {**load, "rooms": [room.replace("-", "") for room in city["rooms"]]}
        environment = self._environment(name, url)
        other = url.replace("openhall.sqlite3", "tutorial.sqlite3")
        self.measure(f"durable_tutorial_{name}", contenders.tutorial(other), plain)
        for server in ("daphne", "fast"):
            self.measure(f"durable_{server}_{name}", contenders.ours(server, environment), {**load, **city})
        half = {key: values[:TALKS] for key, values in city.items()}
        steady = {**load, **half, "in_flight": [], "per_second": 100}
        self.measure(f"steady_daphne_{name}", contenders.ours("daphne", environment), steady)
        if name == "sqlite":
            for script in self._node():
                self.measure(f"talks_{script}", contenders.node(script), {**plain, "database_pids": []})

    def _node(self) -> list[str]:
        if not hasattr(self, "_node_missing"):
            self._node_missing = contenders.install_node_peers()
            if self._node_missing:
                self.skip(f"socket.io and ws cannot be installed: {self._node_missing[-200:]}")
        return [] if self._node_missing else ["ws", "socketio"]


@contextlib.contextmanager
def durable_postgresql(suite: Suite) -> Iterator[dict[str, tuple[str, list[int]]]]:
    """Yield the address and the process of a throw-away PostgreSQL that waits for the disk, if it can be."""
    with contextlib.ExitStack() as stack:
        try:
            url, pid = stack.enter_context(_started())
        except (RuntimeError, OSError, subprocess.SubprocessError, StopIteration) as error:
            suite.skip(f"postgresql: {error}")
            yield {}
            return
        yield {"postgresql": (url, [pid])}


@contextlib.contextmanager
def _started() -> Iterator[tuple[str, int]]:
    import psycopg

    with postgresql(durable=True) as url:
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        assert row is not None
        yield url, int(row[0].split()[0])


def ratios(rows: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Return ours over theirs, per second of processor time, in each turn in which both were measured."""
    found = {(row["key"], row["turn"]): row["loads"] for row in rows}
    return {
        name: [
            round(loads[load][f"{what}_per_cpu_second"] / found[theirs, turn][load][f"{what}_per_cpu_second"], 2)
            for (key, turn), loads in found.items()
            if key == ours and (theirs, turn) in found
        ]
        for name, (ours, theirs, load, what) in RATIOS.items()
    }


def main(seconds: float = SECONDS) -> dict[str, Any]:
    """Run the suite in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="openhall-bench-") as folder:
        return Suite(Path(folder), seconds).run()
