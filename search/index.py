"""The full-text part of a document, in the words of each database: FTS5 on SQLite, tsvector on PostgreSQL.

Only which tokens stand in a text is kept, not where: what is short to read is quick to meet. Titles have an index of
their own, so that a title's hits cost no more than titles.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date

from django.db import connection, transaction

from .models import Document
from .words import Phrase, tokens

# name of a facet → the values of which one must stand in the document
Facets = Mapping[str, Collection[str]]
# SQLite's tables; PostgreSQL has columns of the same names in the documents' own.
TITLES, WORDS = "title_words", "words"
# So many tokens are asked of the index; a page of what it then finds is read for the others.
MOST_ASKED = 6


def write(documents: Sequence[Document]) -> None:
    """Write the places and the full-text rows of documents that were just stored."""
    kept = [(row, tokens(row.title), tokens(f"{row.title}\n{row.text}"), _facets_of(row)) for row in documents]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "UPDATE search_document SET place = %s WHERE id = %s", [(row.place, row.pk) for row, *_rest in kept]
            )
            cursor.executemany(
                "INSERT INTO search_title_words (rowid, body) VALUES (%s, %s)",
                [(row.place, " ".join([*title, *facets])) for row, title, _words, facets in kept],
            )
            cursor.executemany(
                "INSERT INTO search_words (rowid, body) VALUES (%s, %s)",
                [(row.place, " ".join([*words, *facets])) for row, _title, words, facets in kept],
            )
        else:
            cursor.executemany(
                "UPDATE search_document SET place = %s, title_words = %s::tsvector, words = %s::tsvector WHERE id = %s",
                [
                    (row.place, _vector(title, facets, row), _vector(words, facets, row), row.pk)
                    for row, title, words, facets in kept
                ],
            )


@contextmanager
def many() -> Iterator[None]:
    """Let what is written inside wait and be sorted into PostgreSQL's index by the thousand, four times as quickly.

    One transaction. Whoever asks meanwhile reads what waits too and is slower for it; afterwards nothing waits.
    """
    with transaction.atomic():
        _tell_indexes("ALTER INDEX {} SET (fastupdate = on)")
        yield
        _tell_indexes("ALTER INDEX {} SET (fastupdate = off)")
        _tell_indexes("SELECT gin_clean_pending_list('{}')")


def _tell_indexes(statement: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for column in (TITLES, WORDS):
                cursor.execute(statement.format(f"search_document_{column}"))


def forget(places: Iterable[int]) -> None:
    """Take full-text rows away before their documents go or change."""
    if connection.vendor == "sqlite":
        gone = [(place,) for place in places]
        with connection.cursor() as cursor:
            for table in (TITLES, WORDS):
                cursor.executemany(f"DELETE FROM search_{table} WHERE rowid = %s", gone)  # noqa: S608


def facet(name: str, value: str) -> str:
    """Return the token of a facet: letters and digits after a sign that no word holds, so that quoting cannot break."""
    return "=" + re.sub(r"[^a-z0-9]", "", f"{name}{value}".lower())


def periods(day: date) -> tuple[str, str, str]:
    """Return the tokens of a day, its month and its year: PostgreSQL's index finds by them what is newest."""
    return f"=in{day:%Y%m%d}", f"=in{day:%Y%m}", f"=in{day:%Y}"


def _facets_of(row: Document) -> list[str]:
    own = [facet("room", row.room), facet("audience", row.audience), facet("language", row.language)]
    return [*own, *(facet("", each) for each in row.facets.split())]


def _vector(words: list[str], facets: list[str], row: Document) -> str:
    """Return a tsvector literal without places; tokens are letters, digits, "=" and "~", which need no quotes."""
    return " ".join([*words, *facets, *periods(row.at.astimezone(UTC).date())])


def match(phrases: Sequence[Phrase], facets: Facets) -> str:
    """Return the full-text query: a token of each group of every phrase, and of every facet, stands in the document."""
    groups = sorted({group for phrase in phrases for group in phrase.asks}, key=_telling)[:MOST_ASKED]
    groups += [tuple(facet(name, value) for value in sorted(values)) for name, values in facets.items()]
    quote, either, both = ('"', " OR ", " AND ") if connection.vendor == "sqlite" else ("'", " | ", " & ")
    return both.join("(" + either.join(f"{quote}{token}{quote}" for token in group) + ")" for group in groups)


def _telling(group: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """Long words say more than short ones, and two signs more than one."""
    return -min(len(token.encode()) for token in group), group
