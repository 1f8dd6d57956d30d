"""Running cases follow to a new version of their process, one transaction and one entry each."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from journal.actions import append

from .. import rules
from ..models import Case, Process, ProcessMove, Task
from ..processes.definition import CITIZEN, Definition
from ..processes.engine import definition_of
from .turns import locked, ring_lists

BATCH = 200
MOST_NAMED = 100

logger = logging.getLogger(__name__)


def move_running(limit: int = BATCH, at: datetime | None = None) -> int:
    """Take the next running cases of every unfinished move to its version; return how many were looked at."""
    return sum(_batch(move, limit, at or timezone.now()) for move in ProcessMove.objects.filter(finished_at=None))


def _batch(move: ProcessMove, limit: int, at: datetime) -> int:
    tasks = Task.objects.filter(case=OuterRef("pk"), status=Task.Status.OPEN)
    older = Process.objects.filter(key=move.target.key).exclude(pk=move.target_id).values("pk")
    running = Case.objects.filter(Exists(tasks), process__in=older, pk__gt=move.after).order_by("pk")
    ids = list(running.values_list("pk", flat=True)[:limit])
    for case_id in ids:
        try:
            done = move_case(case_id=case_id, target=move.target, mapping=move.mapping, by=move.started_by, at=at)
        except rules.RuleBroken:
            done = False
        except Exception:
            logger.exception("case %s could not be moved", case_id)
            done = False
        _count(move.pk, case_id, done=done)
    if len(ids) < limit:
        ProcessMove.objects.filter(pk=move.pk).update(finished_at=at)
    return len(ids)


@transaction.atomic
def _count(move_id: int, case_id: int, *, done: bool) -> None:
    move = ProcessMove.objects.select_for_update().get(pk=move_id)
    move.after = max(move.after, case_id)
    move.moved += done
    if not done and len(move.stayed) < MOST_NAMED:
        move.stayed = [*move.stayed, Case.objects.values_list("number", flat=True).get(pk=case_id)]
    move.save(update_fields=["after", "moved", "stayed"])


@transaction.atomic
def move_case(*, case_id: int, target: Process, mapping: dict[str, str], by: object = None, at: datetime) -> bool:
    """Move one running case to the version `target`; due times in force stay as they were promised.

    Returns whether it was moved; it stays where a step has no counterpart. Raises NotFound.
    """
    case = locked(case_id)
    tasks = list(case.tasks.select_for_update().filter(status=Task.Status.OPEN).order_by("pk"))
    new = definition_of(target)
    places = {task.pk: mapping.get(task.node, task.node) for task in tasks}
    if not tasks or case.process_id == target.pk or not _fit(new, tasks, places, mapping):
        return False
    before = case.process
    for task in tasks:
        node = new.nodes[places[task.pk]]
        task.node, task.role_needed = node.code, node.role
        if "back" in task.data:
            task.data["back"] = mapping.get(task.data["back"], task.data["back"])
        task.version += 1
        task.save(update_fields=["node", "role_needed", "data", "version"])
    case.process = target
    case.version += 1
    case.save(update_fields=["process", "version"])
    told = {"from": before.version, "to": target.version, "step": tasks[0].node, "version": case.version}
    append(case.file_stream_name, "process.moved", told, by=by, at=at)  # type: ignore[arg-type]
    ring_lists({f"todo-unit-{task.unit_id}" for task in tasks if task.unit_id})
    return True


def _fit(new: Definition, tasks: list[Task], places: dict[int, str], mapping: dict[str, str]) -> bool:
    """Every open task needs a step of the same sort: of one unit or several, the office's or the citizen's."""
    for task in tasks:
        node = new.nodes.get(places[task.pk])
        if node is None or node.end or bool(node.mode) != bool(task.group_no):
            return False
        if (node.role == CITIZEN) != (task.role_needed == CITIZEN):
            return False
        back = task.data.get("back")
        if back and mapping.get(back, back) not in new.nodes:
            return False
    return True
