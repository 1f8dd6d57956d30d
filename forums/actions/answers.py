"""Official answers: which topics must have one, by when, and what happens when it does not come."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Role, Unit
from accounts.queries import people_at
from engagement.queries import light_of
from engagement.working_time import clock_for
from journal.actions import append

from .. import rules
from ..models import Topic
from .locks import locked
from .telling import answerers, tell, unit_of


def ask_if_needed(topic: Topic, at: datetime) -> None:
    """Start the clock of the official answer when the locked topic needs one by its board's rules."""
    if rules.needs_answer(topic, topic.board):
        ask(topic, at, "board" if topic.board.answers_all else "support")


def ask(topic: Topic, at: datetime, why: str) -> None:
    """Start the clock of the locked topic and tell the unit; `why` is "board" or "support"."""
    unit = unit_of(topic.board)
    clock = clock_for(unit, at)
    topic.asked_at, topic.due_at = at, clock.due_in_days(at, topic.board.answer_days)
    minutes = clock.minutes_between(at, topic.due_at)
    topic.yellow_at = clock.due_in_minutes(at, round(minutes * rules.YELLOW))
    topic.save(update_fields=["asked_at", "due_at", "yellow_at"])
    told = {"why": why, "due_at": topic.due_at.isoformat(), "supports": topic.supports}
    entry = append(topic.stream_name, "topic.answer_due", told, at=at)
    if topic.answered_at is None:
        tell(entry, "topic_to_answer", answerers(topic.board), topic.get_absolute_url(), title=topic.title,
             due=topic.due_at, supports=topic.supports)  # fmt: skip


def watch_answers(at: datetime | None = None) -> int:
    """Tell the units whose answers are nearly or already late, once a light; return how many topics. For the worker."""
    at = at or timezone.now()
    waiting = Topic.objects.filter(asked_at__isnull=False, answered_at=None, hidden=False, yellow_at__lte=at)
    told = 0
    for topic_id in list(waiting.exclude(warned="red").order_by("due_at").values_list("pk", flat=True)[:200]):
        told += _warn(topic_id, at)
    return told


@transaction.atomic
def _warn(topic_id: int, at: datetime) -> int:
    topic = locked(topic_id)
    light = light_of(topic.due_at, topic.yellow_at, at)
    if topic.answered_at is not None or light in ("green", topic.warned):
        return 0
    topic.warned = light
    topic.save(update_fields=["warned"])
    entry = append(topic.stream_name, "topic.answer_late", {"light": light}, at=at)
    people = answerers(topic.board)
    unit = unit_of(topic.board)
    if light == "red" and unit is not None:
        people += list(people_at(_above(unit), Role.SUPERVISOR))
    tell(entry, "topic_late", people, topic.get_absolute_url(), title=topic.title, due=topic.due_at, light=light)
    return 1


def _above(unit: Unit) -> list[int]:
    return [int(part) for part in unit.path.split("/") if part]
