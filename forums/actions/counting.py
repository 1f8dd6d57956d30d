"""What is counted along so that pages need not count: replies of topics, topics of boards, posts of members."""

from __future__ import annotations

from django.db.models import F, Max

import search.actions

from .. import marks
from ..models import Board, Member, Reply, Topic
from .finding import BLOGS, REPLIES_INDEXED, TOPICS, topic_text

COUNTED = ("replies", "shown", "numbers", "gone", "last_at", "official_reply", "answered_at")


def settle(topic: Topic) -> None:
    """Count the locked topic's replies anew after something but a plain reply has happened to them."""
    posts = Reply.objects.filter(topic=topic).order_by("number")
    rows = list(posts.values_list("number", "held", "is_removed", "pk", "official", "submit_date"))
    standing = [row for row in rows if not row[1] and not row[2]]
    official = next((row for row in standing if row[4]), None)
    topic.replies, topic.shown = len(standing), sum(not row[1] for row in rows)
    topic.numbers = max(topic.numbers, rows[-1][0] if rows else 0)
    present = {row[0] for row in standing}
    topic.gone = marks.of(number for number in range(1, topic.numbers + 1) if number not in present)
    topic.last_at = max([topic.opened_at, *(row[5] for row in standing)])
    topic.official_reply, topic.answered_at = (official[3], official[5]) if official else (None, None)
    topic.save(update_fields=COUNTED)


def settle_one(topic: Topic, reply: Reply) -> None:
    """Count after one reply of the locked topic was hidden, held or given back; `reply` is as it was before.

    However long the topic, only that reply is asked for; others only where it was the latest or the official one.
    """
    held, removed = Reply.objects.filter(pk=reply.pk).values_list("held", "is_removed").get()
    stood, stands = not marks.holds(topic.gone, reply.number), not (held or removed)
    topic.replies += stands - stood
    topic.shown += reply.held - held
    topic.gone = (marks.drop if stands else marks.add)(topic.gone, [reply.number])
    standing = Reply.objects.filter(topic=topic, held=False, is_removed=False)
    if stands or reply.submit_date >= topic.last_at:
        topic.last_at = max(topic.opened_at, standing.aggregate(last=Max("submit_date"))["last"] or topic.opened_at)
    if reply.official:
        first = standing.filter(official=True).order_by("number").values_list("pk", "submit_date").first()
        topic.official_reply, topic.answered_at = first or (None, None)
    topic.save(update_fields=COUNTED)
    # What stands far down is in no index.
    if reply.number <= REPLIES_INDEXED + topic.numbers - topic.replies:
        index_topic(topic)


def is_standing(topic: Topic) -> bool:
    """Return whether the topic is on its board for everybody who may read the board."""
    return not (topic.hidden or topic.held or topic.archived or topic.merged_into_id)


def count_board(board_id: int, by: int) -> None:
    """Note that so many topics more, or fewer, stand in the board."""
    Board.objects.filter(pk=board_id).update(topic_count=F("topic_count") + by)


def count_posts(person_id: int | None, posts: int, hidden: int = 0) -> None:
    """Note that so many posts of the person more stand, and so many more were taken away; fewer when negative."""
    member = Member.objects.filter(person_id=person_id).first() if person_id else None
    if member is not None:
        member.posts, member.hidden = max(0, member.posts + posts), max(0, member.hidden + hidden)
        member.save(update_fields=["posts", "hidden"])


def index_topic(topic: Topic) -> None:
    """Make a topic findable by its own words and those of its replies: one document, however long it gets.

    It is found by those who may read its board, and nowhere else any more.
    """
    for room in (TOPICS, BLOGS):
        search.actions.unindex(room, str(topic.pk))
    text = topic_text(topic)
    if text is not None:
        search.actions.index_many([text])


def index_board(board: Board) -> None:
    """Let what is found of the board's topics follow who may read the board now."""
    for topic in Topic.objects.filter(board=board).select_related("board").iterator(chunk_size=500):
        index_topic(topic)
