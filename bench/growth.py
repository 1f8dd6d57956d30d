"""Multiplying played cases within the database: ids, units, people and times move on, everything else stays."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import Person, Unit
from engagement.models import Case, CaseFact, Pause, Reply, Return, Task
from journal.models import Entry, Stream

from .city import CITIZENS, OPEN, STAFF, UNITS, City

# Rows of the largest table in one statement: what a database can do at once without filling its memory.
ROWS = 40_000
WEEKS = 104
# A closed case keeps its tasks and its fact; what was written about it is copied for open ones only, where
# tomorrow's steps read it.
OF_CLOSED = (Case, Task, CaseFact)
OF_IMPORT = (Case, CaseFact)
OF_OPEN = (Case, Task, CaseFact, Reply, Return, Pause, Stream, Entry)


@dataclass(frozen=True)
class Herd:
    """Cases to be copied: `copies` of each of `cases`, with ids from the `first` copy on, going `weeks` back."""

    cases: Sequence[int]
    tables: tuple[type[models.Model], ...]
    first: int
    copies: int
    weeks: str


def grow(city: City, cases: int) -> dict[str, int]:
    """Multiply the city's cases until there are about `cases`, a fifth of them open; return how many rows there are."""
    step, herds = _step(), _herds(city, cases)
    with _unguarded():
        for number, herd in enumerate(herds):
            for model in herd.tables:
                # The rows are fixed first, so that copies are not copied, and found while there are indexes.
                _run(f"CREATE TEMP TABLE {_originals(model, number)} AS {_rows(model, herd)}")
        with _without_indexes():
            _multiply(herds, city, step)
            _settle()
    _run(*SETTLED[connection.vendor])
    # What growing left to be written is not the steps' to wait for.
    os.sync()
    return {"cases": Case.objects.count(), "tasks": Task.objects.count()} | {
        "open_tasks": Task.objects.filter(status="open").count(),
        "facts": CaseFact.objects.count(),
    }


def _herds(city: City, cases: int) -> list[Herd]:
    herds, first = [], 1
    for (_where, share), own in zip(OPEN, _by_story(city.open_cases), strict=True):
        copies = cases * share // 500 // len(own)
        # Every fifth was left lying for a week or two; what waits for the citizen would have ended by itself.
        weeks = "0" if _where in ("asked", "answered") else "CASE WHEN k % 5 = 0 THEN 1 + k % 2 ELSE 0 END"
        herds.append(Herd(own, OF_OPEN, first, copies, weeks))
        first += copies
    # Two fifths of the closed ones went the whole way here; the rest came by import, which knows no tasks.
    for own, tables, fifths in ((city.closed_cases, OF_CLOSED, 2), (city.concluded_cases, OF_IMPORT, 3)):
        copies = cases * 4 * fifths // 25 // len(own)
        herds.append(Herd(own, tables, first, copies, f"k % {WEEKS}"))
        first += copies
    return herds


def _multiply(herds: Sequence[Herd], city: City, step: int) -> None:
    began = time.monotonic()
    for number, herd in enumerate(herds):
        for start, end in _stretches(herd):
            with transaction.atomic():
                for model in herd.tables:
                    _run(_copy(model, number, herd, city, step, start, end))
            told = f"\r  {number + 1} of {len(herds)} kinds, {end - herd.first:,} of {herd.copies:,} copies,"
            print(f"{told} {time.monotonic() - began:.0f} s   ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for statement in connection.ops.sequence_reset_sql(no_style(), list(OF_OPEN)):
        _run(statement)


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


SETTLED = {
    "sqlite": ["ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"],
    "postgresql": ["VACUUM ANALYZE", "CHECKPOINT"],
}
# What the copies refer to is known to be there, and a store that fails half-way is thrown away.
UNGUARDED = {
    "sqlite": ["PRAGMA foreign_keys=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000"],
    "postgresql": [
        "SET synchronous_commit = off", "SET maintenance_work_mem = '512MB'",
        "SELECT set_config('session_replication_role', 'replica', false) FROM pg_roles"
        " WHERE rolname = current_user AND rolsuper",
    ],
}  # fmt: skip


@contextmanager
def _unguarded() -> Iterator[None]:
    _run(*UNGUARDED[connection.vendor])
    yield
    # The next connection has its own settings again.
    connection.close()


INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({})",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({})"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
}


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Build each index once when all rows are there: keeping it for each of them takes many times longer."""
    tables = ", ".join(f"'{model._meta.db_table}'" for model in OF_OPEN)
    with connection.cursor() as cursor:
        cursor.execute(INDEXES[connection.vendor].format(tables))
        indexes = cursor.fetchall()
    _run(*(f'DROP INDEX "{name}"' for name, _made in indexes))
    yield
    for name, made in indexes:
        print(f"\r  building {name:<50}", end="", file=sys.stderr, flush=True)
        _run(made)
    print(file=sys.stderr)


def _by_story(cases: Sequence[int]) -> list[Sequence[int]]:
    return [cases[place :: len(OPEN)] for place in range(len(OPEN))]


def _step() -> int:
    """Return by how much the ids of two copies of a row differ: more than any played row's id."""
    most = (model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0 for model in OF_OPEN)  # type: ignore[attr-defined]
    return max(most) + 1


def _stretches(herd: Herd) -> Iterator[tuple[int, int]]:
    """Yield the copies from-to of each statement."""
    at_once = max(1, ROWS // len(herd.cases) // 8)
    for start in range(herd.first, herd.first + herd.copies, at_once):
        yield start, min(start + at_once, herd.first + herd.copies)


def _originals(model: type[models.Model], number: int) -> str:
    return f"originals_{model._meta.model_name}_{number}"


def _copy(model: type[models.Model], number: int, herd: Herd, city: City, step: int, start: int, end: int) -> str:
    fields = [field for field in model._meta.local_concrete_fields if field.column]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_value(field, model, herd, city, step) for field in fields)
    return (
        f"WITH RECURSIVE series (k) AS (SELECT {start} UNION ALL SELECT k + 1 FROM series WHERE k < {end - 1})"
        f" INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} FROM series, {_originals(model, number)} t"
    )


def _rows(model: type[models.Model], herd: Herd) -> str:
    ids = ", ".join(str(pk) for pk in herd.cases)
    if model is Case:
        return f"SELECT * FROM engagement_case WHERE id IN ({ids})"
    named = (
        "SELECT s.id AS of_stream, c.id AS of_case, substr(s.name, 1, 5) AS prefix FROM engagement_case c"
        f" JOIN journal_stream s ON s.name IN ('case-' || c.number, 'file-' || c.number) WHERE c.id IN ({ids})"
    )
    if model is Stream:
        return f"SELECT s.*, n.of_case, n.prefix FROM journal_stream s JOIN ({named}) n ON n.of_stream = s.id"
    if model is Entry:
        return f"SELECT e.* FROM journal_entry e JOIN ({named}) n ON n.of_stream = e.stream_id"
    return f"SELECT * FROM {model._meta.db_table} WHERE case_id IN ({ids})"


def _value(field: Any, model: type[models.Model], herd: Herd, city: City, step: int) -> str:
    """Return what a column of a copy holds."""
    own = f't."{field.column}"'
    if field.primary_key or (field.is_relation and field.related_model in OF_OPEN):
        return f"{own} + k * {step}"
    if field.is_relation and field.related_model is Unit:
        return f"CASE WHEN {own} = {city.first_unit} THEN {own} + k % {UNITS} ELSE {own} END"
    if field.is_relation and field.related_model is Person:
        last = city.first_staff + len(STAFF) - 1
        return (
            f"CASE WHEN {own} BETWEEN {city.first_staff} AND {last} THEN {own} + k % {UNITS} * {len(STAFF)}"
            f" WHEN {own} = {city.first_citizen} THEN {own} + k % {CITIZENS} ELSE {own} END"
        )
    if isinstance(field, models.DateTimeField):
        return _earlier(own, f"({herd.weeks})")
    # A number like any other; no two copies share one.
    number = "'Z' || substr(cast(1000000000 + {pk} + k * " + str(step) + " AS text), 2, 9)"
    if model is Case and field.column == "number":
        return number.format(pk="t.id")
    if model is Stream and field.column == "name":
        return "t.prefix || " + number.format(pk="t.of_case")
    return "NULL" if field.unique and field.null else own


def _earlier(column: str, weeks: str) -> str:
    """Return a moment whole weeks earlier, so that weekdays and office hours stay what they were."""
    if connection.vendor == "postgresql":
        return f"{column} - {weeks} * interval '7 days'"
    return f"strftime('%Y-%m-%d %H:%M:%S', {column}, '-' || ({weeks} * 7) || ' days')"


def _settle() -> None:
    """Do away with timers that would have fired long ago: lights that turned before now."""
    now = timezone.now()
    tasks = Task.objects.filter(status=Task.Status.OPEN, next_action__in=["yellow", "red"])
    tasks.filter(due_at__lte=now).update(next_action="", next_action_at=None)
    tasks.filter(next_action="yellow", next_action_at__lte=now).update(
        next_action="red", next_action_at=models.F("due_at")
    )
    Task.objects.filter(status=Task.Status.OPEN, next_action_at__lte=now).update(next_action="", next_action_at=None)
