"""Keeping order: closing, pinning, archiving and hiding, with a reason; giving back what was hidden or held."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.rules import BadInput
from accounts.viewers import Viewer
from journal.actions import append, retract
from journal.models import Entry

from .. import rules
from ..models import Member, Reply, Review, Topic
from .counting import count_board, count_posts, index_topic, is_standing, settle_one
from .holding import close_reviews
from .locks import locked, locked_reply
from .post import stand_topic
from .telling import tell, tell_of_reply

Decision = Review.Decision


def lock_topic(*, by: Viewer, topic_id: int, reason: str = "", at: datetime | None = None) -> None:
    """Close the topic to replies. Raises NotFound for everybody but moderators."""
    _set(by, topic_id, "locked", True, "topic.locked", reason, at)


def unlock_topic(*, by: Viewer, topic_id: int, at: datetime | None = None) -> None:
    """Open the topic to replies again. Raises NotFound for everybody but moderators."""
    _set(by, topic_id, "locked", False, "topic.unlocked", "", at)


def pin_topic(*, by: Viewer, topic_id: int, on: bool, at: datetime | None = None) -> None:
    """Keep the topic at the top of its board, or no longer. Raises NotFound for everybody but moderators."""
    _set(by, topic_id, "pinned", on, "topic.pinned" if on else "topic.unpinned", "", at)


def archive_topic(*, by: Viewer, topic_id: int, on: bool, reason: str = "", at: datetime | None = None) -> None:
    """Take the topic from the board's list into its archive, read-only, or back. Raises NotFound."""
    _set(by, topic_id, "archived", on, "topic.archived" if on else "topic.unarchived", reason, at)


@transaction.atomic
def _set(by: Viewer, topic_id: int, field: str, value: bool, kind: str, reason: str, at: datetime | None) -> None:
    reason = rules.clean_reason(reason)
    rules.check_moderate(by)
    topic = locked(topic_id)
    if getattr(topic, field) == value:
        return
    before = is_standing(topic)
    setattr(topic, field, value)
    topic.save(update_fields=[field])
    count_board(topic.board_id, is_standing(topic) - before)
    append(topic.stream_name, kind, {"reason": reason} if reason else {}, by=by.person, at=at or timezone.now())


@transaction.atomic
def hide_topic(*, by: Viewer, topic_id: int, reason: str, ground: str = "other", at: datetime | None = None) -> None:
    """Take the topic from everybody but moderators, also from search and from pages now open; tell its author why."""
    reason, ground, at = rules.clean_reason_of(ground, reason), rules.clean_ground(ground), at or timezone.now()
    rules.check_moderate(by)
    topic = locked(topic_id)
    if topic.hidden:
        return
    stood, held = is_standing(topic), topic.held
    topic.hidden, topic.held = True, False
    topic.save(update_fields=["hidden", "held"])
    count_board(topic.board_id, -int(stood))
    count_posts(topic.author_id, 0 if held else -1, 1)
    entry = append(topic.stream_name, "topic.hidden", {"reason": reason, "ground": ground}, by=by.person, at=at)
    close_reviews(topic, None, Decision.HIDDEN, by.person, at, ground, reason)
    _tell_author(entry, topic, None, ground, reason)
    index_topic(topic)
    retract(topic.stream_name)


@transaction.atomic
def show_topic(*, by: Viewer, topic_id: int, at: datetime | None = None) -> None:
    """Give the topic to everybody: one that was hidden, or one that was held for review."""
    at = at or timezone.now()
    rules.check_moderate(by)
    topic = locked(topic_id)
    if not (topic.hidden or topic.held):
        close_reviews(topic, None, Decision.KEPT, by.person, at)
        return
    was_hidden = topic.hidden
    topic.hidden = topic.held = False
    topic.save(update_fields=["hidden", "held"])
    entry = append(topic.stream_name, "topic.shown", {}, by=by.person, at=at)
    close_reviews(topic, None, Decision.KEPT, by.person, at)
    count_posts(topic.author_id, 0, -int(was_hidden))
    tell(entry, "post_shown", [topic.author], topic.get_absolute_url(), title=topic.title)
    stand_topic(topic, at)


@transaction.atomic
def hide_reply(*, by: Viewer, reply_id: int, reason: str, ground: str = "other", at: datetime | None = None) -> None:
    """Take a reply away; a line saying so stays, and so do the answers to it; its author is told why."""
    reason, ground, at = rules.clean_reason_of(ground, reason), rules.clean_ground(ground), at or timezone.now()
    rules.check_moderate(by)
    reply, topic = locked_reply(reply_id)
    if reply.is_removed:
        return
    # Never save(): comments-xtd would touch the answers below.
    Reply.objects.filter(pk=reply.pk).update(is_removed=True, held=False)
    told = {"reply": reply.pk, "reason": reason, "ground": ground}
    entry = append(topic.stream_name, "topic.reply_hidden", told, by=by.person, at=at)
    close_reviews(topic, reply, Decision.HIDDEN, by.person, at, ground, reason)
    count_posts(reply.user_id, 0 if reply.held else -1, 1)
    _tell_author(entry, topic, reply, ground, reason)
    settle_one(topic, reply)


@transaction.atomic
def show_reply(*, by: Viewer, reply_id: int, at: datetime | None = None) -> None:
    """Give a reply to everybody: one that was hidden, or one that was held for review."""
    at = at or timezone.now()
    rules.check_moderate(by)
    reply, topic = locked_reply(reply_id)
    if not (reply.is_removed or reply.held):
        close_reviews(topic, reply, Decision.KEPT, by.person, at)
        return
    if reply.moved_to_id or not reply.comment:
        raise rules.WrongStatus()
    Reply.objects.filter(pk=reply.pk).update(is_removed=False, held=False)
    settle_one(topic, reply)
    count_posts(reply.user_id, 1, -int(reply.is_removed))
    if reply.is_removed:
        entry = append(topic.stream_name, "topic.reply_shown", {"reply": reply.pk}, by=by.person, at=at)
    else:
        # For readers it arrives now, in its writer's name.
        told = {"reply": reply.pk, "official": False}
        entry = append(topic.stream_name, "topic.replied", told, by=reply.user, at=at)
    close_reviews(topic, reply, Decision.KEPT, by.person, at)
    _tell_shown(topic, reply, entry)


def _tell_shown(topic: Topic, reply: Reply, entry: Entry) -> None:
    url = f"{topic.get_absolute_url()}?reply={reply.pk}"
    tell(entry, "post_shown", [reply.user], url, title=topic.title)
    if reply.held:
        parent = Reply.objects.select_related("user").filter(topic=topic, number=reply.answers).first()
        tell_of_reply(topic, reply, entry, parent if reply.answers else None)


def _tell_author(entry: Entry, topic: Topic, reply: Reply | None, ground: str, reason: str) -> None:
    author = reply.user if reply else topic.author
    url = f"/forums/topics/{topic.pk}/appeal/" + (f"?reply={reply.pk}" if reply else "")
    tell(entry, "post_hidden", [author], url, ("email",), title=topic.title, ground=rules.GROUNDS[ground],
         reason=reason)  # fmt: skip


@transaction.atomic
def mute_person(*, by: Viewer, person_id: int, days: int, reason: str, at: datetime | None = None) -> None:
    """Let somebody pause from writing for so many days, 0 for no longer. Raises NotFound, BadInput."""
    at, reason = at or timezone.now(), rules.clean_reason(reason, least=1 if days else 0)
    rules.check_moderate(by)
    if not isinstance(days, int) or not 0 <= days <= 366:
        raise BadInput(field="days")
    member = Member.objects.select_for_update().filter(person_id=person_id).first()
    if member is None:
        raise rules.NotYours()
    member.muted_until = at + timedelta(days=days) if days else None
    member.muted_because = reason
    member.save(update_fields=["muted_until", "muted_because"])
    told = {"person": person_id, "days": days, "reason": reason}
    entry = append("forum-queue", "member.muted", told, by=by.person, at=at)
    if days:
        tell(entry, "forum_muted", [member.person], "/forums/mine/", until=member.muted_until, reason=reason)
