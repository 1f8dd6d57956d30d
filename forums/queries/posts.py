"""Replies with what one reader's page says about each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.viewers import Viewer

from .. import marks
from ..models import Reading, Reply, Topic
from .people import shown_name, trust_label
from .replies import ReplyPage, parents_of

# Answers to answers are moved in so far and no further: phones keep room for words.
DEEPEST_SHOWN = 3


@dataclass(frozen=True)
class Post:
    """A reply for one reader: who wrote it, what it answers, what the reader may do and has done."""

    reply: Reply
    # As safe text: a template would format each as a number and escape it, some ten times a post.
    id: SafeString
    number: SafeString
    name: str
    trust: str
    depth: int
    own: bool
    fresh: bool
    agreed: bool
    thanked: bool
    answers: Reply | None
    answers_name: str


def posts_of(viewer: Viewer, topic: Topic, page: ReplyPage, row: Reading | None) -> list[Post]:
    """Return the page's replies for the viewer; `row` is what they had read before."""
    parents = parents_of(topic, page.replies)
    person, now = viewer.person, timezone.now()
    known = row.read if row else b""
    before = None
    posts = []
    for reply in page.replies:
        own = person is not None and reply.user_id == person.pk
        # Said only where it is not plain to see: the reply right above is what it answers.
        parent = parents.get(reply.answers) if reply.answers and reply.answers != before else None
        posts.append(
            Post(
                reply=reply,
                id=mark_safe(str(reply.pk)),  # noqa: S308
                number=mark_safe(str(reply.number)),  # noqa: S308
                name=writer_of(reply),
                trust="" if reply.official else _trust(reply, now),
                depth=min(int(reply.level), DEEPEST_SHOWN),
                own=own,
                fresh=row is not None and not own and not marks.holds(known, reply.number),
                agreed=(reply.pk, "agree") in page.mine,
                thanked=(reply.pk, "thanks") in page.mine,
                answers=parent,
                answers_name=writer_of(parent) if parent else "",
            )
        )
        before = reply.number
    return posts


def writer_of(reply: Reply) -> str:
    """Return who wrote a reply: for an official answer the unit, else the citizen's nickname."""
    if reply.official and reply.unit:
        return str(reply.unit.label)
    return shown_name(reply.user) if reply.user else _("Somebody who has left")


def _trust(reply: Reply, now: datetime) -> str:
    return trust_label(getattr(reply.user, "member", None), now) if reply.user else ""
