"""Reading streams, and asking the rooms who may."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, connection
from django.db.models import Max, QuerySet
from django.utils.module_loading import import_string

from accounts.prepared import Prepared, one_of
from accounts.rules import BadInput, RuleBroken
from accounts.viewers import Viewer

from .models import Entry, Retraction, Stream
from .rules import PAGE, split_stream


class Mark(NamedTuple):
    """How far a stream has come: its epoch ("" while it has no entry), its newest number, and what was pruned."""

    epoch: str
    head: int
    floor: int


# By what a repeated message is known: stream, sender, and the sender's own key.
Once = tuple[str, str, str]

NOTHING = Mark("", 0, 0)
_FIELDS = ("seq", "kind", "at", "sender", "data")


def may_follow(viewer: Viewer, stream: Any) -> bool:
    """Return whether the viewer may read the stream, as the room that owns it decides (JOURNAL_STREAMS)."""
    try:
        prefix, key = split_stream(stream)
        path = settings.JOURNAL_STREAMS.get(prefix)
        return bool(path and import_string(path)(viewer, key))
    # A name like "talk-99999999999999999999" is no error of the reader's: there is no such stream.
    except (RuleBroken, ObjectDoesNotExist, ValueError, OverflowError, ValidationError, DataError):
        return False


def mark_of(stream: str) -> Mark:
    """Return how far the stream has come."""
    return marks([stream]).get(stream, NOTHING)


def _named() -> QuerySet[Stream, Any]:
    return Stream.objects.filter(one_of("name", "names")).values_list("name", "epoch", "head", "floor")


# Asked by every socket that follows and by every page that is kept fresh.
NAMED: Prepared[Any] = Prepared(_named)


def marks(streams: Iterable[str]) -> dict[str, Mark]:
    """Return how far each of the streams has come; those without an entry are left out."""
    return {name: Mark(epoch.hex, head, floor) for name, epoch, head, floor in NAMED.all(names=streams)}


def head(stream: str) -> tuple[str, int]:
    """Return the stream's epoch and newest number, what a page puts into data-epoch and data-after."""
    mark = mark_of(stream)
    return mark.epoch, mark.head


def heads(*streams: str) -> dict[str, tuple[str, int]]:
    """Return for each stream what `head` returns for one, in one question."""
    found = marks(streams)
    known = {name: found.get(name, NOTHING) for name in streams}
    return {name: (mark.epoch, mark.head) for name, mark in known.items()}


def frame(stream: str, seq: int, kind: str, at: datetime, sender: str, data: Any) -> dict[str, Any]:
    """Return an entry as clients get it, for orjson. Names that readers may see are put into `data` by the rooms."""
    return {"stream": stream, "seq": seq, "kind": kind, "at": at, "by": {"key": sender}, "data": data}


def entries_of(stream: str) -> QuerySet[Entry]:
    """Return the stream's entries.

    Its id is looked up before: of a join PostgreSQL does not know that it keeps the order of the numbers, and would
    sort all that there is for every page.
    """
    return Entry.objects.filter(stream_id=Stream.objects.filter(name=stream).values("pk")[:1])


def entries_after(stream: str, after: int, limit: int = PAGE) -> list[dict[str, Any]]:
    """Return up to `limit` (at most 100) entries above the number `after`, in order, as frames."""
    limit = max(1, min(limit, PAGE))
    rows = entries_of(stream).filter(seq__gt=after).order_by("seq")
    return [frame(stream, *row) for row in rows.values_list(*_FIELDS)[:limit]]


def pages_after(wanted: Iterable[tuple[str, int]]) -> dict[str, list[dict[str, Any]]]:
    """Return a page of entries for each (stream, after), in one go for the hub."""
    return {stream: entries_after(stream, after) for stream, after in wanted}


def entry_of_key(stream: str, sender: str, key: str) -> Entry | None:
    """Return what the sender has said on the stream under this key of theirs."""
    if not key:
        return None
    return entries_of(stream).filter(sender=sender, key=key).first()


def entries_of_keys(asked: Iterable[Once]) -> dict[Once, Entry]:
    """Return what was said under those of the (stream, sender, key), each found by the index of keys."""
    with connection.cursor() as cursor:
        cursor.execute(USED_KEYS[connection.vendor], [orjson.dumps(list(asked)).decode()])
        found = {pk: (stream, sender, key) for pk, stream, sender, key in cursor.fetchall()}
    return {found[entry.pk]: entry for entry in Entry.objects.filter(pk__in=found)} if found else {}


# One parameter however many there are. The last line is as the index has it: SQLite takes a partial one only for the
# very same words.
USED_KEYS = {
    vendor: f"""
        WITH asked (stream, sender, key) AS ({asked})
        SELECT e.id, a.stream, a.sender, a.key FROM asked a JOIN journal_stream s ON s.name = a.stream
        JOIN journal_entry e ON e.stream_id = s.id AND e.sender = a.sender AND e.key = a.key
        WHERE NOT (e.key = '')"""  # noqa: S608 - nothing from outside
    for vendor, asked in {
        "sqlite": """SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
                     FROM json_each(%s)""",
        "postgresql": "SELECT row ->> 0, row ->> 1, row ->> 2 FROM jsonb_array_elements(%s::jsonb) AS given (row)",
    }.items()
}


def check_cursor(mark: Mark, after: int, epoch: str) -> bool:
    """Return whether a client holding `after` of `epoch` ("" when it does not know) can go on from there."""
    held = _plain_epoch(epoch) if epoch else ""
    if held and mark.epoch and held != mark.epoch:
        return False
    return mark.floor <= after <= mark.head


def _plain_epoch(epoch: str) -> str:
    try:
        return UUID(epoch).hex
    except ValueError:
        raise BadInput(field="epoch", code="bad_epoch") from None


def newest_entry_id() -> int:
    """Return the highest entry id: when it has not moved, no stream has."""
    return Entry.objects.aggregate(newest=Max("pk"))["newest"] or 0


def retractions_since(since: datetime) -> list[tuple[int, str]]:
    """Return (id, target) of what was retracted since then."""
    return list(Retraction.objects.filter(at__gte=since).order_by("pk").values_list("pk", "target"))
