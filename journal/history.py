"""Writing many entries at once: what happened elsewhere, long ago, or what one moment does to many streams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from .models import Entry
from .ring import is_heard, ring
from .rules import OutsideTransaction, check_kind, check_plain, split_stream

# Rings to other processes that one call may cause; the rest is heard at the next heartbeat.
RINGS = 200


@dataclass(frozen=True)
class Past:
    """An entry to be written: the fields of `journal.actions.append`."""

    stream: str
    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    by_id: int | None = None
    sender: str = ""


def append_history(past: Sequence[Past]) -> list[Entry]:
    """Append entries to their streams in the given order; nobody is rung for them. Returns them with their ids.

    Must run inside the transaction of what they record, else it raises OutsideTransaction. Raises BadInput for
    names and data that `append` would refuse.
    """
    places = _places(past)
    ids = _insert(past, places)
    return [_entry(*each) for each in zip(past, places, ids, strict=True)]


def append_many(present: Sequence[Past]) -> list[int]:
    """Append what happens now to many streams, as `append_history`, and ring for it on commit; returns the ids."""
    places = _places(present)
    ids = _insert(present, places)
    transaction.on_commit(lambda: _ring(present, places, ids), robust=True)
    return ids


def _ring(present: Sequence[Past], places: Sequence[tuple[int, int]], ids: Sequence[int]) -> None:
    for number, each in enumerate(present):
        if number < RINGS or is_heard(each.stream):
            ring(each.stream, _entry(each, places[number], ids[number]), apart=number < RINGS)


def _places(past: Sequence[Past]) -> list[tuple[int, int]]:
    """Take each entry's place: the id of its stream and its number there."""
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{len(past)} entries of history")
    for entry in past:
        split_stream(entry.stream)
        check_kind(entry.kind)
        check_plain(dict(entry.data))
    streams, last = _heads(past)
    places = []
    for entry in past:
        last[entry.stream] += 1
        places.append((streams[entry.stream], last[entry.stream]))
    return places


def _order(name: str) -> tuple[str, int, str]:
    """The order in which actions lock streams: by room, and persons in the order of their ids."""
    return name.partition("-")[0], len(name), name


def _heads(past: Sequence[Past]) -> tuple[dict[str, int], dict[str, int]]:
    """Move the heads of all streams past the new entries; return the streams' ids and their heads before that."""
    more = Counter(entry.stream for entry in past)
    rows = [[name, more[name]] for name in sorted(more, key=_order)]
    ids, before = {}, {}
    with connection.cursor() as cursor:
        cursor.execute(HEADS[connection.vendor], [orjson.dumps(rows).decode()])
        for name, pk, head in cursor.fetchall():
            ids[name], before[name] = pk, head - more[name]
    return ids, before


# One parameter however many rows there are, read by the database itself: a tenth of the time of single statements.
HEADS = {
    "sqlite": """
        INSERT INTO journal_stream (name, epoch, head, floor)
        SELECT json_extract(value, '$[0]'), lower(hex(randomblob(16))), json_extract(value, '$[1]'), 0
        FROM json_each(%s) WHERE true
        ON CONFLICT (name) DO UPDATE SET head = journal_stream.head + excluded.head RETURNING name, id, head""",
    "postgresql": """
        INSERT INTO journal_stream (name, epoch, head, floor)
        SELECT row ->> 0, gen_random_uuid(), (row ->> 1)::bigint, 0
        FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS given (row, place) ORDER BY place
        ON CONFLICT (name) DO UPDATE SET head = journal_stream.head + excluded.head RETURNING name, id, head""",
}
ENTRIES = {
    "sqlite": """
        INSERT INTO journal_entry (stream_id, seq, kind, at, by_id, sender, key, digest, data)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
               json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'), '', '',
               json_extract(value, '$[6]')
        FROM json_each(%s) RETURNING stream_id, seq, id""",
    "postgresql": """
        INSERT INTO journal_entry (stream_id, seq, kind, at, by_id, sender, key, digest, data)
        SELECT (row ->> 0)::bigint, (row ->> 1)::bigint, row ->> 2, (row ->> 3)::timestamptz, (row ->> 4)::bigint,
               row ->> 5, '', '', row -> 6
        FROM jsonb_array_elements(%s::jsonb) AS given (row) RETURNING stream_id, seq, id""",
}


def _insert(past: Sequence[Past], places: Sequence[tuple[int, int]]) -> list[int]:
    """Insert the rows in one statement and return their ids: bulk_create takes several times as long."""
    when = connection.ops.adapt_datetimefield_value
    rows = [
        [*place, each.kind, str(when(each.at)), each.by_id, _sender(each), each.data]
        for each, place in zip(past, places, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES[connection.vendor], [orjson.dumps(rows).decode()])
        ids = {(stream, seq): pk for stream, seq, pk in cursor.fetchall()}
    return [ids[place] for place in places]


def _sender(past: Past) -> str:
    return past.sender or (f"person-{past.by_id}" if past.by_id else "")


def _entry(past: Past, place: tuple[int, int], pk: int) -> Entry:
    return Entry(
        pk=pk, stream_id=place[0], seq=place[1], kind=past.kind, at=past.at, by_id=past.by_id, sender=_sender(past),
        data=dict(past.data),
    )  # fmt: skip
