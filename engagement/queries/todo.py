"""The officials' to-do lists: what is mine, my units', unclaimed or waiting, by due time, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Value, prefetch_related_objects
from django.utils import timezone

from accounts.models import Role
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Task
from ..processes.definition import CITIZEN
from .clocks import GREEN, RED, YELLOW
from .rights import DESK, WORKERS, revealed
from .steps import LABELS, step_label, task_light, time_left

TABS = ("mine", "units", "unclaimed", "waiting")
PAGE = 50
# What a line shows and no more: a letter's text or a process's definition for each of fifty lines would be most of
# the page's time.
SHOWN = ("unit", "assignee", "case", "case__mailbox", "case__category")
COLUMNS = (
    "node", "role_needed", "part", "group_no", "unit", "assignee", "created_at", "yellow_at", "due_at", "case",
    "unit__name", "unit__name_en", "assignee__name", "assignee__username", "case__number", "case__title", "case__kind",
    "case__status", "case__process", "case__confidential", "case__place", "case__mailbox__title",
    "case__mailbox__title_en", "case__category__name", "case__category__name_en",
)  # fmt: skip
# The roles whose tasks stand in lists; a leader's are claimed from the start.
DOERS = (*DESK, *WORKERS, Role.LEADER)


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    task: Task
    case: Case
    light: str
    left: str

    @property
    def number(self) -> str:
        """The case's number."""
        return self.case.number

    @property
    def title(self) -> str:
        """The case's title."""
        return self.case.title

    @property
    def step_label(self) -> str:
        """What is to be done."""
        return step_label(self.task)

    @property
    def due_at(self) -> datetime | None:
        """When the task is due."""
        return self.task.due_at

    @property
    def kind_label(self) -> str:
        """The kind in the reader's language."""
        return str(Case.Kind(self.case.kind).label)

    @property
    def status_label(self) -> str:
        """The status in the reader's language."""
        return str(Case.Status(self.case.status).label)

    @property
    def unit_label(self) -> str:
        """The unit whose task it is."""
        return self.task.unit.label if self.task.unit else ""

    @property
    def handler_label(self) -> str:
        """Who has it, "" while nobody does."""
        return str(self.task.assignee) if self.task.assignee else ""


@dataclass(frozen=True)
class Page:
    """A page of rows; `next` is the cursor of the following page, "" on the last one."""

    rows: list[Row]
    next: str


@dataclass(frozen=True)
class Tally:
    """How many tasks are open, and how many of them stand on yellow and red."""

    open: int
    yellow: int
    red: int


def todo(
    viewer: Viewer,
    tab: str = "mine",
    filters: Mapping[str, Any] | None = None,
    after: str = "",
    at: datetime | None = None,
    limit: int = PAGE,
) -> Page:
    """Return a page of tasks by due time.

    `filters`: kind, status, light, category (code), mailbox (slug), words (in the title, or a number).
    """
    at, limit = at or timezone.now(), max(1, min(limit, 100))
    wanted = _narrow(filters or {}, at)
    parts = [part.filter(wanted) for part in _parts(viewer, tab, _own_cases(viewer))]
    ids = _first(parts, rules.cursor_of(after), limit + 1)
    found = {task.pk: task for task in Task.objects.filter(pk__in=ids[:limit]).select_related(*SHOWN).only(*COLUMNS)}
    tasks = [found[pk] for pk in ids[:limit] if pk in found]
    # A report's title is sealed in its contact; a step that only its process knows has its name from there.
    prefetch_related_objects([task.case for task in tasks if task.case.confidential], "contact")
    prefetch_related_objects([task.case for task in tasks if task.node not in LABELS], "process")
    rows = [Row(task, revealed(task.case), task_light(task, at), time_left(task, at)) for task in tasks]
    last = tasks[-1] if tasks and len(ids) > limit else None
    return Page(rows, f"{last.due_at.isoformat()}_{last.pk}" if last and last.due_at else "")


def next_todo(
    viewer: Viewer, case: Case, tab: str = "mine", filters: Mapping[str, Any] | None = None, after: str = ""
) -> str | None:
    """Return the number of the case that stands after `case` in the list (the first one when it is the last)."""
    numbers = [row.number for row in todo(viewer, tab, filters, after).rows]
    later = numbers[numbers.index(case.number) + 1 :] if case.number in numbers else numbers
    return next((number for number in [*later, *numbers] if number != case.number), None)


def counts(viewer: Viewer, at: datetime | None = None) -> dict[str, Tally]:
    """Return the number of open, yellow and red tasks of each tab."""
    at, own = at or timezone.now(), _own_cases(viewer)
    parts = [(tab, _tally(part, at)) for tab in ("mine", "units", "waiting") for part in _parts(viewer, tab, own)]
    sums = {tab: [0, 0, 0] for tab in TABS}
    for (tab, _part), found in zip(parts, _together([part for _tab, part in parts]), strict=True):
        sums[tab] = [have + more for have, more in zip(sums[tab], found[:3], strict=True)]
        if tab == "units":
            sums["unclaimed"] = [have + more for have, more in zip(sums["unclaimed"], found[3:], strict=True)]
    return {tab: Tally(*sums[tab]) if tab != "waiting" else Tally(sums[tab][0], 0, 0) for tab in TABS}


def _tally(part: QuerySet[Task], at: datetime) -> QuerySet[Task, Any]:
    """Return one row: how many are open, yellow and red, then how many of these nobody has claimed."""
    lights = (Q(), Q(yellow_at__lte=at, due_at__gte=at), Q(due_at__lt=at))
    wanted = [*lights, *(light & Q(assignee__isnull=True) for light in lights)]
    counted = {f"n{number}": Count("pk", filter=each or None) for number, each in enumerate(wanted)}
    # A constant to group by: one row whatever is counted.
    return part.order_by().annotate(all=Value(0)).values("all").annotate(**counted).values_list(*counted)


def _together(rows: Sequence[QuerySet[Task, Any]]) -> list[list[int]]:
    """Return the only row of each, all asked in one question."""
    if not rows:
        return []
    pieces, given = [], []
    for number, each in enumerate(rows):
        sql, params = each.query.sql_with_params()
        pieces.append(f"SELECT {number} AS part, piece{number}.* FROM ({sql}) AS piece{number}")  # noqa: S608 - Django's own SQL
        given += list(params)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(pieces), given)
        found = {row[0]: [int(each) for each in row[1:]] for row in cursor.fetchall()}
    return [found.get(number, [0] * 6) for number in range(len(rows))]


def todo_streams(viewer: Viewer) -> str:
    """Return the streams on which the viewer's counts move, separated by spaces."""
    if viewer.person is None:
        return ""
    units = sorted(viewer.units(*DOERS, Role.SECRETARY))
    return " ".join([f"todo-person-{viewer.person.pk}", *(f"todo-unit-{unit}" for unit in units)])


def _own_cases(viewer: Viewer) -> list[int]:
    """Return the cases in which the viewer is the citizen; asked first, so that no list needs a join for them."""
    if viewer.person is None or not viewer.posts:
        return []
    return list(Case.objects.filter(citizen=viewer.person).order_by("-received_at").values_list("pk", flat=True)[:500])


def _parts(viewer: Viewer, tab: str, own: Sequence[int]) -> list[QuerySet[Task]]:
    """Return the pieces of a tab that do not overlap, each of which one index answers in order.

    One condition with OR over all of them costs 10-72 ms on a million cases; the pieces cost 1.
    """
    if viewer.person is None:
        return []
    tasks = Task.objects.filter(status=Task.Status.OPEN)
    if tab == "mine":
        return [tasks.filter(assignee=viewer.person).exclude(role_needed=CITIZEN)]
    free = tasks.filter(assignee__isnull=True) if tab == "unclaimed" else tasks
    parts = []
    for unit, role in sorted({(post.unit_id, post.role) for post in viewer.posts if post.role in DOERS}):
        if tab == "waiting":
            continue
        parts.append(free.filter(unit_id=unit, role_needed=role))
    # Secretaries see what lies before their leaders.
    led = viewer.units(Role.SECRETARY) - viewer.units(Role.LEADER)
    parts += [free.filter(unit_id=unit, role_needed=Role.LEADER) for unit in sorted(led) if tab != "waiting"]
    if tab == "waiting":
        # Who asked at intake waits at the desk; who asked while handling, at the unit that holds the case.
        desks, holders = viewer.units(*DESK), viewer.units(*WORKERS)
        for unit in sorted(desks | holders):
            asked = Q(pk__in=[])
            if unit in desks:
                asked |= Q(case__unit__isnull=True)
            if unit in holders:
                asked |= Q(case__unit_id=unit)
            parts.append(tasks.filter(asked, unit_id=unit, role_needed=CITIZEN))
    return [part.exclude(case_id__in=own) for part in parts] if own else parts


def _first(parts: Sequence[QuerySet[Task]], cursor: tuple[datetime, int] | None, limit: int) -> list[int]:
    """Return the ids of the first tasks of all pieces together: each piece gives its first ones, then they merge."""
    if not parts:
        return []
    pieces, given = [], []
    for part in parts:
        if cursor:
            part = part.filter(Q(due_at__gt=cursor[0]) | Q(due_at=cursor[0], pk__gt=cursor[1]))
        sql, params = part.order_by("due_at", "pk").values_list("pk", "due_at")[:limit].query.sql_with_params()
        pieces.append(sql)
        given += list(params)
    # SQLite takes no ORDER BY inside a UNION, but a subquery with its own.
    union = " UNION ALL ".join(f"SELECT * FROM ({piece}) AS piece{number}" for number, piece in enumerate(pieces))  # noqa: S608 - Django's own SQL
    with connection.cursor() as rows:
        rows.execute(f"{union} ORDER BY 2, 1 LIMIT {int(limit)}", given)
        return [row[0] for row in rows.fetchall()]


def _narrow(filters: Mapping[str, Any], at: datetime) -> Q:
    wanted = Q()
    for name, field in (("kind", "case__kind"), ("status", "case__status"), ("mailbox", "case__mailbox__slug")):
        if filters.get(name):
            wanted &= Q(**{field: str(filters[name])})
    if filters.get("category"):
        wanted &= Q(case__category__code=filters["category"]) | Q(case__category__root__code=filters["category"])
    lights = {
        RED: Q(due_at__lt=at),
        YELLOW: Q(yellow_at__lte=at, due_at__gte=at),
        GREEN: Q(yellow_at__gt=at),
    }
    wanted &= lights.get(str(filters.get("light", "")), Q())
    if filters.get("words"):
        words = rules.clean_text(filters["words"], most=200, field="words")
        wanted &= Q(case__title__icontains=words, case__confidential=False) | Q(
            case__number=rules.plain_number(words) or "-"
        )
    return wanted
