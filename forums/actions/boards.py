"""What follows when an administrator changes a board."""

from __future__ import annotations

from django.db import transaction

from journal.actions import retract

from ..models import Topic
from .counting import index_board
from .locks import locked_board


@transaction.atomic
def board_changed(*, board_id: int) -> None:
    """Let search and pages now open obey the board as it is: its kind, who may read it, whether it is in use."""
    board = locked_board(board_id)
    index_board(board)
    for topic in Topic.objects.filter(board=board).order_by("-last_at")[:200]:
        retract(topic.stream_name)
