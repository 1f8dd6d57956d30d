"""Several units on one step: who they are, when they are joined, and what they said in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from accounts.models import Unit

from ..models import Case, Task
from .definition import Node
from .offices import city, units_by_code


def new(case: Case, node: Node, units: Sequence[Unit]) -> list[Task]:
    """Return unsaved tasks for the units of the step, the lead's first.

    They are those the step names, those just chosen, those of the last time, or at last the one that has the case.
    """
    named = units_by_code(node.over) if isinstance(node.over, tuple) else list(units)
    chosen = named or _last_units(case, node.code) or [case.unit or city()]
    last = case.tasks.aggregate(last=Max("group_no"))["last"] or 0
    parts = [Task.Role.LEAD] + [Task.Role.ASSIST] * (len(chosen) - 1)
    return [
        Task(case=case, node=node.code, group_no=last + 1, part=part, unit=unit, data={})
        for part, unit in zip(parts, chosen, strict=True)
    ]


def _last_units(case: Case, node: str) -> list[Unit]:
    before = case.tasks.filter(node=node).order_by("-group_no").values_list("group_no", flat=True).first()
    if not before:
        return []
    tasks = case.tasks.filter(group_no=before, unit__isnull=False).select_related("unit").order_by("pk")
    units = {task.unit_id: task for task in sorted(tasks, key=lambda task: task.part != Task.Role.LEAD)}
    return [task.unit for task in units.values() if task.unit]


def again(case: Case, group: int) -> list[Task]:
    """Return unsaved tasks for the units whose work an interruption cut short; those that were done stay done."""
    tasks = list(case.tasks.filter(group_no=group).select_related("unit", "assignee").order_by("pk"))
    done = {task.unit_id for task in tasks if task.status == Task.Status.DONE and not task.data.get("interrupts")}
    cut = {task.unit_id: task for task in tasks if task.unit_id not in done}
    return [
        Task(
            case=case, node=old.node, group_no=group, part=old.part, unit=old.unit, assignee=old.assignee,
            claimed_at=old.claimed_at, data={},
        )
        for old in cut.values()
    ]  # fmt: skip


def joins(node: Node, done: Task, open_others: int) -> bool:
    """Return whether the case goes on now that `done` is finished and so many others are not."""
    if open_others == 0 or node.mode == "any":
        return True
    return node.mode == "lead" and done.part == Task.Role.LEAD


def facts_of(case: Case, node: Node, last: Task, action: str) -> dict[str, Any]:
    """Return what conditions may ask about a step of several: `parts`, `done`, `count_<action>` and `majority`."""
    before = case.tasks.filter(group_no=last.group_no, status=Task.Status.DONE).exclude(pk=last.pk)
    taken = [task.action for task in before if not task.data.get("interrupts")]
    counted = Counter([*taken, action])
    parts = case.tasks.filter(group_no=last.group_no).values("unit").distinct().count()
    best = counted.most_common(2)
    # With as many votes for another there is no majority.
    majority = best[0][0] if len(best) == 1 or best[0][1] > best[1][1] else "none"
    counts = {f"count_{code}": counted.get(code, 0) for code in node.actions}
    return {"parts": parts, "done": counted.total(), "majority": majority, **counts}


def was_done(case: Case, node: str, action: str) -> bool:
    """Return whether the action was taken at the step in this round."""
    return case.tasks.filter(node=node, action=action, round=case.round, status=Task.Status.DONE).exists()
