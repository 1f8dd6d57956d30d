"""A reader's own corner: what is unread, followed, begun, written; and what an office has to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.viewers import Viewer
from engagement.queries import light_of

from .. import marks
from ..models import BoardFollow, Draft, Reading, Reply, Topic
from ..rules import HANDLES, TRUST_LABELS, trust_of
from .boards import answered_by
from .people import member_of
from .topics import WORDS, standing, topics_by, visible_to

MOST_ROWS = 50


@dataclass(frozen=True)
class Mine:
    """What the viewer's forum page shows; `followed` holds (topic, unread, how)."""

    followed: list[tuple[Topic, int, str]] = field(default_factory=list)
    boards: list[BoardFollow] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    begun: list[Reading] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    held: list[Topic] = field(default_factory=list)
    held_replies: list[Reply] = field(default_factory=list)
    hidden: list[Topic] = field(default_factory=list)
    hidden_replies: list[Reply] = field(default_factory=list)
    trust: str = ""
    muted_until: datetime | None = None


def unread_counts(viewer: Viewer, topics: Sequence[Topic]) -> dict[int, int]:
    """Return by topic id how many replies the viewer has not read, for topics they have opened before."""
    if viewer.person is None or not topics:
        return {}
    rows = Reading.objects.filter(person=viewer.person, topic__in=[topic.pk for topic in topics])
    found = rows.values_list("topic_id", "topic__numbers", "topic__gone", "read")
    return {topic: marks.unread(last, gone, read) for topic, last, gone, read in found}


def mine(viewer: Viewer, at: datetime | None = None) -> Mine:
    """Return the viewer's corner; a stranger's is empty."""
    person, at = viewer.person, at or timezone.now()
    if person is None:
        return Mine()
    readable = visible_to(viewer)
    rows = Reading.objects.filter(person=person, topic__in=readable).select_related("topic__board")
    followed = rows.exclude(follow="").order_by("-topic__last_at")[:MOST_ROWS]
    drafts = Draft.objects.filter(person=person, board__active=True).select_related("board").order_by("-saved_at")
    own = Reply.objects.filter(user=person).select_related(None).select_related("topic")
    member = member_of(person)
    own_topics = Topic.objects.filter(author=person, board__active=True)
    return Mine(
        followed=[(row.topic, marks.unread(row.topic.numbers, row.topic.gone, row.read), row.follow)
                  for row in followed],
        boards=list(BoardFollow.objects.filter(person=person, board__active=True).select_related("board")),
        drafts=list(drafts[:MOST_ROWS]),
        begun=list(rows.exclude(draft="").order_by("-draft_at")[:MOST_ROWS]),
        topics=[topic for topic in topics_by(person, MOST_ROWS) if not topic.held],
        held=list(own_topics.filter(held=True)[:MOST_ROWS]),
        held_replies=list(own.filter(held=True).order_by("-pk")[:MOST_ROWS]),
        hidden=list(own_topics.filter(hidden=True).order_by("-pk")[:10]),
        hidden_replies=list(own.filter(is_removed=True, moved_to=None).exclude(comment="").order_by("-pk")[:10]),
        trust=str(TRUST_LABELS[trust_of(member, at)]),
        muted_until=member.muted_until if member and member.muted_until and member.muted_until > at else None,
    )  # fmt: skip


def _to_answer(viewer: Viewer) -> QuerySet[Topic]:
    """Return the topics whose official answer is due from a unit of the viewer's, or from below a supervisor's."""
    waiting = standing(visible_to(viewer)).filter(asked_at__isnull=False, answered_at__isnull=True)
    return waiting.filter(answered_by(viewer, "board")) if viewer.holds(*HANDLES) else Topic.objects.none()


def to_answer(viewer: Viewer, at: datetime | None = None) -> list[tuple[Topic, str]]:
    """Return (topic, light) of what the viewer's units have to answer, the most urgent first."""
    at = at or timezone.now()
    rows = _to_answer(viewer).select_related("board__unit", "author").defer(*WORDS).order_by("due_at")[:100]
    return [(topic, light_of(topic.due_at, topic.yellow_at, at)) for topic in rows]


def to_answer_count(viewer: Viewer) -> int:
    """Return how many topics the viewer's units have to answer."""
    return _to_answer(viewer).count()
