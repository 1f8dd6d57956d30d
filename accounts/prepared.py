"""Questions compiled once: Django takes longer to write a wide one as SQL than a database takes to answer it.

A question on the path of every step is prepared where it is defined, with `Given` in the places of its values, and
asked with them. It says what the same QuerySet says: tests/accounts/test_prepared.py holds the two against each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connections, models
from django.db.models.expressions import F, Value
from django.db.models.lookups import Lookup
from django.db.models.query import ModelIterable, get_related_populators

DEFAULT = "default"
# Where a value goes, but not in a doubled sign.
PLACE = re.compile(r"(?<!%)%s")
T = TypeVar("T")


def _is_kept(value: Any) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


class Given(Value):
    """The place of a value that comes when the question is asked; `field` says how it is written, else an id."""

    def __init__(self, name: str, field: models.Field[Any, Any] | None = None) -> None:
        super().__init__(name, output_field=field or models.BigIntegerField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Stand in the parameters until the value comes."""
        return "%s", (self,)

    def written(self, value: Any, connection: Any) -> Any:
        """Return the value as the database's driver takes it; of a number that no column can hold, what equals none."""
        return as_sent(self.output_field.get_db_prep_value(value, connection), connection) if _is_kept(value) else None


class Several(Given):
    """The place of a list, as one parameter whatever its length."""

    def written(self, value: Iterable[Any], connection: Any) -> Any:
        """Return the list as an array, or as JSON for SQLite."""
        kept = [each for each in value if _is_kept(each)]
        return kept if connection.vendor == "postgresql" else json.dumps(kept)


class AsSent(Given):
    """The place of a value that comes as the database's driver takes it."""

    def written(self, value: Any, connection: Any) -> Any:
        """Return it as it is."""
        return value


class OneOf(Lookup[Any]):
    """The condition that a column has one of several values."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Ask it of an array, whose length PostgreSQL's planner sees, or of SQLite's table of a JSON list."""
        column, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s::{self.lhs.output_field.db_type(connection)}[])", (*params, self.rhs)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, self.rhs)  # noqa: S608 - a column of ours


def one_of(field: str, name: str) -> OneOf:
    """Return the condition that the field has one of what is given as the list `name`."""
    return OneOf(F(field), Several(name))


class _Compiled(NamedTuple):
    """What Django made of a question, and how its rows become what the question is for."""

    sql: str
    params: tuple[Given, ...]
    convert: Callable[[list[Any]], Iterable[Any]]
    made: Callable[[Any], Any]


class Prepared(Generic[T]):
    """A QuerySet of models or of plain values, compiled when it is first asked and kept for this process.

    What it is built from must not depend on anything but `Given`; it knows no prefetching. Rows to be locked are
    locked as the QuerySet says, so ask it in a transaction.
    """

    def __init__(self, build: Callable[[], models.QuerySet[Any, T]]) -> None:
        self._build = build
        self._compiled: _Compiled | None = None

    def all(self, **given: Any) -> list[T]:
        """Return the rows for these values of the question's `Given`."""
        connection = connections[DEFAULT]
        asked = self._compiled or self._compile(connection)
        params = [each.written(given[each.value], connection) for each in asked.params]
        with prepared_cursor(connection) as cursor:
            cursor.execute(asked.sql, params)
            rows = cursor.fetchall()
        return [asked.made(row) for row in asked.convert(rows)]

    def first(self, **given: Any) -> T | None:
        """Return the first row, None where there is none; the question itself should ask for no more."""
        return next(iter(self.all(**given)), None)

    def _compile(self, connection: Any) -> _Compiled:
        asked = self._build()
        compiler = asked.query.get_compiler(using=DEFAULT)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([selected[0] for selected in compiler.select[: compiler.col_count]])

        def convert(rows: list[Any]) -> Iterable[Any]:
            return compiler.apply_converters(rows, converters) if converters else rows

        made = _maker(compiler) if asked._iterable_class is ModelIterable else tuple
        self._compiled = _Compiled(*_with_constants(sql, params, connection), convert, made)
        return self._compiled


def _with_constants(sql: str, params: Iterable[Any], connection: Any) -> tuple[str, tuple[Given, ...]]:
    """Write what never changes into the question; return it with the `Given` that are left.

    A plan that PostgreSQL keeps for all values knows of a partial index only by constants.
    """
    given: list[Given] = []
    words = []
    for param in params:
        if isinstance(param, Given):
            given.append(param)
            words.append("%s")
        else:
            words.append(_constant(param, connection).replace("%", "%%"))
    pieces = PLACE.split(sql)
    return pieces[0] + "".join(word + piece for word, piece in zip(words, pieces[1:], strict=True)), tuple(given)


def _constant(value: Any, connection: Any) -> str:
    if connection.vendor == "postgresql":
        return str(connection.ops.compose_sql("%s", [value]))
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(int(value) if isinstance(value, bool) else value)


def prepared_cursor(connection: Any) -> Any:
    """Return a cursor whose statements PostgreSQL plans once for a connection, not each time that they come.

    While statements are logged they are bound here, as others are: the log then shows them with their values.
    """
    cursor = connection.cursor()
    if connection.vendor == "postgresql" and not connection.queries_logged:
        from django.db.backends.postgresql.base import ServerBindingCursor

        cursor.cursor = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # stubs know psycopg2 only
    return cursor


def as_sent(value: Any, connection: Any) -> Any:
    """Return a value for `prepared_cursor`: always of one type, else there is a plan for numbers of each size."""
    if connection.vendor != "postgresql":
        return value
    if type(value) is int:
        from psycopg.types.numeric import Int8

        return Int8(value)
    # A choice is text like any other, also beside it in one list.
    return str(value) if isinstance(value, str) else value


def _maker(compiler: Any) -> Callable[[Any], Any]:
    """Return what makes one row an instance with its relations and annotations, as ModelIterable does."""
    info, notes = compiler.klass_info, (compiler.annotation_col_map or {}).items()
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [selected[0].target.attname for selected in compiler.select[start:end]]
    related = get_related_populators(info, compiler.select, DEFAULT)  # type: ignore[call-arg]  # stubs of a later Django

    def made(row: Any) -> Any:
        one = info["model"].from_db(DEFAULT, names, row[start:end])
        for each in related:
            each.populate(row, one)
        for name, place in notes:
            setattr(one, name, row[place])
        return one

    return made
