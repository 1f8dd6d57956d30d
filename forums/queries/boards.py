"""Boards that a viewer may read, their blog writers and tags."""

from __future__ import annotations

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from accounts.rules import NotFound
from accounts.viewers import Viewer

from ..models import Board, BoardFollow, BoardMember, Tagged, Topic, Writer
from ..rules import HANDLES, check_moderate, is_moderator

MOST_TAGS, MOST_SHOWN = 20, 200
# So many of the latest topics say which tags are in use.
MOST_LOOKED_AT = 2_000


def inside(viewer: Viewer, board: str = "") -> Q:
    """Return what holds for the boards whose topics the viewer may read; `board` is the field that leads to them.

    A board for members is read by those let in, by moderators, and by the officials of the unit that answers there.
    """
    at = f"{board}__" if board else ""
    if is_moderator(viewer):
        return Q()
    may = Q(**{f"{at}members_only": False})
    if viewer.person is not None:
        let_in = BoardMember.objects.filter(person=viewer.person, since__isnull=False)
        may |= Q(**{f"{at}pk__in": let_in.values("board")}) | answered_by(viewer, board)
    return may


def answered_by(viewer: Viewer, board: str = "") -> Q:
    """Return what holds for the boards that a unit of the viewer's answers in, or one below a supervisor's."""
    at = f"{board}__" if board else ""
    if not viewer.holds(*HANDLES):
        return Q(pk__in=[])
    roots = Q(**{f"{at}unit": None}) if any(post.unit.parent_id is None for post in viewer.posts) else Q(pk__in=[])
    return Q(**{f"{at}unit__in": viewer.scope(*HANDLES)}) | roots


def boards(viewer: Viewer) -> QuerySet[Board]:
    """Return the boards that the viewer may read."""
    return Board.objects.filter(inside(viewer), active=True)


def is_inside(viewer: Viewer, board: Board) -> bool:
    """Return whether the viewer may read the board, as it was fetched."""
    return not board.members_only or boards(viewer).filter(pk=board.pk).exists()


def closed_boards(viewer: Viewer) -> QuerySet[Board]:
    """Return the boards for members that the viewer could ask to join; strangers see none."""
    found = Board.objects.filter(active=True, members_only=True)
    return found.exclude(pk__in=boards(viewer).values("pk")) if viewer.person else found.none()


def closed_board_for(viewer: Viewer, slug: str) -> tuple[Board, BoardMember | None]:
    """Return a board that the viewer could join, and what they have asked already. Raises NotFound."""
    found = closed_boards(viewer).filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found, BoardMember.objects.filter(board=found, person=viewer.person).first()


def members_board(slug: str) -> Board:
    """Return a board that has members. Raises NotFound."""
    found = Board.objects.filter(slug=slug, active=True, members_only=True).first()
    if found is None:
        raise NotFound()
    return found


def members_of(viewer: Viewer, board: Board) -> list[BoardMember]:
    """Return who is in the board and who asks to be, those first, for moderators. Raises NotYours."""
    check_moderate(viewer)
    return list(
        board.members.select_related("person").order_by(F("since").asc(nulls_first=True), "asked_at")[:MOST_SHOWN]
    )


def is_member(viewer: Viewer, board: Board) -> bool:
    """Return whether the viewer was let in to the board and could leave it."""
    if viewer.person is None or not board.members_only:
        return False
    return BoardMember.objects.filter(board=board, person=viewer.person, since__isnull=False).exists()


def asking_count(viewer: Viewer, board: Board) -> int:
    """Return how many ask a moderator to be let in to the board; 0 for everybody else."""
    if not (board.members_only and is_moderator(viewer)):
        return 0
    return BoardMember.objects.filter(board=board, since=None).count()


def inner_audiences(viewer: Viewer) -> list[str]:
    """Return the audiences of the search in which the viewer may find topics of boards for members."""
    if viewer.person is None:
        return []
    return [audience_of(board) for board in boards(viewer).filter(members_only=True).only("pk", "members_only")]


def audience_of(board: Board) -> str:
    """Return for whom the board's topics can be found."""
    return f"board-{board.pk}" if board.members_only else "public"


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
