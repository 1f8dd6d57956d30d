"""The moderators' queue, and what was decided before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Person
from accounts.rules import NotFound
from accounts.viewers import Viewer

from ..models import Flag, Member, Reply, Review, Revision, Topic
from ..rules import GROUNDS, check_appeal, check_moderate, is_moderator

ROWS_A_PAGE = 50


@dataclass(frozen=True)
class QueueRow:
    """A review with what a moderator needs to decide it at a glance."""

    review: Review
    author: Person | None
    member: Member | None
    html: str
    text: str
    flags: list[Flag]


def may_follow_forum(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may follow the stream forum-<key>: moderators their queue."""
    return key == "queue" and is_moderator(viewer)


def _open(viewer: Viewer) -> QuerySet[Review]:
    check_moderate(viewer)
    return Review.objects.filter(decision="")


def queue_count(viewer: Viewer) -> int:
    """Return how many posts wait for a moderator; 0 for everybody else."""
    return _open(viewer).count() if is_moderator(viewer) else 0


def queue(viewer: Viewer, cause: str = "") -> list[QueueRow]:
    """Return what waits for a moderator, most flags first, then the oldest. Raises NotYours for others."""
    found = _open(viewer)
    if cause:
        found = found.filter(cause=cause)
    return _rows(found.order_by("-weight", "opened_at"))


def past_reviews(viewer: Viewer) -> list[QueueRow]:
    """Return what moderators decided last. Raises NotYours for others."""
    check_moderate(viewer)
    return _rows(Review.objects.exclude(decision="").order_by("-decided_at"))


def _rows(found: QuerySet[Review]) -> list[QueueRow]:
    people = ("topic__author__member", "topic__board", "decided_by")
    reviews = list(found.select_related(*people)[:ROWS_A_PAGE])
    wanted = [review.reply_id for review in reviews if review.reply_id]
    replies = {row.pk: row for row in Reply.objects.filter(pk__in=wanted).select_related(None)
               .select_related("user__member")}  # fmt: skip
    flags: dict[int, list[Flag]] = {}
    for flag in Flag.objects.filter(review__in=reviews).order_by("at"):
        flags.setdefault(flag.review_id, []).append(flag)
    return [_row(review, replies.get(review.reply_id or 0), flags.get(review.pk, [])) for review in reviews]


def _row(review: Review, reply: Reply | None, flags: list[Flag]) -> QueueRow:
    author = reply.user if reply is not None else review.topic.author
    member: Member | None = getattr(author, "member", None) if author else None
    post = reply or review.topic
    return QueueRow(review, author, member, post.html, reply.comment if reply else review.topic.text, flags)


def review_row(viewer: Viewer, review_id: int) -> QueueRow:
    """Return one review. Raises NotFound, NotYours."""
    check_moderate(viewer)
    rows = _rows(Review.objects.filter(pk=review_id)) if 0 < review_id < 2**63 else []
    if not rows:
        raise NotFound()
    return rows[0]


def revisions(viewer: Viewer, reply: Reply) -> list[Revision]:
    """Return what a reply said before it was changed, for moderators."""
    check_moderate(viewer)
    return list(Revision.objects.filter(reply=reply).order_by("-until"))


def muted(viewer: Viewer, at: datetime | None = None) -> list[Member]:
    """Return who may not write now, for moderators."""
    check_moderate(viewer)
    found = Member.objects.filter(muted_until__gt=at or timezone.now()).select_related("person")
    return list(found.order_by("muted_until")[:ROWS_A_PAGE])


@dataclass(frozen=True)
class Lost:
    """One's own post that was taken away: why, and what became of an appeal (None where none was made)."""

    topic: Topic
    reply: Reply | None
    html: str
    ground: str
    reason: str
    appeal: Review | None


def appealable(viewer: Viewer, topic_id: int, reply_id: int | None) -> Lost:
    """Return the viewer's own post that was taken away, with the reason. Raises NotFound for everything else."""
    topic = Topic.objects.filter(pk=topic_id, board__active=True).first() if 0 < topic_id < 2**63 else None
    reply = Reply.objects.filter(pk=reply_id, topic=topic).first() if reply_id and topic else None
    if topic is None or (reply_id and reply is None):
        raise NotFound()
    check_appeal(viewer, topic, reply, appealed=False)
    past = Review.objects.filter(topic=topic, reply=reply)
    hidden = (
        past.filter(decision=Review.Decision.HIDDEN).exclude(cause=Review.Cause.APPEAL).order_by("-decided_at").first()
    )
    ground = str(GROUNDS.get(hidden.ground, "")) if hidden else ""
    asked = past.filter(cause=Review.Cause.APPEAL).first()
    html = reply.html if reply else topic.html
    return Lost(topic, reply, html, ground, hidden.reason if hidden else "", asked)
