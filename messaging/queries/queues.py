"""The queue as officers see it, and the place in it as the citizen sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from accounts.viewers import Viewer
from journal.models import Entry

from .. import rules
from ..models import Desk, Talk

MOST_ROWS = 100
LATE_SECONDS = 180
# An opener's page is heard of every 25 s, in the background every minute.
AWAY_AFTER = timedelta(seconds=90)


@dataclass(frozen=True)
class QueueRow:
    """A waiting talk as every officer of the desk may see it: never what was said."""

    pk: int
    number: str
    desk: Desk
    name: str
    subject: str
    language: str
    requested_at: datetime
    signed_in: bool
    returned: bool
    away: bool
    waited_seconds: int

    @property
    def waited(self) -> str:
        """How long it has been waiting, as "4:05"."""
        return f"{self.waited_seconds // 60}:{self.waited_seconds % 60:02d}"

    @property
    def is_late(self) -> bool:
        """Whether it has been waiting longer than the norm (GB/T 33358-2016: three minutes)."""
        return self.waited_seconds > LATE_SECONDS


def is_away(talk: Talk, at: datetime) -> bool:
    """Return whether the opener has left the page of the talk."""
    return talk.seen_at < at - AWAY_AFTER


def queue_place(talk: Talk) -> int:
    """Return how many talks are served before this one is, counting itself: 1 means next."""
    earlier = Q(requested_at__lt=talk.requested_at) | Q(requested_at=talk.requested_at, pk__lt=talk.pk)
    return Talk.objects.filter(earlier, desk_id=talk.desk_id, status=Talk.Status.WAITING).count() + 1


def queue_rows(desks: list[Desk], at: datetime | None = None) -> list[QueueRow]:
    """Return the first hundred waiting talks of the desks, the longest waiting first."""
    at = at or timezone.now()
    by_id = {desk.pk: desk for desk in desks}
    waiting = Talk.objects.filter(desk_id__in=by_id, status=Talk.Status.WAITING).order_by("requested_at", "pk")
    return [
        QueueRow(
            pk=talk.pk,
            number=talk.number,
            desk=by_id[talk.desk_id],
            name=talk.name or (talk.citizen.name if talk.citizen else ""),
            subject=talk.subject,
            language=talk.language,
            requested_at=talk.requested_at,
            signed_in=talk.citizen_id is not None,
            returned=talk.taken_at is not None,
            away=is_away(talk, at),
            waited_seconds=max(0, int((at - talk.requested_at).total_seconds())),
        )
        for talk in waiting.select_related("citizen")[:MOST_ROWS]
    ]


def held_talks(viewer: Viewer) -> list[Talk]:
    """Return the open talks that the officer holds, the oldest first."""
    if viewer.person is None or not viewer.is_official:
        return []
    held = Talk.objects.filter(officer=viewer.person, status=Talk.Status.OPEN)
    if not viewer.holds(*rules.SERVING):
        held = held.filter(asked=True)
    return list(held.select_related("desk", "citizen").order_by("taken_at", "pk"))


def last_words(held: list[Talk]) -> dict[int, str]:
    """Return by talk what its citizen said last: three visitors without a name are told apart by it."""
    talks = {one.stream_name: one.pk for one in held}
    if not talks:
        return {}
    said = Entry.objects.filter(kind="message.said", data__side=rules.CITIZEN)
    newest = said.filter(stream=OuterRef("stream")).order_by("-seq").values("seq")[:1]
    latest = said.filter(stream__name__in=talks, seq=Subquery(newest)).select_related("stream")
    return {talks[entry.stream.name]: str(entry.data.get("text", "")) for entry in latest}
