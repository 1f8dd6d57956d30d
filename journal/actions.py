"""Appending to a stream, inside the transaction of what happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Person

from .models import Entry, Stream


class OutsideTransaction(RuntimeError):
    """An entry was to be written apart from the change it records."""


def append(
    stream: str,
    kind: str,
    data: Mapping[str, Any] | None = None,
    *,
    by: Person | None = None,
    sender: str = "",
    at: datetime | None = None,
    key: str = "",
    digest: str = "",
) -> Entry:
    """Write the next entry of `stream` and ring for it on commit.

    `kind` is an event name such as "case.closed"; `by` the person, `sender` the viewer key of whoever said it;
    `key` and `digest` make a message idempotent. Raises OutsideTransaction unless the caller is inside
    transaction.atomic. Call it for several streams in the sorted order of their names.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{kind} on {stream}")
    stream_id, seq = _next(stream)
    entry = Entry.objects.create(
        stream_id=stream_id,
        seq=seq,
        kind=kind,
        at=at or timezone.now(),
        by=by,
        sender=sender or (f"person-{by.pk}" if by else ""),
        key=key,
        digest=digest,
        data=dict(data or {}),
    )
    from .ring import ring

    transaction.on_commit(lambda: ring(stream, seq))
    return entry


def _next(stream: str) -> tuple[int, int]:
    """Take the stream's next number: one upsert under the row's lock, so numbers are gapless."""
    row = Stream(name=stream)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_stream (name, epoch, head, floor) VALUES (%s, %s, 1, 0)"
            " ON CONFLICT (name) DO UPDATE SET head = journal_stream.head + 1 RETURNING id, head",
            [stream, row.epoch.hex if connection.vendor == "sqlite" else row.epoch],
        )
        stream_id, seq = cursor.fetchone()
    return stream_id, seq
