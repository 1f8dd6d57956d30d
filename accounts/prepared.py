"""Questions compiled once: Django takes longer to write a wide one as SQL than a database takes to answer it.

A question on the path of every step is prepared where it is defined, with `Given` in the places of its values, and
asked with them. It says what the same QuerySet says: tests/accounts/test_prepared.py holds the two against each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connections, models
from django.db.models.expressions import F, Value
from django.db.models.lookups import Lookup
from django.db.models.query import ModelIterable, get_related_populators

DEFAULT = "default"
T = TypeVar("T")


class Given(Value):
    """The place of a value that comes when the question is asked; `field` says how it is written, else an id."""

    def __init__(self, name: str, field: models.Field[Any, Any] | None = None) -> None:
        super().__init__(name, output_field=field or models.BigIntegerField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Stand in the parameters until the value comes."""
        return "%s", (self,)

    def written(self, value: Any, connection: Any) -> Any:
        """Return the value as the database's driver takes it."""
        return self.output_field.get_db_prep_value(value, connection)


class Several(Given):
    """The place of a list, as one parameter whatever its length."""

    def written(self, value: Iterable[Any], connection: Any) -> Any:
        """Return the list as an array, or as JSON for SQLite."""
        return list(value) if connection.vendor == "postgresql" else json.dumps(list(value))


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
    params: tuple[Any, ...]
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
        asked = self._compiled or self._compile()
        params = [_filled(each, given, connection) for each in asked.params]
        with connection.cursor() as cursor:
            cursor.execute(asked.sql, params)
            rows = cursor.fetchall()
        return [asked.made(row) for row in asked.convert(rows)]

    def first(self, **given: Any) -> T | None:
        """Return the first row, None where there is none; the question itself should ask for no more."""
        return next(iter(self.all(**given)), None)

    def _compile(self) -> _Compiled:
        asked = self._build()
        compiler = asked.query.get_compiler(using=DEFAULT)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([selected[0] for selected in compiler.select[: compiler.col_count]])

        def convert(rows: list[Any]) -> Iterable[Any]:
            return compiler.apply_converters(rows, converters) if converters else rows

        made = _maker(compiler) if asked._iterable_class is ModelIterable else tuple
        self._compiled = _Compiled(sql, tuple(params), convert, made)
        return self._compiled


def _filled(param: Any, given: dict[str, Any], connection: Any) -> Any:
    return param.written(given[param.value], connection) if isinstance(param, Given) else param


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
