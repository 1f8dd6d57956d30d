"""What was said: the entries of a talk's stream as lines for a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q

from accounts.viewers import Viewer
from engagement.models import Case
from journal.models import Entry, Stream

from .. import rules
from ..models import ReadMark, Talk

PAGE = 100
# Entries that keep both sides in step without being a line of their own.
SILENT = ("talk.read",)


@dataclass(frozen=True)
class Line:
    """One line of a thread. `side` is "citizen", "officer" or "" (the house); `name` the officer's, "" for others."""

    seq: int
    at: datetime
    kind: str
    side: str
    name: str
    text: str
    key: str
    data: dict[str, Any]

    @property
    def is_message(self) -> bool:
        """Whether somebody said it."""
        return self.kind == "message.said"


def lines_of(talk: Talk, *, before: int | None = None, after: int | None = None, limit: int = PAGE) -> list[Line]:
    """Return the latest lines of the talk, or those before one number or after another, at most a hundred, in order."""
    return _lines(talk.stream_name, before, after, min(limit, PAGE))


def _lines(stream: str, before: int | None = None, after: int | None = None, limit: int = PAGE) -> list[Line]:
    # By the stream's id: the pair (stream, seq) is the index that this is read from, from its end.
    found = Stream.objects.filter(name=stream).values_list("pk", flat=True).first()
    if found is None:
        return []
    entries = Entry.objects.filter(stream_id=found).exclude(kind__in=SILENT)
    if before is not None:
        entries = entries.filter(seq__lt=before)
    if after is not None:
        following = entries.filter(seq__gt=after).select_related("by").order_by("seq")[:limit]
        return [_line(entry) for entry in following]
    latest = entries.select_related("by").order_by("-seq")[:limit]
    return [_line(entry) for entry in reversed(latest)]


def _line(entry: Entry) -> Line:
    side = str(entry.data.get("side", ""))
    return Line(
        seq=entry.seq,
        at=entry.at,
        kind=entry.kind,
        side=side,
        name=str(entry.by) if entry.by and side in (rules.OFFICER, rules.GUEST) else "",
        text=str(entry.data.get("text", "")),
        key=entry.key,
        data=entry.data,
    )


def thread_of_case(case: Case) -> list[Line]:
    """Return what was said in the talks that the case came from, for those who may read the case."""
    lines: list[Line] = []
    for talk in Talk.objects.filter(case=case).order_by("requested_at"):
        lines += [line for line in _lines(talk.stream_name) if line.is_message]
    return lines


def read_by_other(talk: Talk, voice: str) -> int:
    """Return the number up to which the other side has read, for the marks beside one's own messages."""
    marks = ReadMark.objects.filter(talk=talk).exclude(reader=voice)
    return int(marks.aggregate(most=Max("seq"))["most"] or 0)


def unread_counts(talks: Iterable[Talk], viewer: Viewer) -> dict[int, int]:
    """Return by talk id how many messages of the other side the viewer has not read."""
    by_stream = {talk.stream_name: talk for talk in talks}
    marks = dict(ReadMark.objects.filter(talk__in=by_stream.values(), reader=viewer.key).values_list("talk_id", "seq"))
    unread = Q(pk__in=[])
    for name, talk in by_stream.items():
        unread |= Q(stream__name=name, seq__gt=marks.get(talk.pk, 0))
    counts = dict.fromkeys((talk.pk for talk in by_stream.values()), 0)
    entries = Entry.objects.filter(unread, kind="message.said").exclude(sender=viewer.key)
    for name in entries.values_list("stream__name", flat=True):
        counts[by_stream[name].pk] += 1
    return counts
