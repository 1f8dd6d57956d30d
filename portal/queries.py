"""What the portal's own pages show, gathered from the rooms with few questions."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from django.utils import timezone

import engagement.figures
import engagement.queries
import forums.queries
import messaging.queries
import notices.queries
import wiki.knowledge.queries
from accounts.sealing import SealBroken, seal, unseal
from accounts.viewers import Viewer

from . import actions

LETTERS, TOPICS, PAGES, CASES, TALKS, NOTICES = 3, 4, 5, 5, 5, 5
# Among so many of the newest the front page looks for what the reader can read.
LATELY = 30
A_YEAR = timedelta(days=365)
# Seconds: counting a year of replies costs a tenth of a second, and nobody reads it anew each minute.
FIGURES_KEPT = 300
HALL_KEPT = 5
# What is taken back must be gone in two seconds.
FRONT_KEPT = 1.5
LEAST_FREE_BYTES = 200 * 1024 * 1024
LAGGING = timedelta(minutes=15)


@dataclass(frozen=True)
class Hall:
    """Whether somebody is there to chat with, over all desks."""

    open: bool
    on_duty: int
    wait_minutes: int | None
    opens_at: datetime | None


@dataclass(frozen=True)
class Answering:
    """How well the city answered: replies, median days from letter to reply, and two rates with their parts."""

    count: int
    median_days: float
    on_time: dict[str, Any]
    satisfied: dict[str, Any]


@dataclass(frozen=True)
class Front:
    """What the front page says beside its doors."""

    hall: Hall
    letters: list[Any]
    topics: list[Any]
    pages: list[Any]
    figures: Answering | None


@dataclass(frozen=True)
class Matters:
    """What is the reader's own, newest first."""

    talks: list[Any] = field(default_factory=list)
    topics: list[Any] = field(default_factory=list)
    notices: list[Any] = field(default_factory=list)


@dataclass
class Readiness:
    """What keeps the house from serving people, and what only lags; machine words."""

    broken: list[str] = field(default_factory=list)
    lagging: list[str] = field(default_factory=list)


def hall_now(at: datetime | None = None) -> Hall:
    """Return what the chat door says at the moment `at`; now, and up to five seconds old, unless given."""
    if at is not None:
        return _hall_at(at)
    found: Hall | None = cache.get("front-hall")
    if found is None:
        found = _hall_at(timezone.now())
        cache.set("front-hall", found, HALL_KEPT)
    return found


def _hall_at(at: datetime) -> Hall:
    states = list(messaging.queries.desk_states(messaging.queries.desks(), at).values())
    waits = [state.wait_minutes for state in states if state.on_duty and state.wait_minutes is not None]
    opens = [state.opens_at for state in states if state.opens_at]
    return Hall(
        open=any(state.open for state in states),
        # Somebody who serves two desks is one officer.
        on_duty=len(frozenset().union(*(state.officers for state in states))),
        wait_minutes=min(waits, default=None),
        opens_at=min(opens, default=None),
    )


def front(viewer: Viewer, at: datetime | None = None) -> Front:
    """Return what the front page shows the viewer at the moment `at`; now, to strangers a second old, unless given."""
    if at is not None or viewer.person is not None:
        return _front(viewer, at)
    kept = cache.get_or_set(f"front-{viewer.language}", lambda: _front(viewer, None), FRONT_KEPT)
    assert isinstance(kept, Front)
    return kept


def _front(viewer: Viewer, at: datetime | None) -> Front:
    letters = [row.letter for row in engagement.queries.published(limit=LATELY).rows]
    topics = forums.queries.latest_topics(viewer, LATELY)
    return Front(
        hall=hall_now(at),
        # The reader's language first; within one, the newest first as they came.
        letters=sorted(letters, key=lambda letter: letter.case.language != viewer.language)[:LETTERS],
        topics=sorted(topics, key=lambda topic: topic.language != viewer.language)[:TOPICS],
        pages=wiki.knowledge.queries.latest_pages(viewer, PAGES),
        figures=answer_figures(at),
    )


def answer_figures(at: datetime | None = None) -> Answering | None:
    """Return how well the city answered in the last year; None before the first answer. Kept for five minutes."""
    day = timezone.localdate(at)
    key = f"front-figures-{day}"
    found = cache.get(key)
    if found is None:
        found = engagement.figures.headline(day - A_YEAR, day, at)
        cache.set(key, found, FIGURES_KEPT)
    return Answering(**found) if found["count"] else None


def matters(viewer: Viewer) -> Matters:
    """Return the viewer's own talks, topics and notices; cases come from engagement's own part of the page."""
    person = viewer.person
    return Matters(
        talks=_own_talks(viewer),
        topics=forums.queries.topics_by(person, TOPICS) if person else [],
        notices=list(notices.queries.notices_of(viewer)[:NOTICES]) if person else [],
    )


def _own_talks(viewer: Viewer) -> list[Any]:
    talks = messaging.queries.visible_to(viewer).select_related("desk")
    if viewer.person:
        # What an officer holds for others stands on the duty desk.
        talks = talks.filter(Q(officer__isnull=True) | ~Q(officer=viewer.person))
    return list(talks.order_by("-requested_at")[:TALKS])


def readiness() -> Readiness:
    """Try what serving people needs."""
    found = Readiness()
    _check_database(found)
    try:
        unseal(seal(b"trial", "readiness"), "readiness")
    except (SealBroken, IndexError):
        found.broken.append("sealing key")
    if shutil.disk_usage(settings.DATA_DIR).free < LEAST_FREE_BYTES:
        found.broken.append("disk")
    if settings.REDIS_URL and not _cache_answers():
        found.lagging.append("redis")
    return found


def _check_database(found: Readiness) -> None:
    try:
        actions.try_write()
        if not _migrated():
            found.broken.append("migrations")
        elif notices.queries.outbox().lag > LAGGING:
            found.lagging.append("outbox")
    except DatabaseError:
        found.broken.append("database")


_all_applied = False


def _migrated() -> bool:
    """Return whether every migration is applied; once it is, it stays so in this process."""
    global _all_applied
    if not _all_applied:
        executor = MigrationExecutor(connection)
        _all_applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _all_applied


def _cache_answers() -> bool:
    try:
        cache.set("readiness", 1, 5)
        return bool(cache.get("readiness") == 1)
    # Whatever a lost Redis raises, it does not keep people from being served.
    except Exception:
        return False


def gauges() -> dict[str, float]:
    """Return what /metrics measures now, by name without its prefix."""
    outbox = notices.queries.outbox()
    counted = {f"outbox_{state}": float(rows) for state, rows in outbox.states.items()}
    return counted | {"outbox_lag_seconds": outbox.lag.total_seconds(), "outbox_paused": float(outbox.paused)}
