"""Taking a page of matches in order, newest first: FTS5 streams them so, PostgreSQL's inverted index has no order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from . import index as full_text
from .actions import first_place
from .words import Phrase

# PostgreSQL: how many of the newest documents are looked at first; how many matches there mean that walking on meets
# a page of them soon; and how many matches are sorted at once.
NEAR, OFTEN, FEW = 120, 4, 3_000
MATCH = {
    None: "d.words @@ %s::tsquery",
    True: "d.title_words @@ %s::tsquery",
    False: "d.words @@ %s::tsquery AND NOT d.title_words @@ %s::tsquery",
}


@dataclass(frozen=True)
class Asked:
    """A question to the index: words, what narrows them, the time, and whether titles come first."""

    phrases: list[Phrase]
    facets: full_text.Facets
    since: datetime | None
    until: datetime | None
    newest: bool

    @property
    def tiers(self) -> tuple[bool | None, ...]:
        """What each tier asks of titles: all words in the title, then the rest; or one tier for all."""
        return (None,) if self.newest else (True, False)


def found(asked: Asked, tier: int, place: int | None, limit: int) -> list[tuple[int, int]]:
    """Return (document id, tier) of at most `limit` matches that come after `place` in `tier`."""
    if connection.vendor == "sqlite":
        return _streamed(asked, tier, place, limit)
    return _searched(asked, tier, place, limit)


def _streamed(asked: Asked, tier: int, place: int | None, limit: int) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    for number, titled in enumerate(asked.tiers):
        if number >= tier and len(rows) < limit:
            sql, values = _bounds(asked, "search_fts.rowid", place if number == tier else None)
            # Only names and markers of our own stand in the text; what readers typed travels as parameters.
            question = (
                "SELECT d.id FROM search_fts CROSS JOIN search_document d ON d.place = search_fts.rowid"  # noqa: S608
                f" WHERE search_fts MATCH %s{sql} ORDER BY search_fts.rowid DESC LIMIT {limit - len(rows):d}"
            )
            match = full_text.match(asked.phrases, asked.facets, titled=titled)
            rows += [(pk, number) for (pk,) in _rows(question, [match, *values])]
    return rows


def _bounds(asked: Asked, column: str, place: int | None) -> tuple[str, list[int]]:
    """Return conditions on the place, which holds the time, with their parameters."""
    given = [
        (f" AND {column} >= %s", first_place(asked.since) if asked.since else None),
        (f" AND {column} < %s", first_place(asked.until) if asked.until else None),
        (f" AND {column} < %s", place),
    ]
    return "".join(sql for sql, value in given if value is not None), [value for _, value in given if value is not None]


def _searched(asked: Asked, tier: int, place: int | None, limit: int) -> list[tuple[int, int]]:
    match = full_text.match(asked.phrases, asked.facets, titled=None)
    page: list[tuple[int, int]] = []
    for number, titled in enumerate(asked.tiers):
        if number >= tier and len(page) < limit:
            below = place if number == tier else None
            page += [(pk, number) for pk in _tier(asked, match, titled, below, limit - len(page))]
    return page


def _tier(asked: Asked, match: str, titled: bool | None, place: int | None, limit: int) -> list[int]:
    """Return the ids of a tier's newest matches below `place`.

    What stands among the newest documents tells whether to go on walking or to ask the inverted index for all.
    """
    sql, values = _bounds(asked, "d.place", place)
    near = _rows(
        f"SELECT d.id FROM (SELECT * FROM search_document d WHERE TRUE{sql} ORDER BY d.place DESC LIMIT {NEAR:d}) d"  # noqa: S608
        f" WHERE {MATCH[titled]} ORDER BY d.place DESC LIMIT {limit:d}",
        [*values, *_given(match, titled)],
    )
    if len(near) == limit:
        return [pk for (pk,) in near]
    every = _probe(asked, match, titled, place) if len(near) < OFTEN else None
    if every is None:
        return _walked(asked, match, titled, place, limit)
    return [pk for _, pk in sorted(every, reverse=True)[:limit]]


def _given(match: str, titled: bool | None) -> list[str]:
    return [match] * MATCH[titled].count("%s")


def _probe(asked: Asked, match: str, titled: bool | None, place: int | None) -> list[Any] | None:
    """Return (place, id) of all matches, or None if they are more than FEW."""
    sql, values = _bounds(asked, "d.place", place)
    question = f"SELECT d.place, d.id FROM search_document d WHERE {MATCH[titled]}{sql} LIMIT {FEW + 1:d}"  # noqa: S608
    # The planner believes that words stand together by chance and may walk through all documents in vain.
    with _without("enable_seqscan"):
        rows = _rows(question, [*_given(match, titled), *values])
    return rows if len(rows) <= FEW else None


def _walked(asked: Asked, match: str, titled: bool | None, place: int | None, limit: int) -> list[int]:
    sql, values = _bounds(asked, "d.place", place)
    question = (
        f"SELECT d.id FROM search_document d WHERE {MATCH[titled]}{sql}"  # noqa: S608
        f" ORDER BY d.place DESC LIMIT {limit:d}"
    )
    with _without("enable_bitmapscan"):
        return [pk for (pk,) in _rows(question, [*_given(match, titled), *values])]


@contextmanager
def _without(way: str) -> Iterator[None]:
    """Forbid PostgreSQL a way of reading for the statements inside."""
    with transaction.atomic():
        _rows("SELECT set_config(%s, 'off', TRUE)", [way])
        yield
        _rows("SELECT set_config(%s, 'on', TRUE)", [way])


def _rows(sql: str, parameters: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
