"""What a reader keeps: what was read, what is followed, what was begun."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from accounts.rules import BadInput, WrongStatus, clean_text
from accounts.viewers import Viewer

from .. import marks, rules
from ..models import BoardFollow, BoardMember, Draft, Member, Reaction, Reading, Topic, Vote
from ..queries import board_by_id, topic_for
from .locks import writer


def _reading(person: Person, topic: Topic, at: datetime) -> Reading:
    """Return the person's row for the topic, locked: two windows may read at the same moment."""
    Reading.objects.get_or_create(person=person, topic=topic, defaults={"read_at": at})
    return Reading.objects.select_for_update().get(person=person, topic=topic)


@transaction.atomic
def mark_read(*, viewer: Viewer, topic: Topic, numbers: Iterable[int], at: datetime | None = None) -> None:
    """Note that these replies were shown to the reader; nothing happens to strangers."""
    if viewer.person is None:
        return
    at = at or timezone.now()
    row = _reading(viewer.person, topic, at)
    # Numbers that the topic has not given out yet would hide the replies that will bear them.
    row.read, row.read_at = marks.add(row.read, (n for n in numbers if 0 < n <= topic.numbers)), at
    row.save(update_fields=["read", "read_at"])


def note_own(person: Person, topic: Topic, number: int, at: datetime) -> None:
    """Note within the post's transaction that its writer knows it and has no draft any more."""
    row = _reading(person, topic, at)
    row.read, row.read_at, row.draft, row.draft_at = marks.add(row.read, [number]), at, "", None
    row.save(update_fields=["read", "read_at", "draft", "draft_at"])


@transaction.atomic
def follow_topic(*, viewer: Viewer, topic_id: int, how: str, at: datetime | None = None) -> None:
    """Follow a topic: `how` is "now", "daily" or "" for no longer. Raises SignInFirst, NotFound, BadInput."""
    person, at = writer(viewer), at or timezone.now()
    if how not in Reading.Follow.values:
        raise BadInput(field="how")
    topic = topic_for(viewer, topic_id)
    row = _reading(person, topic, at)
    if (
        how
        and not row.follow
        and Reading.objects.filter(person=person).exclude(follow="").count() >= rules.MOST_FOLLOWED
    ):
        raise WrongStatus(rules.too_many_followed())
    row.follow, row.told, row.told_at = how, topic.numbers, at
    row.save(update_fields=["follow", "told", "told_at"])


@transaction.atomic
def follow_board(*, viewer: Viewer, board_id: int, on: bool, at: datetime | None = None) -> None:
    """Get a digest of the board's new topics, or none any more. Raises SignInFirst, NotFound."""
    person, board = writer(viewer), board_by_id(viewer, board_id)
    if on:
        BoardFollow.objects.get_or_create(board=board, person=person, defaults={"told_at": at or timezone.now()})
    else:
        BoardFollow.objects.filter(board=board, person=person).delete()


@transaction.atomic
def save_reply_draft(*, viewer: Viewer, topic_id: int, text: str, at: datetime | None = None) -> None:
    """Keep the reply that somebody has begun; "" forgets it. Raises SignInFirst, NotFound, BadInput."""
    person, at = writer(viewer), at or timezone.now()
    text = clean_text(text, most=rules.MOST_TEXT)
    topic = topic_for(viewer, topic_id)
    row = _reading(person, topic, at)
    row.draft, row.draft_at = text, at if text else None
    row.save(update_fields=["draft", "draft_at"])


@transaction.atomic
def save_topic_draft(
    *,
    viewer: Viewer,
    board_id: int,
    title: str,
    text: str,
    tags: str = "",
    question: str = "",
    options: str = "",
    at: datetime | None = None,
) -> None:
    """Keep the topic that somebody has begun in a board, with its poll; empty words forget it.

    `options` are lines. Raises as save_reply_draft.
    """
    person, board = writer(viewer), board_by_id(viewer, board_id)
    kept = {
        "title": clean_text(title, most=rules.MOST_TITLE, field="title", newlines=False),
        "text": clean_text(text, most=rules.MOST_ARTICLE),
        "tags": clean_text(tags, most=200, field="tags", newlines=False),
        "question": clean_text(question, most=200, field="question", newlines=False),
        "options": clean_text(options, most=rules.MOST_OPTIONS * 130, field="options"),
    }
    if not any(kept.values()):
        Draft.objects.filter(person=person, board=board).delete()
        return
    Draft.objects.update_or_create(person=person, board=board, defaults={**kept, "saved_at": at or timezone.now()})


def forget_person(person_id: int) -> None:
    """Forget what the forums know of an erased person beyond the posts that others answered."""
    for model in (Draft, Reading, BoardFollow, BoardMember, Reaction, Vote, Member):
        model.objects.filter(person_id=person_id).delete()
