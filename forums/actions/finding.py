"""What can be found of a topic."""

from __future__ import annotations

from collections.abc import Iterator

from search.actions import Text

from ..models import Reply, Topic

# Of a topic's replies the first so many can be found, and so many characters of all its words.
REPLIES_INDEXED, MOST_INDEXED = 200, 20_000


def topic_text(topic: Topic) -> Text | None:
    """Return a public topic's own words and those of its replies as one text, None while not everybody may read it."""
    if topic.board.members_only or topic.hidden or topic.held or topic.merged_into_id:
        return None
    standing = Reply.objects.filter(topic=topic, is_removed=False, held=False).order_by("number")
    words = [topic.text, *standing.values_list("comment", flat=True)[:REPLIES_INDEXED], " ".join(topic.tags)]
    return Text(
        room="topic", ref=str(topic.pk), title=topic.title, text="\n".join(words)[:MOST_INDEXED],
        url=topic.get_absolute_url(), at=topic.opened_at, language=topic.language,
    )  # fmt: skip


def findable_topics() -> Iterator[Text]:
    """Return what can be found of every topic, to build the index anew."""
    for topic in Topic.objects.select_related("board").order_by("pk").iterator(chunk_size=500):
        text = topic_text(topic)
        if text is not None:
            yield text
