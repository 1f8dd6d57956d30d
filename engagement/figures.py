"""How well the city answers, in figures that can be recomputed: pure queries over facts and cases.

Cohort: replies to cases received in the period, in the city's time zone; reports of wrongdoing are left out
everywhere. Times are wall time in days of 24 hours, and working time by the unit's calendar in days of its usual
length. Medians before means, every rate as numerator and denominator.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Unit

from .models import Case, CaseFact, Category, Mailbox
from .quantiles import Quantile

DAY_SECONDS = 86_400
GROUPS = {"unit": "unit_id", "category": "category_root_id", "channel": "channel", "mailbox": "mailbox_id"}
# The same columns on cases.
CASE_GROUPS = GROUPS | {"category": "category__root_id"}
# Groups with fewer replies are listed but not ranked, and below LEAST_SHOWN the public sees their count only.
LEAST_RANKED = 10
LEAST_SHOWN = 5
SATISFIED_FROM = 3

Row = dict[str, Any]
TIMES: dict[str, Any] = {
    "count": Count("reply_seconds"),
    "median_seconds": Quantile("reply_seconds", 0.5),
    "mean_seconds": Avg("reply_seconds"),
    "p90_seconds": Quantile("reply_seconds", 0.9),
    "working": Count("reply_working_days"),
    "median_working": Quantile("reply_working_days", 0.5),
    "mean_working": Avg("reply_working_days"),
    "p90_working": Quantile("reply_working_days", 0.9),
    # Nobody asks the writer of an imported letter how it went.
    "asked": Count("reply_seconds", filter=~Q(channel=Case.Channel.IMPORT)),
    "rated": Count("satisfaction"),
    "satisfied": Count("pk", filter=Q(satisfaction__gte=SATISFIED_FROM)),
}


def figures(
    date_from: date | None = None,
    date_to: date | None = None,
    by: str | None = None,
    *,
    at: datetime | None = None,
    public: bool = False,
) -> Row:
    """Return the figures of cases received from `date_from` to `date_to`, both included, whole or by group.

    `by` is a key of GROUPS. `at` (now unless given) decides what is overdue. With `public`, groups of fewer than
    LEAST_SHOWN replies show their count only.
    """
    at = at or timezone.now()
    facts, cases = _facts(date_from, date_to), _cases(date_from, date_to)
    result = {
        "from": date_from.isoformat() if date_from else None,
        "to": date_to.isoformat() if date_to else None,
        "by": by,
        "time_zone": settings.TIME_ZONE,
        **_summary(facts.aggregate(**TIMES), _counted(cases), _on_time(date_from, date_to, at)),
    }
    if by is not None:
        result["groups"] = _groups(by, facts, cases, public)
    return result


def bounds(date_from: date | None, date_to: date | None) -> tuple[datetime | None, datetime | None]:
    """Return the first moment of the first day and the first moment after the last one, in the city's time zone."""
    after = date_to + timedelta(days=1) if date_to and date_to < date.max else None
    return _midnight(date_from), _midnight(after)


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime(day.year, day.month, day.day)) if day else None  # noqa: DTZ001


def _within(column: str, date_from: date | None, date_to: date | None) -> Q:
    start, end = bounds(date_from, date_to)
    found = Q(**{f"{column}__gte": start}) if start else Q()
    return found & Q(**{f"{column}__lt": end}) if end else found


def _facts(date_from: date | None, date_to: date | None) -> QuerySet[CaseFact]:
    within = _within("received_at", date_from, date_to)
    return CaseFact.objects.filter(within).exclude(kind=Case.Kind.REPORT).order_by()


def _cases(date_from: date | None, date_to: date | None) -> QuerySet[Case]:
    return Case.objects.filter(_within("received_at", date_from, date_to), confidential=False).order_by()


def _counted(cases: QuerySet[Case]) -> Row:
    return cases.aggregate(**_CASE_COUNTS)


_CASE_COUNTS: dict[str, Any] = {
    "received": Count("pk"),
    "answered": Count("pk", filter=Q(answered_at__isnull=False)),
    "concluded": Count("pk", filter=Q(concluded_at__isnull=False)),
}


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


def _groups(by: str, facts: QuerySet[CaseFact], cases: QuerySet[Case], public: bool) -> list[Row]:
    """Return one block for each group: ranked by median where there are enough replies, then the others by name."""
    column, case_column = GROUPS[by], CASE_GROUPS[by]
    times: dict[Any, Any] = {row["group"]: row for row in facts.values(group=F(column)).annotate(**TIMES)}
    counts: dict[Any, Any] = {row["group"]: row for row in cases.values(group=F(case_column)).annotate(**_CASE_COUNTS)}
    nothing = dict.fromkeys(TIMES, None) | dict.fromkeys(("count", "working", "asked", "rated", "satisfied"), 0)
    none = {"received": 0, "answered": 0, "concluded": 0}
    labels = _labels(by, {*times, *counts})
    rows = []
    for key in {*times, *counts}:
        row = {"key": key, **labels[key], **_summary(times.get(key, nothing), counts.get(key, none))}
        row["ranked"] = row["count"] >= LEAST_RANKED
        rows.append(_counts_only(row) if public and row["count"] < LEAST_SHOWN else row)
    return sorted(rows, key=_rank)


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


def months(date_from: date | None = None, date_to: date | None = None) -> list[Row]:
    """Return, for every month of receipt in order, how many replies and their median and 90 % time in days."""
    rows = (
        _facts(date_from, date_to)
        .values("month")
        .annotate(
            count=Count("reply_seconds"), median=Quantile("reply_seconds", 0.5), p90=Quantile("reply_seconds", 0.9)
        )
    )
    return [
        {
            "month": f"{row['month'] // 100}-{row['month'] % 100:02d}",
            "count": row["count"],
            "median": _days(row["median"]) if row["count"] >= LEAST_SHOWN else None,
            "p90": _days(row["p90"]) if row["count"] >= LEAST_SHOWN else None,
        }
        for row in rows.order_by("month")
    ]


# Upper bounds in days of the bars that show how long replies took; the last bar has none.
SPANS = (1, 3, 5, 7, 10, 15, 30, 60)


def spans(date_from: date | None = None, date_to: date | None = None) -> list[Row]:
    """Return how many replies took up to 1, 3, 5 … days, each bar without those of the one before."""
    edges = [0, *SPANS, None]
    counts: dict[str, Any] = {}
    for number, (low, high) in enumerate(pairwise(edges)):
        within = Q(reply_seconds__gte=low * DAY_SECONDS) if low is not None else Q()
        if high is not None:
            within &= Q(reply_seconds__lt=high * DAY_SECONDS)
        counts[f"bar{number}"] = Count("pk", filter=within)
    found = _facts(date_from, date_to).aggregate(**counts)
    return [
        {"from": low, "to": high, "count": found[f"bar{number}"]} for number, (low, high) in enumerate(pairwise(edges))
    ]
