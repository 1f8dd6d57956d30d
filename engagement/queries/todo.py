"""The officials' to-do lists: what is mine, my units', unclaimed or waiting, by due time, and how many there are.

Every desk fetches its list whenever something moves, so the statements are written out: one finds a page of tasks
with all it shows, one all counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy

from accounts.models import Role
from accounts.prepared import AsSent, Given, Prepared
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Order, Task
from . import pieces
from .board import orders_to_answer
from .clocks import GREEN, RED, YELLOW
from .rights import WORKERS, revealed
from .steps import LABELS, step_name, task_light, time_left

TABS = ("mine", "units", "unclaimed", "waiting")
PAGE = 50
# Up to here a tab is counted; who has more to do is told "1000+".
COUNTED = 1_000
# What a line shows and no more: whole rows of fifty cases and all they hang on would be most of the page's time.
COLUMNS = (
    "pk", "node", "role_needed", "part", "group_no", "created_at", "yellow_at", "due_at", "case_id", "case__number",
    "case__title", "case__kind", "case__status", "case__place", "case__confidential", "case__mailbox__title",
    "case__mailbox__title_en", "case__category__name", "case__category__name_en", "unit__name", "unit__name_en",
    "assignee__name", "assignee__username",
)  # fmt: skip
LIGHTS_SAID = {
    RED: pgettext_lazy("light", "overdue"),
    YELLOW: pgettext_lazy("light", "due soon"),
    GREEN: pgettext_lazy("light", "in time"),
}


class _Line(NamedTuple):
    """The values of COLUMNS."""

    pk: int
    node: str
    role_needed: str
    part: str
    group_no: int
    created_at: datetime
    yellow_at: datetime | None
    due_at: datetime | None
    case_id: int
    number: str
    title: str
    kind: str
    status: str
    place: str
    confidential: bool
    mailbox: str | None
    mailbox_en: str | None
    category: str | None
    category_en: str | None
    unit: str | None
    unit_en: str | None
    assignee: str | None
    assignee_username: str | None


@dataclass(frozen=True)
class Row:
    """One line of a list, in the reader's language; what there is none of is ""."""

    number: str
    title: str
    step_label: str
    kind_label: str
    due_at: datetime | None
    light: str
    left: str
    mailbox: str
    place: str
    category: str
    # Whose task it is: the person who has it, else the unit.
    holder: str

    @property
    def about(self) -> str:
        """The small line below the title, in a list of several people's cases."""
        return _joined(self.step_label, self.kind_label, self.mailbox, self.holder)

    @property
    def about_mine(self) -> str:
        """The same in the reader's own list."""
        return _joined(self.step_label, self.kind_label, self.mailbox, self.place or self.category)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class Page:
    """A page of rows; `next` is the cursor of the following page, "" on the last one."""

    rows: list[Row]
    next: str


@dataclass(frozen=True)
class Tally:
    """How many tasks are open, and how many of them stand on yellow and red; what is `cut` was not counted to its end.

    Tasks are counted by due time, so of a cut tally it is the later ones that are missing.
    """

    open: int = 0
    yellow: int = 0
    red: int = 0
    cut: bool = False

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.open + other.open, self.yellow + other.yellow, self.red + other.red, self.cut or other.cut)


@dataclass(frozen=True)
class Desk:
    """What an official finds to do: a page of one tab, the counts of all, and the orders that wait for an answer."""

    page: Page
    tallies: dict[str, Tally]
    orders: list[Order]


def desk(
    viewer: Viewer, tab: str, filters: Mapping[str, Any] | None = None, after: str = "", at: datetime | None = None
) -> Desk:
    """Return what the page of a tab shows; arguments as `todo`."""
    at, own = at or timezone.now(), _own_cases(viewer)
    units = viewer.units(*WORKERS) if tab in ("mine", "units") else frozenset()
    tallies, ordered = _count(viewer, own, at, units)
    page = _page(viewer, tab, own, filters or {}, after, at, PAGE)
    return Desk(page, tallies, orders_to_answer(viewer) if ordered else [])


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
    limit = max(1, min(limit, 100))
    return _page(viewer, tab, _own_cases(viewer), filters or {}, after, at or timezone.now(), limit)


def next_todo(
    viewer: Viewer, case: Case, tab: str = "mine", filters: Mapping[str, Any] | None = None, after: str = ""
) -> str | None:
    """Return the number of the case that stands after `case` in the list (the first one when it is the last)."""
    numbers = [row.number for row in todo(viewer, tab, filters, after).rows]
    later = numbers[numbers.index(case.number) + 1 :] if case.number in numbers else numbers
    return next((number for number in [*later, *numbers] if number != case.number), None)


def counts(viewer: Viewer, at: datetime | None = None) -> dict[str, Tally]:
    """Return the number of open, yellow and red tasks of each tab, counted up to COUNTED."""
    return _count(viewer, _own_cases(viewer), at or timezone.now(), frozenset())[0]


def todo_streams(viewer: Viewer) -> str:
    """Return the streams on which the viewer's counts move, separated by spaces."""
    if viewer.person is None:
        return ""
    units = sorted(viewer.units(*pieces.DOERS, Role.SECRETARY))
    return " ".join([f"todo-person-{viewer.person.pk}", *(f"todo-unit-{unit}" for unit in units)])


def _own_cases(viewer: Viewer) -> list[int]:
    """Return the cases in which the viewer is the citizen; asked first, so that no list needs a join for them."""
    if viewer.person is None or not viewer.posts:
        return []
    return [pk for (pk,) in OWN.all(person=viewer.person.pk)]


def _owned() -> QuerySet[Case, tuple[int]]:
    return Case.objects.filter(citizen=Given("person")).order_by("-received_at").values_list("pk")[:500]


OWN: Prepared[tuple[int]] = Prepared(_owned)


def _count(viewer: Viewer, own: Sequence[int], at: datetime, units: Collection[int]) -> tuple[dict[str, Tally], bool]:
    """Return the tallies of all tabs, and whether the units have an order to answer: all asked in one question."""
    parts = [(tab, piece) for tab in ("mine", "units", "waiting") for piece in pieces.pieces(viewer, tab, own)]
    asked = [COUNT.format(number=n, first=piece.first(LIGHT, COUNTED + 1)) for n, (_tab, piece) in enumerate(parts)]
    given = [value for _tab, piece in parts for value in (at, at, *piece.given)]
    if units:
        ordered, where = pieces.ordered_at(sorted(units))
        asked.append(f"SELECT -1, 0, 0, count(*) FROM ({ordered}) AS ordered HAVING count(*) > 0")  # noqa: S608 - our own words
        given += where
    found: dict[int, list[tuple[int, bool, int]]] = defaultdict(list)
    for number, light, free, count in pieces.ask(" UNION ALL ".join(asked), given) if asked else ():
        found[number].append((light, free, count))
    tallies = dict.fromkeys(TABS, Tally())
    for number, (tab, _piece) in enumerate(parts):
        cut = sum(count for _light, _free, count in found[number]) > COUNTED
        tallies[tab] += _tally(found[number], cut)
        if tab == "units":
            tallies["unclaimed"] += _tally([each for each in found[number] if each[1]], cut)
    # What waits for the citizen shows no light.
    tallies["waiting"] = replace(tallies["waiting"], yellow=0, red=0)
    return tallies, bool(found[-1])


def _tally(found: Sequence[tuple[int, bool, int]], cut: bool) -> Tally:
    """Add up rows of (light, whether nobody has claimed them, how many)."""
    total, yellow, red = (
        min(sum(count for light, _free, count in found if light in wanted), COUNTED)
        for wanted in ((0, 1, 2), (1,), (2,))
    )
    return Tally(total, yellow, red, cut)


LIGHT = (
    "CASE WHEN t.due_at < %s THEN 2 WHEN t.yellow_at <= %s THEN 1 ELSE 0 END AS light,"
    " CASE WHEN t.assignee_id IS NULL THEN 1 ELSE 0 END AS free"
)
COUNT = "SELECT {number} AS part, light, free, count(*) FROM ({first}) AS piece{number} GROUP BY light, free"


def _page(
    viewer: Viewer, tab: str, own: Sequence[int], filters: Mapping[str, Any], after: str, at: datetime, limit: int
) -> Page:
    asked, narrow, cursor = pieces.pieces(viewer, tab, own), pieces.narrowing(filters, at), rules.cursor_of(after)
    for further in (narrow, pieces.past(cursor) if cursor else None):
        asked = [piece.narrowed(further) for piece in asked] if further else asked
    # One more than are shown, to know whether there are.
    found = _first(asked, limit + 1, kept=narrow is None)
    lines = found[:limit]
    # A report's title is sealed in its contact; a step that only its process knows has its name from there.
    wanted = [line.case_id for line in lines if line.confidential or line.node not in LABELS]
    known = Case.objects.select_related("process", "contact").in_bulk(wanted) if wanted else {}
    rows = [_row(line, known.get(line.case_id), at) for line in lines]
    last = lines[-1] if len(found) > limit else None
    return Page(rows, f"{last.due_at.isoformat()}_{last.pk}" if last and last.due_at else "")


def _first(asked: Sequence[pieces.Piece], limit: int, *, kept: bool) -> list[_Line]:
    """Return the first tasks of all pieces; a question that is `kept` is planned for all values at once.

    What filters narrow is planned for the values that it has: how many match differs too much.
    """
    if not asked:
        return []
    sql, values = pieces.first_of(asked, limit)
    given = {f"_{n}": pieces.sent(value) for n, value in enumerate(values)}
    rows = _kept(sql, tuple(given)).all(**given) if kept else _tasks(sql, list(given.values()))
    return [_Line(*row) for row in rows]


@lru_cache(256)
def _kept(sql: str, names: tuple[str, ...]) -> Prepared[tuple[Any, ...]]:
    return Prepared(lambda: _tasks(sql, [AsSent(name) for name in names]))


def _tasks(sql: str, given: Sequence[Any]) -> QuerySet[Task, tuple[Any, ...]]:
    wanted = RawSQL(f"engagement_task.id IN ({sql})", given, BooleanField())  # noqa: S611 - nothing from outside
    return Task.objects.filter(wanted).order_by("due_at", "pk").values_list(*COLUMNS)


def _row(line: _Line, case: Case | None, at: datetime) -> Row:
    english = (get_language() or "").startswith("en")
    step = step_name(line.node, case.process if case else None, line.part, line.group_no)
    return Row(
        number=line.number,
        title=revealed(case).title if case and line.confidential else line.title,
        step_label=step or str(Case.Status(line.status).label),
        kind_label=str(Case.Kind(line.kind).label),
        due_at=line.due_at,
        light=task_light(line, at),
        left=time_left(line, at),
        mailbox=(english and line.mailbox_en) or line.mailbox or "",
        place=line.place,
        category=(english and line.category_en) or line.category or "",
        holder=line.assignee or line.assignee_username or (english and line.unit_en) or line.unit or "",
    )
