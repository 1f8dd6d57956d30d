"""The engine: opens the tasks of a step, finishes them, and keeps the clocks; the caller holds the lock on the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings

from accounts.models import Person, Post, Unit
from accounts.queries import open_posts

from .. import rules
from ..models import Case, Pause, Process, Task
from ..working_time import WorkClock, clock_for
from .definition import BACK, CITIZEN, Definition, Node, Way, holds, read


def definition_of(process: Process) -> Definition:
    """Return the typed definition of a published version; it never changes, so it is kept."""
    return _definition(process.checksum, process)


class _ByChecksum:
    """Keeps definitions by checksum, not by row: the same text always means the same."""

    def __init__(self) -> None:
        self._known: dict[str, Definition] = {}

    def __call__(self, checksum: str, process: Process) -> Definition:
        if checksum not in self._known:
            self._known[checksum] = read(process.definition)
        return self._known[checksum]


_definition = _ByChecksum()


@lru_cache(maxsize=8)
def _path(path: str) -> tuple[int, ...]:
    return tuple(int(part) for part in path.split("/") if part)


def city() -> Unit | None:
    """Return the root of the tree of units."""
    return Unit.objects.filter(parent=None).order_by("pk").first()


def office_for(start: Unit | None, roles: tuple[str, ...], at: datetime) -> Unit | None:
    """Return the first unit from `start` upwards where somebody serves in one of the roles, at last the city."""
    root = city()
    if start is None:
        return root
    ids = _path(start.path)
    served = set(open_posts(at).filter(unit_id__in=ids, role__in=roles).values_list("unit_id", flat=True))
    nearest = next((unit_id for unit_id in reversed(ids) if unit_id in served), None)
    return Unit.objects.get(pk=nearest) if nearest else root


def integrity_unit() -> Unit | None:
    """Return the unit that alone handles reports of wrongdoing."""
    return Unit.objects.filter(code=settings.INTEGRITY_UNIT, active=True).first()


def home_of(case: Case) -> Unit | None:
    """Return the unit from which intake and dispatching are looked for."""
    if case.mailbox is not None:
        return case.mailbox.unit
    first = case.tasks.order_by("pk").select_related("unit").first()
    return first.unit if first else None


def serves(viewer_posts: tuple[Post, ...], unit_id: int | None, roles: tuple[str, ...]) -> bool:
    """Return whether one of the posts is one of the roles at the unit."""
    return any(post.unit_id == unit_id and post.role in roles for post in viewer_posts)


@dataclass
class Engine:
    """One step of one locked case at the moment `at`; it changes `case` and leaves saving it to the caller."""

    case: Case
    at: datetime

    def __post_init__(self) -> None:
        self.definition = definition_of(self.case.process)
        self.task = self.case.tasks.filter(status=Task.Status.OPEN).order_by("pk").select_related("unit").first()
        self._clock: WorkClock | None = None

    @property
    def clock(self) -> WorkClock:
        """The working time of the unit that holds the case."""
        if self._clock is None:
            self._clock = clock_for(self.case.unit or home_of(self.case), self.at)
        return self._clock

    @property
    def node(self) -> Node | None:
        """The step the case is at; None once it is closed."""
        return self.definition.nodes[self.task.node] if self.task else None

    def begin(self, home: Unit | None) -> Task | None:
        """Open the first task."""
        return self._enter(self.definition.nodes[self.definition.start], home=home)

    def finish(self, action: str, facts: Mapping[str, Any], by: Person | None) -> Way:
        """Finish the open task by `action` and enter the step that the facts lead to. Raises WrongStatus."""
        node = self.node
        act = node.actions.get(action) if node else None
        if node is None or act is None:
            raise rules.WrongStatus()
        return self._go(act.ways, action, facts, by, Task.Status.DONE)

    def act(self, action: str, by: Person | None) -> Way:
        """Do what stands outside the graph, such as withdrawing; open tasks are cancelled. Raises WrongStatus."""
        act = self.definition.acts.get(action)
        if act is None or self._place() not in act.start:
            raise rules.WrongStatus()
        return self._go(act.ways, action, {}, by, Task.Status.CANCELLED)

    def may_act(self, action: str) -> bool:
        """Return whether the act outside the graph is possible now."""
        act = self.definition.acts.get(action)
        return act is not None and self._place() in act.start

    def enter(self, node: Node) -> Task | None:
        """Go to a step from outside the graph; the caller has closed what was open."""
        return self._enter(node)

    def timeout_of(self, node: Node) -> datetime:
        """Return when a step that waits ends by itself if the waiting begins now."""
        return self._timeout(node)

    def reassign(self, person: Person) -> None:
        """Give the open task to somebody else of the same unit."""
        if self.task is None:
            raise rules.WrongStatus()
        self.task.assignee, self.task.claimed_at = person, self.at
        self.task.version += 1
        self.task.save(update_fields=["assignee", "claimed_at", "version"])
        self.case.handler = person

    def set_due(self, due: datetime) -> None:
        """Put another due time into force for the case and for the open task that follows it."""
        self.case.due_at = due
        node, task = self.node, self.task
        if task is None or node is None or node.role == CITIZEN:
            return
        task.due_at = self._due(node)
        self._set_timer(task, node, task.created_at)
        task.save(update_fields=["due_at", "yellow_at", "next_action", "next_action_at"])

    def _place(self) -> str:
        return (
            self.task.node
            if self.task
            else next(
                (code for code, node in self.definition.nodes.items() if node.end and node.status == self.case.status),
                "",
            )
        )

    def _go(self, ways: tuple[Way, ...], action: str, facts: Mapping[str, Any], by: Person | None, how: str) -> Way:
        known = {**facts, "round": self.case.round, "kind": self.case.kind, "hops": self.case.hops}
        way = next(way for way in ways if holds(way.when, known))
        left = self.task
        if left is not None:
            self._leave(left, action, by, how)
        code = way.to
        if code == BACK:
            code = str(left.data["back"]) if left else self.definition.start
        if way.round:
            self._new_round()
        self._enter(
            self.definition.nodes[code], status=way.status, left=left if way.to != BACK else None, back_from=left
        )
        return way

    def _leave(self, task: Task, action: str, by: Person | None, how: str) -> None:
        if self.definition.nodes[task.node].pauses:
            self._resume()
        task.status, task.action, task.done_by, task.done_at = how, action, by, self.at
        task.next_action, task.next_action_at = "", None
        task.version += 1
        task.save()

    def _new_round(self) -> None:
        case = self.case
        case.round += 1
        case.answered_at = case.concluded_at = case.satisfaction = None
        case.outcome, case.extended_days = "", 0
        case.promised_at = self.clock.due_in_days(self.at, self.definition.days_for(case.kind))
        case.due_at = case.promised_at

    def _enter(
        self,
        node: Node,
        *,
        status: str = "",
        left: Task | None = None,
        back_from: Task | None = None,
        home: Unit | None = None,
    ) -> Task | None:
        case = self.case
        case.status = status or node.status
        self.task = None
        if node.end:
            return None
        task = Task(case=case, node=node.code, role_needed=node.role, round=case.round, created_at=self.at, data={})
        if node.role == CITIZEN:
            self._wait_for_citizen(task, node, left)
        else:
            back_to = back_from.data if back_from and left is None else {}
            task.unit = self._office(node, home)
            task.assignee = self._assignee(node, task, back_to.get("assignee"))
            task.claimed_at = self.at if task.assignee else None
            task.due_at = self._due(node)
            if back_to.get("status"):
                case.status = back_to["status"]
        self._set_timer(task, node, self.at)
        task.save()
        self.task = task
        return task

    def _wait_for_citizen(self, task: Task, node: Node, left: Task | None) -> None:
        """The unit and person that asked stay on the task, so that it stands in their list of waiting cases."""
        if left is not None and node.pauses:
            task.unit, task.assignee = left.unit, left.assignee
            before = self.definition.nodes[left.node].status
            status = Case.Status.IN_PROGRESS if left.node == "handle" else before
            task.data = {"back": left.node, "assignee": left.assignee_id, "status": status}
        if node.pauses:
            Pause.objects.create(
                case=self.case, task=left, cause=Pause.Cause.CLARIFY, by=task.assignee, started_at=self.at
            )

    def _resume(self) -> None:
        """End the pause and give the unit the working time back that it took."""
        pause = Pause.objects.filter(case=self.case, ended_at__isnull=True).first()
        if pause is None:
            return
        pause.ended_at = max(self.at, pause.started_at)
        pause.save(update_fields=["ended_at"])
        if self.case.due_at is not None:
            stood = self.clock.minutes_between(pause.started_at, pause.ended_at)
            self.case.due_at = self.clock.due_in_minutes(self.case.due_at, stood)

    def _office(self, node: Node, home: Unit | None) -> Unit | None:
        case = self.case
        start = {
            "home": home or home_of(case),
            "unit": case.unit,
            "mailbox": case.mailbox.unit if case.mailbox else None,
            "integrity": case.unit,
        }[node.at]
        # A leader's own mailbox: nobody further up signs in the leader's place.
        return start if node.at in ("mailbox", "integrity") else office_for(start, node.roles, self.at)

    def _assignee(self, node: Node, task: Task, back_to: int | None) -> Person | None:
        wanted = None
        if node.at == "mailbox" and self.case.mailbox:
            return self.case.mailbox.leader
        if node.keeps == "handler":
            wanted = self.case.handler_id
        wanted = back_to or wanted
        if wanted is None:
            return None
        held = open_posts(self.at).filter(person_id=wanted, unit=task.unit, role__in=node.roles)
        post = held.select_related("person").first()
        return post.person if post else None

    def _due(self, node: Node) -> datetime | None:
        """A step's own limit, but never later than the case's."""
        due = self.case.due_at
        if "minutes" in node.sla:
            own = self.clock.due_in_minutes(self.at, int(node.sla["minutes"]))
        elif "days" in node.sla:
            own = self.clock.due_in_days(self.at, int(node.sla["days"]))
        else:
            return due
        return min(own, due) if due else own

    def _set_timer(self, task: Task, node: Node, start: datetime) -> None:
        """Put the next thing only into next_action: yellow first, then red; for the citizen the end of waiting."""
        if node.timeout:
            task.due_at = self._timeout(node)
            task.next_action, task.next_action_at = "timeout", task.due_at
            return
        if task.due_at is None:
            return
        task.yellow_at = yellow_of(self.clock, start, task.due_at, self.definition.norms["yellow_percent"])
        task.next_action, task.next_action_at = "yellow", task.yellow_at

    def _timeout(self, node: Node) -> datetime:
        if "calendar_days" in node.timeout:
            return self.at + timedelta(days=int(node.timeout["calendar_days"]))
        return self.clock.due_in_days(self.at, int(node.timeout["days"]))


def yellow_of(clock: WorkClock, start: datetime, due: datetime, percent: int) -> datetime:
    """Return the moment at which so many percent of the working time from `start` to `due` are used."""
    whole = clock.minutes_between(start, due)
    return min(due, clock.due_in_minutes(start, whole * percent // 100)) if whole > 0 else due


def newest(key: str) -> Process | None:
    """Return the newest published version of the process."""
    return Process.objects.filter(key=key).order_by("-version").first()


def people_for(task: Task, at: datetime) -> list[Person]:
    """Return who is to do the task: its assignee, or everybody (at most 20) who may."""
    if task.assignee is not None:
        return [task.assignee]
    node = definition_of(task.case.process).nodes[task.node]
    posts = open_posts(at).filter(unit=task.unit, role__in=node.roles).exclude(person_id=task.case.citizen_id or 0)
    return list(Person.objects.filter(pk__in=posts.values("person")).order_by("pk")[:20])


__all__ = ["Engine", "definition_of", "integrity_unit", "newest", "office_for", "people_for", "serves"]
