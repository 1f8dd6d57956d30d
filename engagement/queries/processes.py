"""Processes as readers ask about them: what a case's own process knows, and who works on a step of several."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..models import Task
from ..processes.definition import Act, Node
from ..processes.naming import act_label
from .allowed import BY_CODE, Standing
from .clocks import light_of


@dataclass(frozen=True)
class Part:
    """One unit's share in a step of several: `state` is open, signed, done or cut."""

    unit: str
    lead: bool
    state: str
    said: str
    person: str
    due_at: datetime | None
    light: str
    done_at: datetime | None


def nodes_now(stands: Standing) -> list[Node]:
    """Return the steps at which the case has open tasks."""
    nodes = stands.engine.definition.nodes
    tasks = sorted(stands.engine.tasks, key=lambda task: task.pk)
    return [nodes[code] for code in dict.fromkeys(task.node for task in tasks)]


def own_act(stands: Standing, code: str) -> Act | None:
    """Return an action that only the case's process knows, at the step where the case is; None for any other."""
    if code in BY_CODE:
        return None
    return next((node.actions[code] for node in nodes_now(stands) if code in node.actions), None)


def has_joint_step(stands: Standing) -> bool:
    """Return whether the case can be dispatched to several units at once now."""
    return any(stands.engine.definition.joint_ways(node.code) for node in nodes_now(stands))


def parts_of(stands: Standing) -> list[Part]:
    """Return the units that work together on the case, or last did, the lead first; for its office only."""
    case, at = stands.case, stands.at
    if not stands.around.shared or not stands.office:
        return []
    tasks = list(case.tasks.filter(group_no__gt=0).select_related("unit", "assignee", "done_by").order_by("pk"))
    last = max(task.group_no for task in tasks)
    # After a question to the citizen a unit's task was opened anew: the later one counts.
    latest = {task.unit_id: task for task in tasks if task.group_no == last}
    nodes = stands.engine.definition.nodes
    ordered = sorted(latest.values(), key=lambda task: (task.part != Task.Role.LEAD, task.pk))
    return [_part(task, nodes.get(task.node), at) for task in ordered]


def _part(task: Task, node: Node | None, at: datetime) -> Part:
    is_open = task.status == Task.Status.OPEN
    act = node.actions.get(task.action) if node else None
    state = "signed" if is_open and task.assignee_id else task.status
    state = "cut" if task.status == Task.Status.CANCELLED or task.data.get("interrupts") else state
    return Part(
        unit=task.unit.label if task.unit else "",
        lead=task.part == Task.Role.LEAD,
        state=state,
        said=act_label(task.action, act) if state == "done" else "",
        person=str((task.assignee if is_open else task.done_by) or ""),
        due_at=task.due_at if is_open else None,
        light=light_of(task.due_at, task.yellow_at, at) if is_open else "",
        done_at=task.done_at if state == "done" else None,
    )
