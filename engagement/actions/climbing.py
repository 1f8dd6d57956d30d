"""Climbing the ladder of escalation: what was due at one moment is late for thousands, above all after a stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person, Role, Unit
from accounts.queries import open_posts, people_at
from journal.history import Past, append_many
from notices.actions.many import notify_many

from .. import rules
from ..models import Case, Rung, Task
from ..queries.among import among
from ..working_time import WorkClock, clock_for, clocks_for
from .lights import LIGHTS, Audience, Due, doers, ring_for, said, take, tellings
from .supervision import order_by_clock
from .turns import Turn

BOARD = "/board/"


class _Step(NamedTuple):
    """What a task does on the ladder: the rung that fires (None: red alone, or nothing yet) and what comes next."""

    due: Due
    rung: Rung | None
    fires: bool
    action: str
    next_at: datetime | None


@transaction.atomic
def climb_many(tasks: Mapping[int, int], at: datetime) -> tuple[int, dict[int, int]]:
    """Fire for each of the late tasks (id → id of the case) the highest rung reached by now that has not fired.

    A task whose lights have not turned tells the highest thing only: a rung, or red. Locks and reads as
    `turn_lights`. Returns how many told something, and the tasks whose rung issues an order: their timer says so and
    stays due, since an order is numbered and a case's own; see `order_on_rung`.
    """
    due = [each for each in take(tasks, at) if each.next_action in LIGHTS or each.next_action.startswith("rung-")]
    known = Case.objects.select_related("unit", "mailbox__unit", "mailbox__leader").defer("text")
    cases = {case.pk: case for case in known.filter(among(Case, {each.case_id for each in due}))}
    steps = _steps(due, cases, at)
    Task.objects.bulk_update(
        [Task(pk=step.due.pk, next_action=step.action, next_action_at=step.next_at) for step in steps],
        ["next_action", "next_action_at"],
        batch_size=500,
    )
    fired = [step for step in steps if step.fires]
    if fired:
        _record(fired, cases, at)
    return len(fired), {step.due.pk: step.due.case_id for step in fired if step.action.startswith("order-")}


def order_on_rung(current: Turn, task: Task) -> None:
    """Issue the order that a rung of the ladder demands and set the timer to the rung that follows.

    It is issued in the name of the nearest supervisor; where there is none, nothing is issued.
    """
    level = int(task.next_action.partition("-")[2])
    moments = _moments(task.due_at, _ladder(), current.engine.clock)
    following = _after(moments, level, current.at)
    Task.objects.filter(pk=task.pk).update(next_action=f"rung-{level}" if following else "", next_action_at=following)
    current.stays = True
    case = current.case
    supervisors = _nearest(case.unit or task.unit, current.at)
    if supervisors and case.unit is not None and not case.supervised:
        order_by_clock(current, supervisors[0], _("The time limit has passed: say what is being done about it."))


def _nearest(unit: Unit | None, at: datetime) -> list[Person]:
    """The supervisors of the nearest unit from this one upwards that has any."""
    for unit_id in reversed(_path(unit)):
        people = list(people_at([unit_id], Role.SUPERVISOR, at=at))
        if people:
            return people
    return []


def _path(unit: Unit | None) -> list[int]:
    return [int(part) for part in unit.path.split("/") if part] if unit else []


def _ladder() -> list[Rung]:
    return list(Rung.objects.filter(active=True).order_by("hours", "level"))


def _moments(due: datetime | None, ladder: Sequence[Rung], clock: WorkClock) -> list[tuple[datetime, Rung]]:
    """When each rung is reached by the unit's working time; beyond its calendar's table nothing is guessed."""
    found: list[tuple[datetime, Rung]] = []
    for rung in ladder:
        if due is None:
            break
        try:
            found.append((clock.due_in_minutes(due, rung.hours * 60), rung))
        except rules.BeyondCalendar:
            break
    return found


def _after(moments: Iterable[tuple[datetime, Rung]], level: int, at: datetime) -> datetime | None:
    return min((moment for moment, rung in moments if moment > at and rung.level > level), default=None)


def _steps(due: Sequence[Due], cases: Mapping[int, Case], at: datetime) -> list[_Step]:
    ladder, holders = _ladder(), {}
    units = Unit.objects.in_bulk({each.unit_id for each in due if each.unit_id})
    for each in due:
        case = cases[each.case_id]
        home = case.mailbox.unit if case.mailbox else units.get(each.unit_id or 0)
        holders[each.pk] = case.unit or home
    clocks = clocks_for({unit.pk: unit for unit in holders.values() if unit}.values(), at)
    city = clock_for(None, at) if None in holders.values() else None
    return [_step(each, ladder, clocks[unit.pk] if (unit := holders[each.pk]) else city, at) for each in due]


def _step(each: Due, ladder: Sequence[Rung], clock: WorkClock | None, at: datetime) -> _Step:
    moments = _moments(each.due_at, ladder, clock) if clock else []
    done = int(each.next_action.partition("-")[2] or 0) if each.next_action.startswith("rung") else 0
    reached = [rung for moment, rung in moments if moment <= at and rung.level > done]
    rung = max(reached, key=lambda rung: rung.level, default=None)
    level = rung.level if rung else done
    following = _after(moments, level, at)
    fires = rung is not None or each.next_action in LIGHTS
    if rung is not None and rung.does == Rung.Does.ORDER:
        return _Step(each, rung, fires, f"order-{level}", at)
    # "rung-3" means that the third has fired; what comes next is found anew, by the table as it is by then.
    return _Step(each, rung, fires, f"rung-{level}" if following else "", following)


def _record(steps: Sequence[_Step], cases: Mapping[int, Case], at: datetime) -> None:
    past, last = [], []
    for step in steps:
        data = said(step.due) | {"light": "red"} | ({"level": step.rung.level} if step.rung else {})
        past.append(Past(f"file-{step.due.number}", "light.turned", at, data))
        if step.rung and step.rung.does == Rung.Does.URGE:
            urged = {name: data[name] for name in ("status", "version", "level")} | {"words": ""}
            past.append(Past(f"file-{step.due.number}", "unit.urged", at, urged))
        last.append(len(past) - 1)
    places = append_many(past)
    turned: dict[Audience, list[tuple[Due, int]]] = defaultdict(list)
    told = _Told([step.due for step in steps], cases, at)
    for step, told_of in zip(steps, last, strict=True):
        for audience in told.of(step):
            turned[audience].append((step.due, places[told_of].pk))
    notify_many(list(tellings(turned)), at=at)
    ring_for([step.due for step in steps])


class _Told:
    """Whom the rungs tell, found in a few questions for all tasks of a batch."""

    def __init__(self, due: Sequence[Due], cases: Mapping[int, Case], at: datetime) -> None:
        self._cases = cases
        self._doers = doers(due, at)
        self._units = Unit.objects.in_bulk({each.unit_id for each in due if each.unit_id})
        self._units |= {case.unit.pk: case.unit for case in cases.values() if case.unit}
        places = {part for unit in self._units.values() for part in _path(unit)}
        self._posts: dict[tuple[int, str], list[Person]] = defaultdict(list)
        roles = (Role.REVIEWER, Role.SUPERVISOR, Role.LEADER)
        serving = open_posts(at).filter(unit_id__in=places, role__in=roles).select_related("person")
        for post in serving.order_by("person__name", "person_id"):
            self._posts[post.unit_id, post.role].append(post.person)

    def of(self, step: _Step) -> list[Audience]:
        """Return whom the step tells and how; of a report of wrongdoing nobody hears but those who work on it."""
        case = self._cases[step.due.case_id]
        found: dict[int, Audience] = {}
        for who in step.rung.tells if step.rung and not case.confidential else ["doer"]:
            for person in self._people(who, step.due, case):
                if person.pk != case.citizen_id:
                    found.setdefault(person.pk, Audience(person, "red", _channels(step.rung), *_list_of(who)))
        return [found[pk] for pk in sorted(found)]

    def _people(self, who: str, due: Due, case: Case) -> list[Person]:
        unit = case.unit or self._units.get(due.unit_id or 0)
        if who == "doer":
            return self._doers[due.pk]
        if who == "reviewer":
            return [each for pk in (due.unit_id, case.unit_id) for each in self._posts[pk or 0, Role.REVIEWER]]
        if who == "supervisor":
            served = (self._posts[pk, Role.SUPERVISOR] for pk in reversed(_path(unit)))
            return next((people for people in served if people), [])
        if who == "leader":
            return [case.mailbox.leader] if case.mailbox else []
        above = unit.parent_id if unit else None
        return [*self._posts[above or 0, Role.SUPERVISOR], *self._posts[above or 0, Role.LEADER]]


def _list_of(who: str) -> tuple[str, ...]:
    """Where somebody finds many cases at once: supervisors and leaders on their board, the others in their list."""
    return (BOARD,) if who in ("supervisor", "leader") else ()


def _channels(rung: Rung | None) -> tuple[str, ...]:
    """The channels of the rung besides the page; officials' mail follows the house's own switch."""
    if settings.MAIL_TO_OFFICIALS:
        return tuple(sorted({*(rung.channels if rung else ()), "email"}))
    return tuple(sorted({*(rung.channels if rung else ())} - {"email"}))
