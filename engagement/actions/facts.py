"""Facts: one row for every finished round, told by the journal alone, so that they can be written again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Unit
from journal.history import Past
from journal.models import Entry

from ..models import Case, CaseFact
from ..processes.engine import home_of
from ..queries.timeline import entries_of
from ..rules import BeyondCalendar
from ..working_time import WorkClock, clock_for
from .packing import note_changed

ONCE = ("case", "round")


@dataclass
class Round:
    """What the entries of one round say."""

    number: int
    received_at: datetime
    due_at: datetime | None = None
    accepted_at: datetime | None = None
    first_at: datetime | None = None
    answered_at: datetime | None = None
    concluded_at: datetime | None = None
    unit_id: int | None = None
    outcome: str = ""
    satisfaction: int | None = None
    returns: int = 0
    hops: int = 0
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    paused_since: datetime | None = None
    finished: bool = False


def rounds_of(case: Case, entries: Sequence[Entry | Past]) -> list[Round]:
    """Return the rounds of a case as its entries tell them, in order."""
    rounds = [Round(1, case.received_at)]
    for entry in entries:
        if entry.kind == "case.reopened":
            _finish(rounds[-1])
            rounds.append(Round(int(entry.data["round"]), entry.at, due_at=_moment(entry.data.get("promised_at"))))
            rounds[-1].accepted_at = entry.at
        else:
            _read(rounds[-1], entry)
    return rounds


def _finish(done: Round) -> None:
    done.finished = True


def _read(current: Round, entry: Entry | Past) -> None:
    """Take over what one entry says."""
    data, at = entry.data, entry.at
    current.due_at = _moment(data.get("due_at") or data.get("promised_at")) or current.due_at
    if entry.kind == "case.accepted" or (entry.kind == "case.signed_for" and current.accepted_at is None):
        current.accepted_at = at
    elif entry.kind == "case.dispatched":
        current.hops += 1
    elif entry.kind == "case.returned":
        current.returns += 1
    elif entry.kind == "case.asked":
        current.first_at, current.paused_since = current.first_at or at, at
    elif entry.kind == "case.paused":
        current.paused_since = at
    elif entry.kind in ("case.clarified", "case.lapsed", "case.resumed") and current.paused_since is not None:
        current.pauses.append((current.paused_since, at))
        current.paused_since = None
    elif entry.kind == "case.answered":
        current.first_at, current.answered_at = current.first_at or at, at
        current.outcome, current.unit_id = data.get("outcome", ""), (data.get("unit") or {}).get("id")
    elif entry.kind == "case.rated":
        current.satisfaction = data["score"]
    elif entry.kind == "case.concluded":
        current.concluded_at = at
        _finish(current)


def fact_of(case: Case, current: Round, clock: WorkClock) -> CaseFact:
    """Return the fact of a finished round, unsaved; working times by `clock`, the one of the unit that answered."""
    answered, received, done = current.answered_at, current.received_at, current.concluded_at or current.answered_at
    paused = sum(_minutes(clock, start, end) or 0 for start, end in current.pauses)
    minutes = _minutes(clock, received, answered)
    whole = _minutes(clock, current.accepted_at, done)
    month = timezone.localtime(received)
    return CaseFact(
        case=case, round=current.number, kind=case.kind, channel=case.channel, unit_id=current.unit_id,
        mailbox_id=case.mailbox_id, category_id=case.category_id,
        category_root_id=case.category.root_id or case.category_id if case.category else None,
        process_id=case.process_id, month=month.year * 100 + month.month, received_at=received, answered_at=answered,
        concluded_at=current.concluded_at, due_at=current.due_at,
        reply_seconds=int((answered - received).total_seconds()) if answered else None,
        reply_work_minutes=minutes,
        reply_working_days=None if minutes is None else minutes / clock.minutes_a_day,
        first_response_seconds=int((current.first_at - received).total_seconds()) if current.first_at else None,
        work_minutes=None if whole is None else max(0, whole - paused), paused_minutes=paused,
        on_time=answered <= current.due_at if answered and current.due_at else None,
        returns=current.returns, hops=current.hops, outcome=current.outcome, satisfaction=current.satisfaction,
    )  # fmt: skip


def _minutes(clock: WorkClock, start: datetime | None, end: datetime | None) -> int | None:
    try:
        return clock.minutes_between(start, end) if start and end else None
    except BeyondCalendar:
        return None


def _moment(value: Any) -> datetime | None:
    return parse_datetime(value) if isinstance(value, str) else None


def write_fact(case: Case, number: int) -> CaseFact | None:
    """Write the fact of one round that has just finished."""
    found = next((each for each in rounds_of(case, entries_of(case)) if each.number == number), None)
    if found is None or found.answered_at is None:
        return None
    fact = fact_of(case, found, _clock(case, found))
    rest = [field.name for field in CaseFact._meta.concrete_fields if field.name not in ("id", *ONCE)]
    CaseFact.objects.bulk_create([fact], update_conflicts=True, unique_fields=ONCE, update_fields=rest)
    note_changed([fact.received_at])
    return fact


def _clock(case: Case, current: Round) -> WorkClock:
    unit = case.unit
    if current.unit_id != case.unit_id:
        unit = Unit.objects.filter(pk=current.unit_id).first() if current.unit_id else None
    return clock_for(unit or home_of(case))


@transaction.atomic
def rebuild_case(*, case_id: int) -> int:
    """Write all facts of one case anew from its entries; returns how many. Imported cases keep theirs.

    A case that came by import has no entries of its own steps: what the import counted is its only record.
    """
    case = Case.objects.select_for_update(of=("self",)).select_related(
        "category", "mailbox__unit", "process"
    ).get(pk=case_id)  # fmt: skip
    if case.source:
        return CaseFact.objects.filter(case=case).count()
    before = list(CaseFact.objects.filter(case=case).values_list("received_at", flat=True))
    CaseFact.objects.filter(case=case).delete()
    facts = [
        fact_of(case, each, _clock(case, each))
        for each in rounds_of(case, entries_of(case))
        if each.finished and each.answered_at is not None
    ]
    CaseFact.objects.bulk_create(facts)
    note_changed([*before, *(fact.received_at for fact in facts)])
    return len(facts)
