"""The supervision board: what is open at each unit, mailbox or category and how it stands, in a few indexed queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, Unit
from accounts.prepared import Given, Prepared, one_of
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, CaseFact, Category, Mailbox, Order, Return, Watch
from ..quantiles import Quantile

GROUPS = ("unit", "mailbox", "category")
# What a cell counts, and the rows that stand behind it.
CELLS = ("open", "today", "yellow", "red", "supervised", "unsigned", "returned", "waiting")
PAGE = 50
# On-time rate and median are those of the last so many days, and are asked for anew after so many seconds.
PERIOD_DAYS, KEPT_SECONDS = 30, 120
SECONDS_A_DAY = 86_400
NOT_COUNTED = ("withdrawn", "not_accepted", "merged", "terminated")


@dataclass(frozen=True)
class Scope:
    """What one board looks at: the units of a supervisor, or a leader's mailbox."""

    key: str
    label: str
    units: frozenset[int] = frozenset()
    mailbox: int | None = None
    # Whether cases that no unit has yet belong to it.
    whole: bool = False

    @property
    def stream(self) -> str:
        """The stream on which the board is told that something has moved."""
        return f"board-{self.key}"

    @property
    def supervises(self) -> bool:
        """Whether its viewer may urge and order."""
        return self.mailbox is None


@dataclass
class Row:
    """One line of the board."""

    key: str
    label: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CELLS, 0))
    kept: int = 0
    due: int = 0
    median: float | None = None
    answered: int = 0

    @property
    def percent(self) -> int | None:
        """The share answered on time, None of nothing."""
        return round(100 * self.kept / self.due) if self.due else None


def scopes_of(viewer: Viewer) -> list[Scope]:
    """Return the boards that the viewer may look at, the widest first."""
    found = []
    posts = [post for post in viewer.posts if post.role == Role.SUPERVISOR]
    for post in sorted(posts, key=lambda each: (len(each.unit.path), each.unit_id)):
        below = frozenset(Unit.objects.filter(path__startswith=post.unit.path).values_list("pk", flat=True))
        found.append(Scope(f"unit-{post.unit_id}", post.unit.label, below, whole=post.unit.parent_id is None))
    return found + [_of_mailbox(box) for box in _led(viewer)]


def _led(viewer: Viewer) -> QuerySet[Mailbox]:
    if viewer.person is None or not viewer.holds(Role.LEADER, Role.SECRETARY):
        return Mailbox.objects.none()
    led = Q(leader=viewer.person, unit_id__in=viewer.units(Role.LEADER))
    return Mailbox.objects.filter(led | Q(unit_id__in=viewer.units(Role.SECRETARY)), active=True)


def _of_mailbox(box: Mailbox) -> Scope:
    return Scope(f"mailbox-{box.pk}", _("Mailbox: %(to)s") % {"to": box.office}, mailbox=box.pk)


def scope_of(viewer: Viewer, key: str = "") -> Scope:
    """Return the viewer's board with the key, their first one without. Raises NotFound."""
    found = next((scope for scope in scopes_of(viewer) if not key or scope.key == key), None)
    if found is None:
        raise rules.NotFound()
    return found


def may_follow_board(viewer: Viewer, key: str) -> bool:
    """Return whether the viewer may watch the stream `board-<key>`."""
    return any(scope.key == key for scope in scopes_of(viewer))


def board_streams(case: Case, before: Unit | None = None, near: Unit | None = None) -> set[str]:
    """Return the boards on which the case stands, with those of the unit that had it `before`.

    What no unit has stands on the city's: `near` is any unit, where one is at hand, and spares looking for the city.
    """
    if case.confidential:
        return set()
    found = {f"board-mailbox-{case.mailbox_id}"} if case.mailbox_id else set()
    paths = {unit.path for unit in (case.unit, before) if unit is not None}
    if not paths:
        roots = Unit.objects.filter(parent=None).values_list("path", flat=True)[:1]
        paths |= {f"/{near.path.split('/')[1]}/"} if near else set(roots)
    return found | {f"board-unit-{part}" for path in paths for part in path.split("/") if part}


def open_cases(scope: Scope, viewer: Viewer) -> QuerySet[Case]:
    """Return the cases of the scope that nobody has answered yet: those of its partial index, none of the viewer's own.

    Reports of wrongdoing are on no board.
    """
    found = Case.objects.filter(answered_at__isnull=True, concluded_at__isnull=True, confidential=False)
    return _without_own(found.filter(_within(scope)), viewer)


def _within(scope: Scope) -> Q:
    if scope.mailbox is not None:
        return Q(mailbox_id=scope.mailbox)
    if scope.whole:
        # Every unit there is: one walk over the index, no list of hundreds of units.
        return Q()
    return Q(unit_id__in=scope.units)


def _without_own(cases: QuerySet[Case], viewer: Viewer) -> QuerySet[Case]:
    if viewer.person is None:
        return cases
    own = list(Case.objects.filter(citizen=viewer.person).order_by("-received_at").values_list("pk", flat=True)[:500])
    return cases.exclude(pk__in=own) if own else cases


# Cells that count a status; the lights of a case that waits for its citizen stand still.
OF_STATUS = {"unsigned": Case.Status.DISPATCHED, "returned": Case.Status.RETURNED, "waiting": Case.Status.CLARIFY}


def _lights(at: datetime) -> dict[str, Q]:
    midnight = timezone.make_aware(datetime.combine(timezone.localtime(at).date() + timedelta(days=1), time.min))
    return {
        "today": Q(due_at__gte=at, due_at__lt=midnight),
        "yellow": Q(yellow_at__lte=at, due_at__gte=at),
        "red": Q(due_at__lt=at),
    }


def cell(name: str, at: datetime) -> Q:
    """Return what a case must be to be counted in the cell."""
    lights = _lights(at)
    if name in lights:
        return ~Q(status=Case.Status.CLARIFY) & lights[name]
    if name in OF_STATUS:
        return Q(status=OF_STATUS[name])
    return Q(supervised=True) if name == "supervised" else Q()


def board(scope: Scope, viewer: Viewer, by: str = "unit", at: datetime | None = None) -> list[Row]:
    """Return the lines of the board in the order of urgency: most overdue, then most open."""
    at = at or timezone.now()
    rows: dict[Any, Row] = {}
    for found in _counted(scope, viewer, by, at):
        row = rows.setdefault(found["group"], Row(str(found["group"] or "none"), ""))
        for name in CELLS:
            row.counts[name] += found[name]
    if by == "unit":
        # They stand at the unit that gave them back, not once more among those that no unit has.
        if None in rows:
            rows[None].counts["returned"] = 0
        for unit_id, number in _returned(scope):
            rows.setdefault(unit_id, Row(str(unit_id), "")).counts["returned"] += number
    for group, (kept, due, median, answered) in past(scope, by, at).items():
        row = rows.setdefault(group, Row(str(group or "none"), ""))
        row.kept, row.due, row.median, row.answered = kept, due, median, answered
    _name(rows, by)
    return sorted(rows.values(), key=lambda row: (-row.counts["red"], -row.counts["open"], row.label))


def _counted(scope: Scope, viewer: Viewer, by: str, at: datetime) -> Iterable[dict[str, Any]]:
    """Yield the cells of each group and status.

    In the order of their index: sorting hundreds of thousands of open cases into a hash takes three times as long.
    """
    lights = {name: Count("due_at", filter=condition) for name, condition in _lights(at).items()}
    cases = open_cases(scope, viewer).annotate(group=F(f"{by}_id")).order_by("group", "status")
    counted = cases.values("group", "status").annotate(
        open=Count("*"), supervised=Count("supervised", filter=Q(supervised=True)), **lights
    )
    for found in counted:
        stands_still = dict.fromkeys(lights, 0) if found["status"] == Case.Status.CLARIFY else {}
        by_status = {name: found["open"] * (found["status"] == status) for name, status in OF_STATUS.items()}
        yield {**found, **stands_still, **by_status}


def _returned(scope: Scope) -> Iterable[tuple[int, int]]:
    """Cases that a unit has given back and about which nobody has decided: they belong to no unit, and stand at it."""
    undecided = Return.objects.filter(decided_at__isnull=True, case__status=Case.Status.RETURNED)
    if scope.mailbox is not None:
        undecided = undecided.filter(case__mailbox_id=scope.mailbox)
    elif not scope.whole:
        undecided = undecided.filter(unit_id__in=scope.units)
    return undecided.order_by().values_list("unit_id").annotate(cases=Count("case", distinct=True))


def past(scope: Scope, by: str, at: datetime) -> dict[Any, tuple[int, int, float | None, int]]:
    """Return on time, fallen due, median days and answered of the last 30 days by group; kept for two minutes.

    On time: answered by the due time in force ÷ all whose due time fell into the period, open overdue ones included.
    """
    key = f"board-past-{scope.key}-{by}-{int(at.timestamp()) // KEPT_SECONDS}"
    found = cache.get(key)
    if found is None:
        found = _past(scope, by, at)
        cache.set(key, found, KEPT_SECONDS)
    known: dict[Any, tuple[int, int, float | None, int]] = found
    return known


def _past(scope: Scope, by: str, at: datetime) -> dict[Any, tuple[int, int, float | None, int]]:
    since = at - timedelta(days=PERIOD_DAYS)
    fell_due = Case.objects.filter(_within(scope), due_at__gt=since, due_at__lte=at, confidential=False)
    fell_due = fell_due.exclude(status__in=NOT_COUNTED, answered_at__isnull=True)
    done = Count("due_at", filter=Q(done__lte=F("due_at")))
    rates = fell_due.order_by().annotate(done=Coalesce("answered_at", "concluded_at")).values(group=F(f"{by}_id"))
    found: dict[Any, tuple[int, int, float | None, int]] = {}
    found |= {row["group"]: (row["kept"], row["due"], None, 0) for row in rates.annotate(kept=done, due=Count("*"))}
    facts = CaseFact.objects.filter(_within(scope), answered_at__gt=since, answered_at__lte=at)
    facts = facts.exclude(kind=Case.Kind.REPORT).order_by()
    times = facts.values(group=F(f"{by}_id")).annotate(n=Count("reply_seconds"), m=Quantile("reply_seconds", 0.5))
    for row in times:
        kept, due = found.get(row["group"], (0, 0, None, 0))[:2]
        days = None if row["m"] is None else round(float(row["m"]) / SECONDS_A_DAY, 1)
        found[row["group"]] = (kept, due, days, row["n"])
    return found


def _name(rows: dict[Any, Row], by: str) -> None:
    ids = [key for key in rows if key is not None]
    if by == "mailbox":
        names: dict[Any, str] = {
            box.pk: str(box) for box in Mailbox.objects.filter(pk__in=ids).select_related("leader")
        }
    else:
        tables: dict[str, Any] = {"unit": Unit, "category": Category}
        names = {each.pk: each.label for each in tables[by].objects.filter(pk__in=ids)}
    none = {"unit": _("not with a unit yet"), "mailbox": _("no mailbox"), "category": _("no category")}[by]
    for key, row in rows.items():
        row.label = none if key is None else names.get(key, "–")


def row_label(by: str, row: str) -> str:
    """Return the name of a line of the board, "" for all of them and for what does not exist."""
    if not row:
        return ""
    rows = {int(row) if row.isdecimal() and len(row) < 18 else None: Row(row, "")}
    _name(rows, by)
    return next(iter(rows.values())).label


def totals(rows: Iterable[Row]) -> Row:
    """Return the line that sums the board up; the median is none of medians and stays empty."""
    sum_of = Row("", _("All"))
    for row in rows:
        for name in CELLS:
            sum_of.counts[name] += row.counts[name]
        sum_of.kept, sum_of.due, sum_of.answered = (
            sum_of.kept + row.kept, sum_of.due + row.due, sum_of.answered + row.answered,
        )  # fmt: skip
    return sum_of


@dataclass(frozen=True)
class Listed:
    """A page of the very cases behind a cell; `next` is the cursor of the following page."""

    cases: list[Case]
    next: str


def cases_behind(
    scope: Scope,
    viewer: Viewer,
    *,
    by: str = "unit",
    row: str = "",
    what: str = "open",
    after: str = "",
    at: datetime | None = None,
) -> Listed:
    """Return the cases that a cell of the board counts, by due time; a row "" stands for all of them."""
    at = at or timezone.now()
    found = open_cases(scope, viewer).filter(cell(what if what in CELLS else "open", at))
    if row and what == "returned" and by == "unit" and not row.isdecimal():
        found = found.none()
    elif row and what == "returned" and by == "unit":
        waiting = Return.objects.filter(case=OuterRef("pk"), unit_id=int(row), decided_at__isnull=True)
        found = found.filter(Exists(waiting), status=Case.Status.RETURNED)
    elif row:
        found = found.filter(**{f"{by}_id": int(row) if row.isdecimal() and len(row) < 18 else None})
    return _page(found, viewer, after)


def watched(viewer: Viewer, scope: Scope, after: str = "") -> Listed:
    """Return the viewer's watch list as far as it lies within the scope, answered cases included."""
    cases = Case.objects.filter(_within(scope), confidential=False, watches__person=viewer.person)
    return _page(_without_own(cases, viewer), viewer, after)


def _page(found: QuerySet[Case], viewer: Viewer, after: str) -> Listed:
    cursor = rules.cursor_of(after)
    if cursor:
        found = found.filter(Q(due_at__gt=cursor[0]) | Q(due_at=cursor[0], pk__gt=cursor[1]))
    mine = Watch.objects.filter(case=OuterRef("pk"), person=viewer.person)
    found = found.filter(due_at__isnull=False).annotate(is_watched=Exists(mine)).order_by("due_at", "pk")
    cases: list[Any] = list(found.select_related("unit", "handler", "category", "mailbox")[: PAGE + 1])
    last = cases[PAGE - 1] if len(cases) > PAGE else None
    return Listed(cases[:PAGE], f"{last.due_at.isoformat()}_{last.pk}" if last and last.due_at else "")


def orders_to_answer(viewer: Viewer) -> list[Order]:
    """Return the open orders that the viewer's units have to answer, by due time."""
    units = viewer.units(Role.HANDLER, Role.REVIEWER)
    return TO_ANSWER.all(units=units, person=viewer.person.pk) if units and viewer.person else []


TO_ANSWER: Prepared[Order] = Prepared(
    lambda: (
        Order.objects.filter(one_of("unit_id", "units"), state=Order.State.ISSUED, case__unit_id=F("unit_id"))
        .exclude(case__citizen=Given("person"), case__citizen__isnull=False)
        .select_related("case", "unit")
        .order_by("due_at")[:20]
    )
)


def orders_to_judge(scope: Scope, viewer: Viewer) -> list[Order]:
    """Return the orders of the scope that the units have answered and nobody has judged."""
    if not scope.supervises:
        return []
    units = Q() if scope.whole else Q(unit_id__in=scope.units)
    found = Order.objects.filter(units, state=Order.State.ANSWERED, case__confidential=False)
    found = found.exclude(case__citizen=viewer.person, case__citizen__isnull=False)
    return list(found.select_related("case", "unit").order_by("answered_at")[:20])
