"""The full-text part of a document, in the words of each database: FTS5 on SQLite, tsvector on PostgreSQL.

Only which tokens stand in a text is kept, not where: what is short to read is quick to meet. Titles have an index of
their own, so that a title's hits cost no more than titles.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date

from django.db import connection
from django.db.backends.utils import CursorWrapper

from .models import Document
from .words import Phrase, tokens

# name of a facet → the values of which one must stand in the document
Facets = Mapping[str, Collection[str]]
# SQLite's tables; PostgreSQL has columns of the same names in the documents' own.
TITLES, WORDS = "title_words", "words"
# So many tokens are asked of the index; a page of what it then finds is read for the others.
MOST_ASKED = 6


def store(documents: Sequence[Document]) -> None:
    """Store new documents with their places and full-text rows; `place` is the least one until then."""
    if connection.vendor == "sqlite":
        for row in Document.objects.bulk_create(documents):
            row.place += row.pk
        write(documents)
        return
    # In one statement each: a row that is written and then changed goes into every index twice.
    plain = [field for field in Document._meta.concrete_fields if field.name not in ("id", "place")]
    names, marks = ", ".join(str(field.column) for field in plain), ", ".join(["%s"] * len(plain))
    insert = f"""
        INSERT INTO search_document (id, place, {names}, {TITLES}, {WORDS})
        SELECT id, %s + id, {marks}, %s::tsvector, %s::tsvector
        FROM nextval(pg_get_serial_sequence('search_document', 'id')) AS id
    """  # noqa: S608
    with connection.cursor() as cursor:
        rows = [(row.place, *(getattr(row, field.attname) for field in plain), *_vectors(row)) for row in documents]
        cursor.executemany(insert, rows)
        _sort_in(cursor)


def write(documents: Sequence[Document]) -> None:
    """Write the places and the full-text rows of documents that are there."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            places = [(row.place, row.pk) for row in documents]
            cursor.executemany("UPDATE search_document SET place = %s WHERE id = %s", places)
            for table, words in ((TITLES, _of_title), (WORDS, _of_all)):
                rows = [(row.place, " ".join([*words(row), *_facets_of(row)])) for row in documents]
                cursor.executemany(f"INSERT INTO search_{table} (rowid, body) VALUES (%s, %s)", rows)  # noqa: S608
        else:
            cursor.executemany(
                "UPDATE search_document SET place = %s, title_words = %s::tsvector, words = %s::tsvector WHERE id = %s",
                [(row.place, *_vectors(row), row.pk) for row in documents],
            )
            _sort_in(cursor)


def _sort_in(cursor: CursorWrapper) -> None:
    """Sort what waits into PostgreSQL's indexes: many rows together, in a third of the time, and now.

    Every question would read what waits, so nothing does; what a broken transaction left goes with the next one's.
    """
    indexes = [f"search_document_{column}" for column in (TITLES, WORDS)]
    cursor.execute("SELECT gin_clean_pending_list(name::regclass) FROM unnest(%s::text[]) AS name", [indexes])


def _of_title(row: Document) -> list[str]:
    return tokens(row.title)


def _of_all(row: Document) -> list[str]:
    return tokens(f"{row.title}\n{row.text}")


def _vectors(row: Document) -> tuple[str, str]:
    """Return tsvector literals without places; tokens are letters, digits, "=" and "~", which need no quotes."""
    others = [*_facets_of(row), *periods(row.at.astimezone(UTC).date())]
    return " ".join([*_of_title(row), *others]), " ".join([*_of_all(row), *others])


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


def match(phrases: Sequence[Phrase], facets: Facets) -> str:
    """Return the full-text query: a token of each group of every phrase, and of every facet, stands in the document."""
    groups = sorted({group for phrase in phrases for group in phrase.asks}, key=_telling)[:MOST_ASKED]
    groups += [tuple(facet(name, value) for value in sorted(values)) for name, values in facets.items()]
    quote, either, both = ('"', " OR ", " AND ") if connection.vendor == "sqlite" else ("'", " | ", " & ")
    return both.join("(" + either.join(f"{quote}{token}{quote}" for token in group) + ")" for group in groups)


def _telling(group: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """Long words say more than short ones, and two signs more than one."""
    return -min(len(token.encode()) for token in group), group
