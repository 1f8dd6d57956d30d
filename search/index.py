"""The full-text part of a document, in the words of each database: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from .models import Document
from .words import MOST_TOKENS, Phrase, tokens


def write(documents: Sequence[Document]) -> None:
    """Write the full-text rows of documents that were just stored."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "INSERT INTO search_fts (rowid, title, body) VALUES (%s, %s, %s)",
                [(row.place, " ".join(tokens(row.title)), " ".join(tokens(row.text))) for row in documents],
            )
        else:
            cursor.executemany(
                "UPDATE search_document SET title_words = %s::tsvector, words = %s::tsvector WHERE id = %s",
                [(*_vectors(row), row.pk) for row in documents],
            )


def forget(places: Iterable[int]) -> None:
    """Take full-text rows away before their documents go or change."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM search_fts WHERE rowid = %s", [(place,) for place in places])


def _vectors(row: Document) -> tuple[str, str]:
    """Return the words of the title, and those of title and text with a gap that no phrase crosses."""
    title, body = tokens(row.title), tokens(row.text)
    return _vector(title), _vector([*title, "", *body][:MOST_TOKENS])


def _vector(words: list[str]) -> str:
    """Return a tsvector literal; tokens hold letters and digits only, so quoting cannot be broken."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(words, start=1):
        if word:
            places.setdefault(word, []).append(str(place))
    # PostgreSQL keeps 255 positions of a word.
    return " ".join(f"'{word}':{','.join(found[:255])}" for word, found in places.items())


def condition(phrases: list[Phrase], *, in_title: bool) -> tuple[str, list[str]]:
    """Return SQL and parameters: every phrase stands in the title, or else every phrase somewhere but not so."""
    if connection.vendor == "sqlite":
        wanted = " AND ".join(_fts_phrase(phrase) for phrase in phrases)
        titled = f"title : ({wanted})"
        return "search_fts MATCH %s", [titled if in_title else f"({wanted}) NOT ({titled})"]
    wanted = " & ".join(f"({_ts_phrase(phrase)})" for phrase in phrases)
    if in_title:
        return "d.title_words @@ %s::tsquery", [wanted]
    return "d.words @@ %s::tsquery AND NOT d.title_words @@ %s::tsquery", [wanted, wanted]


def tables() -> str:
    """Return what to select documents `d` from."""
    if connection.vendor == "sqlite":
        return "search_fts CROSS JOIN search_document d ON d.place = search_fts.rowid"
    return "search_document d"


def place_column() -> str:
    """Return the column to order and page by: the one that the full-text index itself is ordered by."""
    return "search_fts.rowid" if connection.vendor == "sqlite" else "d.place"


def _fts_phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"' + (" *" if phrase.prefix else "")


def _ts_phrase(phrase: Phrase) -> str:
    quoted = [f"'{token}'" for token in phrase.tokens]
    return " <-> ".join(quoted) + (":*" if phrase.prefix else "")
