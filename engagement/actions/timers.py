"""What happens when time passes: lights turn, waiting ends, unrated cases are concluded."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from ..models import Case, Promise, Task
from ..processes.definition import Node
from .ladder import climb
from .telling import tell_citizen, tell_doers
from .turns import Turn, clock_turn, end_pause

logger = logging.getLogger(__name__)


def fire_due_timers(limit: int = 500, at: datetime | None = None) -> int:
    """Do what is due, at most `limit` things; return how many were done.

    Each is done once whatever number of workers runs: the case is locked first, as every step does, and the task
    read again. After a stop only the highest light fires. A case that somebody is busy with waits for the next call.
    """
    moment = at or timezone.now()
    due = Task.objects.filter(status=Task.Status.OPEN, next_action_at__lte=moment).order_by("next_action_at")
    done = 0
    for task_id, case_id in due.values_list("pk", "case_id")[:limit]:
        try:
            done += _fire(task_id, case_id, moment)
        # One case that cannot be handled (a process without that way, a calendar that ends) must not stop the rest.
        except Exception:
            logger.exception("the timer of task %s failed", task_id)
    return done


@transaction.atomic
def _fire(task_id: int, case_id: int, at: datetime) -> bool:
    skips = connection.features.has_select_for_update_skip_locked
    cases = Case.objects.select_for_update(of=("self",), skip_locked=skips).select_related(
        "process", "unit", "handler", "category", "mailbox", "mailbox__leader", "mailbox__unit", "citizen"
    )
    case = cases.filter(pk=case_id).first()
    task = Task.objects.filter(pk=task_id, status=Task.Status.OPEN, next_action_at__lte=at).first()
    if case is None or task is None:
        return False
    with clock_turn(case, at) as current:
        if task.next_action == "timeout":
            _time_out(current)
        elif task.next_action == "resume":
            current.stays = True
            end_pause(current)
        else:
            climb(current, task)
    return True


def _time_out(current: Turn) -> None:
    node = current.engine.node
    if node is None:
        return
    code = str(node.timeout["action"])
    if code == "conclude" and _promised(current, node):
        return
    current.take(code)
    due = current.case.due_at.isoformat() if current.case.due_at else None
    if code == "conclude":
        current.case.concluded_at = current.at
        entry = current.tell("case.concluded", {"cause": "unrated"})
        tell_citizen(current, entry, "case.concluded")
    else:
        entry = current.tell("case.lapsed", {"due_at": due})
        tell_doers(current, entry, "case.lapsed")


def _promised(current: Turn, node: Node) -> bool:
    """Whether something promised is still to come: then the case stays answered, and its waiting goes on."""
    promise = Promise.objects.filter(case=current.case, state=Promise.State.OPEN).first()
    if promise is None or current.task is None:
        return False
    current.stays = True
    until = max(promise.due_at, current.at) + timedelta(days=1)
    Task.objects.filter(pk=current.task.pk).update(due_at=until, next_action_at=until)
    return True
