"""The rows that writes take first: the topic, then what hangs below it.

Every transaction of this room takes in this order: board, topics by id, the topic's stream, the stream of the
moderators' queue, persons' streams by id. None takes a topic while it holds a person's stream.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from accounts.models import Person
from accounts.rules import NotFound
from accounts.viewers import Viewer

from .. import rules
from ..models import Board, Member, Reply, Topic
from ..queries import is_inside

MOST_ID = 2**63 - 1


def locked(topic_id: int) -> Topic:
    """Return the topic with its row locked: comments-xtd numbers replies without a lock of its own. Raises NotFound."""
    rows = Topic.objects.select_for_update(of=("self",)).select_related("board__unit", "author")
    found = rows.filter(pk=topic_id).first() if 0 < topic_id <= MOST_ID else None
    if found is None:
        raise NotFound()
    return found


def locked_reply(reply_id: int) -> tuple[Reply, Topic]:
    """Return the reply and its topic with the topic's row locked. Raises NotFound."""
    rows = Reply.objects.filter(pk=reply_id) if 0 < reply_id < 2**31 else Reply.objects.none()
    found = rows.first()
    if found is None:
        raise NotFound()
    topic = locked(found.topic_id)
    # Read again below the lock: it may have been hidden or moved meanwhile.
    reply = rows.get()
    if reply.topic_id != topic.pk:
        raise NotFound()
    return reply, topic


def locked_board(board_id: int) -> Board:
    """Return the board with its row locked. Raises NotFound."""
    found = Board.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=board_id).first()
    if found is None:
        raise NotFound()
    return found


def locked_post(topic_id: int, reply_id: int | None) -> tuple[Topic, Reply | None]:
    """Return the topic, and the reply in it when one is named, with the topic's row locked. Raises NotFound."""
    if reply_id is None:
        return locked(topic_id), None
    reply, topic = locked_reply(reply_id)
    if topic.pk != topic_id:
        raise NotFound()
    return topic, reply


def check_inside(viewer: Viewer, board: Board) -> None:
    """Raise NotFound for those who may not read the board: nothing in it is there for them."""
    if not is_inside(viewer, board):
        raise NotFound()


def writer(viewer: Viewer) -> Person:
    """Return the person who writes. Raises SignInFirst."""
    if viewer.person is None:
        raise rules.SignInFirst()
    return viewer.person


def member_of(person: Person, at: datetime) -> Member:
    """Return what the forum knows of the person, made when they first write."""
    return Member.objects.get_or_create(person=person, defaults={"since": at})[0]


def token_digest(person_id: int, token: str) -> str | None:
    """Return what is kept of a form's token; None without one. Another person's equal token is another."""
    return hashlib.sha256(f"{person_id}:{token}".encode("utf-8", "replace")).hexdigest() if token else None


def digest(text: str) -> str:
    """Return the digest by which a repeated form is known to hold the same words."""
    return hashlib.sha256(text.encode()).hexdigest()
