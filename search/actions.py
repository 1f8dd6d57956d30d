"""Putting texts into the index and taking them out, in the transaction of whatever made them readable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from . import index as full_text
from .models import Document

# The last 28 bits of a place hold the id and tell documents of one second apart.
ID_BITS = 28
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TITLE = 200
BATCH = 500
Row = TypeVar("Row")


@dataclass(frozen=True)
class Text:
    """Something to be found: what `index` takes, for many at once."""

    room: str
    ref: str
    title: str
    text: str
    url: str
    at: datetime
    audience: str = "public"
    language: str = ""
    # "unit" → the units' ids, and so on: what `find` can narrow by.
    facets: Mapping[str, Iterable[int]] = field(default_factory=dict)


def first_place(at: datetime) -> int:
    """Return the least place that a document of the moment `at` can have; places grow with time."""
    return ((at - EPOCH) // timedelta(seconds=1)) << ID_BITS


def index(
    *,
    room: str,
    ref: str,
    title: str,
    text: str,
    url: str,
    at: datetime,
    audience: str = "public",
    language: str = "",
    facets: Mapping[str, Iterable[int]] | None = None,
) -> None:
    """Make a text findable for `audience`, or replace what stood under the same room, ref and audience."""
    index_many([Text(room, ref, title, text, url, at, audience, language, facets or {})])


@transaction.atomic
def index_many(texts: Sequence[Text]) -> None:
    """Make many texts findable at once; a later one replaces an earlier one of the same room, ref and audience."""
    wanted = {(text.room, text.ref, text.audience): text for text in texts}
    if not wanted:
        return
    same_refs = Document.objects.filter(room__in={key[0] for key in wanted}, ref__in={key[1] for key in wanted})
    _drop([row for row in same_refs if (row.room, row.ref, row.audience) in wanted])
    full_text.store([_document(text) for text in wanted.values()])


@transaction.atomic
def unindex(room: str, ref: str, audience: str | None = None) -> None:
    """Take a text out: for one audience, or for all when none is named. Nothing happens if it is not there."""
    found = Document.objects.filter(room=room, ref=ref)
    _drop(list(found if audience is None else found.filter(audience=audience)))


def reindex(rooms: Iterable[str] = ()) -> dict[str, int]:
    """Build the index of the rooms (all unless named) anew from what they tell (SEARCH_ROOMS); return texts by room.

    Each room is a transaction of its own: readers find the old texts until the new ones are there.
    """
    wanted = set(rooms) or set(settings.SEARCH_ROOMS)
    return {room: _rebuilt(room, import_string(settings.SEARCH_ROOMS[room])()) for room in sorted(wanted)}


@transaction.atomic
def _rebuilt(room: str, texts: Iterable[Text]) -> int:
    rows = Document.objects.filter(room=room).only("pk", "place")
    for old in batched(rows.iterator(chunk_size=BATCH), BATCH):
        _drop(old)
    told = 0
    for batch in batched(texts, BATCH):
        index_many(batch)
        told += len(batch)
    return told


def batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Return the rows in lists of at most `size`."""
    every = iter(rows)
    while batch := list(islice(every, size)):
        yield batch


def _document(text: Text) -> Document:
    return Document(
        room=text.room,
        ref=text.ref,
        audience=text.audience,
        language=text.language,
        title=text.title[:TITLE],
        text=text.text,
        url=text.url,
        at=text.at,
        facets=" ".join(f"{name}{value}" for name, values in text.facets.items() for value in values),
        place=first_place(text.at),
    )


def _drop(rows: list[Document]) -> None:
    full_text.forget(row.place for row in rows)
    Document.objects.filter(pk__in=[row.pk for row in rows]).delete()
