"""The officials' to-do lists: what is mine, my units', unclaimed or waiting, by due time, and how many there are.

Every desk fetches its list whenever something moves, so the statements are written out: one finds a page of tasks,
one their rows, one all counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy

from accounts.models import Role
from accounts.viewers import Viewer

from .. import rules
from ..models import Case, Order, Task
from ..processes.definition import CITIZEN
from .among import among
from .board import orders_to_answer
from .clocks import GREEN, RED, YELLOW
from .rights import DESK, WORKERS, revealed
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
# The roles whose tasks stand in lists; a leader's are claimed from the start.
DOERS = (*DESK, *WORKERS, Role.LEADER)
LIGHTS_SAID = {
    RED: pgettext_lazy("light", "overdue"),
    YELLOW: pgettext_lazy("light", "due soon"),
    GREEN: pgettext_lazy("light", "in time"),
}


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
    def light_said(self) -> str:
        """The light in words, "" for none."""
        return str(LIGHTS_SAID[self.light]) if self.light in LIGHTS_SAID else ""

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


class Piece(NamedTuple):
    """Tasks that one index holds in order: a condition on the task `t`, and on its case `c` where it is `of_case`."""

    where: str
    given: tuple[Any, ...]
    of_case: bool = False


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
    units = sorted(viewer.units(*DOERS, Role.SECRETARY))
    return " ".join([f"todo-person-{viewer.person.pk}", *(f"todo-unit-{unit}" for unit in units)])


def _own_cases(viewer: Viewer) -> list[int]:
    """Return the cases in which the viewer is the citizen; asked first, so that no list needs a join for them."""
    if viewer.person is None or not viewer.posts:
        return []
    return list(Case.objects.filter(citizen=viewer.person).order_by("-received_at").values_list("pk", flat=True)[:500])


def _pieces(viewer: Viewer, tab: str, own: Sequence[int]) -> list[Piece]:
    """Return the pieces of a tab that do not overlap, each of which one index answers in order.

    One condition with OR over all of them costs 10-72 ms on a million cases; the pieces cost 1.
    """
    if viewer.person is None:
        return []
    if tab == "mine":
        return [Piece("t.assignee_id = %s AND t.role_needed <> %s", (viewer.person.pk, CITIZEN))]
    found = _waiting(viewer) if tab == "waiting" else _at_offices(viewer, tab)
    hidden = f" AND t.case_id NOT IN ({', '.join(map(str, own))})" if own else ""
    return [piece._replace(where=piece.where + hidden) for piece in found]


def _at_offices(viewer: Viewer, tab: str) -> list[Piece]:
    places = {(post.unit_id, post.role) for post in viewer.posts if post.role in DOERS}
    # Secretaries see what lies before their leaders.
    places |= {(unit, Role.LEADER.value) for unit in viewer.units(Role.SECRETARY)}
    free = " AND t.assignee_id IS NULL" if tab == "unclaimed" else ""
    return [Piece(f"t.unit_id = %s AND t.role_needed = %s{free}", place) for place in sorted(places)]


def _waiting(viewer: Viewer) -> list[Piece]:
    """Who asked at intake waits at the desk; who asked while handling, at the unit that holds the case."""
    desks, holders = viewer.units(*DESK), viewer.units(*WORKERS)
    found = []
    for unit in sorted(desks | holders):
        asked = ["c.unit_id IS NULL"] * (unit in desks) + ["c.unit_id = t.unit_id"] * (unit in holders)
        where = f"t.unit_id = %s AND t.role_needed = %s AND ({' OR '.join(asked)})"
        found.append(Piece(where, (unit, CITIZEN), of_case=True))
    return found


def _select(columns: str, piece: Piece, limit: int) -> str:
    """Return a statement for the first tasks of a piece. The status stands in it for partial indexes to be used."""
    source = "engagement_task t JOIN engagement_case c ON c.id = t.case_id" if piece.of_case else "engagement_task t"
    where = f"t.status = 'open' AND {piece.where}"
    return f"SELECT {columns} FROM {source} WHERE {where} ORDER BY t.due_at, t.id LIMIT {limit}"  # noqa: S608 - our own words


def _count(viewer: Viewer, own: Sequence[int], at: datetime, units: Collection[int]) -> tuple[dict[str, Tally], bool]:
    """Return the tallies of all tabs, and whether the units have an order to answer: all asked in one question."""
    pieces = [(tab, piece) for tab in ("mine", "units", "waiting") for piece in _pieces(viewer, tab, own)]
    asked = [COUNT.format(number=n, first=_select(LIGHT, piece, COUNTED + 1)) for n, (_tab, piece) in enumerate(pieces)]
    given = [each for _tab, piece in pieces for each in (_moment(at), _moment(at), *piece.given)]
    if units:
        asked.append(ORDERED.format(units=", ".join(map(str, sorted(units)))))
    found: dict[int, list[tuple[int, bool, int]]] = defaultdict(list)
    for number, light, free, count in _rows(" UNION ALL ".join(asked), given) if asked else ():
        found[number].append((light, free, count))
    tallies = dict.fromkeys(TABS, Tally())
    for number, (tab, _piece) in enumerate(pieces):
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
ORDERED = (
    "SELECT -1, 0, 0, count(*) FROM (SELECT 1 FROM engagement_order WHERE unit_id IN ({units})"
    " AND state = 'issued' LIMIT 1) AS ordered HAVING count(*) > 0"
)


def _page(
    viewer: Viewer, tab: str, own: Sequence[int], filters: Mapping[str, Any], after: str, at: datetime, limit: int
) -> Page:
    narrow = _narrow(filters, at)
    pieces = [
        Piece(f"{piece.where}{narrow.where}", (*piece.given, *narrow.given), piece.of_case or narrow.of_case)
        for piece in _pieces(viewer, tab, own)
    ]
    ids = _first(pieces, rules.cursor_of(after), limit + 1)
    found = {row.pk: row for row in _tasks(ids[:limit])} if ids else {}
    tasks = [found[pk] for pk in ids[:limit] if pk in found]
    # A report's title is sealed in its contact; a step that only its process knows has its name from there.
    wanted = [task.case_id for task in tasks if task.case__confidential or task.node not in LABELS]
    known = Case.objects.select_related("process", "contact").in_bulk(wanted) if wanted else {}
    rows = [_row(task, known.get(task.case_id), at) for task in tasks]
    last = tasks[-1] if tasks and len(ids) > limit else None
    return Page(rows, f"{last.due_at.isoformat()}_{last.pk}" if last and last.due_at else "")


def _first(pieces: Sequence[Piece], cursor: tuple[datetime, int] | None, limit: int) -> list[int]:
    """Return the ids of the first tasks of all pieces together: each piece gives its first ones, then they merge."""
    if not pieces:
        return []
    past = (" AND (t.due_at, t.id) > (%s, %s)", (_moment(cursor[0]), cursor[1])) if cursor else ("", ())
    asked = [_select("t.id, t.due_at", piece._replace(where=piece.where + past[0]), limit) for piece in pieces]
    # SQLite takes no ORDER BY inside a UNION, but a subquery with its own.
    union = " UNION ALL ".join(f"SELECT * FROM ({each}) AS piece{number}" for number, each in enumerate(asked))  # noqa: S608 - our own words
    given = [each for piece in pieces for each in (*piece.given, *past[1])]
    return [row[0] for row in _rows(f"{union} ORDER BY 2, 1 LIMIT {limit}", given)]


def _tasks(ids: Sequence[int]) -> Any:
    return Task.objects.filter(among(Task, ids)).values_list(*COLUMNS, named=True)


def _row(task: Any, case: Case | None, at: datetime) -> Row:
    english = (get_language() or "").startswith("en")

    def said(of: str) -> str:
        return (english and getattr(task, f"{of}_en")) or getattr(task, of) or ""

    step = step_name(task.node, case.process if case else None, task.part, task.group_no)
    return Row(
        number=task.case__number,
        title=revealed(case).title if case and task.case__confidential else task.case__title,
        step_label=step or str(Case.Status(task.case__status).label),
        kind_label=str(Case.Kind(task.case__kind).label),
        due_at=task.due_at,
        light=task_light(task, at),
        left=time_left(task, at),
        mailbox=said("case__mailbox__title"),
        place=task.case__place,
        category=said("case__category__name"),
        holder=task.assignee__name or task.assignee__username or said("unit__name"),
    )


# (filter, what it asks of the task `t` or its case `c`)
FILTERS = {
    "kind": "c.kind = %s",
    "status": "c.status = %s",
    "mailbox": "c.mailbox_id IN (SELECT id FROM engagement_mailbox WHERE slug = %s)",
    "category": "c.category_id IN (SELECT g.id FROM engagement_category g LEFT JOIN engagement_category r"
    " ON r.id = g.root_id WHERE %s IN (g.code, r.code))",
}
OF_LIGHT = {RED: "t.due_at < %s", YELLOW: "t.due_at >= %s AND t.yellow_at <= %s", GREEN: "t.yellow_at > %s"}


def _narrow(filters: Mapping[str, Any], at: datetime) -> Piece:
    """Return what the filters ask, with an AND before each condition."""
    asked = [(FILTERS[name], str(filters[name])) for name in FILTERS if filters.get(name)]
    given: list[Any] = [value for _condition, value in asked]
    found = [condition for condition, _value in asked]
    if filters.get("words"):
        words = rules.clean_text(filters["words"], most=200, field="words")
        like = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
        found.append(f"(c.title {like} %s ESCAPE '\\' AND NOT c.confidential OR c.number = %s)")
        given += [f"%{connection.ops.prep_for_like_query(words)}%", rules.plain_number(words) or "-"]
    of_case = bool(found)
    light = OF_LIGHT.get(str(filters.get("light", "")))
    if light:
        found.append(light)
        given += [_moment(at)] * light.count("%s")
    return Piece("".join(f" AND {each}" for each in found), tuple(given), of_case)


def _rows(sql: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
