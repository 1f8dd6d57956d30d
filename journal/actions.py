"""Appending to a stream, inside the transaction of what happened."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.rules import Conflict

from .models import Entry, Retraction, Stream, Ticket
from .queries import entry_of_key
from .ring import retract_here, ring
from .rules import ENTRY_BYTES, TICKET_SECONDS, OutsideTransaction, check_kind, check_plain, split_stream, too_long


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
    transaction.atomic, and BadInput for data that cannot be stored alike everywhere. Call it for several streams
    in the sorted order of their names.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{kind} on {stream}")
    split_stream(stream)
    check_kind(kind)
    kept = _checked(data or {})
    row, seq = _next(stream)
    entry = Entry.objects.create(
        stream=row,
        seq=seq,
        kind=kind,
        at=at or timezone.now(),
        by=by,
        sender=sender or (f"person-{by.pk}" if by else ""),
        key=key,
        digest=digest,
        data=kept,
    )
    # Robust: a bell that fails must not make a committed change look like a failure.
    transaction.on_commit(lambda: ring(stream, entry), robust=True)
    return entry


def append_once(
    stream: str,
    kind: str,
    data: Mapping[str, Any],
    *,
    sender: str,
    key: str,
    by: Person | None = None,
    at: datetime | None = None,
    digest: str = "",
) -> tuple[Entry, bool]:
    """Append unless the sender's `key` has been used on the stream; return the entry and whether it is new.

    The digest of what was said is that of kind and data unless given. Raises Conflict when the same key comes with
    another digest.
    """
    digest = digest or digest_of({"kind": kind, "data": dict(data)})
    found = entry_of_key(stream, sender, key)
    if found is None:
        try:
            with transaction.atomic():
                return append(stream, kind, data, by=by, sender=sender, at=at, key=key, digest=digest), True
        except IntegrityError:
            # The same key arrived twice at once; the other one had the stream's lock first and has committed.
            found = entry_of_key(stream, sender, key)
            if found is None:
                raise
    if found.digest != digest:
        raise Conflict(_("This message was already sent with other words."), code="key_used")
    return found, False


def rewrite(stream: str, seq: int, *, kind: str, data: Mapping[str, Any]) -> None:
    """Change what an entry shows to everybody who reads it from now on: words that their author takes back.

    The entry keeps its number, its author and its time. Append, in the same transaction, what tells those who have
    read it already. Raises OutsideTransaction, BadInput.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"rewriting {seq} of {stream}")
    check_kind(kind)
    Entry.objects.filter(stream__name=stream, seq=seq).update(kind=kind, data=_checked(data))


def blank(stream: str, names: Collection[str]) -> int:
    """Take the values of these names out of every entry of the stream, for ever: words whose time is over.

    Numbers, times, kinds and all other values stay, so that what happened can still be counted. Returns how many
    entries had something. Raises OutsideTransaction.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"blanking {stream}")
    changed = []
    for entry in Entry.objects.filter(stream__name=stream).order_by("seq").iterator(500):
        kept = {name: value for name, value in entry.data.items() if name not in names}
        if kept != entry.data:
            entry.data, entry.digest = kept, ""
            changed.append(entry)
    Entry.objects.bulk_update(changed, ["data", "digest"], batch_size=200)
    return len(changed)


def digest_of(body: Any) -> str:
    """Return the digest by which a repeated message is known to be the same."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def retract(*targets: str) -> None:
    """Have every process ask again, within 2 s, who may follow.

    A target is a stream ("case-…", after a hand-over or an unpublishing) or a person ("person-5", after a logout,
    a change of password, a deactivation or the end of a post). The row is written with the caller's transaction,
    so nothing is lost with a process or with Redis.
    """
    for target in targets:
        split_stream(target)
    Retraction.objects.bulk_create(Retraction(target=target, at=timezone.now()) for target in targets)
    for target in targets:
        transaction.on_commit(partial(retract_here, target), robust=True)


def issue_ticket(*, session_key: str, at: datetime | None = None) -> str:
    """Return a fresh ticket that opens one socket for the session within 30 s."""
    moment = at or timezone.now()
    Ticket.objects.filter(expires_at__lt=moment).delete()
    ticket = secrets.token_urlsafe(24)
    Ticket.objects.create(
        digest=hashlib.sha256(ticket.encode()).hexdigest(),
        session_key=session_key,
        expires_at=moment + timedelta(seconds=TICKET_SECONDS),
    )
    return ticket


def use_ticket(ticket: str, at: datetime | None = None) -> str:
    """Use the ticket up and return its session's key, or "" when it is unknown, used or too old."""
    digest = hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()
    with transaction.atomic():
        found = Ticket.objects.select_for_update().filter(digest=digest).first()
        # The delete decides: of two sockets with the same ticket one deletes it.
        if found is None or not Ticket.objects.filter(pk=found.pk).delete()[0]:
            return ""
        return found.session_key if found.expires_at > (at or timezone.now()) else ""


def renew_epochs() -> int:
    """Give every stream a new epoch, so that clients holding numbers from before a restore start over."""
    streams = list(Stream.objects.all())
    for stream in streams:
        stream.epoch = uuid.uuid4()
    Stream.objects.bulk_update(streams, ["epoch"], batch_size=500)
    return len(streams)


@transaction.atomic
def prune(stream: str, *, up_to: int) -> int:
    """Forget the entries of `stream` up to that number; who comes with an older cursor gets a reset."""
    row = Stream.objects.select_for_update().filter(name=stream).first()
    if row is None or up_to <= row.floor:
        return 0
    row.floor = min(up_to, row.head)
    row.save(update_fields=["floor"])
    return Entry.objects.filter(stream=row, seq__lte=row.floor).delete()[0]


def retain(at: datetime | None = None) -> int:
    """Delete retractions that every process has long seen, for the worker; return how many rows."""
    return Retraction.objects.filter(at__lt=(at or timezone.now()) - timedelta(hours=1)).delete()[0]


def _checked(data: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(data)
    check_plain(kept)
    if len(orjson.dumps(kept)) > ENTRY_BYTES:
        raise too_long()
    return kept


def _epoch(epoch: uuid.UUID) -> Any:
    return epoch.hex if connection.vendor == "sqlite" else epoch


def _next(stream: str) -> tuple[Stream, int]:
    """Take the stream's next number: one upsert under the row's lock, so numbers are gapless."""
    row = Stream(name=stream)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_stream (name, epoch, head, floor) VALUES (%s, %s, 1, 0)"
            " ON CONFLICT (name) DO UPDATE SET head = journal_stream.head + 1 RETURNING id, head",
            [stream, _epoch(row.epoch)],
        )
        row.pk, row.head = cursor.fetchone()
    return row, row.head
