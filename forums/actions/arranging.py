"""Moving, merging and splitting topics: every reply keeps its words, its writer and its time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from accounts.rules import BadInput, WrongStatus, clean_text
from accounts.viewers import Viewer
from journal.actions import append, retract

from .. import rules
from ..models import Picture, Reaction, Reply, Review, Revision, Topic
from .answers import ask_if_needed
from .counting import count_board, index_topic, is_standing, settle
from .locks import locked, locked_board, locked_reply
from .post import path_part, store, tag
from .telling import tell

PLACES = ["topic", "object_pk", "path", "number", "answers", "thread_id", "parent_id", "level", "order"]


@transaction.atomic
def move_topic(*, by: Viewer, topic_id: int, board_id: int, reason: str = "", at: datetime | None = None) -> None:
    """Move the topic to another board; its author is told. Raises NotFound."""
    at, reason = at or timezone.now(), rules.clean_reason(reason)
    rules.check_moderate(by)
    board = locked_board(board_id)
    topic = locked(topic_id)
    if topic.board_id == board.pk:
        return
    before, stands = topic.board, is_standing(topic)
    topic.board = board
    topic.save(update_fields=["board"])
    for place, step in ((before.pk, -int(stands)), (board.pk, int(stands))):
        count_board(place, step)
    told = {"board": board.slug, "before": before.slug, "reason": reason}
    entry = append(topic.stream_name, "topic.moved", told, by=by.person, at=at)
    tell(entry, "topic_moved", [topic.author], topic.get_absolute_url(), title=topic.title, board=board)
    index_topic(topic)
    ask_if_needed(topic, at)
    # Who followed it on an open board may have no place in a closed one.
    retract(topic.stream_name)


@transaction.atomic
def merge_topics(*, by: Viewer, topic_id: int, into_id: int, reason: str = "", at: datetime | None = None) -> None:
    """Put a topic and its replies into another one, which its address then leads to. Raises NotFound, BadInput."""
    at, reason = at or timezone.now(), rules.clean_reason(reason)
    rules.check_moderate(by)
    if topic_id == into_id:
        raise BadInput(_("Please name another topic."), field="into")
    # The lower id first: two merges at once must not wait for each other.
    first, second = (locked(one) for one in sorted((topic_id, into_id)))
    topic, into = (first, second) if first.pk == topic_id else (second, first)
    if topic.merged_into_id or into.merged_into_id or into.hidden or into.held or topic.held:
        raise WrongStatus()
    stood = is_standing(topic)
    _into(topic, into)
    topic.merged_into = into
    topic.save(update_fields=["merged_into"])
    count_board(topic.board_id, -int(stood))
    told = {"topic": topic.pk, "into": into.pk, "reason": reason}
    for one in (first, second):
        entry = append(one.stream_name, "topic.merged", told, by=by.person, at=at)
    for one in (topic, into):
        settle(one)
        index_topic(one)
    tell(entry, "topic_merged", [topic.author], into.get_absolute_url(), title=topic.title, into=into.title)
    retract(topic.stream_name)


def _into(topic: Topic, into: Topic) -> None:
    """Let the topic's first post become a reply of the other one, at its own time, and its replies follow it."""
    words = f"**{topic.title}**\n\n{topic.text}"
    first = Reply(user=topic.author, comment=words, html=f"<p><strong>{escape(topic.title)}</strong></p>{topic.html}",
                  submit_date=topic.opened_at, is_removed=topic.hidden, case=topic.case)  # fmt: skip
    rows = list(Reply.objects.filter(topic=topic, moved_to=None).order_by("number"))
    store(into, first, None)
    Picture.objects.filter(topic=topic, reply=None).update(topic=into, reply=first)
    Reply.objects.filter(pk=first.pk).update(pictures=topic.pictures)
    _carry(rows, topic, into, 0)


@transaction.atomic
def split_topic(
    *, by: Viewer, reply_id: int, title: str, board_id: int | None = None, reason: str = "", at: datetime | None = None
) -> Topic:
    """Make a reply and everything below it a topic of its own; a line leads there. Raises NotFound, BadInput."""
    at, reason = at or timezone.now(), rules.clean_reason(reason)
    title = clean_text(title, most=rules.MOST_TITLE, least=rules.LEAST_TITLE, field="title", newlines=False)
    rules.check_moderate(by)
    board = locked_board(board_id) if board_id else None
    reply, topic = locked_reply(reply_id)
    if reply.is_removed or reply.held or reply.user is None:
        raise WrongStatus()
    made = Topic.objects.create(
        board=board or topic.board, author=reply.user, title=title, text=reply.comment, html=reply.html,
        language=topic.language, opened_at=reply.submit_date, last_at=reply.submit_date, pictures=reply.pictures,
    )  # fmt: skip
    tag(made, [])
    Picture.objects.filter(reply=reply).update(topic=made, reply=None)
    _carry(_below(reply), topic, made, reply.level + 1, cut=len(reply.path))
    Reply.objects.filter(pk=reply.pk).update(is_removed=True, moved_to=made, comment="", html="", pictures=[])
    told = {"reply": reply.pk, "topic": made.pk, "reason": reason}
    entry = append(topic.stream_name, "topic.split", told, by=by.person, at=at)
    append(made.stream_name, "topic.opened", {"board": made.board.slug, "from": topic.pk}, by=reply.user, at=at)
    for one in (topic, made):
        settle(one)
        index_topic(one)
    count_board(made.board_id, 1)
    tell(entry, "topic_split", [reply.user], made.get_absolute_url(), title=made.title)
    return made


def _below(reply: Reply) -> list[Reply]:
    rows = Reply.objects.filter(topic_id=reply.topic_id, path__startswith=reply.path).exclude(pk=reply.pk)
    return list(rows.order_by("path"))


def _carry(rows: list[Reply], before: Topic, into: Topic, lifted: int, cut: int = 0) -> None:
    """Put replies, in their order, into another topic: `lifted` levels higher, their paths cut at the front."""
    numbers: dict[int, int] = {}
    threads: dict[str, int] = {}
    seen: dict[int, int] = {}
    for row in rows:
        into.numbers += 1
        numbers[row.number] = into.numbers
        row.topic, row.object_pk, row.path = into, str(into.pk), row.path[cut:]
        row.number, row.answers = into.numbers, numbers.get(row.answers, 0)
        row.level -= lifted
        if row.level == 0:
            row.parent_id, threads[row.path] = row.pk, row.pk
        if lifted:
            row.thread_id = threads[row.path[: len(path_part(row))]]
            row.order = seen[row.thread_id] = seen.get(row.thread_id, 0) + 1
    Reply.objects.bulk_update(rows, PLACES, batch_size=200)
    ids = [row.pk for row in rows]
    for model in (Picture, Reaction, Review, Revision):
        model.objects.filter(topic=before, reply__in=ids).update(topic=into)
    into.save(update_fields=["numbers"])
