"""Replies as they are read: thread by thread, a page in one question however long the topic is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.rules import NotFound
from accounts.viewers import Viewer

from ..models import Reaction, Reply, Topic
from ..rules import is_moderator
from .topics import topic_for

REPLIES_A_PAGE = 50
MOST_ASKED = 100
PEOPLE = ("user__member", "unit", "moved_to")


@dataclass(frozen=True)
class ReplyPage:
    """Some replies of a topic in the order of their threads; pages count from 1.

    `mine` holds (reply id, kind) of the viewer's reactions, `parents` by number what replies answer that stands on
    another page.
    """

    replies: list[Reply]
    number: int
    pages: int
    mine: frozenset[tuple[int, str]] = frozenset()


def replies_of(topic: Topic, viewer: Viewer | None = None) -> QuerySet[Reply]:
    """Return the topic's replies as they are read: each answer below what it answers.

    Those that wait for review are there for their writer only, and for moderators.
    """
    found: QuerySet[Reply] = Reply.objects.filter(topic=topic)
    if viewer is None or viewer.person is None:
        found = found.filter(held=False)
    elif not is_moderator(viewer):
        found = found.filter(Q(held=False) | Q(user=viewer.person))
    return found.select_related(None).select_related(*PEOPLE).order_by("path")


def reply_page(topic: Topic, number: int, viewer: Viewer | None = None, newest: bool = False) -> ReplyPage:
    """Return one page of replies; a number beyond the end gives the last page. `newest` is by time, latest first.

    The page's ids are read off the index of places first: no row of another page is touched.
    """
    pages = max(1, -(-topic.shown // REPLIES_A_PAGE))
    number = min(max(1, number), pages)
    start = (number - 1) * REPLIES_A_PAGE
    ids = replies_of(topic, viewer).select_related(None).order_by("-number" if newest else "path")
    # The last page takes what waits for review too, which is not counted.
    end = start + (REPLIES_A_PAGE if number < pages else 2 * REPLIES_A_PAGE)
    found = list(ids.values_list("pk", flat=True)[start:end])
    rows = Reply.objects.filter(pk__in=found).select_related(None).select_related(*PEOPLE).order_by(
        "-number" if newest else "path"
    )  # fmt: skip
    replies = list(rows)
    return ReplyPage(replies, number, pages, _reactions(viewer, replies))


def _reactions(viewer: Viewer | None, replies: Sequence[Reply]) -> frozenset[tuple[int, str]]:
    if viewer is None or viewer.person is None or not replies:
        return frozenset()
    found = Reaction.objects.filter(person=viewer.person, reply__in=[reply.pk for reply in replies])
    return frozenset(found.values_list("reply_id", "kind"))


def replies_by_id(viewer: Viewer, topic: Topic, ids: Iterable[int]) -> ReplyPage:
    """Return the named replies of the topic that the viewer may read, in reading order, for pages that are open."""
    wanted = [one for one in ids if 0 < one < 2**31][:MOST_ASKED]
    rows = list(replies_of(topic, viewer).filter(pk__in=wanted))
    return ReplyPage(rows, 1, 1, _reactions(viewer, rows))


def parents_of(topic: Topic, replies: Sequence[Reply]) -> dict[int, Reply]:
    """Return by number the replies that those of a page answer, asking only for what stands on another page."""
    known = {reply.number: reply for reply in replies}
    lacking = {reply.answers for reply in replies if reply.answers} - known.keys()
    if lacking:
        rows = Reply.objects.filter(topic=topic, number__in=lacking).select_related(None).select_related("user", "unit")
        known |= {row.number: row for row in rows}
    return known


def reply_for(viewer: Viewer, reply_id: int) -> tuple[Reply, Topic]:
    """Return the reply and its topic if the viewer may read it. Raises NotFound."""
    found = Reply.objects.filter(pk=reply_id).first() if 0 < reply_id <= 2**31 - 1 else None
    if found is None or (found.is_removed and not is_moderator(viewer)):
        raise NotFound()
    topic = topic_for(viewer, found.topic_id)
    own = viewer.person is not None and found.user_id == viewer.person.pk
    if found.held and not own and not is_moderator(viewer):
        raise NotFound()
    return found, topic


def page_of_reply(topic: Topic, reply: Reply, viewer: Viewer | None = None) -> int:
    """Return the number of the page that the reply stands on."""
    earlier = replies_of(topic, viewer).filter(path__lt=reply.path).count()
    return min(earlier // REPLIES_A_PAGE + 1, max(1, -(-topic.shown // REPLIES_A_PAGE)))
