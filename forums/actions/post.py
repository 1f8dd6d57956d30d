"""Opening topics and replying to them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import notices.actions
import search.actions
from accounts.actions import limit_rate
from accounts.rules import BadInput, Conflict, NotFound, clean_text
from accounts.viewers import Viewer
from journal.actions import append

from .. import rules
from ..models import Board, Reply, Topic
from .finding import REPLIES_INDEXED, topic_text

if TYPE_CHECKING:
    from accounts.models import Person


def open_topic(
    *, viewer: Viewer, board_id: int, title: str, text: str, token: str = "", at: datetime | None = None
) -> Topic:
    """Open a topic; the same `token` of the same person again gives the same topic.

    Raises SignInFirst, NotFound for a board that is not there, BadInput and TooMany.
    """
    title = clean_text(title, most=rules.MOST_TITLE, least=rules.LEAST_TITLE, field="title", newlines=False)
    text = clean_text(text, most=rules.MOST_TEXT, least=1)
    author = _writer(viewer)
    digest = token_digest(author.pk, token)
    found = Topic.objects.filter(token=digest).first() if digest else None
    if found:
        return found
    limit_rate("forum-post", viewer.key, rules.POSTS, rules.POSTS_SECONDS)
    return _opened(viewer, board_id, title, text, digest, at or timezone.now())


@transaction.atomic
def _opened(viewer: Viewer, board_id: int, title: str, text: str, digest: str | None, at: datetime) -> Topic:
    # The board's row keeps two presses of the same button apart: the second finds what the first made.
    board = Board.objects.select_for_update().filter(pk=board_id).first()
    if board is None:
        raise NotFound()
    rules.check_open_topic(viewer, board)
    found = Topic.objects.filter(token=digest).first() if digest else None
    if found:
        return found
    topic = Topic.objects.create(
        board=board, author=_writer(viewer), title=title, text=text, language=viewer.language, opened_at=at, last_at=at,
        token=digest,
    )  # fmt: skip
    append(topic.stream_name, "topic.opened", {"board": board.slug}, by=viewer.person, at=at)
    index_topic(topic)
    return topic


@transaction.atomic
def reply_to(
    *,
    viewer: Viewer,
    topic_id: int,
    text: str,
    parent_id: int | None = None,
    official: bool = False,
    token: str = "",
    at: datetime | None = None,
) -> Reply:
    """Reply to a topic, or to the reply `parent_id` in it; `official` answers in the name of the viewer's unit.

    Raises SignInFirst, NotFound, WrongStatus when the topic is locked, BadInput, TooMany, and Conflict if the same
    `token` came with another text.
    """
    text = clean_text(text, most=rules.MOST_TEXT, least=1)
    at = at or timezone.now()
    topic = locked(topic_id)
    rules.check_reply(viewer, topic, official)
    repeated = _repeated(viewer, topic, token, text)
    if repeated:
        return repeated
    limit_rate("forum-post", viewer.key, rules.POSTS, rules.POSTS_SECONDS)
    reply = _stored(viewer, topic, text, parent_id, official, at)
    _count(topic, reply, at)
    entry = append(
        topic.stream_name, "topic.replied", {"reply": reply.pk, "official": official}, by=viewer.person, at=at,
        key=token[:64], digest=_digest(text),
    )  # fmt: skip
    _tell_author(topic, reply, entry)
    if topic.replies <= REPLIES_INDEXED:
        index_topic(topic)
    return reply


def locked(topic_id: int) -> Topic:
    """Return the topic with its row locked: comments-xtd numbers replies without a lock of its own. Raises NotFound."""
    rows = Topic.objects.select_for_update(of=("self",)).select_related("board", "author")
    found = rows.filter(pk=topic_id).first()
    if found is None:
        raise NotFound()
    return found


def _writer(viewer: Viewer) -> Person:
    if viewer.person is None:
        raise rules.SignInFirst()
    return viewer.person


def _repeated(viewer: Viewer, topic: Topic, token: str, text: str) -> Reply | None:
    from journal.queries import entry_of_key

    entry = entry_of_key(topic.stream_name, viewer.key, token[:64])
    if entry is None:
        return None
    if entry.digest != _digest(text):
        raise Conflict(_("This form was sent already with other words. Please reload the page."))
    found: Reply | None = Reply.objects.filter(pk=entry.data.get("reply", 0)).first()
    return found


def _stored(viewer: Viewer, topic: Topic, text: str, parent_id: int | None, official: bool, at: datetime) -> Reply:
    reply = Reply(
        content_type=ContentType.objects.get_for_model(Topic), object_pk=str(topic.pk), site_id=settings.SITE_ID,
        user=viewer.person, comment=text, submit_date=at, is_public=True, official=official,
        unit=viewer.posts[0].unit if official else None, parent_id=_parent(topic, parent_id),
    )  # fmt: skip
    reply.save()
    return reply


def _parent(topic: Topic, parent_id: int | None) -> int:
    """Return the id to hang the reply below; what is too deep hangs beside what it answers."""
    if not parent_id:
        return 0
    kind = ContentType.objects.get_for_model(Topic)
    parent = Reply.objects.filter(pk=min(parent_id, 2**31 - 1), content_type=kind, object_pk=str(topic.pk)).first()
    if parent is None:
        raise BadInput(_("The reply you answer is not there any more."), field="parent")
    return int(parent.parent_id if parent.level >= settings.COMMENTS_XTD_MAX_THREAD_LEVEL else parent.pk)


def _count(topic: Topic, reply: Reply, at: datetime) -> None:
    topic.replies += 1
    topic.last_at = max(topic.last_at, at)
    if reply.official and topic.official_reply is None:
        topic.official_reply = reply.pk
    topic.save(update_fields=["replies", "last_at", "official_reply"])


def _tell_author(topic: Topic, reply: Reply, entry: object) -> None:
    # The author's stream is locked after the topic's; nothing takes a topic while it holds a person's.
    if reply.user_id == topic.author_id:
        return
    notices.actions.notify(
        entry=entry,  # type: ignore[arg-type]
        kind="topic_answered" if reply.official else "topic_replied", person=topic.author,
        channels=("email",) if reply.official else (),
        context={"title": topic.title, "unit": reply.unit.label_in(topic.author.language) if reply.unit else ""},
        url=f"{topic.get_absolute_url()}?reply={reply.pk}",
    )  # fmt: skip


@transaction.atomic
def edit_reply(*, viewer: Viewer, reply_id: int, text: str, at: datetime | None = None) -> None:
    """Change the words of one's own reply. Raises NotFound, WrongStatus when the topic is locked, BadInput."""
    text = clean_text(text, most=rules.MOST_TEXT, least=1)
    at = at or timezone.now()
    reply, topic = locked_reply(reply_id)
    rules.check_edit(viewer, reply, topic)
    # Never save(): comments-xtd would publish again what a moderator hid.
    Reply.objects.filter(pk=reply.pk).update(comment=text, edited_at=at)
    append(topic.stream_name, "topic.reply_edited", {"reply": reply.pk}, by=viewer.person, at=at)
    index_topic(topic)


def locked_reply(reply_id: int) -> tuple[Reply, Topic]:
    """Return the reply and its topic with the topic's row locked. Raises NotFound."""
    kind = ContentType.objects.get_for_model(Topic)
    rows = Reply.objects.filter(pk=reply_id, content_type=kind) if 0 < reply_id < 2**31 else Reply.objects.none()
    found = rows.first()
    if found is None:
        raise NotFound()
    topic = locked(int(found.object_pk))
    # Read again below the lock: it may have been hidden meanwhile.
    return rows.get(), topic


def index_topic(topic: Topic) -> None:
    """Make a public topic findable by its own words and those of its replies: one document, however long it gets."""
    text = topic_text(topic)
    if text is None:
        search.actions.unindex("topic", str(topic.pk))
    else:
        search.actions.index_many([text])


def token_digest(person_id: int, token: str) -> str | None:
    """Return what is kept of a form's token; None without one. Another person's equal token is another."""
    return hashlib.sha256(f"{person_id}:{token}".encode("utf-8", "replace")).hexdigest() if token else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
