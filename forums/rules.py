"""Who may write and moderate in the forums, and what a post may be."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import NotYours, RuleBroken, WrongStatus
from accounts.viewers import Viewer

from .models import Board, Reply, Topic

MOST_TITLE, MOST_TEXT, LEAST_TITLE = 200, 10_000, 4
# Posts of one person: so many in so many seconds.
POSTS, POSTS_SECONDS = 10, 600

# Who handles citizens' matters in any way; administrators configure, auditors look on.
HANDLES = tuple(role.value for role in Role if role not in (Role.ADMINISTRATOR, Role.AUDITOR))


class SignInFirst(RuleBroken):
    """Writing needs an account, so that a nickname is always the same person."""

    status = 403
    code = "sign_in_first"

    def sentence(self) -> str:
        """Ask to sign in."""
        return _("Please sign in to write in the forum. Reading needs no account.")


def is_moderator(viewer: Viewer) -> bool:
    """Return whether the viewer keeps order in the forums."""
    return viewer.holds(Role.MODERATOR)


def check_moderate(viewer: Viewer) -> None:
    """Raise NotYours for everybody but moderators."""
    if not is_moderator(viewer):
        raise NotYours()


def check_open_topic(viewer: Viewer, board: Board) -> None:
    """Raise SignInFirst for strangers, NotYours for a board that is not in use."""
    if viewer.person is None:
        raise SignInFirst()
    if not board.active:
        raise NotYours()


def check_reply(viewer: Viewer, topic: Topic, official: bool) -> None:
    """Raise SignInFirst, NotYours for what is hidden or in an office's name without one, WrongStatus when locked."""
    if viewer.person is None:
        raise SignInFirst()
    if (topic.hidden and not is_moderator(viewer)) or (official and not viewer.is_official):
        raise NotYours()
    if topic.locked and not is_moderator(viewer):
        raise WrongStatus(_("This topic is closed: nobody can reply any more."))


def check_edit(viewer: Viewer, reply: Reply, topic: Topic) -> None:
    """Raise NotYours unless it is the viewer's own and stands, WrongStatus when the topic is locked."""
    if viewer.person is None or reply.user_id != viewer.person.pk or reply.is_removed or topic.hidden:
        raise NotYours()
    if topic.locked:
        raise WrongStatus(_("This topic is closed: nothing can be changed any more."))


def check_raise_case(viewer: Viewer, topic: Topic) -> None:
    """Raise NotYours for everybody but officials who handle cases, WrongStatus if it has become one already."""
    if not viewer.holds(*HANDLES):
        raise NotYours()
    if topic.case_id:
        raise WrongStatus(_("This topic has become a case already."))
