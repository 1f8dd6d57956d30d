"""Who sees which topic, and pages of boards and replies with few questions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from accounts.models import Person
from accounts.rules import NotFound
from accounts.viewers import Viewer

from .models import Board, Reply, Topic
from .rules import is_moderator

TOPICS_A_PAGE, REPLIES_A_PAGE = 30, 50
MOST_ID = 2**63 - 1
_CURSOR = re.compile(r"(\d{1,17})\.(\d{1,18})")


@dataclass(frozen=True)
class TopicPage:
    """Some topics of a board, the latest first; `after` continues the list, "" at its end."""

    topics: list[Topic]
    after: str


@dataclass(frozen=True)
class ReplyPage:
    """Some replies of a topic in the order of their threads; pages count from 1."""

    replies: list[Reply]
    number: int
    pages: int


def boards(viewer: Viewer) -> QuerySet[Board]:
    """Return the boards that the viewer may read."""
    found = Board.objects.filter(active=True)
    return found if viewer.person else found.filter(members_only=False)


def boards_with_counts(viewer: Viewer) -> QuerySet[Board]:
    """Return the boards that the viewer may read, each with `topics_count` and `last_at`."""
    standing = Q(topics__hidden=False)
    return boards(viewer).annotate(
        topics_count=Count("topics", filter=standing), last_at=Max("topics__last_at", filter=standing)
    )


def board_for(viewer: Viewer, slug: str) -> Board:
    """Return the board. Raises NotFound."""
    found = boards(viewer).filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found


def visible_to(viewer: Viewer) -> QuerySet[Topic]:
    """Return the topics that the viewer may read: those of readable boards, hidden ones only for moderators."""
    found = Topic.objects.filter(board__active=True)
    if viewer.person is None:
        found = found.filter(board__members_only=False)
    return found if is_moderator(viewer) else found.filter(hidden=False)


def topic_for(viewer: Viewer, topic_id: int) -> Topic:
    """Return the topic with its board and author. Raises NotFound."""
    if not 0 < topic_id <= MOST_ID:
        raise NotFound()
    found = visible_to(viewer).select_related("board", "author", "case").filter(pk=topic_id).first()
    if found is None:
        raise NotFound()
    return found


def may_follow_topic(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may follow the stream topic-<key>."""
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return False
    return visible_to(viewer).filter(pk=int(key)).exists()


def topics_of(viewer: Viewer, board: Board, after: str = "") -> TopicPage:
    """Return the board's topics, those with the latest post first, from behind the cursor `after`."""
    found = visible_to(viewer).filter(board=board).select_related("author").order_by("-last_at", "-pk")
    if match := _CURSOR.fullmatch(after):
        moment = _moment(int(match[1]))
        found = found.filter(Q(last_at__lt=moment) | Q(last_at=moment, pk__lt=int(match[2])))
    topics = list(found[: TOPICS_A_PAGE + 1])
    shown = topics[:TOPICS_A_PAGE]
    return TopicPage(shown, _cursor(shown[-1]) if len(topics) > TOPICS_A_PAGE else "")


def _cursor(topic: Topic) -> str:
    # Whole microseconds: a float would lose some, and then a topic.
    since = topic.last_at - _moment(0)
    return f"{(since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds}.{topic.pk}"


def _moment(microseconds: int) -> datetime:
    seconds, rest = divmod(microseconds, 1_000_000)
    moment = datetime.fromtimestamp(min(seconds, 10**10), timezone.get_fixed_timezone(0))
    return moment.replace(microsecond=rest)


def latest_topics(viewer: Viewer, most: int) -> list[Topic]:
    """Return the topics with the latest posts over all boards."""
    found = visible_to(viewer).filter(hidden=False).select_related("board")
    return list(found.order_by("-last_at", "-pk")[:most])


def topics_by(person: Person, most: int) -> list[Topic]:
    """Return the topics that the person opened, the latest first."""
    found = Topic.objects.filter(author=person, hidden=False, board__active=True)
    return list(found.order_by("-last_at", "-pk")[:most])


def replies_of(topic: Topic) -> QuerySet[Reply]:
    """Return the topic's replies as they are read: thread by thread, each answer below what it answers."""
    kind = ContentType.objects.get_for_model(Topic)
    found: QuerySet[Reply] = Reply.objects.filter(content_type=kind, object_pk=str(topic.pk))
    return found.select_related("user", "unit").order_by("thread_id", "order", "pk")


def reply_page(topic: Topic, number: int) -> ReplyPage:
    """Return one page of replies in one question; a number beyond the end gives the last page."""
    pages = max(1, -(-topic.replies // REPLIES_A_PAGE))
    number = min(max(1, number), pages)
    start = (number - 1) * REPLIES_A_PAGE
    return ReplyPage(list(replies_of(topic)[start : start + REPLIES_A_PAGE]), number, pages)


def reply_for(viewer: Viewer, reply_id: int) -> tuple[Reply, Topic]:
    """Return the reply and its topic if the viewer may read it. Raises NotFound."""
    kind = ContentType.objects.get_for_model(Topic)
    found = Reply.objects.filter(pk=reply_id, content_type=kind).first() if 0 < reply_id <= 2**31 - 1 else None
    if found is None or (found.is_removed and not is_moderator(viewer)):
        raise NotFound()
    return found, topic_for(viewer, int(found.object_pk))


def page_of_reply(topic: Topic, reply: Reply) -> int:
    """Return the number of the page that the reply stands on."""
    earlier = Q(thread_id__lt=reply.thread_id) | Q(thread_id=reply.thread_id, order__lt=reply.order)
    return replies_of(topic).filter(earlier).count() // REPLIES_A_PAGE + 1
