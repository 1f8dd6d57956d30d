"""The full-text part of a document, in the words of each database: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection

from .models import Document
from .words import MOST_TOKENS, Phrase, tokens

# name of a facet → the values of which one must stand in the document
Facets = Mapping[str, Collection[str]]


def write(documents: Sequence[Document]) -> None:
    """Write the full-text rows of documents that were just stored."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "INSERT INTO search_fts (rowid, title, body, facets) VALUES (%s, %s, %s, %s)",
                [
                    (row.place, " ".join(tokens(row.title)), " ".join(tokens(row.text)), " ".join(_facets_of(row)))
                    for row in documents
                ],
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


def facet(name: str, value: str) -> str:
    """Return the token of a facet: letters and digits only, so that quoting cannot be broken."""
    return re.sub(r"[^a-z0-9]", "", f"{name}{value}".lower())


def _facets_of(row: Document) -> list[str]:
    own = [facet("room", row.room), facet("audience", row.audience), facet("language", row.language)]
    return [*own, *(facet("", each) for each in row.facets.split())]


def _vectors(row: Document) -> tuple[str, str]:
    """Return the words of the title, and those of title and text with a gap that no phrase crosses.

    Facets begin with "=", which no word does.
    """
    title, body = tokens(row.title), tokens(row.text)
    facets = " ".join(f"'={each}'" for each in dict.fromkeys(_facets_of(row)))
    return f"{_vector(title)} {facets}", f"{_vector([*title, '', *body][:MOST_TOKENS])} {facets}"


def _vector(words: list[str]) -> str:
    """Return a tsvector literal; tokens hold letters and digits only, so quoting cannot be broken."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(words, start=1):
        if word:
            places.setdefault(word, []).append(str(place))
    # PostgreSQL keeps 255 positions of a word.
    return " ".join(f"'{word}':{','.join(found[:255])}" for word, found in places.items())


def match(phrases: list[Phrase], facets: Facets, *, titled: bool | None) -> str:
    """Return the full-text query: every phrase and facet stands in the document.

    With `titled` all phrases must stand in the title (True) or must not all stand there (False).
    """
    if connection.vendor == "sqlite":
        wanted = " AND ".join(_fts_phrase(phrase) for phrase in phrases)
        within = "{title}" if titled else "{title body}"
        parts = [f"({within} : ({wanted}))"]
        for name, values in facets.items():
            parts.append(f"({{facets}} : ({' OR '.join(facet(name, value) for value in sorted(values))}))")
        found = " AND ".join(parts)
        return f"({found}) NOT ({{title}} : ({wanted}))" if titled is False else found
    parts = [f"({_ts_phrase(phrase)})" for phrase in phrases]
    for name, values in facets.items():
        parts.append("(" + " | ".join(f"'={facet(name, value)}'" for value in sorted(values)) + ")")
    return " & ".join(parts)


def _fts_phrase(phrase: Phrase) -> str:
    ways = [f'"{" ".join(words)}"' + (" *" if prefix else "") for words, prefix in phrase.ways]
    return f"({' OR '.join(ways)})" if len(ways) > 1 else ways[0]


def _ts_phrase(phrase: Phrase) -> str:
    ways = [" <-> ".join(f"'{token}'" for token in words) + (":*" if prefix else "") for words, prefix in phrase.ways]
    return " | ".join(f"({way})" for way in ways)
