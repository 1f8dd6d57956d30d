"""Inserting many rows of one model quickly; `bulk_create` spends more time on SQL text than SQLite on storing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.db import connection, models

# Stored as they are; everything else goes through its field.
PLAIN = frozenset({int, str, float, bool, type(None)})


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model and give them their ids; must run inside the transaction that writes them.

    On SQLite the caller's transaction holds the only write lock, so the next ids are ours to count.
    """
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "sqlite":
        model._default_manager.bulk_create(rows)
        return
    table, fields = model._meta.db_table, model._meta.concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        for number, row in enumerate(rows, start=last + 1):
            row.pk = number
            # A case that was made a moment ago has only now the id that its reply points to.
            row._prepare_related_fields_for_save("insert")  # type: ignore[attr-defined]
        columns = [_column(field, rows) for field in fields]
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(zip(*columns, strict=True)))  # noqa: S608


def _column(field: Any, rows: Sequence[models.Model]) -> list[Any]:
    """Return the values of one field as SQLite takes them; most columns are plain throughout."""
    values = list(map(attrgetter(field.attname), rows))
    return values if PLAIN.issuperset(map(type, values)) else [_value(field, value) for value in values]


def _value(field: Any, value: Any) -> Any:
    if type(value) in PLAIN:
        return value
    return _moment(value) if type(value) is datetime else field.get_db_prep_save(value, connection)


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> Any:
    """The same few moments stand in a dozen columns of a case and of what belongs to it."""
    return connection.ops.adapt_datetimefield_value(value)
