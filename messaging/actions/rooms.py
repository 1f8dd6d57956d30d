"""Rooms of officials: direct talks and groups, who belongs to them, what is said and read there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.rules import clean_text
from accounts.viewers import Viewer
from journal.actions import append, append_once, retract
from journal.queries import entry_of_key
from journal.rules import check_client_key, check_number

from .. import queries, rules
from ..models import Member, Room, TalkFile
from .files import unsent_files
from .locks import lock_room, seat_in
from .saying import quoted

# A sign of life in a room is written at most so often.
SEEN_EVERY = timedelta(seconds=20)


@transaction.atomic
def open_direct(*, by: Viewer, person_id: int, at: datetime | None = None) -> Room:
    """Open the direct talk of two officials; there is one a pair. Raises NotYours, NotFound."""
    at = at or timezone.now()
    other = queries.officials(at).filter(pk=person_id).first()
    if by.person is None or not by.is_official:
        raise rules.NotYours()
    if other is None or other.pk == by.person.pk:
        raise rules.NotFound()
    pair = "-".join(str(pk) for pk in sorted((by.person.pk, other.pk)))
    made = {"kind": Room.Kind.DIRECT, "made_by": by.person, "made_at": at, "said_at": at}
    room, is_new = Room.objects.get_or_create(pair=pair, defaults=made)
    if is_new:
        _seat(room, [by.person, other], at)
        append(room.stream_name, "room.opened", {"name": str(by.person)}, by=by.person, sender=by.key, at=at)
    return room


@transaction.atomic
def open_group(*, by: Viewer, title: str, people: Iterable[int], at: datetime | None = None) -> Room:
    """Open a group of officials with a title. Raises NotYours, NotFound for somebody who is none, BadInput."""
    at = at or timezone.now()
    if by.person is None or not by.is_official:
        raise rules.NotYours()
    name = clean_text(title, most=rules.MOST_TITLE, least=1, field="title", newlines=False)
    others = _officials(people, by.person, at)
    if not others:
        raise rules.BadInput(_("Please choose who belongs to it."), field="people")
    room = Room.objects.create(kind=Room.Kind.GROUP, title=name, made_by=by.person, made_at=at, said_at=at)
    _seat(room, [by.person, *others], at)
    Member.objects.filter(room=room, person=by.person).update(is_chair=True)
    append(room.stream_name, "room.opened", {"name": str(by.person)}, by=by.person, sender=by.key, at=at)
    return room


def _officials(ids: Iterable[int], without: Person, at: datetime) -> list[Person]:
    wanted = set(ids) - {without.pk}
    if len(wanted) >= rules.MOST_MEMBERS:
        raise rules.BadInput(field="people", code="too_many")
    found = list(queries.officials(at).filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise rules.NotFound()
    return found


def _seat(room: Room, people: Iterable[Person], at: datetime) -> None:
    Member.objects.bulk_create(Member(room=room, person=one, joined_at=at) for one in people)


@transaction.atomic
def add_members(*, room_id: int, by: Viewer, people: Iterable[int], at: datetime | None = None) -> int:
    """Let more officials into a group; return how many are new. They read what was said before.

    Raises NotYours, WrongStatus for a direct talk, NotFound, BadInput.
    """
    at = at or timezone.now()
    room = lock_room(room_id)
    seat = seat_in(room, by)
    if room.kind == Room.Kind.DIRECT or (room.kind == Room.Kind.INTERVIEW and not seat.is_chair):
        raise rules.WrongStatus()
    known = dict(room.members.values_list("person_id", "left_at"))
    asked = _officials(people, seat.person, at)
    fresh = [one for one in asked if one.pk not in known]
    back = [one for one in asked if known.get(one.pk)]
    if len(known) + len(fresh) > rules.MOST_MEMBERS:
        raise rules.BadInput(field="people", code="too_many")
    _seat(room, fresh, at)
    room.members.filter(person__in=back).update(left_at=None, joined_at=at)
    for one in [*fresh, *back]:
        append(room.stream_name, "room.joined", {"name": str(one)}, by=by.person, sender=by.key, at=at)
    return len(fresh) + len(back)


@transaction.atomic
def leave_room(*, room_id: int, by: Viewer, at: datetime | None = None) -> None:
    """Leave a group. Raises NotYours, WrongStatus for a direct talk."""
    at = at or timezone.now()
    room = lock_room(room_id)
    seat = seat_in(room, by)
    if room.kind != Room.Kind.GROUP:
        raise rules.WrongStatus()
    seat.left_at = at
    seat.save(update_fields=["left_at"])
    append(room.stream_name, "room.left", {"name": str(seat.person)}, by=by.person, sender=by.key, at=at)
    retract(room.stream_name)


@transaction.atomic
def say_in_room(
    *,
    viewer: Viewer,
    key: str,
    client_key: str,
    text: str,
    files: list[Any] | None = None,
    quotes: int | None = None,
    at: datetime | None = None,
) -> tuple[int, datetime]:
    """Say something in the room with the id `key`; return its number and time; the same `client_key` says it once.

    `files` are keys of files that the sender has added to the room, `quotes` the number of the message answered to.
    In a live interview only those who hold it speak, and only while it is live.
    Raises NotYours, WrongStatus, BadInput, Conflict for the same key with other words.
    """
    client_key = check_client_key(client_key)
    sent = rules.check_files(files)
    words = rules.check_words(text, least=0 if sent else 1)
    room = lock_room(int(key))
    seat = seat_in(room, viewer)
    if room.kind == Room.Kind.INTERVIEW:
        rules.check_interview(room.interview.status, "speak")
    digest = rules.digest_of(words, sent, quotes)
    before = entry_of_key(room.stream_name, viewer.key, client_key)
    if before is not None:
        rules.check_repeat(digest, before.digest)
        return before.seq, before.at
    rows = unsent_files(room, viewer.key, sent)
    data: dict[str, Any] = {"text": words, "side": viewer.key, "name": str(seat.person), "key": client_key}
    data |= {"files": [row.shown for row in rows]} if rows else {}
    data |= {} if quotes is None else {"quotes": quoted(room.stream_name, quotes).seq}
    at = at or timezone.now()
    said, is_new = append_once(
        room.stream_name, "message.said", data, sender=viewer.key, key=client_key, by=seat.person, at=at, digest=digest
    )
    if is_new:
        TalkFile.objects.filter(pk__in=[row.pk for row in rows]).update(seq=said.seq)
        Room.objects.filter(pk=room.pk).update(said_at=at)
        Member.objects.filter(pk=seat.pk, read_seq__lt=said.seq).update(read_seq=said.seq, seen_at=at)
    return said.seq, said.at


@transaction.atomic
def read_room(*, viewer: Viewer, key: str, seq: int, at: datetime | None = None) -> int:
    """Note how far the member has read; a mark never moves back, readers of an interview leave none.

    Raises NotYours.
    """
    room = Room.objects.filter(pk=int(key)).first()
    if room is None or not queries.may_follow_room(viewer, key):
        raise rules.NotYours()
    seq = check_number(seq, "seq")
    seat = queries.member_of(room, viewer)
    if seat is None:
        return 0
    Member.objects.filter(pk=seat.pk, read_seq__lt=seq).update(read_seq=seq)
    Member.objects.filter(pk=seat.pk).update(seen_at=at or timezone.now())
    return max(seq, seat.read_seq)


@transaction.atomic(savepoint=False)
def note_in_rooms(*, viewer: Viewer, at: datetime | None = None) -> None:
    """Note that the official's page is open, for the rooms they belong to."""
    at = at or timezone.now()
    if viewer.person is None or not viewer.is_official:
        return
    mine = Member.objects.filter(person=viewer.person, left_at=None)
    if mine.exclude(seen_at__gt=at - SEEN_EVERY).exists():
        mine.update(seen_at=at)
