"""Writing many entries at once: what happened elsewhere, long ago, or what one moment does to many streams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction
from orjson import Fragment

from accounts.prepared import prepared_cursor

from .queries import frame
from .ring import Fresh, is_heard, ring_together
from .rules import ENTRY_BYTES, OutsideTransaction, check_kind, check_plain, split_stream, too_long


@dataclass(slots=True)
class Past:
    """An entry to be written: the fields of `journal.actions.append`."""

    stream: str
    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    by_id: int | None = None
    sender: str = ""
    key: str = ""
    digest: str = ""


class Place(NamedTuple):
    """Where an entry stands: the id of its stream, its number there, its own id; and its data as it was encoded."""

    stream_id: int
    seq: int
    pk: int
    data: str


def append_history(past: Sequence[Past]) -> None:
    """Append entries to their streams in the given order; nobody is rung for them.

    Must run inside the transaction of what they record, else it raises OutsideTransaction. Raises BadInput for
    names and data that `append` would refuse.
    """
    _write(past)


def append_many(present: Sequence[Past]) -> list[Place]:
    """Append what happens now to many streams, as `append_history`, and ring for it on commit: two statements in all.

    Raises IntegrityError too, when a sender's key is used already: whoever gives keys looks before, under the lock of
    what the stream belongs to.
    """
    places = _write(present)
    transaction.on_commit(lambda: _ring(present, places), robust=True)
    return places


def _ring(present: Sequence[Past], places: Sequence[Place]) -> None:
    # Encoded here, in the thread that writes, so that the loop only hands it on.
    fresh: list[Fresh] = [
        (each.stream, seq, orjson.dumps(frame(each.stream, seq, each.kind, each.at, _sender(each), Fragment(data))))
        for each, (_stream_id, seq, _pk, data) in zip(present, places, strict=True)
        if is_heard(each.stream)
    ]
    ring_together(fresh, {each.stream: place.seq for each, place in zip(present, places, strict=True)})


def _write(past: Sequence[Past]) -> list[Place]:
    """Give each entry its place and insert them all."""
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{len(past)} entries of history")
    if not past:
        return []
    for entry in past:
        split_stream(entry.stream)
        check_kind(entry.kind)
        check_plain(entry.data)
    streams = _heads(past)
    when = {at: str(connection.ops.adapt_datetimefield_value(at)) for at in {entry.at for entry in past}}
    rows: list[list[Any]] = []
    for entry in past:
        stream = streams[entry.stream]
        stream[1] += 1
        rows.append([
            *stream, entry.kind, when[entry.at], entry.by_id, _sender(entry), entry.key, entry.digest,
            _json(entry.data),
        ])  # fmt: skip
    return [Place(row[0], row[1], pk, row[-1]) for row, pk in zip(rows, _insert(rows), strict=True)]


def _json(data: Mapping[str, Any]) -> str:
    """Return the data encoded. Raises BadInput when an entry would be larger than one may be."""
    encoded = orjson.dumps(data)
    if len(encoded) > ENTRY_BYTES:
        raise too_long()
    return encoded.decode()


def _insert(rows: Sequence[list[Any]]) -> Sequence[int]:
    """Insert the rows (their columns as in ROW) and return their ids: bulk_create takes several times as long."""
    with prepared_cursor(connection) as cursor:
        if connection.vendor == "sqlite":
            # Taking JSON apart costs SQLite as much as inserting. Nobody else writes meanwhile: the ids are in a row.
            if len(rows) > 1:
                cursor.executemany(ROW, rows[:-1])
            cursor.execute(ROW, rows[-1])
            return range(cursor.lastrowid - len(rows) + 1, cursor.lastrowid + 1)
        cursor.execute(ROWS, [orjson.dumps([[*row[:-1], Fragment(row[-1])] for row in rows]).decode()])
        return [pk for (pk,) in cursor.fetchall()]


def _order(name: str) -> tuple[str, int, str]:
    """The order in which actions lock streams: by room, and persons in the order of their ids."""
    return name.partition("-")[0], len(name), name


def _heads(past: Sequence[Past]) -> dict[str, list[int]]:
    """Move the heads of all streams past the new entries; return each stream's id and its head before that."""
    more = Counter(entry.stream for entry in past)
    counts = {name: more[name] for name in sorted(more, key=_order)}
    with prepared_cursor(connection) as cursor:
        cursor.execute(HEADS[connection.vendor], [orjson.dumps(counts).decode()])
        return {name: [pk, head - more[name]] for name, pk, head in cursor.fetchall()}


# One parameter however many rows there are, read by the database itself: a tenth of the time of single statements.
HEADS = {
    "sqlite": """
        INSERT INTO journal_stream (name, epoch, head, floor)
        SELECT key, lower(hex(randomblob(16))), value, 0 FROM json_each(%s) WHERE true
        ON CONFLICT (name) DO UPDATE SET head = journal_stream.head + excluded.head RETURNING name, id, head""",
    "postgresql": """
        INSERT INTO journal_stream (name, epoch, head, floor)
        SELECT key, gen_random_uuid(), value::bigint, 0
        FROM json_each_text(%s::json) WITH ORDINALITY AS given (key, value, place) ORDER BY place
        ON CONFLICT (name) DO UPDATE SET head = journal_stream.head + excluded.head RETURNING name, id, head""",
}
ROW = """
    INSERT INTO journal_entry (stream_id, seq, kind, at, by_id, sender, key, digest, data)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
ROWS = """
    INSERT INTO journal_entry (stream_id, seq, kind, at, by_id, sender, key, digest, data)
    SELECT (row ->> 0)::bigint, (row ->> 1)::bigint, row ->> 2, (row ->> 3)::timestamptz, (row ->> 4)::bigint,
           row ->> 5, row ->> 6, row ->> 7, row -> 8
    FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS given (row, place) ORDER BY place RETURNING id"""


def _sender(past: Past) -> str:
    return past.sender or (f"person-{past.by_id}" if past.by_id else "")
