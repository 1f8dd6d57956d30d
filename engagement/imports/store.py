"""Storing checked cases in bulk: rows, journal, replies, public copies, facts and the search index together."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Unit
from journal.history import Past, append_history
from search.actions import Text, index_many

from ..actions import fact_row
from ..models import Case, CaseFact, Process, Publication, Reply, Task
from ..processes.engine import newest
from ..queries import process_key, unit_data
from ..rules import NUMBER_LENGTH, SIGNS
from ..working_time import WorkClock, clock_for
from .incoming import Incoming

# An imported case's first step here, by its status; the others are finished and wait for nobody.
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

    def known(self, sources: Sequence[str]) -> set[str]:
        """Return which of the sources are stored already."""
        return set(Case.objects.filter(source__in=sources).values_list("source", flat=True))

    @transaction.atomic
    def add(self, batch: Sequence[Incoming], at: datetime) -> None:
        """Store cases that are not there yet, all or none; `at` is the moment of the import."""
        cases = Case.objects.bulk_create([self._case(row) for row in batch])
        pairs = list(zip(batch, cases, strict=True))
        append_history([past for row, case in pairs for past in self._history(row, case, at)])
        Reply.objects.bulk_create([_reply(row, case) for row, case in pairs if row.reply])
        public = [(row, case) for row, case in pairs if row.published and row.reply]
        Publication.objects.bulk_create([_publication(row, case, at) for row, case in public])
        CaseFact.objects.bulk_create([self._fact(case) for row, case in pairs if row.concluded_at])
        Task.objects.bulk_create([_task(row, case) for row, case in pairs if row.status in NODES])
        index_many([_text(row, case) for row, case in public])

    def _case(self, row: Incoming) -> Case:
        return Case(
            number="".join(secrets.choice(SIGNS) for _ in range(NUMBER_LENGTH)),
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
            found = newest(key)
            if found is None:
                raise Process.DoesNotExist(key)
            self._processes[key] = found
        return self._processes[key]

    def _clock(self, unit_id: int | None) -> WorkClock:
        if unit_id not in self._clocks:
            self._clocks[unit_id] = clock_for(self._units.get(unit_id) if unit_id else None)
        return self._clocks[unit_id]

    def _fact(self, case: Case) -> CaseFact:
        return fact_row(case, self._clock(case.unit_id))

    def _history(self, row: Incoming, case: Case, at: datetime) -> list[Past]:
        """Return the entries of what is known to have happened, at the times it happened."""
        unit = unit_data(self._units.get(row.unit_id)) if row.unit_id else None
        start = {"kind": row.kind, "channel": row.channel, "promised_at": None, "files": []}
        past = [Past(case.stream_name, "case.received", row.received_at, start)]
        if row.answered_at is not None:
            said = {"text": row.reply, "outcome": "", "unit": unit, "signed": "", "due_at": None}
            past.append(Past(case.stream_name, "case.answered", row.answered_at, said))
        if row.concluded_at is not None:
            past.append(Past(case.stream_name, "case.concluded", row.concluded_at, {"cause": CAUSE}))
        if row.published and row.reply:
            past.append(Past(case.stream_name, "case.published", at))
        return past


def _reply(row: Incoming, case: Case) -> Reply:
    return Reply(
        case=case, state=Reply.State.SENT, text=row.reply, unit_id=row.unit_id, saved_at=row.answered_at,
        sent_at=row.answered_at,
    )  # fmt: skip


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


def _text(row: Incoming, case: Case) -> Text:
    return Text(
        room="case",
        ref=case.number,
        title=row.title,
        text=f"{row.text}\n\n{row.reply}",
        url=f"/letters/{case.number}/",
        at=row.answered_at or timezone.now(),
        language=row.language,
    )
