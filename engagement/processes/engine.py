"""The engine: opens the tasks of a step, finishes them, and keeps the clocks; the caller holds the lock on the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from accounts.models import Person, Unit
from accounts.written import add, add_all, change

from .. import rules
from ..models import Case, Pause, Process, Task
from ..working_time import WorkClock, clock_for
from . import groups
from .definition import ASSIST, BACK, CITIZEN, CLOCK, Act, Definition, Node, Way, holds, read
from .offices import city, home_of, integrity_unit, office_for, serves, serving
from .tasks import open_tasks

# What changes in a task when it is left.
LEFT = ("status", "action", "done_by", "done_at", "next_action", "next_action_at", "version", "data")


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


@dataclass
class Engine:
    """One step of one locked case at the moment `at`; it changes `case` and leaves saving it to the caller.

    `task` is the open task that is acted on; while several units work on a step, `choose` takes another of `tasks`.
    """

    case: Case
    at: datetime

    def __post_init__(self) -> None:
        self.definition = definition_of(self.case.process)
        # A page of many cases has fetched their open tasks together; whoever acts reads them after the lock.
        found = self.case.__dict__.get("open_tasks")
        if found is None:
            found = open_tasks(self.case)
        self.tasks: list[Task] = sorted(found, key=lambda task: task.part != Task.Role.LEAD)
        self.task: Task | None = self.tasks[0] if self.tasks else None
        self._first = next((task for task in self.tasks if not getattr(task, "later", True)), None)
        # The units that are to work together on the step that comes next, the lead first.
        self.units: list[Unit] = []
        self._clock: WorkClock | None = None

    @cached_property
    def home(self) -> Unit | None:
        """The unit from which intake and dispatching are looked for."""
        return self._first.unit if self._first and self.case.mailbox is None else home_of(self.case)

    @property
    def pause(self) -> Pause | None:
        """The pause that lasts; asked for only where the open tasks were read without whether there is one."""
        if self.tasks and not any(getattr(task, "paused", True) for task in self.tasks):
            return None
        return Pause.objects.filter(case=self.case, ended_at__isnull=True).first()

    @property
    def clock(self) -> WorkClock:
        """The working time of the unit that holds the case."""
        if self._clock is None:
            self._clock = clock_for(self.case.unit or self.home, self.at)
        return self._clock

    @property
    def node(self) -> Node | None:
        """The step the case is at; None once it is closed."""
        return self.definition.nodes[self.task.node] if self.task else None

    def choose(self, task: Task) -> None:
        """Act on this one of the open tasks."""
        self.task = next((each for each in self.tasks if each.pk == task.pk), self.task)

    def begin(self, home: Unit | None) -> Task | None:
        """Open the first task."""
        return self._enter(self.definition.nodes[self.definition.start], home=home)

    def open_acts(self) -> list[Act]:
        """Return what can be done about the chosen task now, by whoever it belongs to."""
        node, task = self.node, self.task
        if node is None or task is None:
            return []
        return [act for act in node.actions.values() if self._fits(node, act, task)]

    def offers(self, code: str) -> bool:
        """Return whether the action can be done about the chosen task now, by whoever it belongs to, not the clock."""
        node, task = self.node, self.task
        act = node.actions.get(code) if node else None
        if node is None or task is None or act is None or act.by == CLOCK:
            return False
        return self._fits(node, act, task)

    def _fits(self, node: Node, act: Act, task: Task) -> bool:
        if act.part and act.part != task.part:
            return False
        if act.claim and not act.ways and task.assignee_id is not None:
            return False
        if act.waits and len(self.tasks) > 1:
            return False
        return not (act.once and groups.was_done(self.case, node.code, act.code))

    def finish(self, action: str, facts: Mapping[str, Any], by: Person | None) -> Way:
        """Finish the open task by `action` and enter the step that the facts lead to. Raises WrongStatus.

        Where several units work on the step, the way `stays` until enough of them are done; it is joined once.
        """
        node, task = self.node, self.task
        act = node.actions.get(action) if node else None
        if node is None or act is None or task is None or not self._fits(node, act, task):
            raise rules.WrongStatus()
        if node.mode and not act.ways:
            return self._claim(node, act, task, by) if act.claim else self._finish_part(node, act, task, facts, by)
        if node.mode:
            # What cuts the others' work short is no finished part: after "back" this unit goes on, too.
            task.data["interrupts"] = True
        return self._go(act.ways, action, facts, by, Task.Status.DONE)

    def _claim(self, node: Node, act: Act, task: Task, by: Person | None) -> Way:
        """Somebody takes the task for themselves; the others' tasks and the step stay as they are."""
        task.assignee, task.claimed_at = by, self.at
        task.version += 1
        change(task, "assignee", "claimed_at", "version")
        if act.status and task.part == Task.Role.LEAD:
            self.case.status = act.status
        return Way(node.code, stays=True)

    def _finish_part(self, node: Node, act: Act, task: Task, facts: Mapping[str, Any], by: Person | None) -> Way:
        """One of several units is done. The caller holds the lock on the case, so the last one joins, and only once."""
        if not groups.joins(node, task, len(self.tasks) - 1):
            self._leave(task, act.code, by, Task.Status.DONE)
            self.tasks.remove(task)
            self.task = self.tasks[0]
            return Way(node.code, stays=True)
        known = {**groups.facts_of(self.case, node, task, act.code), **facts}
        return self._go(node.join, act.code, known, by, Task.Status.DONE)

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
        change(self.task, "assignee", "claimed_at", "version")
        if self.task.part == Task.Role.LEAD:
            self.case.handler = person

    def with_pause(self, due: datetime) -> datetime:
        """Return what is in force while a planned pause lasts, for what was due without it."""
        pause = self.pause
        if pause is None or pause.until is None:
            return due
        return self.clock.due_in_minutes(due, self.clock.minutes_between(pause.started_at, pause.until))

    def set_due(self, due: datetime) -> None:
        """Put another due time into force for the case and for the open task that follows it."""
        self.case.due_at, pause = due, self.pause
        for task in self.tasks:
            node = self.definition.nodes[task.node]
            if node.role != CITIZEN:
                task.due_at = self._due(node, task)
                self._set_timer(task, node, task.created_at)
                if pause is not None and pause.until is not None:
                    # While the clock stands still nothing comes near: the next thing is that it runs again.
                    task.next_action, task.next_action_at = "resume", pause.until
                change(task, "due_at", "yellow_at", "next_action", "next_action_at")

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
        case, left = self.case, self.task
        known = {**facts, "round": case.round, "kind": case.kind, "hops": case.hops, "channel": case.channel}
        way = next(way for way in ways if holds(way.when, known))
        for task in self.tasks:
            self._leave(task, action if task is left else "", by, how if task is left else Task.Status.CANCELLED)
        self.tasks = []
        code = way.to
        if code == BACK:
            code = str(left.data["back"]) if left else self.definition.start
        if way.round:
            self._new_round()
        back = left if way.to == BACK else None
        self._enter(self.definition.nodes[code], status=way.status, left=None if back else left, back_from=back)
        return way

    def _leave(self, task: Task, action: str, by: Person | None, how: str) -> None:
        if self.definition.nodes[task.node].pauses:
            self._resume()
        task.status, task.action, task.done_by, task.done_at = how, action, by if action else None, self.at
        task.next_action, task.next_action_at = "", None
        task.version += 1
        change(task, *LEFT)

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
        back = back_from.data if back_from else {}
        if node.mode:
            self._enter_together(node, back)
            return self.task
        task = Task(case=case, node=node.code, role_needed=node.role, round=case.round, created_at=self.at, data={})
        if node.role == CITIZEN:
            self._wait_for_citizen(task, node, left)
        else:
            task.unit, task.assignee = self._desk(node, home, back.get("assignee"))
            task.claimed_at = self.at if task.assignee else None
            task.due_at = self._due(node, task)
            case.status = back.get("status") or case.status
        self._set_timer(task, node, self.at)
        add(task)
        self.task, self.tasks = task, [task]
        return task

    def _enter_together(self, node: Node, back: Mapping[str, Any]) -> None:
        """Open a task for every unit of the step, or again for those that an interruption cut short."""
        opened = groups.again(self.case, back["group"]) if back.get("group") else []
        opened = opened or groups.new(self.case, node, self.units)
        self.case.status = back.get("status") or self.case.status
        for task in opened:
            task.role_needed, task.round, task.created_at = node.role, self.case.round, self.at
            task.due_at = self._due(node, task)
            self._set_timer(task, node, self.at)
        add_all(opened)
        self.tasks = sorted(opened, key=lambda task: task.part != Task.Role.LEAD)
        self.task = self.tasks[0]

    def _wait_for_citizen(self, task: Task, node: Node, left: Task | None) -> None:
        """The unit and person that asked stay on the task, so that it stands in their list of waiting cases."""
        if left is not None and node.pauses:
            task.unit, task.assignee = left.unit, left.assignee
            asking = self.definition.nodes[left.node]
            status = Case.Status.IN_PROGRESS if "submit" in asking.actions else asking.status
            task.data = {"back": left.node, "assignee": left.assignee_id, "status": status, "group": left.group_no}
        if node.pauses:
            Pause.objects.create(
                case=self.case, task=left, cause=Pause.Cause.CLARIFY, by=task.assignee, started_at=self.at
            )

    def _resume(self) -> None:
        """End the pause and give the unit the working time back that it took."""
        pause = self.pause
        if pause is None:
            return
        pause.ended_at = max(self.at, pause.started_at)
        pause.save(update_fields=["ended_at"])
        if self.case.due_at is not None:
            stood = self.clock.minutes_between(pause.started_at, pause.ended_at)
            self.case.due_at = self.clock.due_in_minutes(self.case.due_at, stood)

    def _desk(self, node: Node, home: Unit | None, back_to: int | None) -> tuple[Unit | None, Person | None]:
        """Return the office of a step, and the person who keeps the task there: who had it before, or the leader."""
        case, start = self.case, self._start(node, home)
        if node.at == "mailbox" and case.mailbox:
            return start, case.mailbox.leader
        keeper = back_to or (case.handler_id if node.keeps == "handler" else None)
        kept = serving(keeper, start, node.roles, self.at) if keeper and start else None
        # A leader's own mailbox: nobody further up signs in the leader's place.
        if kept or node.at in ("mailbox", "integrity"):
            return start, kept
        office = office_for(start, node.roles, self.at)
        return office, serving(keeper, office, node.roles, self.at) if keeper and office and office != start else None

    def _start(self, node: Node, home: Unit | None) -> Unit | None:
        """Return the unit from which the office of a step is looked for upwards."""
        if node.at == "home":
            return home or self.home
        if node.at == "mailbox":
            return self.case.mailbox.unit if self.case.mailbox else None
        return self.case.unit

    def _due(self, node: Node, task: Task) -> datetime | None:
        """A step's own limit, but never later than the case's."""
        due, sla = self.case.due_at, node.limit(task.part)
        clock = clock_for(task.unit, self.at) if task.part == ASSIST else self.clock
        if "minutes" in sla:
            own = clock.due_in_minutes(self.at, int(sla["minutes"]))
        elif "days" in sla:
            own = clock.due_in_days(self.at, int(sla["days"]))
        else:
            return due
        return min(own, due) if due else own

    def _set_timer(self, task: Task, node: Node, start: datetime) -> None:
        """Put the next thing only into next_action: yellow first, then red; where waiting ends, that end."""
        if node.timeout and task.part != ASSIST:
            task.due_at = self._timeout(node)
            task.next_action, task.next_action_at = "timeout", task.due_at
            return
        if task.due_at is None:
            return
        task.yellow_at = yellow_of(self.clock, start, task.due_at, self.definition.norms["yellow_percent"])
        task.next_action, task.next_action_at = "yellow", task.yellow_at
        if node.timeout_act(task.part):
            task.next_action, task.next_action_at = "timeout", task.due_at

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


__all__ = [
    "Engine",
    "city",
    "definition_of",
    "home_of",
    "integrity_unit",
    "newest",
    "office_for",
    "serves",
    "yellow_of",
]
