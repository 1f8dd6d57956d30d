"""Turning checked rows into cases with all that belongs to them, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import Unit
from journal.history import Past

from ..actions import new_number
from ..actions.processes import newest_or_shipped
from ..models import Case, Process, Publication, Reply, Task
from ..queries import process_key
from ..queries.timeline import unit_data
from ..working_time import WorkClock, clock_for
from .bundles import Bundle, write_bundles
from .incoming import Incoming
from .years import Years

# The step that an imported case waits at, by its status; the others are finished and wait for nobody.
NODES = {
    Case.Status.RECEIVED: ("register", "intake_officer"),
    Case.Status.IN_PROGRESS: ("handle", "handler"),
}
CAUSE = "import"


class Store:
    """Writes batches of one run; keeps what every batch needs, so that a batch takes a handful of queries."""

    def __init__(self) -> None:
        self._units = {unit.pk: unit for unit in Unit.objects.all()}
        self._processes: dict[str, Process] = {}
        self._clocks: dict[int | None, WorkClock] = {}
        self._years = Years()

    def known(self, sources: Sequence[str]) -> set[str]:
        """Return which of the sources are stored already."""
        found = Case.objects.filter(source__in=sources).values_list("source", flat=True)
        return {source for source in found if source}

    def add(self, batch: Sequence[Incoming], at: datetime) -> None:
        """Store cases that are not there yet, all or none; `at` is the moment of the import."""
        if self._years.reach(batch):
            self._clocks.clear()
        write_bundles([self._bundle(row, at) for row in batch], self.clock)

    def clock(self, unit_id: int | None) -> WorkClock:
        """Return the working time of a unit; one query for each unit of a run."""
        if unit_id not in self._clocks:
            self._clocks[unit_id] = clock_for(self._units.get(unit_id) if unit_id else None)
        return self._clocks[unit_id]

    def _bundle(self, row: Incoming, at: datetime) -> Bundle:
        case = self._case(row)
        return Bundle(
            case,
            self._history(row, case),
            replies=[_reply(row, case)] if row.reply else [],
            publication=_publication(row, case, at) if row.published and row.reply else None,
            task=_task(row, case) if row.status in NODES else None,
        )

    def _case(self, row: Incoming) -> Case:
        return Case(
            number=new_number(),
            source=row.source,
            kind=row.kind,
            channel=row.channel,
            status=row.status,
            title=row.title,
            text=row.text,
            language=row.language,
            category=row.category,
            place=row.place,
            latitude=row.latitude,
            longitude=row.longitude,
            mailbox=row.mailbox,
            public=row.published,
            process=self._process(process_key(row.kind, row.mailbox)),
            unit_id=row.unit_id,
            received_at=row.received_at,
            first_response_at=row.answered_at,
            answered_at=row.answered_at,
            concluded_at=row.concluded_at,
            due_at=row.due_at,
        )

    def _process(self, key: str) -> Process:
        if key not in self._processes:
            self._processes[key] = newest_or_shipped(key)
        return self._processes[key]

    def _history(self, row: Incoming, case: Case) -> list[Past]:
        """Return the entries of what is known to have happened, at the times it happened."""
        unit = unit_data(self._units.get(row.unit_id)) if row.unit_id else None
        due = row.due_at.isoformat() if row.due_at else None
        start: dict[str, Any] = {"kind": row.kind, "channel": row.channel, "promised_at": None, "files": []}
        steps: list[tuple[str, datetime, dict[str, Any]]] = [("case.received", row.received_at, start)]
        if row.answered_at is not None:
            said = {"text": row.reply, "outcome": "", "unit": unit, "signed": None, "due_at": due}
            steps.append(("case.answered", row.answered_at, said))
        if row.concluded_at is not None:
            steps.append(("case.concluded", row.concluded_at, {"cause": CAUSE}))
        return [Past(case.stream_name, kind, moment, data) for kind, moment, data in steps]


def _reply(row: Incoming, case: Case) -> Reply:
    return Reply(
        case=case,
        state=Reply.State.SENT,
        text=row.reply,
        unit_id=row.unit_id,
        saved_at=row.answered_at or row.received_at,
        sent_at=row.answered_at or row.received_at,
    )


def _publication(row: Incoming, case: Case, at: datetime) -> Publication:
    return Publication(
        case=case,
        title=row.title,
        text=row.text,
        reply=row.reply,
        prepared_at=at,
        published_at=at,
        mailbox=row.mailbox,
        unit_id=row.unit_id,
        category=row.category,
        received_at=row.received_at,
        answered_at=row.answered_at or at,
    )


def _task(row: Incoming, case: Case) -> Task:
    """Return the open step; without a timer, for nobody here was given a time limit for it."""
    node, role = NODES[Case.Status(row.status)]
    return Task(
        case=case, node=node, role_needed=role, unit_id=row.unit_id, created_at=row.received_at, due_at=row.due_at
    )
