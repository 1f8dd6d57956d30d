"""What the clock does besides tasks: orders, promises and reviews come near or pass, and somebody is told once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case as Choice
from django.db.models import F, Value, When
from django.utils import timezone

from accounts.models import Person, Role
from accounts.queries import people_at
from journal.history import Past, append_many
from notices.actions.many import Telling, notify_many

from ..models import Case, Order, Promise, Review
from ..queries.among import among
from ..queries.board import board_streams
from .reviewing import reviewers_of
from .telling import known
from .turns import ring_lists

logger = logging.getLogger(__name__)
Dated = Order | Promise | Review
KINDS: tuple[type[Order] | type[Promise] | type[Review], ...] = (Order, Promise, Review)
BATCH = 500


def fire_due_acts(limit: int = 5_000, at: datetime | None = None) -> int:
    """Tell of what comes near or has passed, at most `limit` of each kind; return how many were told.

    Each is told once: case and row are locked and read again. After a stop only the highest light is told.
    """
    moment = at or timezone.now()
    done = 0
    for model in KINDS:
        due = model.objects.filter(next_at__lte=moment).order_by("next_at").values_list("pk", "case_id")
        rows = list(due[:limit])
        for start in range(0, len(rows), BATCH):
            done += _turned(model, dict(rows[start : start + BATCH]), moment)
    return done


def _turned(model: Any, rows: Mapping[int, int], at: datetime) -> int:
    """Turn a batch; where one of them cannot be turned, each by itself."""
    try:
        return _turn(model, rows, at)
    except Exception:
        logger.exception("the timer of %s %s failed", model.__name__, ", ".join(map(str, sorted(rows)[:20])))
        return sum(_turned(model, {pk: case}, at) for pk, case in rows.items()) if len(rows) > 1 else 0


@transaction.atomic
def _turn(model: Any, rows: Mapping[int, int], at: datetime) -> int:
    """Turn what is due of the rows (id → id of the case) whose case nobody is busy with."""
    skips = connection.features.has_select_for_update_skip_locked
    locked = Case.objects.select_for_update(of=("self",), skip_locked=skips, no_key=True)
    held = locked.select_related("unit", "mailbox__leader").filter(among(Case, rows.values())).order_by("pk")
    cases = {case.pk: case for case in held}
    found = model.objects.filter(among(model, rows), next_at__lte=at, case_id__in=list(cases)).order_by("pk")
    due: list[Dated] = list(found.select_related("issued_by") if model is Order else found)
    passed = When(due_at__lte=at, then=Value(None))
    model.objects.filter(among(model, [row.pk for row in due])).update(next_at=Choice(passed, default=F("due_at")))
    said = [_said(row, "red" if at >= row.due_at else "yellow") for row in due]
    past = [
        Past(cases[row.case_id].file_stream_name, f"{kind}.turned", at, {**data, **_stands(cases[row.case_id])})
        for row, (kind, data, _words) in zip(due, said, strict=True)
    ]
    told, tellings = _Told(at), []
    for row, place, (kind, data, words) in zip(due, append_many(past), said, strict=True):
        case = cases[row.case_id]
        url, channels = f"/work/{case.number}/", ("email",) if settings.MAIL_TO_OFFICIALS else ()
        tellings += [
            Telling(person, place.pk, f"office.{kind}.{data['light']}", url, known(case, words), channels)
            for person in told.of(row, case, data["light"])
        ]
    notify_many(tellings, at=at)
    ring_lists({stream for row in due for stream in _lists(row, cases[row.case_id])})
    return len(due)


def _said(row: Dated, light: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return the kind of the row, what its entry says and what a notice says."""
    data: dict[str, Any] = {"light": light, "due_at": row.due_at.isoformat()}
    if isinstance(row, Order):
        return "order", {**data, "order": row.pk}, {"order": row.number, "due": row.due_at}
    if isinstance(row, Promise):
        return "promise", data, {"words": row.words, "due": row.due_at}
    return "review", {**data, "level": row.level}, {"due": row.due_at}


def _stands(case: Case) -> dict[str, Any]:
    return {"status": case.status, "version": case.version}


def _lists(row: Dated, case: Case) -> set[str]:
    lists = board_streams(case)
    unit = case.unit_id if isinstance(row, Review) else row.unit_id
    return lists | {f"todo-unit-{unit}"} if unit else lists


class _Told:
    """Whom a batch tells; people of the same units are looked up once."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._found: dict[tuple[tuple[int, ...], tuple[str, ...]], list[Person]] = {}

    def of(self, row: Dated, case: Case, light: str) -> list[Person]:
        """Return everybody who is told of the row, each once."""
        if isinstance(row, Review):
            people = reviewers_of(case, row.level, self._at)
        else:
            people = self._at_units([row.unit_id], Role.HANDLER, Role.REVIEWER)
            if light == "red" and isinstance(row, Order):
                people = [*people, row.issued_by]
            elif light == "red" and case.unit is not None:
                above = [int(part) for part in case.unit.path.split("/") if part]
                people = [*people, *self._at_units(above, Role.SUPERVISOR)]
        return list({person.pk: person for person in people}.values())

    def _at_units(self, units: Iterable[int], *roles: str) -> list[Person]:
        key = (tuple(units), roles)
        if key not in self._found:
            self._found[key] = list(people_at(key[0], *roles, at=self._at))
        return self._found[key]
