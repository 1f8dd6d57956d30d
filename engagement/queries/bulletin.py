"""The bulletin (通报) of a period: what fell due at each unit, what was kept, ordered, returned, extended, solved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from accounts.viewers import Viewer

from ..columns import bounds
from ..models import Callback, Case, CaseFact, Extension, Order, Promise, Return
from ..quantiles import Quantile
from .board import NOT_COUNTED, SECONDS_A_DAY, Scope, open_cases

# Units with fewer cases that fell due are listed, but nobody is ranked by three letters.
LEAST_RANKED = 5
LONGEST_DAYS = 400
OLDEST = 10


@dataclass
class Line:
    """One unit in the period; every rate as numerator and denominator."""

    unit_id: int | None
    label: str
    due: int = 0
    kept: int = 0
    answered: int = 0
    median: float | None = None
    rated: int = 0
    satisfied: int = 0
    orders: int = 0
    orders_kept: int = 0
    orders_done: int = 0
    returned: int = 0
    extended: int = 0
    called: int = 0
    solved: int = 0
    overdue_now: int = 0

    @property
    def percent(self) -> float | None:
        """The on-time rate, None of nothing."""
        return round(100 * self.kept / self.due, 1) if self.due else None

    @property
    def ranked(self) -> bool:
        """Whether there is enough to rank by."""
        return self.due >= LEAST_RANKED


@dataclass
class Bulletin:
    """What a bulletin says, whatever it is written on."""

    scope: Scope
    first: date
    last: date
    made_at: datetime
    lines: list[Line]
    total: Line
    oldest: list[Case] = field(default_factory=list)
    broken: list[Promise] = field(default_factory=list)


def bulletin(scope: Scope, viewer: Viewer, first: date, last: date, at: datetime | None = None) -> Bulletin:
    """Return the bulletin of the days from `first` to `last`, both included, in the city's time zone.

    On time: answered by the due time in force ÷ all whose due time fell into the period and has passed, open overdue
    ones included. Reports of wrongdoing appear nowhere.
    """
    moment = at or timezone.now()
    start, end = bounds(first, last)
    lines: dict[int | None, Line] = {}
    for part in (_kept, _answered, _orders, _returned, _extended, _called):
        for unit_id, found in part(scope, start, end, moment):
            line = lines.setdefault(unit_id, Line(unit_id, ""))
            for name, value in found.items():
                setattr(line, name, value)
    late = open_cases(scope, viewer).filter(due_at__lt=moment).exclude(status=Case.Status.CLARIFY)
    for unit_id, number in late.order_by().values_list("unit_id").annotate(number=Count("pk")):
        lines.setdefault(unit_id, Line(unit_id, "")).overdue_now = number
    names = {unit.pk: unit.label for unit in Unit.objects.filter(pk__in=[key for key in lines if key])}
    for key, line in lines.items():
        line.label = names.get(key, _("not with a unit yet")) if key else _("not with a unit yet")
    return Bulletin(
        scope, first, last, moment, sorted(lines.values(), key=_rank), _total(lines.values()),
        list(late.select_related("unit").order_by("due_at")[:OLDEST]), _broken(scope, moment),
    )  # fmt: skip


def _rank(line: Line) -> tuple[bool, float, str]:
    return not line.ranked, -(line.percent or 0.0) if line.ranked else 0.0, line.label


def _of_units(scope: Scope, column: str = "unit", case: str = "case__") -> Q:
    if scope.mailbox is not None:
        return Q(**{f"{case}mailbox_id": scope.mailbox})
    return Q() if scope.whole else Q(**{f"{column}_id__in": scope.units})


Found = Iterable[tuple[int | None, dict[str, Any]]]


def _by_unit(rows: Iterable[Any], column: str = "unit_id") -> Found:
    for row in rows:
        found = dict(row)
        yield found.pop(column), found


def _kept(scope: Scope, start: Any, end: Any, at: datetime) -> Found:
    fell = Case.objects.filter(
        _of_units(scope, case=""), due_at__gte=start, due_at__lt=min(end, at), confidential=False
    )
    fell = fell.exclude(status__in=NOT_COUNTED, answered_at__isnull=True).order_by()
    done = fell.annotate(done=Coalesce("answered_at", "concluded_at")).values("unit_id")
    for row in done.annotate(due=Count("pk"), kept=Count("pk", filter=Q(done__lte=F("due_at")))):
        yield row["unit_id"], {"due": row["due"], "kept": row["kept"]}


def _answered(scope: Scope, start: Any, end: Any, at: datetime) -> Found:
    facts = CaseFact.objects.filter(_of_units(scope, case=""), answered_at__gte=start, answered_at__lt=end)
    facts = facts.exclude(kind=Case.Kind.REPORT).order_by()
    sent = Case.objects.filter(
        _of_units(scope, case=""), answered_at__gte=start, answered_at__lt=end, confidential=False
    )
    yield from _by_unit(sent.order_by().values("unit_id").annotate(answered=Count("pk")))
    told = facts.values("unit_id").annotate(
        median=Quantile("reply_seconds", 0.5), rated=Count("satisfaction"),
        satisfied=Count("pk", filter=Q(satisfaction__gte=3)),
    )  # fmt: skip
    for unit_id, row in _by_unit(told):
        median = row.pop("median")
        yield unit_id, {**row, "median": None if median is None else round(float(median) / SECONDS_A_DAY, 1)}


def _orders(scope: Scope, start: Any, end: Any, at: datetime) -> Found:
    orders: QuerySet[Order] = Order.objects.filter(
        _of_units(scope), issued_at__gte=start, issued_at__lt=end, case__confidential=False
    )
    counted = orders.order_by().values("unit_id").annotate(
        orders=Count("pk"), orders_done=Count("pk", filter=Q(on_time__isnull=False) | Q(due_at__lt=at)),
        orders_kept=Count("pk", filter=Q(on_time=True)),
    )  # fmt: skip
    yield from _by_unit(counted)


def _returned(scope: Scope, start: Any, end: Any, at: datetime) -> Found:
    found = Return.objects.filter(_of_units(scope), at__gte=start, at__lt=end, case__confidential=False)
    yield from _by_unit(found.order_by().values("unit_id").annotate(returned=Count("pk")))


def _extended(scope: Scope, start: Any, end: Any, at: datetime) -> Found:
    units = _of_units(scope, "case__unit")
    asked = Extension.objects.filter(units, asked_at__gte=start, asked_at__lt=end, state=Extension.State.APPROVED)
    rows = asked.filter(case__confidential=False).order_by().values(group=F("case__unit_id"))
    yield from _by_unit(rows.annotate(extended=Count("pk")), "group")


def _called(scope: Scope, start: Any, end: Any, at: datetime) -> Found:
    valid = ("solved", "partly", "unsolved")
    calls = Callback.objects.filter(_of_units(scope, "case__unit"), done_at__gte=start, done_at__lt=end)
    rows = calls.filter(result__in=valid, case__confidential=False).order_by().values(group=F("case__unit_id"))
    counted = rows.annotate(called=Count("pk"), solved=Count("pk", filter=Q(result="solved")))
    yield from _by_unit(counted, "group")


def _total(lines: Iterable[Line]) -> Line:
    total = Line(None, _("All"))
    for line in lines:
        for name in (
            "due", "kept", "answered", "rated", "satisfied", "orders", "orders_kept", "orders_done", "returned",
            "extended", "called", "solved", "overdue_now",
        ):  # fmt: skip
            setattr(total, name, getattr(total, name) + getattr(line, name))
    return total


def _broken(scope: Scope, at: datetime) -> list[Promise]:
    found = Promise.objects.filter(_of_units(scope), state=Promise.State.OPEN, due_at__lt=at, case__confidential=False)
    return list(found.select_related("case", "unit").order_by("due_at")[:OLDEST])


def last_month(at: datetime | None = None) -> tuple[date, date]:
    """Return the first and the last day of the month before."""
    last = timezone.localtime(at or timezone.now()).date().replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
