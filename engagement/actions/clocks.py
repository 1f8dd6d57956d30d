"""What the clock does besides tasks: orders, promises and reviews come near or pass, and somebody is told once."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Person, Role
from accounts.queries import people_at

from ..models import Case, Order, Promise, Review
from .reviewing import reviewers_of
from .telling import tell_people
from .turns import Turn, clock_turn

logger = logging.getLogger(__name__)
KINDS: tuple[type[Order] | type[Promise] | type[Review], ...] = (Order, Promise, Review)


def fire_due_acts(limit: int = 300, at: datetime | None = None) -> int:
    """Tell of what comes near or has passed, at most `limit` of each kind; return how many were told.

    Each is told once: the case is locked, the row read again. After a stop only the highest light is told.
    """
    moment = at or timezone.now()
    done = 0
    for model in KINDS:
        due = model.objects.filter(next_at__lte=moment).order_by("next_at").values_list("pk", "case_id")
        for pk, case_id in due[:limit]:
            try:
                done += _fire(model, pk, case_id, moment)
            # One row that cannot be handled must not stop the rest.
            except Exception:
                logger.exception("the timer of %s %s failed", model.__name__, pk)
    return done


@transaction.atomic
def _fire(model: Any, pk: int, case_id: int, at: datetime) -> bool:
    skips = connection.features.has_select_for_update_skip_locked
    cases = Case.objects.select_for_update(of=("self",), skip_locked=skips).select_related(
        "process", "unit", "handler", "category", "mailbox", "mailbox__leader", "mailbox__unit", "citizen"
    )
    case = cases.filter(pk=case_id).first()
    row = model.objects.filter(pk=pk, next_at__lte=at).first()
    if case is None or row is None:
        return False
    light = "red" if at >= row.due_at else "yellow"
    model.objects.filter(pk=pk).update(next_at=None if light == "red" else row.due_at)
    with clock_turn(case, at) as current:
        current.stays = True
        _tell(current, row, light)
    return True


def _tell(current: Turn, row: Any, light: str) -> None:
    if isinstance(row, Order):
        entry = current.note("order.turned", {"light": light, "order": row.pk, "due_at": row.due_at.isoformat()})
        people = [*_workers(current, row.unit_id), *([row.issued_by] if light == "red" else [])]
        tell_people(current, entry, f"order.{light}", _once(people), order=row.number, due=row.due_at)
    elif isinstance(row, Promise):
        entry = current.note("promise.turned", {"light": light, "due_at": row.due_at.isoformat()})
        people = _workers(current, row.unit_id)
        if light == "red" and current.case.unit is not None:
            people += people_at([int(part) for part in current.case.unit.path.split("/") if part], Role.SUPERVISOR)
        tell_people(current, entry, f"promise.{light}", _once(people), words=row.words, due=row.due_at)
    else:
        told = {"light": light, "level": row.level, "due_at": row.due_at.isoformat()}
        entry = current.note("review.turned", told)
        people = reviewers_of(current.case, row.level, current)
        tell_people(current, entry, f"review.{light}", _once(people), due=row.due_at)


def _workers(current: Turn, unit_id: int) -> list[Person]:
    return list(people_at([unit_id], Role.HANDLER, Role.REVIEWER, at=current.at))


def _once(people: Iterable[Person]) -> list[Person]:
    return list({person.pk: person for person in people}.values())
