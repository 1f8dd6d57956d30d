"""What can be found of a topic."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from search.actions import Text

from ..markup import unmarked
from ..models import Board, Reply, Topic
from ..queries.boards import audience_of

# Rooms of the index.
TOPICS, BLOGS = "topic", "blog"

# Of a topic's replies the first so many can be found, and so many characters of all its words.
REPLIES_INDEXED, MOST_INDEXED = 200, 20_000


def room_of(board: Board) -> str:
    """Return under which filter of the search the board's topics are found."""
    return BLOGS if board.is_blog else TOPICS


def topic_text(topic: Topic) -> Text | None:
    """Return a topic's own words and those of its replies as one text, None while not everybody there may read it."""
    if not topic.board.active or topic.hidden or topic.held or topic.merged_into_id:
        return None
    standing = Reply.objects.filter(topic=topic, is_removed=False, held=False).order_by("number")
    words = [topic.text, *standing.values_list("comment", flat=True)[:REPLIES_INDEXED], " ".join(topic.tags)]
    return Text(
        room=room_of(topic.board), ref=str(topic.pk), title=topic.title, text=unmarked("\n".join(words)[:MOST_INDEXED]),
        url=topic.get_absolute_url(), at=topic.opened_at, language=topic.language,
        audience=audience_of(topic.board),
    )  # fmt: skip


def findable_topics() -> Iterator[Text]:
    """Return what can be found of every topic that is no blog's article, to build the index anew."""
    return _findable(Topic.objects.exclude(board__kind=Board.Kind.BLOG))


def findable_articles() -> Iterator[Text]:
    """Return what can be found of every article of the blogs, to build the index anew."""
    return _findable(Topic.objects.filter(board__kind=Board.Kind.BLOG))


def _findable(topics: QuerySet[Topic]) -> Iterator[Text]:
    for topic in topics.select_related("board").order_by("pk").iterator(chunk_size=500):
        text = topic_text(topic)
        if text is not None:
            yield text
