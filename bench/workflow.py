"""The suite `workflow`: to-do pages, the board, timers and steps among a million cases."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django

TURNS = 15
DUE = 50_000
CASES_STEPPED = 20
HOST = "127.0.0.1"


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Make the cases, then measure; `figures` are milliseconds of server time, and timers done in a second."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from .city import found_city
    from .growth import grow

    settings.ALLOWED_HOSTS = [HOST]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    city = found_city()
    played = time.perf_counter()
    rows = grow(city, given["cases"])
    grown = time.perf_counter()
    found: dict[str, Any] = {**rows, "playing_seconds": played - started, "multiplying_seconds": grown - played}
    steps = _steps(city)
    figures = {
        **_todo(city),
        **_board(city),
        "idle_poll_ms": _idle(),
        "step_ms": statistics.median(each for several in steps.values() for each in several),
        **_timers(),
    }
    slowest = {f"step_{name}_ms": statistics.median(several) for name, several in steps.items()}
    return {**found, **slowest, "figures": {name: round(value, 3) for name, value in figures.items()}}


def _timed(work: Callable[[], object], turns: int = TURNS) -> float:
    """Return the milliseconds that `work` takes at the least: what is more, other work on the machine has taken."""
    work()
    times = []
    for _turn in range(turns):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return min(times)


def _todo(city: Any) -> dict[str, float]:
    """The list that a handler and the busiest desk fetch whenever something moves, and the whole page around it.

    The slowest of them counts; the query stands beside it.
    """
    from django.test import Client

    from engagement import queries

    lists, pages, asked = [], [], []
    for viewer, tab in ((city.handler, "units"), (city.handler, "mine"), (city.intake, "units")):
        client = Client(HTTP_HOST=HOST)
        client.force_login(viewer.person, backend="accounts.backends.PersonBackend")
        for where, found in (("/work/list/", lists), ("/work/", pages)):
            assert client.get(f"{where}?tab={tab}").status_code == 200
            found.append(_timed(lambda client=client, where=where, tab=tab: client.get(f"{where}?tab={tab}")))  # type: ignore[misc]
        asked.append(_timed(lambda viewer=viewer, tab=tab: queries.todo(viewer, tab)))  # type: ignore[misc]
    return {"todo_page_ms": max(lists), "todo_whole_page_ms": max(pages), "todo_query_ms": max(asked)}


def _board(city: Any) -> dict[str, float]:
    """The board over all units, asked for as its page does; the same with the rates of the month counted anew too."""
    from django.core.cache import cache

    from accounts.viewers import person_viewer
    from engagement import queries

    viewer = person_viewer(city.supervisor.person)
    scope = queries.scope_of(viewer)
    lines = queries.board(scope, viewer)
    assert sum(line.counts["open"] for line in lines) > 0
    cold = _timed(lambda: (cache.clear(), queries.board(scope, viewer)), 5)
    return {"board_ms": _timed(lambda: queries.board(scope, viewer)), "board_cold_ms": cold}


def _idle() -> float:
    from engagement.actions import fire_due_timers

    assert fire_due_timers() == 0
    return _timed(fire_due_timers, 50)


def _timers() -> dict[str, float]:
    """Let the clock stand where 50,000 lights have come due, and drain them; each must turn exactly once."""
    from django.db.models import Count

    from engagement.actions import fire_due_timers
    from engagement.models import Task
    from journal.models import Entry

    lights = Task.objects.filter(status=Task.Status.OPEN, next_action__in=["yellow", "red"])
    due = min(DUE, lights.count())
    moment = lights.order_by("next_action_at").values_list("next_action_at", flat=True)[due - 1]
    assert isinstance(moment, datetime)
    moment += timedelta(seconds=1)
    wanted = set(lights.filter(next_action_at__lte=moment).values_list("case_id", flat=True))
    before = Entry.objects.filter(kind="light.turned").count()
    start, done = time.perf_counter(), 0
    while fired := fire_due_timers(at=moment):
        done += fired
    seconds = time.perf_counter() - start
    told = Entry.objects.filter(kind="light.turned", at=moment)
    streams = told.values("stream").annotate(n=Count("pk"))
    assert len(wanted) == told.count() == streams.count(), (len(wanted), told.count())
    assert Entry.objects.filter(kind="light.turned").count() == before + len(wanted)
    return {"timers_per_s": done / seconds, "timers_fired": done}


def _steps(city: Any) -> dict[str, list[float]]:
    """Bring fresh cases from receipt to the answer; the milliseconds of each step, with everything it writes."""
    from django.utils import timezone

    from .city import WAY, play, take

    taken: dict[str, list[float]] = {step: [] for step in WAY[1:]}
    for number in range(CASES_STEPPED):
        case = play(city, "received", timezone.now() - timedelta(minutes=200 - number))
        for step in taken:
            at = timezone.now()
            start = time.perf_counter()
            case = take(city, step, case, at)
            taken[step].append((time.perf_counter() - start) * 1000)
    return taken


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    Path(options["result"]).write_text(json.dumps(main(options), ensure_ascii=False), encoding="utf-8")
