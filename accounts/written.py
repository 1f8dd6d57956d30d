"""Rows written with statements compiled once: putting one together takes Django longer than a database runs it.

For what every step writes. The rows are ordinary instances and their values go through their fields as in `save`;
there are no signals, no defaults of the database and no expressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, connections, models

from .prepared import DEFAULT, as_sent, prepared_cursor

Fields = tuple["models.Field[Any, Any]", ...]


def change(one: models.Model, *names: str) -> None:
    """Write these fields of a stored row; does nothing without any. Raises DatabaseError where the row is gone."""
    if not names:
        return
    connection = connections[DEFAULT]
    sql, fields = _changing(type(one), names)
    with prepared_cursor(connection) as cursor:
        cursor.execute(sql, [*_values(one, fields, connection), as_sent(one.pk, connection)])
        if cursor.rowcount != 1:
            raise DatabaseError(f"{one!r} is not stored")


def add(one: models.Model) -> None:
    """Store a new row and give it its id."""
    add_all([one])


def add_all(several: Sequence[models.Model]) -> None:
    """Store new rows of one model, in this order, and give them their ids; one statement."""
    if not several:
        return
    connection = connections[DEFAULT]
    statements = _adding(type(several[0]))
    rows = [_values(one, statements.fields, connection) for one in several]
    with prepared_cursor(connection) as cursor:
        if len(rows) == 1:
            cursor.execute(statements.one, rows[0])
            ids: Sequence[int] = [cursor.fetchone()[0]]
        elif connection.vendor == "sqlite":
            cursor.executemany(statements.plain, rows)
            # Nobody else writes meanwhile: the ids are in a row.
            newest = cursor.execute("SELECT last_insert_rowid()").fetchone()[0]
            ids = range(newest - len(rows) + 1, newest + 1)
        else:
            cursor.execute(statements.many, [list(column) for column in zip(*rows, strict=True)])
            ids = [row[0] for row in cursor.fetchall()]
    for one, pk in zip(several, ids, strict=True):
        one.pk, one._state.adding, one._state.db = pk, False, DEFAULT


class _Adding:
    """The statements that store rows of a model: one, one of many, and many at once."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = tuple(field for field in model._meta.local_concrete_fields if not field.primary_key)
        columns = ", ".join(f'"{field.column}"' for field in fields)
        into = f'INSERT INTO "{model._meta.db_table}" ({columns})'
        self.fields: Fields = fields
        self.plain = f"{into} VALUES ({', '.join(['%s'] * len(fields))})"
        self.one = f'{self.plain} RETURNING "{model._meta.pk.column}"'
        arrays = ", ".join(f"%s::{field.db_type(connections[DEFAULT])}[]" for field in fields)
        self.many = f'{into} SELECT * FROM UNNEST({arrays}) RETURNING "{model._meta.pk.column}"'  # noqa: S608 - names of ours


@lru_cache(256)
def _adding(model: type[models.Model]) -> _Adding:
    return _Adding(model)


@lru_cache(1024)
def _changing(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, Fields]:
    fields: Fields = tuple(model._meta.get_field(name) for name in names)  # type: ignore[misc]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields)
    sql = f'UPDATE "{model._meta.db_table}" SET {columns} WHERE "{model._meta.pk.column}" = %s'  # noqa: S608 - as above
    return sql, fields


def _values(one: models.Model, fields: Fields, connection: Any) -> list[Any]:
    return [as_sent(field.get_db_prep_save(getattr(one, field.attname), connection), connection) for field in fields]
