"""What messages of a talk or a room said before they were changed or taken back, and who may open that."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from accounts.models import Post, Role
from accounts.sealing import SealBroken, unseal
from accounts.viewers import Viewer
from accounts.wording import listed
from journal.models import Entry

from .. import rules
from ..models import Member, Room, Talk
from .rooms import MOST_ROOMS

MOST_WORDS = 1000


@dataclass(frozen=True)
class Kept:
    """What the message with the number `seq` said before the time `at`, when its author changed or took it back."""

    seq: int
    at: datetime
    side: str
    name: str
    text: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class KeptRoom:
    """A room of officials in which words were changed or taken back: by whom it is used, how often, when last."""

    room: Room
    names: str
    count: int
    latest: datetime


def kept_of(talk: Talk) -> QuerySet[Entry]:
    """Return the changed and taken back messages of the talk, each time counted, still sealed."""
    return Entry.objects.filter(stream__name=talk.kept_name, kind="message.kept")


def kept_by_supervised(viewer: Viewer) -> QuerySet[Entry]:
    """Return, still sealed, what officials changed or took back while serving in a unit that the viewer supervises."""
    served = Post.objects.filter(
        Q(until__isnull=True) | Q(until__gt=OuterRef("at")),
        person=OuterRef("by"), since__lte=OuterRef("at"), unit_id__in=viewer.scope(Role.SUPERVISOR),
    )  # fmt: skip
    return Entry.objects.filter(Exists(served), kind="message.kept")


def _supervised_rooms(viewer: Viewer) -> QuerySet[Room]:
    # Not the viewer's own, and none of those who handle reports of wrongdoing.
    integrity = Post.objects.filter(unit__code=settings.INTEGRITY_UNIT).values("person_id")
    barred = Member.objects.filter(Q(person=viewer.person) | Q(person__in=integrity))
    return Room.objects.filter(closed_at=None).exclude(pk__in=barred.values("room_id"))


def kept_rooms(viewer: Viewer) -> list[KeptRoom]:
    """Return the rooms of which the viewer may open words taken back, the latest first; never what was said."""
    entries = kept_by_supervised(viewer).filter(stream__name__startswith="kept-room-")
    found = entries.values_list("stream__name").annotate(count=Count("pk"), latest=Max("at")).order_by("-latest")
    counts = {int(name.rpartition("-")[2]): (count, latest) for name, count, latest in found}
    rooms = {room.pk: room for room in _supervised_rooms(viewer).filter(pk__in=counts)}
    shown = [pk for pk in counts if pk in rooms][:MOST_ROOMS]
    names: dict[int, list[str]] = {}
    members = Member.objects.filter(room__in=shown, left_at=None).select_related("person")
    for member in members.order_by("-is_chair", "person__name"):
        names.setdefault(member.room_id, []).append(str(member.person))
    return [KeptRoom(rooms[pk], listed(names.get(pk, ())), *counts[pk]) for pk in shown]


def kept_room(viewer: Viewer, room_id: int) -> tuple[Room, QuerySet[Entry]]:
    """Return the room and what of it the viewer may open, still sealed. Raises NotFound where that is nothing."""
    room = _supervised_rooms(viewer).filter(pk=room_id).first()
    kept = kept_by_supervised(viewer).filter(stream__name=f"kept-room-{room_id}")
    if room is None or not kept.exists():
        raise rules.NotFound()
    return room, kept


def kept_words(kept: QuerySet[Entry]) -> list[Kept]:
    """Return what stood there before, in the order of the changes; only for who may open it (`actions.open_kept`)."""
    return [_opened(entry) for entry in kept.select_related("stream").order_by("seq")[:MOST_WORDS]]


def _opened(entry: Entry) -> Kept:
    seq = int(entry.data["seq"])
    try:
        data = json.loads(unseal(base64.b64decode(entry.data["sealed"]), f"{entry.stream.name}-{seq}"))
    except SealBroken:
        # No key of this installation opens it any more.
        data = {}
    files = tuple(str(each.get("name", "")) for each in data.get("files", ()))
    return Kept(seq, entry.at, str(data.get("side", "")), str(data.get("name", "")), str(data.get("text", "")), files)
