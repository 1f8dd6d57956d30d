"""Writing what happened elsewhere, long ago: many entries at once, without a bell, for imports and demonstrations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from .models import Entry, Stream
from .rules import OutsideTransaction, check_kind, check_plain, split_stream

BATCH = 500


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
    """Append entries to their streams in the given order; nobody is rung for them. Returns them without their ids.

    Must run inside the transaction of what they record, else it raises OutsideTransaction. Raises BadInput for
    names and data that `append` would refuse.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{len(past)} entries of history")
    for entry in past:
        split_stream(entry.stream)
        check_kind(entry.kind)
        check_plain(dict(entry.data))
    streams, last = _heads(past)
    made = []
    for entry in past:
        last[entry.stream] += 1
        made.append(_entry(entry, streams[entry.stream].pk, last[entry.stream]))
    _insert(made)
    return made


def _heads(past: Sequence[Past]) -> tuple[dict[str, Stream], dict[str, int]]:
    """Move the heads of all streams past the new entries; return the streams and their heads before that."""
    more = Counter(entry.stream for entry in past)
    names = sorted(more)
    # Locked in the order of their names, as every other writer of several streams does.
    known = {}
    for start in range(0, len(names), BATCH):
        rows = Stream.objects.select_for_update().filter(name__in=names[start : start + BATCH]).order_by("name")
        known.update({row.name: row for row in rows})
    for name, row in known.items():
        Stream.objects.filter(pk=row.pk).update(head=F("head") + more[name])
    fresh = [Stream(name=name, head=more[name]) for name in names if name not in known]
    streams = known | {row.name: row for row in Stream.objects.bulk_create(fresh, batch_size=BATCH)}
    return streams, {name: known[name].head if name in known else 0 for name in names}


def _insert(entries: Sequence[Entry]) -> None:
    """Insert the rows with one prepared statement: an import spends most of its time here, and bulk_create twice it."""
    marker = "%s::jsonb" if connection.vendor == "postgresql" else "%s"
    when = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO journal_entry (stream_id, seq, kind, at, by_id, sender, key, digest, data)"  # noqa: S608
            " VALUES (%s, %s, %s, %s, %s, %s, '', '', " + marker + ")",
            [
                (row.stream_id, row.seq, row.kind, when(row.at), row.by_id, row.sender, json.dumps(row.data))
                for row in entries
            ],
        )


def _entry(past: Past, stream_id: int, seq: int) -> Entry:
    return Entry(
        stream_id=stream_id,
        seq=seq,
        kind=past.kind,
        at=past.at,
        by_id=past.by_id,
        sender=past.sender or (f"person-{past.by_id}" if past.by_id else ""),
        data=dict(past.data),
    )
