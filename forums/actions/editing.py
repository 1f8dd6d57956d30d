"""Changing and taking back one's own posts; what a moderator hid never comes back by it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.masking import masked
from accounts.rules import BadInput, clean_text
from accounts.viewers import Viewer
from journal.actions import append

from .. import rules
from ..markup import rendered
from ..models import Picture, Reply, Revision
from .counting import count_board, count_posts, index_topic, settle, settle_one
from .holding import open_review, why_held
from .locks import check_inside, locked, locked_reply, member_of, writer
from .post import tag
from .sources import note_sources
from .telling import participants


@transaction.atomic
def edit_topic(
    *, viewer: Viewer, topic_id: int, title: str, text: str, tags: Any = None, at: datetime | None = None
) -> None:
    """Change the words of one's own topic; `tags` stay when None. Raises NotFound, WrongStatus, BadInput, Muted."""
    title = masked(clean_text(title, most=rules.MOST_TITLE, least=rules.LEAST_TITLE, field="title", newlines=False))
    text = masked(clean_text(text, most=rules.MOST_ARTICLE, least=1))
    at = at or timezone.now()
    topic = locked(topic_id)
    check_inside(viewer, topic.board)
    rules.check_edit_topic(viewer, topic)
    if len(text) > rules.MOST_TEXT and not topic.board.is_blog:
        raise BadInput(_("At most %(most)d characters, please.") % {"most": rules.MOST_TEXT}, field="text")
    chosen = topic.tags if tags is None else rules.clean_tags(tags)
    held = _held(viewer, "\n".join([title, text, *chosen]), at)
    Revision.objects.create(topic=topic, title=topic.title, text=topic.text, until=at)
    topic.title, topic.text, topic.tags, topic.edited_at = title, text, chosen, at
    topic.html = rendered(text, article=topic.board.is_blog)
    tag(topic, chosen)
    if held and not topic.held:
        topic.held = True
        count_board(topic.board_id, -1)
        count_posts(topic.author_id, -1)
    topic.save(update_fields=["title", "text", "tags", "edited_at", "html", "held"])
    append(topic.stream_name, "topic.edited", {}, by=viewer.person, at=at)
    index_topic(topic)
    if held:
        open_review(topic, None, *held, at)


@transaction.atomic
def edit_reply(*, viewer: Viewer, reply_id: int, text: str, at: datetime | None = None) -> None:
    """Change the words of one's own reply. Raises NotFound, WrongStatus when the topic is locked, BadInput, Muted."""
    text = clean_text(text, most=rules.MOST_TEXT, least=1)
    at = at or timezone.now()
    reply, topic = locked_reply(reply_id)
    check_inside(viewer, topic.board)
    rules.check_edit(viewer, reply, topic)
    text = text if reply.official else masked(text)
    held = _held(viewer, text, at)
    html = rendered(text, participants(topic) if "@" in text else (), article=reply.official)
    Revision.objects.create(topic=topic, reply=reply, text=reply.comment, until=at)
    # Never save(): comments-xtd would publish again what a moderator hid.
    Reply.objects.filter(pk=reply.pk).update(
        comment=text, html=html, edited_at=at, held=reply.held or bool(held), changed_sources=[]
    )  # fmt: skip
    append(topic.stream_name, "topic.reply_edited", {"reply": reply.pk}, by=viewer.person, at=at)
    if reply.official:
        reply.comment = text
        note_sources(reply, viewer.person, at)
    if held and not reply.held:
        settle(topic)
        count_posts(reply.user_id, -1)
        open_review(topic, reply, *held, at)
    index_topic(topic)


def _held(viewer: Viewer, words: str, at: datetime) -> tuple[str, str] | None:
    member = member_of(writer(viewer), at)
    rules.check_not_muted(member, at)
    return why_held(viewer, member, words, at)


@transaction.atomic
def withdraw_reply(*, viewer: Viewer, reply_id: int, at: datetime | None = None) -> None:
    """Take one's own reply back: its words go for good, a line and the answers to it stay. Raises as edit_reply."""
    at = at or timezone.now()
    reply, topic = locked_reply(reply_id)
    check_inside(viewer, topic.board)
    rules.check_edit(viewer, reply, topic)
    Reply.objects.filter(pk=reply.pk).update(comment="", html="", pictures=[], is_removed=True, held=False)
    Revision.objects.filter(reply=reply).delete()
    Picture.objects.filter(reply=reply).delete()
    append(topic.stream_name, "topic.reply_withdrawn", {"reply": reply.pk}, by=viewer.person, at=at)
    settle_one(topic, reply)
    if not reply.held:
        count_posts(reply.user_id, -1)
