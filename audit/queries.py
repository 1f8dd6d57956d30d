"""Who may read the audit log, what stands in it, and whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Person, Role
from accounts.rules import NotYours
from accounts.viewers import Viewer

from . import rules
from .guards import LEAST_DAYS
from .models import Checkpoint, Link, Record, Waiting

PAGE = 50
CHUNK = 2000


def visible_to(viewer: Viewer) -> QuerySet[Record]:
    """Return the records the viewer may read: all of them for auditors, none for everybody else."""
    return Record.objects.all() if viewer.holds(Role.AUDITOR) else Record.objects.none()


def check_reader(viewer: Viewer) -> None:
    """Raise NotYours unless the viewer is auditor."""
    if not viewer.holds(Role.AUDITOR):
        raise NotYours()


@dataclass(frozen=True)
class Row:
    """A record with the names of who did it and whom it was done to."""

    record: Record
    actor: str
    whom: str

    @property
    def label(self) -> str:
        """What happened, in the reader's words; its code when a later version does not know it any more."""
        return str(rules.KINDS.get(self.record.kind, self.record.kind))


def page_of(records: QuerySet[Record], before: int | None = None) -> tuple[list[Row], int | None]:
    """Return a page of rows, newest first, and the id that the next page begins before; None at the end."""
    found = records.order_by("-pk")
    if before:
        found = found.filter(pk__lt=before)
    page = list(found[: PAGE + 1])
    names = _names(page[:PAGE])
    rows = [Row(one, names.get(one.actor or 0, ""), names.get(_person_in(one.subject), "")) for one in page[:PAGE]]
    return rows, page[PAGE - 1].pk if len(page) > PAGE else None


def _person_in(subject: str) -> int:
    kind, _dash, number = subject.partition("-")
    return int(number) if kind == "person" and number.isdecimal() else 0


def _names(page: Iterable[Record]) -> dict[int, str]:
    ids = {one.actor for one in page if one.actor} | {_person_in(one.subject) for one in page} - {0}
    return {person.pk: f"{person} ({person.username})" for person in Person.objects.filter(pk__in=ids)}


@dataclass(frozen=True)
class Standing:
    """How the log stands: how far the chain reaches, what waits for its place, and the last checkpoint."""

    head: int
    waiting: int
    checkpoint: Checkpoint | None


def standing() -> Standing:
    """Return how the log stands."""
    head = Link.objects.order_by("-seq").values_list("seq", flat=True).first()
    return Standing(head or 0, Waiting.objects.count(), Checkpoint.objects.order_by("-seq", "-pk").first())


@dataclass
class Verdict:
    """What a verification found: how many records were read, the first fault of each kind, and notes."""

    read: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """A checkpoint, wherever it was kept."""

    seq: int
    hash: str
    at: datetime
    signature: str
    key: str


def checkpoints_in(path: Path) -> list[Kept]:
    """Return the checkpoints of a file kept elsewhere. Raises ValueError for one that cannot be understood."""
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            told = json.loads(line)
            at = parse_datetime(told["at"])
            if at is None:
                raise ValueError(f"not a time: {told['at']}")
            kept.append(Kept(int(told["seq"]), told["hash"], at, told["signature"], told["key"]))
    return kept


def verify(kept: Iterable[Kept] = (), at: datetime | None = None, most: int | None = None) -> Verdict:
    """Read the chain and say what does not fit, the first bad record by name.

    With `most` it begins at the latest checkpoint that leaves at least so many links to read, otherwise at the first.

    Checked: every link against its record and the one before; gaps; every checkpoint of the database and those
    `kept` elsewhere; records that were never linked; and a beginning that was removed before its time.
    """
    verdict = Verdict()
    marks = [Kept(one.seq, one.hash, one.at, one.signature, one.key) for one in Checkpoint.objects.all()]
    marks += list(kept)
    begin = _begin(marks, most) if most else None
    hashes = _walk(verdict, marks, begin, at or timezone.now())
    _check_marks(verdict, marks, hashes, begin.seq if begin else 0)
    linked = Link.objects.values("record")
    lost = Record.objects.exclude(pk__in=linked).exclude(pk__in=Waiting.objects.values("record")).order_by("pk").first()
    if lost is not None:
        verdict.faults.append(f"record {lost.pk} was never given its place in the chain, or was taken out of it")
    return verdict


def _begin(marks: list[Kept], most: int) -> Kept | None:
    head = standing().head
    far = [mark for mark in marks if mark.seq <= head - most and _is_ours(mark)]
    return max(far, key=lambda mark: mark.seq, default=None)


def _walk(verdict: Verdict, marks: list[Kept], begin: Kept | None, at: datetime) -> dict[int, str]:
    """Follow the chain; return the hashes at the numbers that checkpoints speak of."""
    wanted: set[int] = {mark.seq for mark in marks}
    hashes: dict[int, str] = {}
    expected, before = (begin.seq + 1, begin.hash) if begin else (1, rules.START)
    for seq, digest, found, number in _chain(expected - 1):
        if seq != expected:
            start = _start_of(seq - 1, marks, at) if expected == 1 else None
            if start is None:
                verdict.faults.append(f"links {expected} to {seq - 1} were removed")
                return hashes
            verdict.notes.append(f"records up to {seq - 1} were removed at the end of their period")
            before = start
        if found is None:
            verdict.faults.append(f"record {number}, link {seq}, was removed")
            return hashes
        if rules.hash_of(before, seq, found) != digest:
            verdict.faults.append(f"record {number}, link {seq}, was altered")
            return hashes
        verdict.read, expected, before = verdict.read + 1, seq + 1, digest
        if seq in wanted:
            hashes[seq] = digest
    return hashes


def _start_of(seq: int, marks: list[Kept], at: datetime) -> str | None:
    """Return the hash at which a pruned chain begins: that of a signed checkpoint older than the period."""
    old = at - timedelta(days=LEAST_DAYS)
    for mark in marks:
        if mark.seq == seq and mark.at < old and _is_ours(mark):
            return mark.hash
    return None


def _is_ours(mark: Kept) -> bool:
    return rules.is_signed(mark.seq, mark.hash, mark.at, mark.signature, mark.key)


def _chain(last: int) -> Iterator[tuple[int, str, Record | None, int]]:
    while links := list(Link.objects.filter(seq__gt=last).order_by("seq")[:CHUNK]):
        records = Record.objects.in_bulk([link.record for link in links])
        for link in links:
            yield link.seq, link.hash, records.get(link.record), link.record
        last = links[-1].seq


def _check_marks(verdict: Verdict, marks: list[Kept], hashes: dict[int, str], begin: int) -> None:
    head = Link.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    first = Link.objects.order_by("seq").values_list("seq", flat=True).first() or 0
    own, restores = rules.public_key(rules.signing_key()), _restores()
    for mark in sorted(marks, key=lambda one: one.seq):
        if not _is_ours(mark):
            verdict.faults.append(f"the checkpoint at link {mark.seq} has a wrong signature")
        elif mark.key != own:
            verdict.notes.append(f"the checkpoint at link {mark.seq} was signed by another key: {mark.key}")
        elif any(mark.at < moment and mark.seq > reached for moment, reached in restores):
            verdict.notes.append(f"the checkpoint at link {mark.seq} is of a time that a restore has taken back")
        elif mark.seq > head:
            verdict.faults.append(f"the chain ends at link {head}, but a checkpoint saw link {mark.seq}: truncated")
        elif mark.seq >= max(first, begin + 1) and not verdict.faults and hashes.get(mark.seq) != mark.hash:
            verdict.faults.append(f"the chain up to link {mark.seq} is not the one that the checkpoint saw: rewritten")


def _restores() -> list[tuple[datetime, int]]:
    """Return when the house was restored from a backup, and how far the chain reached in it."""
    found = Record.objects.filter(kind="backup.restored").order_by("pk")
    return [(one.at, int(one.facts.get("reached", 0))) for one in found]


def as_line(made: Checkpoint) -> dict[str, Any]:
    """Return the checkpoint as it is kept outside the database."""
    return {"seq": made.seq, "hash": made.hash, "at": made.at.isoformat(), "signature": made.signature, "key": made.key}


def checkpoints() -> list[dict[str, Any]]:
    """Return all checkpoints as they are kept elsewhere, oldest first."""
    return [as_line(one) for one in Checkpoint.objects.order_by("seq", "pk")]


def default_copy() -> Path | None:
    """Return the file of checkpoints that the worker writes, where it exists."""
    path = Path(settings.AUDIT_CHECKPOINTS) if settings.AUDIT_CHECKPOINTS else None
    return path if path and path.is_file() else None
