"""Facts as columns, packed by the day of receipt: exact figures of a whole history are read in a few milliseconds.

A day's row holds its facts as the bytes of an array. What was written since stands in FactChange, append-only, so that
no two steps wait for one another; such days, and those not packed yet, are read from the facts themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from django.db.models import Q
from django.utils import timezone

from .models import Case, CaseFact, FactChange, FactDay

ROW = np.dtype(
    [
        ("unit", "<i4"), ("category", "<i4"), ("mailbox", "<i4"), ("channel", "u1"), ("month", "<i4"),
        ("reply", "<i4"), ("working", "<f8"), ("satisfaction", "u1"), ("on_time", "u1"),
    ]
)  # fmt: skip
FIELDS = (
    "unit_id", "category_root_id", "mailbox_id", "channel", "month", "reply_seconds", "reply_working_days",
    "satisfaction", "on_time",
)  # fmt: skip
# What stands for "none" in a column of numbers; working days have NaN, a satisfaction is never 0.
NONE, MISSING, UNJUDGED = -1, int(np.iinfo(np.int32).min), 2
CHANNELS = tuple(Case.Channel.values)
# A period broken into more pieces than this is read whole from the facts.
MOST_GAPS = 60
Columns = np.ndarray[Any, Any]


def packed(rows: Iterable[tuple[Any, ...]]) -> Columns:
    """Return facts, each with its FIELDS in their order, as columns."""
    return np.array([_row(*row) for row in rows], dtype=ROW)


def _row(
    unit: int | None, category: int | None, mailbox: int | None, channel: str, month: int, reply: int | None,
    working: float | None, satisfaction: int | None, on_time: bool | None,
) -> tuple[Any, ...]:  # fmt: skip
    return (
        unit or NONE, category or NONE, mailbox or NONE, CHANNELS.index(channel), month,
        MISSING if reply is None else reply, np.nan if working is None else working, satisfaction or 0,
        UNJUDGED if on_time is None else int(on_time),
    )  # fmt: skip


def facts_of(day: date) -> Columns:
    """Return the facts of cases received on one day, as they stand."""
    return packed(_live(_on(day, day)))


def facts_between(date_from: date | None = None, date_to: date | None = None) -> Columns:
    """Return the facts of cases received from `date_from` to `date_to`, both included; reports are in no figure."""
    # Changes and packed days in one question, so that nothing is packed or written between the two.
    days = FactDay.objects.exclude(day__in=FactChange.objects.values("day")).order_by("day")
    days = days.filter(day__gte=date_from) if date_from else days
    days = days.filter(day__lte=date_to) if date_to else days
    good = {day: bytes(rows) for day, rows in days.values_list("day", "rows")}
    gaps = list(_gaps(sorted(good), date_from, date_to))
    if len(gaps) > MOST_GAPS:
        good, gaps = {}, [(date_from, date_to)]
    wanted = Q(pk__in=[])
    for first, last in gaps:
        wanted |= _on(first, last)
    return np.concatenate([np.frombuffer(b"".join(good.values()), dtype=ROW), packed(_live(wanted) if gaps else ())])


def _gaps(days: list[date], date_from: date | None, date_to: date | None) -> Iterator[tuple[date | None, date | None]]:
    """Yield the stretches, both ends included, that no packed day covers; None is open."""
    one = timedelta(days=1)
    start = date_from
    for _, run in groupby(enumerate(days), key=lambda each: each[1].toordinal() - each[0]):
        stretch = [day for _place, day in run]
        if start is None or start < stretch[0]:
            yield start, stretch[0] - one
        start = stretch[-1] + one
    if date_to is None or start is None or start <= date_to:
        yield start, date_to


def _on(first: date | None, last: date | None) -> Q:
    start, end = bounds(first, last)
    # Never an empty condition, which would vanish when it is joined with others.
    found = Q(received_at__gte=start) if start else Q(received_at__isnull=False)
    return found & Q(received_at__lt=end) if end else found


def _live(wanted: Q) -> Iterable[tuple[Any, ...]]:
    facts = CaseFact.objects.filter(wanted).exclude(kind=Case.Kind.REPORT).order_by()
    return facts.values_list(*FIELDS).iterator(chunk_size=5000)


def bounds(date_from: date | None, date_to: date | None) -> tuple[datetime | None, datetime | None]:
    """Return the first moment of the first day and the first moment after the last one, in the city's time zone."""
    after = date_to + timedelta(days=1) if date_to and date_to < date.max else None
    return _midnight(date_from), _midnight(after)


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime(day.year, day.month, day.day)) if day else None  # noqa: DTZ001


def by_group(facts: Columns, column: str) -> dict[int, Columns]:
    """Return the facts of each value of a column."""
    ordered = facts[np.argsort(facts[column], kind="stable")]
    keys, places = np.unique(ordered[column], return_index=True)
    return {int(key): rows for key, rows in zip(keys, np.split(ordered, places[1:]), strict=False)} if len(keys) else {}


def replies(facts: Columns) -> Columns:
    """Return the seconds from letter to reply of those that were answered."""
    answered: Columns = facts["reply"][facts["reply"] != MISSING]
    return answered


def quantile(values: Columns, share: float) -> float | None:
    """Return what `quantiles.Quantile` gives in the database: Hazen's, None of nothing."""
    return float(np.quantile(values, share, method="hazen")) if len(values) else None
