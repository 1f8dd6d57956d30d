"""Locking a talk, a room or an officer's duty, and recording what happened to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Person
from accounts.rules import NotFound
from accounts.viewers import Viewer
from journal.actions import append
from journal.models import Entry

from .. import queries, rules
from ..models import Desk, Duty, Member, Room, Seats, Talk

# Locks are taken in this order everywhere: an officer's duty, the talk, then streams by name (desk-… before talk-…).


def lock_talk(**which: Any) -> Talk:
    """Return the talk, locked until the transaction ends. Raises NotFound."""
    rows = Talk.objects.select_for_update(of=("self",), no_key=True).select_related("desk__unit", "citizen")
    talk = rows.filter(**which).first()
    if talk is None:
        raise NotFound()
    return talk


def lock_seats(numbers: Iterable[str]) -> dict[str, Seats]:
    """Return, by their streams, those of the talks that there are, locked in one order until the transaction ends."""
    wanted: Any = sorted(set(numbers))
    with connection.cursor() as cursor:
        cursor.execute(SEATS[connection.vendor], [wanted if connection.vendor == "postgresql" else json.dumps(wanted)])
        seats = [Seats(*row) for row in cursor.fetchall()]
    return {seat.stream_name: seat for seat in seats}


# By hand, with one parameter: building rows of the model costs more than everything else about a message.
SEATS = {
    vendor: "SELECT id, number, status, officer_id, citizen_id, opened_by, asked, first_reply_at IS NULL"  # noqa: S608
    f" FROM messaging_talk WHERE number {which}"
    for vendor, which in {
        # The one writer that SQLite has holds the lock on everything.
        "sqlite": "IN (SELECT value FROM json_each(%s))",
        "postgresql": "= ANY(%s) ORDER BY id FOR NO KEY UPDATE",
    }.items()
}


def lock_duty(officer: Person, at: datetime) -> Duty:
    """Return the officer's duty, locked: whoever counts their talks counts alone."""
    Duty.objects.get_or_create(officer=officer, defaults={"seen_at": at})
    return Duty.objects.select_for_update(no_key=True).get(officer=officer)


def held_by(officer: Person) -> int:
    """Return how many open talks the officer holds."""
    return Talk.objects.filter(officer=officer, status=Talk.Status.OPEN).count()


def record(
    talk: Talk,
    kind: str,
    data: Mapping[str, Any] | None = None,
    *,
    by: Viewer | None,
    at: datetime,
    what: str = "",
    key: str = "",
    digest: str = "",
) -> Entry:
    """Write what happened into the talk's stream, and with `what` into its desk's stream first.

    `key` and `digest` are the doer's own, by which a repeat is known.
    """
    if what:
        record_queue(talk.desk, what, at=at, talk=talk)
    sender = talk.opened_by if by is None or by.person is None else by.key
    person, voice = (by.person, sender) if by else (None, "")
    return append(talk.stream_name, kind, data, by=person, sender=voice, at=at, key=key, digest=digest)


def record_queue(desk: Desk, what: str, *, at: datetime, talk: Talk | None = None) -> Entry:
    """Tell those who serve the desk that its queue changed; never what anybody said."""
    waiting = Talk.objects.filter(desk=desk, status=Talk.Status.WAITING).count()
    data = {"talk": talk.number if talk else "", "what": what, "waiting": waiting}
    return append(desk.stream_name, "desk.changed", data, at=at)


def lock_room(room_id: int) -> Room:
    """Return the room, locked until the transaction ends. Raises NotYours for one that is not there."""
    room = Room.objects.select_for_update(no_key=True).filter(pk=room_id, closed_at=None).first()
    if room is None:
        raise rules.NotYours()
    return room


def seat_in(room: Room, viewer: Viewer) -> Member:
    """Return the viewer's place in the room. Raises NotYours for everybody who is no official or no member."""
    found = queries.member_of(room, viewer)
    if found is None:
        raise rules.NotYours()
    return found
