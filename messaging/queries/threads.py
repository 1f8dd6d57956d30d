"""What was said: the entries of a talk's stream as lines for a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q

from accounts.viewers import Viewer
from accounts.wording import listed
from engagement.models import Case
from journal.models import Entry, Stream

from .. import rules
from ..models import ReadMark, Room, Talk

PAGE = 100
# Lines of a thread that is shown as a whole.
MOST_LINES = 2000
# Entries that keep both sides in step without being a line of their own.
SILENT = ("talk.read", "message.edited", "message.deleted", "talk.mailed")
# Characters of a quoted message that stand above the answer to it.
QUOTED = 140


@dataclass(frozen=True)
class Quoted:
    """What a message answers to, as it reads now; `text` is "" once it was taken back."""

    seq: int
    side: str
    name: str
    text: str


@dataclass(frozen=True)
class Line:
    """One line of a thread. `side` is "citizen", "officer" or "" (the house), in a room the sender; `name` an
    official's, "" for others.
    """

    seq: int
    at: datetime
    kind: str
    side: str
    name: str
    text: str
    key: str
    sender: str
    data: dict[str, Any]
    quoted: Quoted | None = None

    @property
    def files(self) -> list[dict[str, Any]]:
        """The files it carries: key, name, size, type, and of pictures width and height."""
        return [each for each in self.data.get("files", ()) if isinstance(each, dict)]

    @property
    def is_message(self) -> bool:
        """Whether somebody said it."""
        return self.kind == "message.said"

    @property
    def is_withdrawn(self) -> bool:
        """Whether somebody said it and took it back."""
        return self.kind == "message.withdrawn"


def line_of(home: Talk | Room, seq: int) -> list[Line]:
    """Return the one line of the talk or the room with the number, if there is such a line."""
    return [line for line in _lines(home.stream_name, None, seq - 1, 1) if line.seq == seq]


def lines_of(
    home: Talk | Room, *, before: int | None = None, after: int | None = None, limit: int = PAGE
) -> list[Line]:
    """Return the latest lines of a talk or a room, or those before one number or after another, in order.

    There are at most a hundred.
    """
    return _lines(home.stream_name, before, after, min(limit, PAGE))


def _lines(stream: str, before: int | None = None, after: int | None = None, limit: int = PAGE) -> list[Line]:
    # By the stream's id: the pair (stream, seq) is the index that this is read from, from its end.
    pk = Stream.objects.filter(name=stream).values_list("pk", flat=True).first()
    if pk is None:
        return []
    entries = Entry.objects.filter(stream_id=pk).exclude(kind__in=SILENT)
    if before is not None:
        entries = entries.filter(seq__lt=before)
    if after is not None:
        found = list(entries.filter(seq__gt=after).select_related("by").order_by("seq")[:limit])
    else:
        found = list(reversed(entries.select_related("by").order_by("-seq")[:limit]))
    quoted = _quoted(pk, found)
    return [_line(entry, quoted.get(entry.data.get("quotes"))) for entry in found]


def _quoted(stream_id: int, entries: list[Entry]) -> dict[Any, Quoted]:
    """Return what the entries answer to, by its number: read anew, so that what was taken back stays away."""
    wanted = {entry.data["quotes"] for entry in entries if "quotes" in entry.data}
    if not wanted:
        return {}
    said = Entry.objects.filter(stream_id=stream_id, seq__in=wanted).select_related("by")
    lines = [_line(entry) for entry in said]
    return {line.seq: Quoted(line.seq, line.side, line.name, _excerpt(line)) for line in lines}


def _excerpt(line: Line) -> str:
    text = " ".join(line.text.split()) or listed(each.get("name", "") for each in line.files)
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1]}…"


def _line(entry: Entry, quoted: Quoted | None = None) -> Line:
    side = str(entry.data.get("side", ""))
    # In a room of officials everybody is a side of their own.
    is_named = side in (rules.OFFICER, rules.GUEST) or side == entry.sender
    return Line(
        seq=entry.seq,
        at=entry.at,
        kind=entry.kind,
        side=side,
        name=str(entry.by) if entry.by and is_named else "",
        text=str(entry.data.get("text", "")),
        key=entry.key,
        sender=entry.sender,
        data=entry.data,
        quoted=quoted,
    )


def whole_thread(talk: Talk) -> list[Line]:
    """Return every line of the talk, up to two thousand, in order."""
    lines: list[Line] = []
    while len(lines) < MOST_LINES:
        more = _lines(talk.stream_name, after=lines[-1].seq if lines else 0)
        lines += more
        if len(more) < PAGE:
            break
    return lines


def thread_of_case(case: Case) -> list[Line]:
    """Return what was said in the talks that the case came from, for those who may read the case."""
    lines: list[Line] = []
    for talk in Talk.objects.filter(case=case).order_by("requested_at"):
        lines += [line for line in whole_thread(talk) if line.is_message]
    return lines


def read_by_other(talk: Talk, voice: str) -> int:
    """Return the number up to which the other side has read, for the marks beside one's own messages."""
    marks = ReadMark.objects.filter(talk=talk).exclude(reader=voice)
    return int(marks.aggregate(most=Max("seq"))["most"] or 0)


def unread_counts(talks: Iterable[Talk], viewer: Viewer) -> dict[int, int]:
    """Return by talk id how many messages of the other side the viewer has not read."""
    by_stream = {talk.stream_name: talk for talk in talks}
    counts = dict.fromkeys((talk.pk for talk in by_stream.values()), 0)
    if not counts:
        return {}
    voices = {talk.pk: rules.voice_of(talk, viewer, rules.side_of(talk, viewer)) for talk in by_stream.values()}
    rows = ReadMark.objects.filter(talk__in=voices, reader__in=set(voices.values()))
    marks = {(pk, reader): seq for pk, reader, seq in rows.values_list("talk_id", "reader", "seq")}
    unread = Q(pk__in=[])
    for name, talk in by_stream.items():
        read = marks.get((talk.pk, voices[talk.pk]), 0)
        unread |= Q(stream__name=name, seq__gt=read) & ~Q(sender=voices[talk.pk])
    entries = Entry.objects.filter(unread, kind="message.said")
    for name in entries.values_list("stream__name", flat=True):
        counts[by_stream[name].pk] += 1
    return counts
