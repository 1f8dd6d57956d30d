"""Replays: begun from a page or a command, done by the worker in batches, with their progress kept."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.viewers import Viewer

from .. import rules
from ..models import Case, ProcessDraft, Replay
from ..processes.checks import check
from ..processes.definition import read
from ..processes.engine import newest
from ..processes.replay import replay
from ..queries.routing import active_rules, sets_up
from .moves import move_running

BATCH = 200
MOST, LONGEST_DAYS = 20_000, 20 * 366


@transaction.atomic
def start_replay(
    *,
    by: Viewer | None,
    key: str,
    days: int = 365,
    most: int = 5_000,
    until: date | None = None,
    at: datetime | None = None,
) -> Replay:
    """Begin to replay at most `most` cases of the last `days` by the draft, or the newest version where there is none.

    The days end with `until`, today unless given. `by` is None for a command. Raises NotFound and BadInput, also
    for a draft with problems or a span that is too long.
    """
    if by is not None and not sets_up(by):
        raise rules.NotFound()
    draft, last = ProcessDraft.objects.filter(key=key).first(), newest(key)
    if last is None:
        raise rules.NotFound()
    rules.check_whole(days, 1, LONGEST_DAYS, "days")
    rules.check_whole(most, 1, MOST, "most")
    definition = draft.definition if draft else last.definition
    check(definition)
    now = at or timezone.now()
    end = _end_of(until) if until else now
    started = Replay(
        key=key, definition=definition, since=end - timedelta(days=days), until=end, most=most, started_at=now,
        started_by=by.person if by else None,
    )  # fmt: skip
    started.total = min(most, _cases(started).count())
    started.save()
    return started


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, timezone.get_current_timezone())


def _cases(started: Replay) -> QuerySet[Case]:
    """The latest cases come first; reports of wrongdoing are in no replay."""
    return Case.objects.filter(
        process__key=started.key, confidential=False, received_at__range=(started.since, started.until)
    ).order_by("-pk")


@transaction.atomic
def replay_on(*, replay_id: int, limit: int = BATCH, at: datetime | None = None) -> Replay:
    """Replay the next cases; finished when there are no more, or as many as wanted."""
    started = Replay.objects.select_for_update().get(pk=replay_id)
    if started.finished_at is not None:
        return started
    waiting = _cases(started).filter(pk__lt=started.after) if started.after else _cases(started)
    wanted = min(limit, started.most - started.done)
    related = waiting.select_related("process", "unit", "category", "mailbox__unit").prefetch_related("facts")
    batch = list(related[:wanted]) if wanted > 0 else []
    started.result = replay(batch, read(started.definition), active_rules()).merged(started.result)
    started.done += len(batch)
    started.after = batch[-1].pk if batch else started.after
    if len(batch) < wanted or started.done >= started.most:
        started.total, started.finished_at = started.done, at or timezone.now()
    started.save(update_fields=["result", "done", "after", "total", "finished_at"])
    return started


def tend_processes(at: datetime | None = None) -> int:
    """Do the next bit of what goes on behind the process pages: cases on the move, and replays; return how much."""
    moved = move_running(at=at)
    waiting = Replay.objects.filter(finished_at__isnull=True).order_by("started_at").values_list("pk", flat=True)[:1]
    return moved + sum(replay_on(replay_id=pk, at=at).done for pk in waiting)
