"""Boards that a viewer may read, their blog writers and tags."""

from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Subquery

from accounts.rules import NotFound
from accounts.viewers import Viewer

from ..models import Board, BoardFollow, Tagged, Topic, Writer

MOST_TAGS, MOST_SHOWN = 20, 200
# So many of the latest topics say which tags are in use.
MOST_LOOKED_AT = 2_000


def boards(viewer: Viewer) -> QuerySet[Board]:
    """Return the boards that the viewer may read."""
    found = Board.objects.filter(active=True)
    return found if viewer.person else found.filter(members_only=False)


def boards_with_counts(viewer: Viewer) -> QuerySet[Board]:
    """Return the boards that the viewer may read, each with `last_at` of its newest post; nothing is counted."""
    standing = Topic.objects.filter(
        board=OuterRef("pk"), hidden=False, held=False, archived=False, merged_into__isnull=True
    )
    return boards(viewer).annotate(last_at=Subquery(standing.order_by("-last_at").values("last_at")[:1]))


def board_for(viewer: Viewer, slug: str) -> Board:
    """Return the board. Raises NotFound."""
    found = boards(viewer).select_related("unit").filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found


def board_by_id(viewer: Viewer, board_id: int) -> Board:
    """Return the board. Raises NotFound."""
    found = boards(viewer).filter(pk=board_id).first() if 0 < board_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found


def writers_of(board: Board) -> list[Writer]:
    """Return who writes in the blog."""
    return list(board.writers.select_related("person")) if board.is_blog else []


def writes_blog(viewer: Viewer, board: Board) -> bool:
    """Return whether the viewer is one of the blog's writers."""
    return viewer.person is not None and Writer.objects.filter(board=board, person=viewer.person).exists()


def may_write(viewer: Viewer, board: Board) -> bool:
    """Return whether the page offers to open a topic: to everybody, in a blog to its writers only."""
    return not board.is_blog or writes_blog(viewer, board)


def tags_of(board: Board) -> list[str]:
    """Return the tags most used in the board."""
    found = Tagged.objects.filter(topic__board=board, topic__hidden=False, topic__held=False)
    counted = found.values("tag").annotate(many=Count("pk")).order_by("-many", "tag")
    return [row["tag"] for row in counted[:MOST_TAGS]]


def tags_everywhere(viewer: Viewer) -> list[tuple[str, int]]:
    """Return the tags most used in the boards that the viewer may read, with how many late topics bear each."""
    standing = Topic.objects.filter(hidden=False, held=False, merged_into=None, board__in=boards(viewer))
    latest = standing.order_by("-last_at").values("pk")[:MOST_LOOKED_AT]
    found = Tagged.objects.filter(topic__in=latest).values("tag")
    return [(row["tag"], row["many"]) for row in found.annotate(many=Count("pk")).order_by("-many", "tag")[:MOST_SHOWN]]


def follows_board(viewer: Viewer, board: Board) -> bool:
    """Return whether the viewer gets a digest of the board."""
    return viewer.person is not None and BoardFollow.objects.filter(board=board, person=viewer.person).exists()
