"""Lists of tasks as pieces that one index each answers in order, and the statements that are put together from them.

A statement's text depends only on what kind of list is asked for, and all else comes as a parameter: a database that
keeps its plan keeps one for everybody who has such a list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import Role
from accounts.prepared import as_sent, prepared_cursor
from accounts.viewers import Viewer

from .. import rules
from ..processes.definition import CITIZEN
from .clocks import GREEN, RED, YELLOW
from .rights import DESK, WORKERS

# The roles whose tasks stand in lists; a leader's are claimed from the start.
DOERS = (*DESK, *WORKERS, Role.LEADER)


class Piece(NamedTuple):
    """Tasks that one index holds in order: a condition on the task `t`, and on its case `c` where it is `of_case`."""

    where: str
    given: tuple[Any, ...]
    of_case: bool = False

    def first(self, columns: str, limit: int) -> str:
        """Return a statement for its first tasks. The status stands in it for partial indexes to be used."""
        source = "engagement_task t JOIN engagement_case c ON c.id = t.case_id" if self.of_case else "engagement_task t"
        where = f"t.status = 'open' AND {self.where}"
        return f"SELECT {columns} FROM {source} WHERE {where} ORDER BY t.due_at, t.id LIMIT {limit}"  # noqa: S608 - our own words

    def narrowed(self, further: Piece) -> Piece:
        """Return the tasks of both."""
        where, given = f"{self.where} AND {further.where}", (*self.given, *further.given)
        return Piece(where, given, self.of_case or further.of_case)


def pieces(viewer: Viewer, tab: str, own: Sequence[int]) -> list[Piece]:
    """Return the pieces of a tab, which do not overlap, without the viewer's `own` cases.

    One condition with OR over all of them costs 10-72 ms on a million cases; the pieces cost 1.
    """
    if viewer.person is None:
        return []
    if tab == "mine":
        return [Piece("t.assignee_id = %s AND t.role_needed <> %s", (viewer.person.pk, CITIZEN))]
    found = _waiting(viewer) if tab == "waiting" else _at_offices(viewer, tab)
    if not own:
        return found
    others = Piece(f"NOT ({_among('t.case_id')})", (_several(own),))
    return [piece.narrowed(others) for piece in found]


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


# (filter, what it asks of the task `t` or its case `c`)
FILTERS = {
    "kind": "c.kind = %s",
    "status": "c.status = %s",
    "mailbox": "c.mailbox_id IN (SELECT id FROM engagement_mailbox WHERE slug = %s)",
    "category": "c.category_id IN (SELECT g.id FROM engagement_category g LEFT JOIN engagement_category r"
    " ON r.id = g.root_id WHERE %s IN (g.code, r.code))",
}
OF_LIGHT = {RED: "t.due_at < %s", YELLOW: "t.due_at >= %s AND t.yellow_at <= %s", GREEN: "t.yellow_at > %s"}


def narrowing(filters: Mapping[str, Any], at: datetime) -> Piece | None:
    """Return what the filters ask, None where they ask nothing. Raises BadInput."""
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
        given += [at] * light.count("%s")
    return Piece(" AND ".join(found), tuple(given), of_case) if found else None


def past(cursor: tuple[datetime, int]) -> Piece:
    """Return what comes after a page's last task: its due time and its id."""
    return Piece("(t.due_at, t.id) > (%s, %s)", cursor)


def first_of(several: Sequence[Piece], limit: int) -> tuple[str, list[Any]]:
    """Return what finds the ids of the first tasks of all pieces: each gives its first ones, then they merge."""
    # SQLite takes no ORDER BY inside a UNION, but a subquery with its own.
    asked = (f"SELECT * FROM ({piece.first('t.id, t.due_at', limit)}) AS piece{n}" for n, piece in enumerate(several))  # noqa: S608 - our own words
    given = [value for piece in several for value in piece.given]
    return f"SELECT id FROM ({' UNION ALL '.join(asked)} ORDER BY 2, 1 LIMIT {limit}) AS of_all", given  # noqa: S608


def ordered_at(units: Sequence[int]) -> tuple[str, list[Any]]:
    """Return what tells by one row whether the units have an order to answer."""
    where = f"{_among('unit_id')} AND state = 'issued'"
    return f"SELECT 1 FROM engagement_order WHERE {where} LIMIT 1", [_several(units)]  # noqa: S608 - our own words


def ask(sql: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, whose plan the database keeps."""
    with prepared_cursor(connection) as cursor:
        cursor.execute(sql, [sent(value) for value in given])
        return list(cursor.fetchall())


def sent(value: Any) -> Any:
    """Return a value as the database's driver takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return as_sent(value, connection)


def _among(column: str) -> str:
    """Return the condition that a column has one of several ids, which come as one parameter."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::bigint[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - our own words


def _several(ids: Sequence[int]) -> Any:
    return list(ids) if connection.vendor == "postgresql" else json.dumps(list(ids))
