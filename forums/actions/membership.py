"""Boards that only their members read: asking to join, being let in, leaving."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions import limit_rate
from accounts.rules import NotFound, clean_text
from accounts.viewers import Viewer
from journal.actions import append, retract

from .. import rules
from ..models import Board, BoardFollow, BoardMember, Topic
from ..queries import closed_boards
from .locks import locked_board, writer
from .telling import QUEUE, moderators, tell


@transaction.atomic
def ask_to_join(*, viewer: Viewer, board_id: int, words: Any = "", at: datetime | None = None) -> BoardMember:
    """Ask to be let in to a board for members; asking again changes nothing.

    Raises SignInFirst, NotFound for a board that is open or read already, BadInput, TooMany.
    """
    person, at = writer(viewer), at or timezone.now()
    words = clean_text(words, most=rules.MOST_REASON, field="words", newlines=False)
    board = locked_board(board_id)
    if not closed_boards(viewer).filter(pk=board.pk).exists():
        raise NotFound()
    limit_rate("forum-join", viewer.key, *rules.FLAGS)
    member, is_new = BoardMember.objects.get_or_create(
        board=board, person=person, defaults={"words": words, "asked_at": at}
    )
    if is_new:
        entry = append(QUEUE, "member.asked", {"board": board.slug, "person": person.pk}, by=person, at=at)
        tell(entry, "forum_join_asked", moderators(), f"/forums/{board.slug}/members/", board=board, words=words)
    return member


@transaction.atomic
def let_in(*, by: Viewer, board_id: int, member_id: int, at: datetime | None = None) -> None:
    """Let somebody in who asked. Raises NotYours, NotFound."""
    at = at or timezone.now()
    board, member = _asked(by, board_id, member_id)
    if member.since is not None:
        return
    member.since, member.let_in_by = at, by.person
    member.save(update_fields=["since", "let_in_by"])
    entry = append(QUEUE, "member.let_in", {"board": board.slug, "person": member.person_id}, by=by.person, at=at)
    tell(entry, "forum_let_in", [member.person], f"/forums/{board.slug}/", board=board)


@transaction.atomic
def turn_away(*, by: Viewer, board_id: int, member_id: int, reason: Any, at: datetime | None = None) -> None:
    """Do not let somebody in, or no longer, with a reason that they read. Raises NotYours, NotFound, BadInput."""
    at, reason = at or timezone.now(), rules.clean_reason(reason, least=1)
    board, member = _asked(by, board_id, member_id)
    entry = _gone(board, member, {"reason": reason}, by, at)
    tell(entry, "forum_turned_away", [member.person], "/forums/", board=board, reason=reason)


@transaction.atomic
def leave_board(*, viewer: Viewer, board_id: int, at: datetime | None = None) -> None:
    """Leave a board, or ask no longer. Raises SignInFirst, NotFound."""
    person = writer(viewer)
    board = locked_board(board_id)
    member = BoardMember.objects.filter(board=board, person=person).first()
    if member is None:
        raise NotFound()
    _gone(board, member, {}, viewer, at or timezone.now())


def _asked(by: Viewer, board_id: int, member_id: int) -> tuple[Board, BoardMember]:
    rules.check_moderate(by)
    board = locked_board(board_id)
    member = BoardMember.objects.select_related("person").filter(board=board, pk=member_id).first()
    if member is None:
        raise NotFound()
    return board, member


def _gone(board: Board, member: BoardMember, told: dict[str, Any], by: Viewer, at: datetime) -> Any:
    member.delete()
    BoardFollow.objects.filter(board=board, person_id=member.person_id).delete()
    told = {"board": board.slug, "person": member.person_id, **told}
    entry = append(QUEUE, "member.left", told, by=by.person, at=at)
    # Pages that are open ask anew whether they may go on.
    for topic in Topic.objects.filter(board=board).order_by("-last_at")[:200]:
        retract(topic.stream_name)
    return entry
