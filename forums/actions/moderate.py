"""Keeping order: closing and hiding topics, hiding replies; every act with its reason in the journal."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.rules import clean_text
from accounts.viewers import Viewer
from journal.actions import append, retract

from .. import rules
from ..models import Reply, Topic
from ..queries import replies_of
from .post import index_topic, locked, locked_reply

MOST_REASON = 300


def lock_topic(*, by: Viewer, topic_id: int, reason: str = "", at: datetime | None = None) -> None:
    """Close the topic to replies. Raises NotFound for everybody but moderators."""
    _change(by, topic_id, "locked", True, "topic.locked", {"reason": _reason(reason)}, at)


def unlock_topic(*, by: Viewer, topic_id: int, at: datetime | None = None) -> None:
    """Open the topic to replies again. Raises NotFound for everybody but moderators."""
    _change(by, topic_id, "locked", False, "topic.unlocked", {}, at)


@transaction.atomic
def hide_topic(*, by: Viewer, topic_id: int, reason: str, at: datetime | None = None) -> None:
    """Take the topic from everybody but moderators, also from search and from pages now open."""
    topic = _change(by, topic_id, "hidden", True, "topic.hidden", {"reason": _reason(reason, least=1)}, at)
    index_topic(topic)
    retract(topic.stream_name)


@transaction.atomic
def show_topic(*, by: Viewer, topic_id: int, at: datetime | None = None) -> None:
    """Give the topic back to everybody."""
    topic = _change(by, topic_id, "hidden", False, "topic.shown", {}, at)
    index_topic(topic)


@transaction.atomic
def _change(
    by: Viewer, topic_id: int, field: str, value: bool, kind: str, data: dict[str, object], at: datetime | None
) -> Topic:
    rules.check_moderate(by)
    topic = locked(topic_id)
    if getattr(topic, field) != value:
        setattr(topic, field, value)
        topic.save(update_fields=[field])
        append(topic.stream_name, kind, data, by=by.person, at=at or timezone.now())
    return topic


@transaction.atomic
def hide_reply(*, by: Viewer, reply_id: int, reason: str, at: datetime | None = None) -> None:
    """Take a reply away; a line saying so stays, and so do the answers to it."""
    reason = _reason(reason, least=1)
    rules.check_moderate(by)
    reply, topic = locked_reply(reply_id)
    if reply.is_removed:
        return
    # Never save(): comments-xtd would touch the answers below.
    Reply.objects.filter(pk=reply.pk).update(is_removed=True)
    append(
        topic.stream_name, "topic.reply_hidden", {"reply": reply.pk, "reason": reason}, by=by.person,
        at=at or timezone.now(),
    )  # fmt: skip
    _recount_official(topic)
    index_topic(topic)


@transaction.atomic
def show_reply(*, by: Viewer, reply_id: int, at: datetime | None = None) -> None:
    """Give a reply back."""
    rules.check_moderate(by)
    reply, topic = locked_reply(reply_id)
    if not reply.is_removed:
        return
    Reply.objects.filter(pk=reply.pk).update(is_removed=False)
    append(topic.stream_name, "topic.reply_shown", {"reply": reply.pk}, by=by.person, at=at or timezone.now())
    _recount_official(topic)
    index_topic(topic)


def _recount_official(topic: Topic) -> None:
    standing = replies_of(topic).filter(official=True, is_removed=False).order_by("pk")
    topic.official_reply = standing.values_list("pk", flat=True).first()
    topic.save(update_fields=["official_reply"])


def _reason(reason: str, least: int = 0) -> str:
    return clean_text(reason, most=MOST_REASON, least=least, field="reason", newlines=False)
