"""A turn: one step on one case in one transaction. Lock, check, change, record."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Person, Unit
from accounts.prepared import Given, Prepared
from accounts.sealing import seal
from accounts.viewers import Viewer
from accounts.written import change
from journal.actions import retract
from journal.history import Past
from notices.actions.many import Telling, notify_many

from .. import rules
from ..events import WORDS
from ..models import Case, Task
from ..processes.definition import Way
from ..processes.engine import Engine, yellow_of
from ..queries.allowed import Standing
from ..queries.board import board_streams
from ..queries.chances import SUPERVISION, supervises
from ..queries.rights import had_it, offices_of
from ..queries.sealed import case_key
from ..queries.timeline import last_act

# What a step may change; the rest of a case is as it was filed.
CHANGING = (
    "status", "category", "unit", "handler", "version", "round", "hops", "returns", "accepted_at", "dispatched_at",
    "signed_at", "first_response_at", "answered_at", "concluded_at", "promised_at", "due_at", "outcome",
    "satisfaction", "extended_days", "public", "yellow_at", "supervised", "joined", "level",
)  # fmt: skip
LINKS = ("category", "unit", "handler")


@dataclass
class Turn:
    """The locked case, its engine, who acts (None for the clock) and when."""

    case: Case
    engine: Engine
    by: Viewer | None
    at: datetime
    finished_rounds: list[int] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    # What is written to the journal at the end, and what then gives who is told of it, by how the case stands then.
    said: list[Past] = field(default_factory=list)
    later: list[Callable[[], list[Telling]]] = field(default_factory=list)
    # What is no step (a note, an addition, a draft) leaves the version, so that pages on show stay valid.
    stays: bool = False

    def __post_init__(self) -> None:
        self.before = self._values()
        self.began_at, self.read_by = self.case.unit, offices_of(self.case, self.engine.tasks)

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self.case, f"{name}_id" if name in LINKS else name) for name in CHANGING}

    @property
    def changed(self) -> list[str]:
        """The fields of the case that are not as the turn found them."""
        return [name for name, value in self._values().items() if value != self.before[name]]

    @property
    def person(self) -> Person | None:
        """The person who acts."""
        return self.by.person if self.by else None

    @property
    def task(self) -> Task | None:
        """The open task."""
        return self.engine.task

    @property
    def desk(self) -> Unit | None:
        """A unit that has to do with the case now: the one of its open task, or the one that has it."""
        return next((task.unit for task in self.engine.tasks if task.unit), self.case.unit)

    @property
    def next_version(self) -> int:
        """The case's version after this turn."""
        return self.case.version if self.stays else self.case.version + 1

    def take(self, code: str, **facts: Any) -> Way:
        """Finish the open task by the action `code` and enter what follows. Raises WrongStatus."""
        end_pause(self)
        return self._moved(self.case.round, self.engine.finish(code, facts, self.person))

    def act(self, code: str) -> Way:
        """Do an act outside the graph, such as withdrawing. Raises WrongStatus."""
        end_pause(self)
        return self._moved(self.case.round, self.engine.act(code, self.person))

    def _moved(self, round_before: int, way: Way) -> Way:
        if way.stays:
            # Other units still work on the step: what their pages show stays valid.
            self.stays = True
        if self.case.status == Case.Status.CONCLUDED or self.case.round > round_before:
            self.finished_rounds.append(round_before)
        return way

    def tell(self, kind: str, data: Mapping[str, Any] | None = None, *, key: str = "", digest: str = "") -> Past:
        """Say something on the case's own stream, which the citizen reads too; `key` and `digest` as in `append`."""
        return self._say(self.case.stream_name, kind, data, key, digest)

    def note(self, kind: str, data: Mapping[str, Any] | None = None) -> Past:
        """Say something on the office's file."""
        return self._say(self.case.file_stream_name, kind, data)

    def _say(self, stream: str, kind: str, data: Mapping[str, Any] | None, key: str = "", digest: str = "") -> Past:
        written = closed(self.case, {**(data or {}), "status": self.case.status, "version": self.next_version})
        by_id, sender = self.person.pk if self.person else None, self.by.key if self.by else ""
        self.said.append(Past(stream, kind, self.at, written, by_id, sender, key, digest))
        return self.said[-1]

    def write(self) -> None:
        """Write what was said, and tell those who are to hear of it."""
        notify_many([telling for tell in self.later for telling in tell()], at=self.at, said=self.said)

    def touch_all(self) -> None:
        """Remember the to-do lists in which the open tasks stand."""
        for task in self.engine.tasks:
            self.touch(task)

    def touch(self, task: Task | None) -> None:
        """Remember whose to-do lists have moved."""
        if task is not None:
            self.touched |= {f"todo-unit-{task.unit_id}"} if task.unit_id else set()
            self.touched |= {f"todo-person-{task.assignee_id}"} if task.assignee_id else set()


def closed(case: Case, data: dict[str, Any]) -> dict[str, Any]:
    """Return an entry's data; in a confidential case what people wrote is sealed with the case's key."""
    words = {key: data[key] for key in WORDS if data.get(key)}
    if not case.confidential or not words:
        return data
    sealed = seal(json.dumps(words).encode(), f"entry-{case.number}", case_key(case))
    rest = {key: value for key, value in data.items() if key not in words}
    return rest | {"sealed": base64.b64encode(sealed).decode()}


# What every step reads; the text of a process is read once for all its cases: see definition_of.
LOCKED: Prepared[Case] = Prepared(
    lambda: (
        Case.objects.select_for_update(of=("self",))
        .select_related("process", "unit", "mailbox__unit", "citizen", "contact")
        .defer("process__definition")
        .filter(pk=Given("case"))
    )
)


def locked(case_id: int) -> Case:
    """Return the case, locked until the transaction ends. Raises NotFound."""
    case = LOCKED.first(case=case_id)
    if case is None:
        raise rules.NotFound()
    return case


@contextmanager
def turn(
    *, case_id: int, by: Viewer, action: str, version: int | None = None, at: datetime | None = None
) -> Iterator[Turn]:
    """Open a turn for `action`: the case is locked, the viewer's right and the version are checked; saved at the end.

    Raises NotFound to those who may not see the case, Conflict when the page showed an older version, WrongStatus
    when the action is not possible at this step, NotYours when it is somebody else's to do.
    """
    with transaction.atomic():
        case = locked(case_id)
        moment = at or timezone.now()
        standing = Standing(by, case, moment, Engine(case, moment))
        check(standing, action, version)
        current = Turn(case, standing.engine, by, moment)
        current.touch_all()
        yield current
        finish(current)


@contextmanager
def clock_turn(case: Case, at: datetime) -> Iterator[Turn]:
    """Open a turn that nobody takes but the clock, for a case that is locked already."""
    current = Turn(case, Engine(case, at), None, at)
    current.touch_all()
    yield current
    finish(current)


def check(standing: Standing, action: str, version: int | None) -> None:
    """Raises what `turn` raises."""
    viewer, case = standing.viewer, standing.case
    if not standing.party and not standing.office and not had_it(viewer, case):
        raise rules.NotFound()
    if version is not None and version != case.version:
        raise rules.Conflict(last_act(case))
    if standing.may(action):
        return
    if version is not None and standing.outrun:
        raise rules.Conflict(last_act(case))
    above = action in SUPERVISION and supervises(standing)
    if standing.party or standing.works or above or had_it(viewer, case):
        raise rules.WrongStatus()
    raise rules.NotYours()


def finish(current: Turn) -> None:
    """Save the case, write the facts of finished rounds and ring for the lists that moved."""
    from .facts import write_fact

    case = current.case
    if case.status in rules.CLOSED and case.concluded_at is None:
        case.concluded_at = current.at
    if {"due_at", "dispatched_at"} & {*current.changed}:
        case.yellow_at = yellow_at(case, current.engine)
    case.version = current.next_version
    change(case, *current.changed)
    current.write()
    for number in current.finished_rounds:
        write_fact(case, number)
    if not current.read_by <= offices_of(case, current.engine.tasks):
        # Another desk has it now: sockets of the one before lose their right.
        retract(case.stream_name, case.file_stream_name)
    current.touch_all()
    ring_lists(current.touched | board_streams(case, current.began_at, current.desk))


def yellow_at(case: Case, engine: Engine) -> datetime | None:
    """Return when the case's light turns yellow by the due time in force."""
    if case.due_at is None:
        return None
    percent = engine.definition.norms["yellow_percent"]
    return yellow_of(engine.clock, case.dispatched_at or case.received_at, case.due_at, percent)


def end_pause(current: Turn) -> None:
    """End a pause that the office had asked for, because the work goes on; a question's pause ends with its step."""
    case, engine = current.case, current.engine
    if engine.node is not None and engine.node.pauses:
        return
    pause = engine.pause
    if pause is None or pause.due_before is None:
        return
    pause.ended_at = max(current.at, pause.started_at)
    pause.save(update_fields=["ended_at"])
    stood = engine.clock.minutes_between(pause.started_at, pause.ended_at)
    engine.set_due(engine.clock.due_in_minutes(pause.due_before, stood))
    due = case.due_at.isoformat() if case.due_at else None
    current.tell("case.resumed", {"due_at": due, "cause": pause.cause})


def put_due(current: Turn, due: datetime) -> datetime:
    """Put into force what is due without the pause that may last, and return it with the pause.

    When the clock runs again, the due time is worked out anew from what is due without it.
    """
    pause, engine = current.engine.pause, current.engine
    if pause is not None and pause.due_before is not None:
        pause.due_before = due
        pause.save(update_fields=["due_before"])
    in_force = engine.with_pause(due)
    engine.set_due(in_force)
    return in_force


def ring_lists(streams: Iterable[str]) -> None:
    """After the commit, tell the watchers of these lists and boards that their counts have moved; lossy, cheap."""
    from journal.ring import whisper

    def ring() -> None:
        for stream in wanted:
            whisper(stream, "todo.changed", {})

    wanted = sorted(streams)
    if wanted:
        transaction.on_commit(ring, robust=True)
