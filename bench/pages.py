"""The suite `pages`: query counts and server time of the main pages among many cases."""

from __future__ import annotations

import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

TURNS = 5
HOST = "127.0.0.1"
# (what, address, who)
PAGES: tuple[tuple[str, str, str], ...] = (
    ("front page", "/", ""),
    ("leaders", "/leaders/", ""),
    ("leader's page", "/leaders/he-jianping/", ""),
    ("published letters", "/letters/", ""),
    ("published letters, searched", "/letters/?words=电梯", ""),
    ("one letter", "/letters/{letter}/", ""),
    ("search, two characters", "/search/?q=水质", ""),
    ("search, English", "/search/?q=lift", ""),
    ("figures", "/figures/", ""),
    ("figures by category, one year", "/figures/?by=category&from={year_ago}", ""),
    ("write to a leader", "/leaders/he-jianping/write/", ""),
    ("track a case", "/track/", ""),
    ("chat desks", "/chat/", ""),
    ("forum", "/forums/", ""),
    ("my matters", "/my/", "wang.citizen"),
    ("my cases", "/my/cases/", "wang.citizen"),
    ("a case, as its citizen", "/cases/{own}/", "wang.citizen"),
    ("workbench, handler", "/work/", "chen.handler"),
    ("workbench, intake", "/work/?tab=unclaimed", "qian.intake"),
    ("workbench, supervisor", "/work/", "wu.supervisor"),
    ("workbench, one case", "/work/{held}/", "chen.handler"),
    ("to sign, leader", "/sign/", "he.leader"),
    ("duty desk", "/duty/", "lin.duty"),
)


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Build the city, multiply its cases, measure every page."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from engagement.actions import pack_facts

    settings.ALLOWED_HOSTS = [HOST, "testserver"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    started = time.perf_counter()
    call_command("migrate", verbosity=0)
    call_command("load_demo", stdout=io.StringIO())
    loaded = time.perf_counter()
    from .copies import multiply

    cases = multiply(given["cases"])
    # What the worker does in the background of a house that has run for a while, and PostgreSQL by itself.
    pack_facts(most=100_000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    multiplied = time.perf_counter()
    places = _places()
    pages = [_measured(name, address.format(**places), who) for name, address, who in PAGES]
    return {
        "cases": cases,
        "demo_city_seconds": loaded - started,
        "multiplying_seconds": multiplied - loaded,
        "pages": pages,
    }


def _places() -> dict[str, str]:
    """Return what stands in the addresses: a letter, a case of one's own, a case that is held."""
    from datetime import timedelta

    from django.utils import timezone

    from engagement.models import Case, Publication

    letter = Publication.objects.filter(published_at__isnull=False).select_related("case").order_by("pk").first()
    own = Case.objects.filter(citizen__username="wang.citizen").order_by("pk").first()
    held = Case.objects.filter(handler__username="chen.handler", status="in_progress").order_by("pk").first()
    year_ago = timezone.localdate() - timedelta(days=365)
    return {
        "letter": letter.case.number if letter else "",
        "own": own.number if own else "",
        "held": held.number if held else "",
        "year_ago": year_ago.isoformat(),
    }


def _measured(name: str, address: str, who: str) -> dict[str, Any]:
    """Ask for the page once to warm up, then TURNS times, never from a cache; the median counts."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import Person

    client = Client(HTTP_HOST=HOST)
    if who:
        person = Person.objects.get(username=who)
        client.force_login(person, backend="accounts.backends.PersonBackend")
    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    # Counted now: the next request empties the log.
    count = len(captured)
    in_database = sum(float(query["time"]) for query in captured.captured_queries) * 1000
    times, cpu = _turns(lambda: client.get(address), cache.clear)
    _again, warm = _turns(lambda: client.get(address), lambda: None)
    return {
        "page": name,
        "address": address,
        "status": answer.status_code,
        "queries": count,
        "ms": round(statistics.median(times), 1),
        # Of this process, SQLite's work included; it does not depend on what else the machine does.
        "cpu_ms": round(statistics.median(cpu), 1),
        # What the next reader costs, with what is kept for seconds or a minute.
        "warm_cpu_ms": round(statistics.median(warm), 1),
        "database_ms": round(in_database, 1),
        "kilobytes": len(answer.content) // 1024,
    }


def _turns(ask: Callable[[], Any], before: Callable[[], None]) -> tuple[list[float], list[float]]:
    """Ask TURNS times; return the milliseconds of the clock and those of this process."""
    times, cpu = [], []
    for _turn in range(TURNS):
        before()
        start, work = time.perf_counter(), time.process_time()
        ask()
        times.append((time.perf_counter() - start) * 1000)
        cpu.append((time.process_time() - work) * 1000)
    return times, cpu


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    Path(options["result"]).write_text(json.dumps(main(options), ensure_ascii=False), encoding="utf-8")
