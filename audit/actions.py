"""Recording, linking, signing and pruning: the only ways in which the audit log changes."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.acting import acting

from . import rules
from .models import Chain, Checkpoint, Link, Record, Waiting
from .queries import as_line

PER_TURN = 500
# How many stretches between checkpoints one run removes at most.
STRETCHES = 50
log = logging.getLogger("openhall.audit")


@transaction.atomic
def record(
    kind: str, *, subject: str = "", facts: Mapping[str, Any] | None = None, by: int | None = None,
    at: datetime | None = None,
) -> Record:  # fmt: skip
    """Write down that somebody did something, in the transaction of the deed: both are kept or neither.

    `by` is a person's id, by default whoever the request comes from. Raises NotARecord for anything but ids. Nothing
    waits for anybody here: the record gets its place in the chain from `link_records`, a moment after the commit.
    """
    rules.check_record(kind, subject, facts or {})
    who = acting()
    made = Record.objects.create(
        at=at or timezone.now(),
        kind=kind,
        actor=by if by is not None else who.person_id,
        subject=subject,
        facts=dict(facts or {}),
        via=who.via,
        request=str(import_string(settings.REQUEST_ID)()),
    )
    Waiting.objects.create(record=made.pk)
    return made


def link_records() -> int:
    """Give every committed record its place in the chain, for the worker; return how many."""
    done = 0
    # Looked at first without a lock: nothing new is the rule.
    while Waiting.objects.exists():
        count = _link_some()
        done += count
        if count < PER_TURN:
            break
    return done


@transaction.atomic
def _link_some() -> int:
    # One at a time, so that there is one chain whatever many processes do.
    Chain.objects.get_or_create(pk=1)
    Chain.objects.select_for_update().get(pk=1)
    ids = list(Waiting.objects.order_by("record").values_list("record", flat=True)[:PER_TURN])
    last = Link.objects.order_by("-seq").first()
    seq, before = (last.seq, last.hash) if last else _start()
    links = []
    for found in Record.objects.filter(pk__in=ids).order_by("pk"):
        seq, before = seq + 1, rules.hash_of(before, seq + 1, found)
        links.append(Link(seq=seq, record=found.pk, hash=before))
    Link.objects.bulk_create(links)
    Waiting.objects.filter(record__in=ids).delete()
    return len(ids)


def _start() -> tuple[int, str]:
    """Return where an empty chain goes on: at the last checkpoint, when all that was before it was pruned."""
    last = Checkpoint.objects.order_by("-seq").first()
    return (last.seq, last.hash) if last else (0, rules.START)


def make_checkpoint(at: datetime | None = None) -> Checkpoint | None:
    """Sign how far the chain reaches; write it to the file of checkpoints and to the log, which others keep.

    None when it reaches no further than the last one says.
    """
    head = Link.objects.order_by("-seq").first()
    moment = at or timezone.now()
    if head is None:
        return None
    signature, key = rules.sign(head.seq, head.hash, moment)
    made, new = Checkpoint.objects.get_or_create(
        seq=head.seq, key=key, defaults={"hash": head.hash, "at": moment, "signature": signature}
    )
    if not new:
        return None
    told = as_line(made)
    log.info("audit checkpoint", extra={"facts": {"checkpoint": told}})
    if settings.AUDIT_CHECKPOINTS:
        _keep(Path(settings.AUDIT_CHECKPOINTS), told)
    return made


def _keep(path: Path, line: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(json.dumps(line) + "\n")
    except OSError:
        log.exception("the file of checkpoints cannot be written")


def tend_log(at: datetime | None = None) -> int:
    """Link, sign, and remove what is older than its period, up to a signed checkpoint; return how many records went.

    The checkpoint before the first record that stays is kept: the chain is verified from there on.
    """
    moment = at or timezone.now()
    link_records()
    make_checkpoint(moment)
    first = Link.objects.order_by("seq").first()
    if first is None:
        return 0
    # Whole stretches between two checkpoints only, so that what stays still has a signed beginning.
    old = Checkpoint.objects.filter(seq__gte=first.seq, at__lt=moment - rules.kept_for()).order_by("seq")
    borders = [border.seq for border in old[:STRETCHES]]
    return _prune(borders[-1], moment) if borders else 0


@transaction.atomic
def _prune(border: int, at: datetime) -> int:
    links = Link.objects.filter(seq__lte=border)
    ids = list(links.values_list("record", flat=True))
    links.delete()
    gone = 0
    for start in range(0, len(ids), PER_TURN):
        gone += Record.objects.filter(pk__in=ids[start : start + PER_TURN]).delete()[0]
    record("audit.pruned", facts={"up_to": border, "records": gone}, at=at)
    return gone
