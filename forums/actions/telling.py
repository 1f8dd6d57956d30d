"""Who is told of what: authors, those answered or mentioned, moderators, the unit that answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import notices.actions
from accounts.models import Named, Person, Role, Unit
from accounts.queries import open_posts, people_at
from accounts.viewers import person_viewer
from journal.actions import append
from journal.models import Entry
from notices.models import Notice

from .. import rules
from ..markup import mentioned, plain
from ..models import Board, Reply, Review, Topic
from ..queries import is_inside, shown_name

QUEUE = "forum-queue"
MOST_EXCERPT = 120


def tell(entry: Entry, kind: str, people: Iterable[Person | None], url: str, channels: tuple[str, ...] = (),
         **context: Any) -> None:  # fmt: skip
    """Tell each of the people once, in the order of their ids, as their streams are to be taken."""
    for person in sorted({person for person in people if person is not None}, key=lambda one: one.pk):
        told = {key: value.label_in(person.language) if isinstance(value, Named) else value
                for key, value in context.items()}  # fmt: skip
        notices.actions.notify(entry=entry, kind=kind, person=person, channels=channels, context=told, url=url)


def participants(topic: Topic) -> dict[str, Person]:
    """Return by the name that others see who has written in the topic: those who can be mentioned."""
    wrote = Reply.objects.filter(topic=topic, is_removed=False, held=False).order_by().values("user_id").distinct()
    people = [topic.author, *Person.objects.filter(pk__in=wrote, erased_at=None)[:1000]]
    return {shown_name(person): person for person in people}


def tell_of_reply(topic: Topic, reply: Reply, entry: Entry, parent: Reply | None) -> None:
    """Tell the topic's author, whom the reply answers, and whom it mentions; each of them once."""
    url = f"{topic.get_absolute_url()}?reply={reply.pk}"
    context = {"title": topic.title, "unit": reply.unit or "", "words": plain(reply.comment, MOST_EXCERPT),
               "name": shown_name(reply.user) if reply.user else ""}  # fmt: skip
    kinds: dict[Person, str] = {}
    if "@" in reply.comment:
        known = participants(topic)
        names = sorted(mentioned(reply.comment, known))[: rules.MOST_MENTIONS]
        kinds |= {known[name]: "topic_mentioned" for name in names}
    if parent is not None and parent.user:
        kinds[parent.user] = "topic_replied_you"
    if reply.official or not _knows(topic):
        kinds[topic.author] = "topic_answered" if reply.official else "topic_replied"
    for person in sorted(kinds, key=lambda one: one.pk):
        # Who has left a board for members hears no word of it.
        may_read = not topic.board.members_only or is_inside(person_viewer(person), topic.board)
        if person.pk != reply.user_id and may_read:
            channels = ("email",) if kinds[person] == "topic_answered" else ()
            tell(entry, kinds[person], [person], url, channels, **context)


def _knows(topic: Topic) -> bool:
    """Return whether the author has an unread word of replies already: a lively topic must not fill their list."""
    told = Notice.objects.filter(person=topic.author, kind="topic_replied", read_at__isnull=True)
    return told.filter(url__startswith=f"{topic.get_absolute_url()}?").exists()


def moderators() -> list[Person]:
    """Return who keeps order; where nobody does, supervisors, then administrators: a flag always reaches somebody."""
    for role in (Role.MODERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR):
        found = list(Person.objects.filter(pk__in=open_posts().filter(role=role).values("person_id")))
        if found:
            return found
    return []


def ring_queue(review: Review, kind: str, by: Person | None = None) -> None:
    """Say on the moderators' stream that the queue changed; tell those who have no unread word of it."""
    entry = append(QUEUE, kind, {"review": review.pk, "cause": review.cause}, by=by)
    if kind == "review.opened":
        waiting = Notice.objects.filter(kind="forum_review", read_at__isnull=True).values_list("person_id", flat=True)
        known = set(waiting)
        people = [person for person in moderators() if person.pk not in known]
        tell(entry, "forum_review", people, "/forums/queue/", title=review.topic.title)


def unit_of(board: Board) -> Unit | None:
    """Return the unit that answers in the board: its own, else the city."""
    return board.unit or Unit.objects.filter(parent=None, active=True).order_by("pk").first()


def answerers(board: Board) -> list[Person]:
    """Return who answers for the board's unit; whoever serves there when nobody does so by role."""
    unit = unit_of(board)
    if unit is None:
        return []
    return list(people_at([unit.pk], *rules.ANSWERS)) or list(people_at([unit.pk], *rules.HANDLES))
