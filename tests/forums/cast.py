"""Boards and topics for tests."""

from itertools import count

from accounts.models import Person
from accounts.viewers import Viewer, person_viewer
from forums import actions
from forums.models import Board, Member, Topic
from tests import make

_authors = count(1)


def board(slug: str = "housing-board", members_only: bool = False) -> Board:
    """Return the board, made if need be."""
    made, _new = Board.objects.get_or_create(
        slug=slug, defaults={"name": "住房", "name_en": "Housing", "members_only": members_only}
    )
    return made


def topic(
    *, author: Person | None = None, board: Board | None = None, title: str = "The lift", text: str = "It stands.",
    hidden: bool = False, tags: str = "",
) -> Topic:  # fmt: skip
    """Return a new topic; each author is another person unless given, so that nobody is too quick."""
    author = author or make.person(f"author{next(_authors)}")
    where = board or globals()["board"]()
    member(where, person_viewer(author))
    made = actions.open_topic(viewer=person_viewer(author), board_id=where.pk, title=title, text=text, tags=tags)
    if hidden:
        actions.hide_topic(by=person_viewer(moderator()), topic_id=made.pk, reason="spam")
        made.refresh_from_db()
    return made


def member(board: Board, viewer: Viewer) -> None:
    """Let somebody in to a board for members; nothing happens in an open one."""
    if board.members_only:
        asked = actions.ask_to_join(viewer=viewer, board_id=board.pk, words="I live there.")
        actions.let_in(by=person_viewer(moderator()), board_id=board.pk, member_id=asked.pk)


def moderator() -> Person:
    """Return the moderator."""
    return make.official("mona", "moderator")


def trusted(username: str = "old-hand", posts: int = 50) -> Person:
    """Return somebody who has written here for years."""
    person = make.person(username)
    Member.objects.update_or_create(person=person, defaults={"since": make.LONG_AGO, "posts": posts})
    return person


def viewer(username: str) -> Viewer:
    """Return a citizen as a viewer."""
    return person_viewer(make.person(username))
