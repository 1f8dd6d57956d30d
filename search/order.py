"""Taking matches newest first: FTS5 streams them so; PostgreSQL's inverted index has no order, but knows periods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from . import index as full_text
from .actions import EPOCH, ID_BITS, first_place
from .words import Phrase

# PostgreSQL: how many matches of a period are sorted at once. Where there are more, walking on meets a page soon.
FEW = 3_000


@dataclass(frozen=True)
class Asked:
    """A question to the index: words, what narrows them, and the time."""

    phrases: list[Phrase]
    facets: full_text.Facets
    since: datetime | None
    until: datetime | None

    @property
    def all_asked(self) -> bool:
        """Whether the index was asked for every token, so that it alone knows what is settled."""
        return len({group for phrase in self.phrases for group in phrase.asks}) <= full_text.MOST_ASKED


def found(asked: Asked, part: str, place: int | None, step: int) -> Iterator[int]:
    """Yield the places of matches below `place`, newest first, in full_text.TITLES or WORDS.

    `step` is how many the caller takes at once: what has to be walked along is asked for in such steps.
    """
    match = full_text.match(asked.phrases, asked.facets)
    if connection.vendor == "sqlite":
        sql, values = _bounds(asked, "rowid", place)
        # Only names and markers of our own stand in the text; what readers typed travels as parameters.
        question = f"SELECT rowid FROM search_{part} WHERE search_{part} MATCH %s{sql} ORDER BY rowid DESC"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(question, [match, *values])
            yield from (row[0] for row in cursor)
    else:
        yield from _searched(asked, part, match, place, step)


def _bounds(asked: Asked, column: str, place: int | None) -> tuple[str, list[int]]:
    """Return conditions on the place, which holds the time, with their parameters."""
    given = [
        (f" AND {column} >= %s", first_place(asked.since) if asked.since else None),
        (f" AND {column} < %s", first_place(asked.until) if asked.until else None),
        (f" AND {column} < %s", place),
    ]
    return "".join(sql for sql, value in given if value is not None), [value for _, value in given if value is not None]


def _searched(asked: Asked, part: str, match: str, place: int | None, step: int) -> Iterator[int]:
    """Ask for the matches of two days, two months, two years, then for all: what is sorted stays small.

    What those of two days tell to be rare is asked for whole at once. Where matches are too many to sort, the places
    are walked along.
    """
    ends = [end for end in (place, first_place(asked.until) if asked.until else None, _newest()) if end is not None]
    end, rare = min(ends, default=0), False
    for number, period in enumerate([*_periods(end), ""]):
        if rare and period:
            continue
        rows = _sorted(asked, part, match + period, place)
        if len(rows) > FEW:
            break
        yield from rows
        place = rows[-1] if rows else place
        rare = rare or (number == 0 and (len(rows) + 1) * _share(end) <= FEW)
    else:
        return
    while rows := _walked(asked, part, match, place, step):
        yield from rows
        place = rows[-1]


def _sorted(asked: Asked, part: str, match: str, place: int | None) -> list[int]:
    """Return the places of all matches below `place`, newest first; if there are more than FEW, one more than FEW."""
    # Without "+ 0" the planner may walk along the places and read every text.
    sql, values = _bounds(asked, "d.place + 0", place)
    question = f"SELECT d.place FROM search_document d WHERE d.{part} @@ %s::tsquery{sql} LIMIT {FEW + 1:d}"  # noqa: S608
    return sorted(_without("enable_seqscan", question, [match, *values]), reverse=True)


def _newest() -> int | None:
    return next(iter(_rows("SELECT max(place) + 1 FROM search_document", [])), None)


def _share(end: int) -> float:
    """Return about how many documents there are for each of the last two days before the place `end`."""
    since = first_place(datetime.combine(_day(end - 1), time(), UTC) - timedelta(days=1))
    few = "SELECT greatest(1, count(*)) FROM search_document WHERE place BETWEEN %s AND %s"
    question = f"SELECT greatest(1, reltuples) / ({few}) FROM pg_class WHERE oid = 'search_document'::regclass"  # noqa: S608
    return float(_rows(question, [since, end])[0])


def _periods(end: int) -> list[str]:
    """Return as parts of a question the last two days before the place `end`, the last two months and two years."""
    last = _day(end - 1)
    before = [last - timedelta(days=1), last.replace(day=1) - timedelta(days=1), last.replace(month=1, day=1)]
    before[2] -= timedelta(days=1)
    both = zip(full_text.periods(last), (full_text.periods(day)[kind] for kind, day in enumerate(before)), strict=True)
    return [f" & ('{now}' | '{then}')" for now, then in both]


def _day(place: int) -> date:
    seconds = max(0, min(place >> ID_BITS, int((datetime.max.replace(tzinfo=UTC) - EPOCH).total_seconds())))
    return max((EPOCH + timedelta(seconds=seconds)).date(), date(1971, 1, 1))


def _walked(asked: Asked, part: str, match: str, place: int | None, limit: int) -> list[int]:
    """Walk along the places: matches are so many that a page of them is met soon."""
    sql, values = _bounds(asked, "d.place", place)
    question = (
        f"SELECT d.place FROM search_document d WHERE d.{part} @@ %s::tsquery{sql}"  # noqa: S608
        f" ORDER BY d.place DESC LIMIT {limit:d}"
    )
    return _without("enable_bitmapscan", question, [match, *values])


def _without(way: str, question: str, parameters: list[Any]) -> list[int]:
    """Ask PostgreSQL while it may not read in this way, nor compile what takes a millisecond: all in one turn."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL {way} = off; SET LOCAL jit = off; {question};"
            f" SET LOCAL {way} TO DEFAULT; SET LOCAL jit TO DEFAULT",
            parameters,
        )
        cursor.nextset()
        cursor.nextset()
        return [row[0] for row in cursor.fetchall()]


def _rows(sql: str, parameters: list[Any]) -> list[Any]:
    """Return the first column of what the database answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]
