"""Rooms of officials and live interviews: who may read them, what is unread, who is there, what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Person, Unit
from accounts.queries import open_posts
from accounts.viewers import Viewer
from accounts.wording import listed
from journal.models import Entry, Stream
from journal.queries import entries_of

from .. import rules
from ..models import Interview, Member, Question, Room

MOST_ROOMS, PAGE, MOST_ITEMS = 100, 100, 1000
SPOKEN = ("question.put", "question.answered", "message.said")


@dataclass(frozen=True)
class RoomRow:
    """A room in the list: what it is called for this reader, what is unread, and whether the other one is there."""

    room: Room
    title: str
    unread: int
    present: bool
    head: int


@dataclass(frozen=True)
class Said:
    """Something said in an interview; `seq` is its number."""

    seq: int
    at: datetime
    kind: str
    name: str
    text: str


@dataclass(frozen=True)
class Item:
    """A question with its answers, or, with `question` None, a remark of those who hold the interview."""

    seq: int
    at: datetime
    question: int | None
    name: str
    text: str
    answers: list[Said] = field(default_factory=list)


def officials(at: datetime | None = None) -> QuerySet[Person]:
    """Return everybody who holds a post now."""
    return Person.objects.filter(is_active=True, pk__in=open_posts(at).values("person_id"))


def officials_named(words: str, viewer: Viewer, limit: int = 50) -> list[Person]:
    """Return officials whose name holds the words, without the viewer."""
    own = viewer.person.pk if viewer.person else 0
    return list(officials().filter(name__icontains=words[:60]).exclude(pk=own).order_by("name", "pk")[:limit])


def member_of(room: Room, viewer: Viewer) -> Member | None:
    """Return the viewer's place in the room while they hold a post."""
    if viewer.person is None or not viewer.is_official:
        return None
    return Member.objects.filter(room=room, person=viewer.person, left_at=None).select_related("person").first()


def rooms_visible_to(viewer: Viewer) -> QuerySet[Room]:
    """Return the rooms that the viewer belongs to."""
    if viewer.person is None or not viewer.is_official:
        return Room.objects.none()
    mine = Member.objects.filter(person=viewer.person, left_at=None)
    return Room.objects.filter(pk__in=mine.values("room_id"), closed_at=None)


def room_for(viewer: Viewer, room_id: int) -> Room:
    """Return the room. Raises NotFound for whoever does not belong to it."""
    found = rooms_visible_to(viewer).filter(pk=room_id).exclude(kind=Room.Kind.INTERVIEW).first()
    if found is None:
        raise rules.NotFound()
    return found


def may_follow_room(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may read the room with the id `key`: members, and of an interview anybody."""
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        return False
    if rooms_visible_to(viewer).filter(pk=int(key)).exists():
        return True
    return interviews().filter(room_id=int(key)).exists()


def may_follow_screen(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer holds the interview with the id `key`."""
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        return False
    found = Interview.objects.filter(pk=int(key)).select_related("room").first()
    return found is not None and member_of(found.room, viewer) is not None


def rooms_of(viewer: Viewer, at: datetime | None = None) -> list[RoomRow]:
    """Return the viewer's rooms, the latest spoken in first, with exact unread counts."""
    at = at or timezone.now()
    rooms = list(rooms_visible_to(viewer).exclude(kind=Room.Kind.INTERVIEW).order_by("-said_at", "-pk")[:MOST_ROOMS])
    names = {room.stream_name: room for room in rooms}
    heads = dict(Stream.objects.filter(name__in=names).values_list("name", "head"))
    unread = _unread(viewer, names)
    others = _others(viewer, rooms)
    return [
        RoomRow(
            room=room,
            title=room.title or listed(one.person for one in others.get(room.pk, [])),
            unread=unread.get(name, 0),
            present=any(is_here(one, at) for one in others.get(room.pk, [])),
            head=heads.get(name, 0),
        )
        for name, room in names.items()
    ]


def _unread(viewer: Viewer, names: dict[str, Room]) -> dict[str, int]:
    marks = dict(
        Member.objects.filter(person=viewer.person, room__in=names.values()).values_list("room_id", "read_seq")
    )
    after = Q(pk__in=[])
    for name, room in names.items():
        after |= Q(stream__name=name, seq__gt=marks.get(room.pk, 0))
    said = Entry.objects.filter(after, kind="message.said").exclude(sender=viewer.key)
    return dict(said.values_list("stream__name").annotate(count=Count("pk")))


def unread_in_rooms(viewer: Viewer) -> int:
    """Return how many messages in all of the viewer's rooms are unread."""
    return sum(row.unread for row in rooms_of(viewer))


def _others(viewer: Viewer, rooms: list[Room]) -> dict[int, list[Member]]:
    found: dict[int, list[Member]] = {}
    members = Member.objects.filter(room__in=rooms, left_at=None).exclude(person=viewer.person).select_related("person")
    for member in members:
        found.setdefault(member.room_id, []).append(member)
    return found


def members_of(room: Room) -> list[Member]:
    """Return who belongs to the room, the chair first."""
    members = room.members.filter(left_at=None).select_related("person")
    return list(members.order_by("-is_chair", "person__name")[: rules.MOST_MEMBERS])


def is_here(member: Member, at: datetime) -> bool:
    """Return whether the member's page was heard of lately."""
    return member.seen_at is not None and member.seen_at > at - rules.PRESENT


def _said(entry: Entry) -> Said:
    data = entry.data
    name, text = str(data.get("name", "")), str(data.get("text", ""))
    return Said(entry.seq, entry.at, entry.kind, name, text)


def interviews() -> QuerySet[Interview]:
    """Return the interviews that anybody may read, the next and the latest first."""
    found = Interview.objects.filter(status__in=rules.ANYBODY_READS).select_related("unit", "room")
    return found.order_by("-starts_at")


def interview_for(viewer: Viewer, slug: str) -> Interview:
    """Return the interview. Raises NotFound; a cancelled one is there for those who hold it or asked something."""
    found = Interview.objects.filter(slug=slug).select_related("unit", "room").first()
    if found is None:
        raise rules.NotFound()
    if found.status not in rules.ANYBODY_READS and not (member_of(found.room, viewer) or own_questions(found, viewer)):
        raise rules.NotFound()
    return found


def held_interview(viewer: Viewer, slug: str) -> tuple[Interview, Member]:
    """Return the interview and the viewer's place in it. Raises NotFound for everybody who does not hold it."""
    found = interview_for(viewer, slug)
    seat = member_of(found.room, viewer)
    if seat is None:
        raise rules.NotFound()
    return found, seat


def hosted_units(viewer: Viewer) -> list[Unit]:
    """Return the units whose interviews the viewer may announce."""
    return list(Unit.objects.filter(pk__in=viewer.scope(*rules.HOSTS), active=True).order_by("path"))


def items_of(interview: Interview) -> list[Item]:
    """Return what was asked and answered, in the order in which it was put, up to a thousand entries."""
    entries = entries_of(interview.room.stream_name).filter(kind__in=SPOKEN).order_by("seq")
    items: dict[int, Item] = {}
    for entry in entries[:MOST_ITEMS]:
        said, question = _said(entry), entry.data.get("question")
        if entry.kind == "question.answered" and question in items:
            items[question].answers.append(said)
        elif entry.kind == "question.put":
            items[question] = Item(said.seq, said.at, question, said.name, said.text)
        else:
            items[-said.seq] = Item(said.seq, said.at, None, said.name, said.text)
    return list(items.values())


def waiting_questions(interview: Interview) -> list[Question]:
    """Return the questions that wait for the chair, the oldest first."""
    return list(interview.questions.filter(status=Question.Status.WAITING).order_by("at", "pk")[:PAGE])


def own_questions(interview: Interview, viewer: Viewer) -> list[Question]:
    """Return what the reader has asked, so that they see what became of it."""
    if viewer.person is None and not viewer.visitor:
        return []
    return list(interview.questions.filter(asked_by=viewer.key).order_by("-at")[:20])
