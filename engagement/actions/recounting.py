"""After a change of a calendar: the due times of its open cases are worked out anew, case by case, in one job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from journal.models import Entry

from ..models import Calendar, Case
from ..queries.timeline import entries_of
from ..rules import BeyondCalendar
from ..working_time import WorkClock
from .telling import tell_citizen
from .turns import Turn, clock_turn, locked, put_due

BATCH = 100


def recount_due_times(limit: int = BATCH, at: datetime | None = None) -> int:
    """Go on with the calendars that have changed, at most `limit` cases at a call; return how many due times moved."""
    moment = at or timezone.now()
    calendar = Calendar.objects.exclude(counted=F("revision")).exclude(counted="").order_by("pk").first()
    # A house in which nothing was ever changed takes the calendar as it is.
    Calendar.objects.filter(counted="").update(counted=F("revision"))
    if calendar is None:
        return 0
    revision = calendar.revision
    ids = list(_open_cases(calendar)[:limit])
    moved = sum(_recount(pk, moment) for pk in ids)
    # Only this revision is done: whoever changed the calendar meanwhile has set the count back to the beginning.
    done = {"counted_to": ids[-1]} if len(ids) == limit else {"counted_to": 0, "counted": revision}
    Calendar.objects.filter(pk=calendar.pk, revision=revision).update(**done)
    return moved


def _open_cases(calendar: Calendar) -> Any:
    """The open cases at or above whose unit the calendar stands; for another unit's clock the result is the same."""
    found = Case.objects.filter(answered_at__isnull=True, concluded_at__isnull=True, pk__gt=calendar.counted_to)
    if calendar.unit is not None and calendar.unit.parent_id is not None:
        found = found.filter(unit__path__startswith=calendar.unit.path)
    return found.order_by("pk").values_list("pk", flat=True)


@transaction.atomic
def _recount(case_id: int, at: datetime) -> bool:
    case = locked(case_id)
    if case.answered_at is not None or case.concluded_at is not None or case.due_at is None:
        return False
    with clock_turn(case, at) as current:
        current.stays = True
        try:
            due, promised = due_by_entries(case, entries_of(case), current.engine.clock, current)
        except BeyondCalendar:
            return False
        if due is None or current.engine.with_pause(due) == case.due_at:
            return False
        before, case.promised_at = case.due_at, promised
        due = put_due(current, due)
        told = {"due_at": due.isoformat(), "before": before.isoformat()}
        entry = current.tell("case.recounted", told)
        tell_citizen(current, entry, "case.recounted", due=due)
    return True


def due_by_entries(
    case: Case, entries: list[Entry], clock: WorkClock, current: Turn
) -> tuple[datetime | None, datetime | None]:
    """Return the unit's due time and the promised time that the case's history gives by the clock.

    A pause that lasts is not counted yet: put_due adds it. Norm (domain: clocks): working days from receipt or
    reopening, at least one from dispatch, pauses given back, approved days added; a due time that a dispatcher set by
    hand stays.
    """
    days = current.engine.definition.days_for(case.kind)
    due = promised = clock.due_in_days(case.received_at, days)
    paused: datetime | None = None
    for entry in entries:
        data, at = entry.data, entry.at
        if entry.kind == "case.reopened":
            due = promised = clock.due_in_days(at, days)
        elif entry.kind == "case.dispatched":
            given = parse_datetime(str(data.get("due_at"))) if data.get("by_hand") else None
            due = given or max(due, clock.due_in_days(at, 1))
        elif entry.kind == "case.extended":
            due = promised = clock.due_in_days(max(due, at), int(data["days"]))
        elif entry.kind in ("case.asked", "case.paused"):
            paused = at
        elif entry.kind in ("case.clarified", "case.lapsed", "case.resumed") and paused is not None:
            due = clock.due_in_minutes(due, clock.minutes_between(paused, at))
            paused = None
    return due, promised
