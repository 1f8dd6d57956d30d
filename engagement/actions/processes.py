"""Publishing processes: a version never changes, and running cases stay with the one they began with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from audit.actions import record

from ..models import Process
from ..processes.checks import check
from ..processes.definition import KEYS, checksum, shipped
from ..processes.engine import newest


@transaction.atomic
def publish_process(*, definition: Mapping[str, Any], by: Person | None = None, at: datetime | None = None) -> Process:
    """Publish a version of a process; the same definition again returns the version that has it.

    `by` is None for one that comes with the software.

    Raises BadInput with every problem of the definition.
    """
    checked, digest = check(definition), checksum(definition)
    last = Process.objects.select_for_update().filter(key=checked.key).order_by("-version").first()
    if last is not None and last.checksum == digest:
        return last
    made = Process.objects.create(
        key=checked.key,
        version=last.version + 1 if last else 1,
        name=str(definition.get("name", checked.key)),
        name_en=str(definition.get("name_en", "")),
        definition=dict(definition),
        checksum=digest,
        published_at=at or timezone.now(),
        published_by=by,
    )
    if by is not None:
        record("process.published", subject=f"process-{made.key}", facts={"version": made.version}, by=by.pk, at=at)
    return made


def load_processes(*, at: datetime | None = None) -> list[Process]:
    """Publish the processes that come with the software, each once: what a city has made its own stays the newest."""
    published = []
    for key in KEYS:
        raw = shipped(key)
        known = Process.objects.filter(key=key, checksum=checksum(raw)).first()
        own = Process.objects.filter(key=key, published_by__isnull=False).order_by("-version").first()
        published.append(known or own or publish_process(definition=raw, at=at))
    return published


def newest_or_shipped(key: str) -> Process:
    """Return the newest version of the process; in a house that has none yet, the one that comes with the software."""
    return newest(key) or publish_process(definition=shipped(key))
