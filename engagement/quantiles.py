"""Quantiles within the database, the same on PostgreSQL and SQLite."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate, FloatField
from django.db.models.sql.compiler import SQLCompiler


def quantile(values: str | None, share: float) -> float | None:
    """SQLite's function openhall_quantile("1,5,3", share).

    The values come as one text, gathered by SQLite itself: an aggregate of our own would be called for every row.
    """
    if not values:
        return None
    return float(np.quantile(np.fromstring(values, sep=","), share, method="hazen"))


class Quantile(Aggregate):
    """The value below which the share `share` (0 to 1) of the rows lie, NULLs left out.

    Linear interpolation after Hazen (1914): the k-th of n sorted values stands at (k - ½) / n. The median is the
    usual one. Hyndman & Fan, "Sample Quantiles in Statistical Packages" (1996), type 5; `percentile_cont`
    is their type 7, which puts the greatest value at 1 and so reads a little lower in the upper tail.
    """

    output_field = FloatField()
    # Positions beyond either end are those of the least and the greatest value.
    _at = "GREATEST(1.0, LEAST(COUNT({x}), COUNT({x}) * {p} + 0.5))"
    _sorted = "ARRAY_AGG({x} ORDER BY {x})"

    def __init__(self, expression: str, share: float) -> None:
        super().__init__(expression)
        self.share = float(share)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        """Call our own function, registered on this connection when first needed; what is gathered, is so once."""
        register(connection)
        return super().as_sql(
            compiler,
            connection,
            template=f"openhall_quantile(group_concat(%(expressions)s), {self.share!r})",
            **context,
        )

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        """Take the two sorted values around the position; PostgreSQL sorts once, however often the array is named."""
        expression = self.get_source_expressions()[0]
        column, parameters = compiler.compile(expression)
        if parameters:
            raise TypeError("quantiles are taken of plain columns")
        at = self._at.format(x=column, p=repr(self.share))
        array = self._sorted.format(x=column)
        low = f"({array})[FLOOR({at})::int]"
        high = f"({array})[CEIL({at})::int]"
        return f"({low} + ({high} - {low}) * ({at} - FLOOR({at})))::float8", ()


def register(connection: BaseDatabaseWrapper) -> None:
    """Make openhall_quantile known to an SQLite connection, once for each."""
    connection.ensure_connection()
    if getattr(connection, "openhall_quantiles_on", None) is not connection.connection:
        connection.connection.create_function("openhall_quantile", 2, quantile, deterministic=True)
        connection.openhall_quantiles_on = connection.connection  # type: ignore[attr-defined]
