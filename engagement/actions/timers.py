"""What happens when time passes: lights turn, waiting ends, unrated cases are concluded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar

from django.db import connection, connections, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.utils import timezone

from ..models import Case, Promise, Task
from ..processes.definition import CITIZEN
from .climbing import climb_many, order_on_rung
from .ladder import first_rung
from .lights import LIGHTS, turn_lights
from .steps import lapse
from .telling import tell_citizen, tell_doers
from .turns import Turn, clock_turn, end_pause

logger = logging.getLogger(__name__)


# Lights and late tasks in one transaction, each for half a second at most: enough to be quick after a stop, since what
# lies on one page is written once, and few enough not to keep anybody waiting, nor one side for another's last batch.
TURNED_AT_ONCE = 5_000
CLIMBING_AT_ONCE = 2_000
# How many batches PostgreSQL takes side by side, and from how many rows on that is worth connections of their own.
SIDES, WORTH_SIDES = 3, 1_000


def fire_due_timers(limit: int = 50_000, at: datetime | None = None) -> int:
    """Do what is due, at most `limit` things; return how many were done.

    Each is done once whatever number of workers runs: case and task are locked, as every step does, and read again.
    After a stop only the highest light or rung fires. What somebody is busy with waits for the next call.
    """
    moment = at or timezone.now()
    if not _is_anything_due(moment):
        return 0
    lights, late, ended = _due(moment, limit)
    done = sum(_side_by_side(_turned, lights, TURNED_AT_ONCE, moment))
    for told, orders in _side_by_side(_climbed, late, CLIMBING_AT_ONCE, moment):
        done += told
        for pk, case in orders.items():
            _alone(_fire, pk, case, moment)
    return done + sum(_alone(_fire, pk, case, moment) for pk, case in ended)


def _is_anything_due(at: datetime) -> bool:
    """Look without a lock, as cheaply as can be: an idle worker asks every few seconds and disturbs nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM engagement_task WHERE status = 'open' AND next_action_at <= %s LIMIT 1",
            [connection.ops.adapt_datetimefield_value(at)],
        )
        return cursor.fetchone() is not None


Pairs = list[tuple[int, int]]
Done = TypeVar("Done")


def _due(at: datetime, limit: int) -> tuple[Pairs, Pairs, Pairs]:
    """Return what is due (task, case): lights, what may climb the ladder, and what is a case's own."""
    climbs = first_rung()
    # A light that is so late that a rung may be reached: then only the highest is told.
    late_now = Value(False) if climbs is None else ExpressionWrapper(Q(due_at__lte=at - climbs), BooleanField())
    due = Task.objects.filter(status=Task.Status.OPEN, next_action_at__lte=at).order_by("next_action_at")
    rows = list(due.values_list("pk", "case_id", "next_action", "unit_id", "assignee_id", late_now)[:limit])
    # Desk by desk: whoever has many cases that are due finds them in one batch, and is told once.
    rows.sort(key=lambda row: (row[3] or 0, row[4] or 0))
    lights: Pairs = []
    late: Pairs = []
    ended: Pairs = []
    for pk, case, action, _unit, _assignee, is_late in rows:
        if action in LIGHTS:
            (late if is_late else lights).append((pk, case))
        elif action.startswith("rung-"):
            late.append((pk, case))
        else:
            # An end, the end of a pause and an order are each a case's own.
            ended.append((pk, case))
    return lights, late, ended


def _side_by_side(fire: Callable[[Pairs, datetime], Done], rows: Pairs, most: int, at: datetime) -> list[Done]:
    """Fire for batches of at most so many rows, on PostgreSQL side by side.

    One is worked out while another is written and a third waits for the disk. They are of one size, and as many as
    fill the sides, so that none is left to be done alone at the end. Batches share no task, and whoever locks
    streams of several persons does so in one order.
    """
    together = connection.vendor == "postgresql" and not connection.in_atomic_block and len(rows) >= WORTH_SIDES
    count = SIDES * ceil(len(rows) / most / SIDES) if together else ceil(len(rows) / most)
    size = ceil(len(rows) / count) if rows else 1
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    if not together:
        return [fire(batch, at) for batch in batches]

    def apart(batch: Pairs) -> Done:
        try:
            return fire(batch, at)
        finally:
            # The connections of a thread are its own: nobody else can close them.
            connections.close_all()

    with ThreadPoolExecutor(SIDES) as pool:
        return list(pool.map(apart, batches))


def _turned(batch: Pairs, at: datetime) -> int:
    """Turn a batch of lights; where one of them cannot be turned, each by itself."""
    try:
        return turn_lights(dict(batch), at)
    except Exception:
        logger.exception("a batch of lights failed")
        return sum(_alone(lambda pk, case, at: turn_lights({pk: case}, at), pk, case, at) for pk, case in batch)


def _climbed(batch: Pairs, at: datetime) -> tuple[int, dict[int, int]]:
    """Let a batch of late tasks climb; where one of them cannot, each by itself."""
    try:
        return climb_many(dict(batch), at)
    except Exception:
        logger.exception("a batch of the ladder failed")
        orders: dict[int, int] = {}

        def one(pk: int, case: int, at: datetime) -> int:
            done, ordering = climb_many({pk: case}, at)
            orders.update(ordering)
            return done

        return sum(_alone(one, pk, case, at) for pk, case in batch), orders


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
    task = Task.objects.filter(pk=task_id, status=Task.Status.OPEN, next_action_at__lte=at).first()
    if case is None or task is None:
        return 0
    with clock_turn(case, at) as current:
        current.engine.choose(task)
        if task.next_action == "timeout":
            _time_out(current)
        elif task.next_action == "resume":
            current.stays = True
            end_pause(current)
        elif task.next_action.startswith("order-"):
            order_on_rung(current, task)
    return 1


def _time_out(current: Turn) -> None:
    node = current.engine.node
    if node is None:
        return
    if node.role != CITIZEN:
        lapse(current, node.timeout_act(current.task.part if current.task else ""))
        return
    code = str(node.timeout["action"])
    if code == "conclude" and _promised(current):
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


def _promised(current: Turn) -> bool:
    """Whether something promised is still to come: then the case stays answered, and its waiting goes on."""
    promise = Promise.objects.filter(case=current.case, state=Promise.State.OPEN).first()
    if promise is None or current.task is None:
        return False
    current.stays = True
    until = max(promise.due_at, current.at) + timedelta(days=1)
    Task.objects.filter(pk=current.task.pk).update(due_at=until, next_action_at=until)
    return True
