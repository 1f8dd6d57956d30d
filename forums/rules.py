"""Who may write and moderate in the forums, what a post may be, and how trust grows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Person, Role
from accounts.rules import BadInput, RuleBroken, clean_text
from accounts.rules import NotYours as NotYours
from accounts.rules import WrongStatus as WrongStatus
from accounts.viewers import Viewer

from .models import Board, Member, Reply, Review, Topic

MOST_TITLE, MOST_TEXT, LEAST_TITLE, MOST_ARTICLE = 200, 10_000, 2, 40_000
MOST_TAGS, MOST_TAG = 5, 20
MOST_PICTURES, MOST_OPTIONS = 6, 12
MOST_REASON, MOST_APPEAL = 300, 1000
MOST_MENTIONS = 5
MOST_FOLLOWED = 500
DEEPEST = 8

# Trust: from (days since the first post, posts that stood) on. Each step lets more through at once.
NEWCOMER, NEIGHBOUR, REGULAR, PILLAR = range(4)
TRUST = ((0, 0), (1, 3), (14, 20), (60, 100))
TRUST_LABELS = (
    gettext_lazy("new here"), gettext_lazy("neighbour"), gettext_lazy("regular"), gettext_lazy("pillar of the forum")
)  # fmt: skip
# Posts of one person by trust: so many in so many seconds.
POSTS = (5, 10, 20, 30)
POSTS_SECONDS = 600
REACTIONS, FLAGS, UPLOADS = (120, 600), (20, 3600), (40, 3600)
# So many flags by people with some trust take a post from view until a moderator has looked.
FLAGS_THAT_HOLD = 3
# When the official answer's light turns yellow: this part of the time is used.
YELLOW = 0.8

GROUNDS: dict[str, Any] = {
    "advert": gettext_lazy("advertising"),
    "abuse": gettext_lazy("insults or threats"),
    "privacy": gettext_lazy("somebody's private details"),
    "rumour": gettext_lazy("false or unproven claims"),
    "illegal": gettext_lazy("against the law"),
    "offtopic": gettext_lazy("not about this board"),
    "repeated": gettext_lazy("said already"),
    "other": gettext_lazy("something else"),
}

# Who handles citizens' matters in any way; administrators configure, auditors look on.
HANDLES = tuple(role.value for role in Role if role not in (Role.ADMINISTRATOR, Role.AUDITOR))
ANSWERS = (Role.HANDLER, Role.REVIEWER, Role.LEADER, Role.SECRETARY)


class SignInFirst(RuleBroken):
    """Writing needs an account, so that a nickname is always the same person."""

    status = 403
    code = "sign_in_first"

    def sentence(self) -> str:
        """Ask to sign in."""
        return _("Please sign in to write in the forum. Reading needs no account.")


class Muted(RuleBroken):
    """A moderator has taken the floor from somebody for a while."""

    status = 403
    code = "muted"


def is_moderator(viewer: Viewer) -> bool:
    """Return whether the viewer keeps order in the forums."""
    return viewer.holds(Role.MODERATOR)


def check_moderate(viewer: Viewer) -> None:
    """Raise NotYours for everybody but moderators."""
    if not is_moderator(viewer):
        raise NotYours()


def trust_of(member: Member | None, at: datetime) -> int:
    """Return how far a member is trusted, NEWCOMER to PILLAR: by time and by posts that stood.

    Each post that was taken away costs as much as five that stood.
    """
    if member is None:
        return NEWCOMER
    days, posts = (at - member.since) / timedelta(days=1), member.posts - 5 * member.hidden
    return max(level for level, (least, stood) in enumerate(TRUST) if level == 0 or (days >= least and posts >= stood))


def check_open_topic(viewer: Viewer, board: Board, writes_blog: bool = False) -> None:
    """Raise SignInFirst for strangers, NotYours for a board not in use or a blog of others."""
    if viewer.person is None:
        raise SignInFirst()
    if not board.active or (board.is_blog and not writes_blog):
        raise NotYours()


def check_not_muted(member: Member | None, at: datetime) -> None:
    """Raise Muted while a moderator's word stands."""
    if member is not None and member.muted_until is not None and member.muted_until > at:
        raise Muted(_("A moderator asked you to pause: %(reason)s") % {"reason": member.muted_because})


def check_reply(viewer: Viewer, topic: Topic, official: bool) -> None:
    """Raise SignInFirst, NotYours for what is hidden or in an office's name without one, WrongStatus when locked."""
    if viewer.person is None:
        raise SignInFirst()
    if not topic.board.active or ((topic.hidden or topic.held or topic.merged_into_id) and not is_moderator(viewer)):
        raise NotYours()
    if official and not viewer.is_official:
        raise NotYours()
    if topic.closed and not is_moderator(viewer):
        raise WrongStatus(_("This topic is closed: nobody can reply any more."))


def check_edit(viewer: Viewer, reply: Reply, topic: Topic) -> None:
    """Raise NotYours unless it is the viewer's own and stands, WrongStatus when the topic is locked."""
    if viewer.person is None or reply.user_id != viewer.person.pk or reply.is_removed or topic.hidden:
        raise NotYours()
    if topic.closed:
        raise WrongStatus(_("This topic is closed: nothing can be changed any more."))


def check_edit_topic(viewer: Viewer, topic: Topic) -> None:
    """Raise NotYours unless it is the viewer's own and stands, WrongStatus when it is closed."""
    if viewer.person is None or topic.author_id != viewer.person.pk or topic.hidden or topic.merged_into_id:
        raise NotYours()
    if topic.closed:
        raise WrongStatus(_("This topic is closed: nothing can be changed any more."))


def check_take_part(viewer: Viewer, topic: Topic) -> Person:
    """Return the person who reacts or votes. Raises SignInFirst, NotYours for what is hidden, WrongStatus if closed."""
    if viewer.person is None:
        raise SignInFirst()
    if topic.hidden or topic.held or topic.merged_into_id:
        raise NotYours()
    if topic.archived:
        raise WrongStatus(_("This topic is in the archive."))
    return viewer.person


def check_raise_case(viewer: Viewer, topic: Topic, reply: Reply | None = None) -> None:
    """Raise NotYours for everybody but officials who handle cases, WrongStatus if it has become one already."""
    if not viewer.holds(*HANDLES) or (reply is not None and (reply.is_removed or reply.official)):
        raise NotYours()
    if (reply.case_id if reply else topic.case_id) is not None:
        raise WrongStatus(_("This has become a case already."))


def check_appeal(viewer: Viewer, topic: Topic, reply: Reply | None, appealed: bool) -> None:
    """Raise NotYours unless the viewer's own post was taken away, WrongStatus when they have appealed before."""
    author = reply.user_id if reply else topic.author_id
    if viewer.person is None or author != viewer.person.pk:
        raise NotYours()
    if not (reply.is_removed if reply else topic.hidden) or (reply is not None and reply.moved_to_id):
        raise NotYours()
    if appealed:
        raise WrongStatus(_("You have appealed already. A decision on an appeal is final."))


def check_flag(viewer: Viewer, topic: Topic, reply: Reply | None) -> Person:
    """Return the person who flags. Raises SignInFirst, NotYours for hidden posts and one's own."""
    if viewer.person is None:
        raise SignInFirst()
    gone = topic.hidden or topic.merged_into_id or (reply is not None and reply.is_removed)
    if gone or (reply.user_id if reply else topic.author_id) == viewer.person.pk:
        raise NotYours()
    return viewer.person


def check_decide(viewer: Viewer, review: Review, hid_it: int | None, others: bool) -> None:
    """Raise NotYours for all but moderators, WrongStatus when decided, or when one judges one's own act on appeal.

    `hid_it` is who took the post away, `others` whether another moderator could decide.
    """
    check_moderate(viewer)
    if review.decision:
        raise WrongStatus(_("Somebody has decided this already."))
    if review.cause == Review.Cause.APPEAL and others and viewer.person and viewer.person.pk == hid_it:
        raise WrongStatus(_("An appeal is decided by another moderator than the one who took the post away."))


def clean_tags(given: Any) -> list[str]:
    """Return tags from a list, or a text with commas or spaces between them. Raises BadInput."""
    if isinstance(given, str):
        given = re.split(r"[,，、;；\s#]+", clean_text(given, most=200, field="tags", newlines=False))
    tags: list[str] = []
    for one in given:
        tag = clean_text(one, most=MOST_TAG, field="tags", newlines=False).casefold()
        if tag and tag not in tags:
            tags.append(tag)
    if len(tags) > MOST_TAGS:
        raise BadInput(ngettext("At most %(most)d tag, please.", "At most %(most)d tags, please.", MOST_TAGS)
                       % {"most": MOST_TAGS}, field="tags", code="too_many")  # fmt: skip
    return tags


def clean_reason(reason: Any, least: int = 0) -> str:
    """Return a moderator's reason on one line. Raises BadInput."""
    return clean_text(reason, most=MOST_REASON, least=least, field="reason", newlines=False)


def clean_reason_of(ground: Any, reason: Any) -> str:
    """Return the reason for taking a post away; it may be empty where the ground says it all. Raises BadInput."""
    return clean_reason(reason, least=1 if ground == "other" else 0)


def clean_ground(ground: Any) -> str:
    """Return a ground of GROUNDS. Raises BadInput."""
    if ground not in GROUNDS:
        raise BadInput(_("Please choose a reason."), field="ground")
    return str(ground)


def clean_options(question: Any, options: Sequence[Any], most: Any) -> tuple[str, list[str], int]:
    """Return a poll's question, options and how many may be chosen; ("", [], 1) for none. Raises BadInput."""
    asked = clean_text(question, most=200, field="question", newlines=False)
    chosen = [clean_text(one, most=120, field="options", newlines=False) for one in options]
    chosen = list(dict.fromkeys(one for one in chosen if one))
    if not asked and not chosen:
        return "", [], 1
    if not asked:
        raise BadInput(_("What do you want to ask?"), field="question")
    if not 2 <= len(chosen) <= MOST_OPTIONS:
        raise BadInput(_("A poll has 2 to %(most)d options.") % {"most": MOST_OPTIONS}, field="options")
    if not isinstance(most, int) or not 1 <= most <= len(chosen):
        raise BadInput(field="most")
    return asked, chosen, most


def needs_answer(topic: Topic, board: Board) -> bool:
    """Return whether the topic must have an official answer that nobody has asked for yet."""
    if topic.asked_at is not None or topic.held or topic.hidden or board.is_blog:
        return False
    return board.answers_all or bool(board.supports_needed and topic.supports >= board.supports_needed)


def too_many_followed() -> str:
    """Return what somebody is told who follows more than a person can read."""
    return _("You follow very many topics already. Please leave some first.")
