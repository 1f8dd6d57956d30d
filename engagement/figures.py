"""How well the city answers, in figures that can be recomputed: pure queries over facts and cases.

Cohort: replies to cases received in the period, in the city's time zone; reports of wrongdoing are left out
everywhere. Times are wall time in days of 24 hours, and working time by the unit's calendar in days of its usual
length. Medians before means, every rate as numerator and denominator.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Unit

from .columns import CHANNELS, MISSING, NONE, Columns, bounds, by_group, facts_between, quantile, replies
from .models import Case, Category, Mailbox

DAY_SECONDS = 86_400
# What figures can be kept apart by: columns of facts, and of cases.
COLUMNS = {"unit": "unit", "category": "category", "channel": "channel", "mailbox": "mailbox"}
CASE_GROUPS = {"unit": "unit_id", "category": "category_id", "channel": "channel", "mailbox": "mailbox_id"}
GROUPS = tuple(COLUMNS)
# Groups with fewer replies are listed but not ranked, and below LEAST_SHOWN the public sees their count only.
LEAST_RANKED = 10
LEAST_SHOWN = 5
SATISFIED_FROM = 3

Row = dict[str, Any]


def figures(
    date_from: date | None = None,
    date_to: date | None = None,
    by: str | None = None,
    *,
    at: datetime | None = None,
    public: bool = False,
    facts: Columns | None = None,
) -> Row:
    """Return the figures of cases received from `date_from` to `date_to`, both included, whole or by group.

    `by` is a key of GROUPS. `at` (now unless given) decides what is overdue. With `public`, groups of fewer than
    LEAST_SHOWN replies show their count only. `facts` are those of the period when they have been read already.
    """
    at = at or timezone.now()
    facts = facts_between(date_from, date_to) if facts is None else facts
    counts = _counted(_cases(date_from, date_to), by)
    whole = {name: sum(each[name] for each in counts.values()) for name in NO_CASES}
    result = {
        "from": date_from.isoformat() if date_from else None,
        "to": date_to.isoformat() if date_to else None,
        "by": by,
        "time_zone": settings.TIME_ZONE,
        **_summary(_times(facts), whole, _on_time(date_from, date_to, at)),
    }
    if by is not None:
        result["groups"] = _groups(by, facts, counts, public)
    return result


def headline(date_from: date, date_to: date, at: datetime | None = None) -> Row:
    """Return of `figures` what the front page says: replies, their median days, on time and satisfied."""
    times = _times(facts_between(date_from, date_to))
    return {
        "count": times["count"],
        "median_days": _days(times["median_seconds"]),
        "on_time": rate(*_on_time(date_from, date_to, at or timezone.now())),
        "satisfied": {**rate(times["satisfied"], times["rated"]), "asked": times["asked"]},
    }


def _times(facts: Columns) -> Row:
    """Return what the facts say of replies: how many, how long they took, and how they were liked."""
    seconds, working = replies(facts), facts["working"][~np.isnan(facts["working"])]
    scores, answered = facts["satisfaction"], facts["reply"] != MISSING
    # Nobody asks the writer of an imported letter how it went.
    asked = answered & (facts["channel"] != CHANNELS.index(Case.Channel.IMPORT))
    return {
        "count": len(seconds),
        "median_seconds": quantile(seconds, 0.5),
        "mean_seconds": float(seconds.mean()) if len(seconds) else None,
        "p90_seconds": quantile(seconds, 0.9),
        "working": len(working),
        "median_working": quantile(working, 0.5),
        "mean_working": float(working.mean()) if len(working) else None,
        "p90_working": quantile(working, 0.9),
        "asked": int(asked.sum()),
        "rated": int((scores > 0).sum()),
        "satisfied": int((scores >= SATISFIED_FROM).sum()),
    }


def _within(column: str, date_from: date | None, date_to: date | None) -> Q:
    start, end = bounds(date_from, date_to)
    found = Q(**{f"{column}__gte": start}) if start else Q()
    return found & Q(**{f"{column}__lt": end}) if end else found


def _cases(date_from: date | None, date_to: date | None) -> QuerySet[Case]:
    return Case.objects.filter(_within("received_at", date_from, date_to), confidential=False).order_by()


def _counted(cases: QuerySet[Case], by: str | None) -> dict[Any, Row]:
    """Return the numbers of cases by group; all of them under None when nothing is asked to be kept apart."""
    if by is None:
        return {None: cases.aggregate(**_CASE_COUNTS)}
    counted: Any = cases.values(group=F(CASE_GROUPS[by])).annotate(**_CASE_COUNTS)
    rows: dict[Any, Row] = {row["group"]: row for row in counted}
    if by != "category":
        return rows
    roots = dict(Category.objects.values_list("pk", Coalesce("root_id", "pk")))
    found: dict[Any, Row] = {}
    for key, row in rows.items():
        sums = found.setdefault(roots.get(key), dict(NO_CASES))
        found[roots.get(key)] = {name: sums[name] + row[name] for name in NO_CASES}
    return found


_CASE_COUNTS: dict[str, Any] = {
    "received": Count("pk"),
    "answered": Count("answered_at"),
    "concluded": Count("concluded_at"),
}
NO_CASES = dict.fromkeys(_CASE_COUNTS, 0)


def _on_time(date_from: date | None, date_to: date | None, at: datetime) -> tuple[int, int]:
    """Return answered by the due time in force ÷ all cases whose due time falls in the period and has passed.

    Open overdue cases stay in the denominator; cases withdrawn or not accepted without a reply are left out of both.
    """
    due = Case.objects.filter(_within("due_at", date_from, date_to), confidential=False, due_at__lte=at)
    due = due.exclude(status__in=("withdrawn", "not_accepted", "merged", "terminated"), answered_at__isnull=True)
    done = Coalesce("answered_at", "concluded_at")
    found = due.annotate(done=done).aggregate(all=Count("pk"), kept=Count("pk", filter=Q(done__lte=F("due_at"))))
    return found["kept"], found["all"]


def _summary(times: Row, counts: Row, on_time: tuple[int, int] | None = None) -> Row:
    """Return one block of figures as it stands in the JSON."""
    found = {
        "count": times["count"],
        "received": counts["received"],
        "answered": rate(counts["answered"], counts["received"]),
        "concluded": rate(counts["concluded"], counts["received"]),
        "reply_calendar_days": {
            "n": times["count"],
            **{name: _days(times[f"{name}_seconds"]) for name in ("median", "mean", "p90")},
        },
        "reply_working_days": {
            "n": times["working"],
            **{name: _rounded(times[f"{name}_working"]) for name in ("median", "mean", "p90")},
        },
        "satisfied": {**rate(times["satisfied"], times["rated"]), "asked": times["asked"]},
    }
    if on_time is not None:
        found["on_time"] = rate(*on_time)
    return found


def rate(numerator: int, denominator: int) -> Row:
    """Return a rate with what it is made of; no share of nothing."""
    return {
        "numerator": numerator,
        "denominator": denominator,
        "percent": round(100 * numerator / denominator, 1) if denominator else None,
    }


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else round(float(seconds) / DAY_SECONDS, 3)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)


def _groups(by: str, facts: Columns, counts: dict[Any, Row], public: bool) -> list[Row]:
    """Return one block for each group: ranked by median where there are enough replies, then the others by name."""
    apart = {_key(by, key): rows for key, rows in by_group(facts, COLUMNS[by]).items()}
    labels = _labels(by, {*apart, *counts})
    rows = []
    for key in {*apart, *counts}:
        times = _times(apart.get(key, facts[:0]))
        row = {"key": key, **labels[key], **_summary(times, counts.get(key, NO_CASES))}
        row["ranked"] = row["count"] >= LEAST_RANKED
        rows.append(_counts_only(row) if public and row["count"] < LEAST_SHOWN else row)
    return sorted(rows, key=_rank)


def _key(by: str, value: int) -> Any:
    """Return a value of a column as cases have it."""
    if by == "channel":
        return CHANNELS[value]
    return None if value == NONE else value


def _rank(row: Row) -> tuple[bool, float, str]:
    median = row["reply_calendar_days"]["median"]
    return not row["ranked"], median if row["ranked"] and median is not None else 0.0, row["label"]


def _counts_only(row: Row) -> Row:
    """Return the row without anything that would tell of single cases."""
    empty = {"median": None, "mean": None, "p90": None}
    return row | {
        "reply_calendar_days": {"n": row["count"], **empty},
        "reply_working_days": {"n": row["reply_working_days"]["n"], **empty},
        "satisfied": rate(0, 0) | {"asked": row["satisfied"]["asked"]},
    }


def _labels(by: str, keys: Iterable[Any]) -> dict[Any, Row]:
    """Return the names of the groups; what belongs to none is called "–"."""
    found: dict[Any, Row] = {key: {"label": "–", "label_en": "–"} for key in keys}
    if by == "channel":
        with override("en"):
            english = {key: str(words) for key, words in Case.Channel.choices}
        with override("zh-hans"):
            chinese = {key: str(words) for key, words in Case.Channel.choices}
        return {key: {"label": chinese.get(key, key), "label_en": english.get(key, key)} for key in found}
    ids = [key for key in found if key is not None]
    if by == "mailbox":
        for box in Mailbox.objects.filter(pk__in=ids).select_related("leader"):
            found[box.pk] = {"label": f"{box.title} {box.leader.name}", "label_en": f"{box.title_en or box.title}"}
        return found
    named: QuerySet[Any] = (Unit if by == "unit" else Category).objects.filter(pk__in=ids)
    for each in named:
        found[each.pk] = {"label": each.name, "label_en": each.name_en or each.name}
    return found


def months(facts: Columns) -> list[Row]:
    """Return, for every month of receipt in order, how many replies and their median and 90 % time in days."""
    return [_month(month, replies(rows)) for month, rows in by_group(facts, "month").items()]


def _month(month: int, seconds: Columns) -> Row:
    enough = len(seconds) >= LEAST_SHOWN
    return {
        "month": f"{month // 100}-{month % 100:02d}",
        "count": len(seconds),
        "median": _days(quantile(seconds, 0.5)) if enough else None,
        "p90": _days(quantile(seconds, 0.9)) if enough else None,
    }


# Upper bounds in days of the bars that show how long replies took; the last bar has none.
SPANS = (1, 3, 5, 7, 10, 15, 30, 60)


def spans(facts: Columns) -> list[Row]:
    """Return how many replies took up to 1, 3, 5 … days, each bar without those of the one before."""
    edges = [0, *SPANS, None]
    ends = np.array([0, *SPANS]) * DAY_SECONDS
    bars = np.bincount(np.searchsorted(ends, replies(facts), side="right"), minlength=len(edges))
    # What an import says was answered before it came stands in the first place, below every bar.
    return [
        {"from": low, "to": high, "count": int(count)}
        for (low, high), count in zip(pairwise(edges), bars[1:], strict=True)
    ]
