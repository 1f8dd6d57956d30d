"""What happens when time passes: lights turn, waiting ends, unrated cases are concluded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from ..models import Case, Task
from ..processes.definition import CITIZEN
from .lights import turn_lights
from .steps import lapse
from .telling import tell_citizen, tell_doers
from .turns import Turn, clock_turn

logger = logging.getLogger(__name__)


# Lights turned in one transaction: enough to be quick after a stop, few enough not to keep anybody waiting.
BATCH = 2_000


def fire_due_timers(limit: int = 50_000, at: datetime | None = None) -> int:
    """Do what is due, at most `limit` things; return how many were done.

    Each is done once whatever number of workers runs: the case is locked first, as every step does, and the task
    read again. After a stop only the highest light fires. A case that somebody is busy with waits for the next call.
    """
    moment = at or timezone.now()
    # A look without a lock: an idle worker disturbs nobody, and the index of what is timed answers at once.
    due = Task.objects.filter(status=Task.Status.OPEN, next_action_at__lte=moment).order_by("next_action_at")
    rows = list(due.values_list("pk", "case_id", "next_action", "unit_id", "assignee_id")[:limit])
    ended = {pk: case for pk, case, action, _unit, _person in rows if action == "timeout"}
    # Desk by desk: whoever has many cases that are due finds them in one batch, and is told once.
    rows.sort(key=lambda row: (row[3] or 0, row[4] or 0))
    lights = [(row[0], row[1]) for row in rows if row[0] not in ended]
    done = sum(_turned(lights[start : start + BATCH], moment) for start in range(0, len(lights), BATCH))
    return done + sum(_alone(_fire, pk, case, moment) for pk, case in ended.items())


def _turned(batch: list[tuple[int, int]], at: datetime) -> int:
    """Turn a batch of lights; where one of them cannot be turned, each by itself."""
    try:
        return turn_lights(dict(batch), at)
    except Exception:
        logger.exception("a batch of lights failed")
        return sum(_alone(lambda pk, case, at: turn_lights({pk: case}, at), pk, case, at) for pk, case in batch)


def _alone(fire: Callable[[int, int, datetime], int], task_id: int, case_id: int, at: datetime) -> int:
    """Fire one timer: a case that cannot be handled (a calendar that ends) must not stop the rest."""
    try:
        return fire(task_id, case_id, at)
    except Exception:
        logger.exception("the timer of task %s failed", task_id)
        return 0


@transaction.atomic
def _fire(task_id: int, case_id: int, at: datetime) -> int:
    skips = connection.features.has_select_for_update_skip_locked
    cases = Case.objects.select_for_update(of=("self",), skip_locked=skips).select_related(
        "process", "unit", "mailbox__unit"
    )
    case = cases.filter(pk=case_id).first()
    task = Task.objects.filter(
        pk=task_id, status=Task.Status.OPEN, next_action="timeout", next_action_at__lte=at
    ).first()
    if case is None or task is None:
        return 0
    with clock_turn(case, at) as current:
        current.engine.choose(task)
        _time_out(current)
    return 1


def _time_out(current: Turn) -> None:
    node = current.engine.node
    if node is None:
        return
    if node.role != CITIZEN:
        lapse(current, node.timeout_act(current.task.part if current.task else ""))
        return
    code = str(node.timeout["action"])
    current.take(code)
    due = current.case.due_at.isoformat() if current.case.due_at else None
    if code == "conclude":
        current.case.concluded_at = current.at
        entry = current.tell("case.concluded", {"cause": "unrated"})
        tell_citizen(current, entry, "case.concluded")
    else:
        entry = current.tell("case.lapsed", {"due_at": due})
        tell_doers(current, entry, "case.lapsed")
