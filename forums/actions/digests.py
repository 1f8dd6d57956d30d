"""Telling followers, by the worker: at once, one notice for all that came meanwhile; or once a day, all together."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

import notices.actions
from accounts.models import Person
from accounts.viewers import person_viewer
from journal.actions import append

from .. import marks
from ..models import BoardFollow, Reading, Topic
from ..queries import visible_to

AT_ONCE, PEOPLE = 200, 200
DAY = timedelta(hours=24)
MOST_LISTED = 20


def tell_followers(at: datetime | None = None) -> int:
    """Tell those who follow a topic closely of its new replies, one notice a topic; return how many were told."""
    at = at or timezone.now()
    due = Reading.objects.filter(follow=Reading.Follow.NOW, topic__numbers__gt=F("told"))
    return sum(_tell(reading_id, at) for reading_id in list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def _tell(reading_id: int, at: datetime) -> int:
    row = Reading.objects.select_for_update(of=("self",)).select_related("topic", "person").get(pk=reading_id)
    fresh = _fresh(row)
    row.told, row.told_at = row.topic.numbers, at
    row.save(update_fields=["told", "told_at"])
    # Authors were told when it happened; what was read meanwhile is no news.
    if not fresh or row.person_id == row.topic.author_id or not _may_read(row.person, row.topic):
        return 0
    entry = append(f"person-{row.person_id}", "forum.told", {"topic": row.topic_id, "replies": fresh}, at=at)
    notices.actions.notify(
        entry=entry, kind="topic_followed", person=row.person, channels=(), url=f"{row.topic.get_absolute_url()}?new=1",
        context={"title": row.topic.title, "replies": fresh},
    )  # fmt: skip
    return 1


def _fresh(row: Reading) -> int:
    """Return how many replies came since the follower was told last that they have not read."""
    known = marks.add(row.read, range(1, row.told + 1))
    return marks.unread(row.topic.numbers, row.topic.gone, known)


def _may_read(person: Person, topic: Topic) -> bool:
    return person.is_active and visible_to(person_viewer(person)).filter(pk=topic.pk).exists()


def send_digests(at: datetime | None = None) -> int:
    """Send one digest to each person whose followed topics or boards have news and whose last one is a day old."""
    at = at or timezone.now()
    before = at - DAY
    topics = Reading.objects.filter(follow=Reading.Follow.DAILY, told_at__lte=before, topic__numbers__gt=F("told"))
    boards = BoardFollow.objects.filter(told_at__lte=before)
    people = {*topics.order_by("told_at").values_list("person_id", flat=True)[:PEOPLE],
              *boards.order_by("told_at").values_list("person_id", flat=True)[:PEOPLE]}  # fmt: skip
    return sum(_digest(person_id, at) for person_id in sorted(people))


@transaction.atomic
def _digest(person_id: int, at: datetime) -> int:
    person = Person.objects.get(pk=person_id)
    lines = [*_topic_lines(person, at), *_board_lines(person, at)][:MOST_LISTED] if person.is_active else []
    if not lines:
        return 0
    entry = append(f"person-{person.pk}", "forum.digested", {"topics": len(lines)}, at=at)
    notices.actions.notify(
        entry=entry, kind="forum_digest", person=person, url="/forums/mine/", channels=("email",),
        context={"lines": lines, "count": len(lines)},
    )  # fmt: skip
    return 1


def _topic_lines(person: Person, at: datetime) -> list[dict[str, object]]:
    rows = Reading.objects.select_for_update(of=("self",)).select_related("topic")
    lines: list[dict[str, object]] = []
    for row in rows.filter(person=person, follow=Reading.Follow.DAILY, topic__numbers__gt=F("told")).order_by("pk"):
        fresh = _fresh(row)
        row.told, row.told_at = row.topic.numbers, at
        row.save(update_fields=["told", "told_at"])
        if fresh and _may_read(person, row.topic):
            lines.append({"title": row.topic.title, "replies": fresh, "url": row.topic.get_absolute_url()})
    return lines


def _board_lines(person: Person, at: datetime) -> list[dict[str, object]]:
    viewer = person_viewer(person)
    lines: list[dict[str, object]] = []
    for follow in BoardFollow.objects.select_for_update(of=("self",)).filter(person=person).order_by("pk"):
        found = visible_to(viewer).filter(board=follow.board_id, opened_at__gt=follow.told_at, opened_at__lte=at)
        found = found.filter(hidden=False, held=False, merged_into=None).exclude(author=person)
        for topic in found.select_related("board").order_by("-opened_at")[:MOST_LISTED]:
            lines.append({"title": topic.title, "board": topic.board, "url": topic.get_absolute_url()})
        follow.told_at = at
        follow.save(update_fields=["told_at"])
    return lines
