"""A room of Openhall that everybody may follow and speak in, for the fan-out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.rules import RuleBroken, clean_text
from accounts.viewers import Viewer
from journal.actions import append_once, digest_of
from journal.history import Past, append_many
from journal.voices import Said, Saying


def anybody(viewer: Viewer, key: str) -> bool:
    """Let everybody follow."""
    return True


def say(*, viewer: Viewer, key: str, client_key: str, text: str, files: list[Any] | None) -> tuple[int, datetime]:
    """Say something: a real entry, idempotent by its key, as in every room."""
    text = clean_text(text, most=4000, least=1)
    with transaction.atomic():
        entry, _new = append_once(
            f"open-{key}", "message.said", {"text": text}, sender=viewer.key, by=viewer.person, key=client_key
        )
    return entry.seq, entry.at


def say_together(sayings: Sequence[Saying]) -> list[Said | RuleBroken]:
    """Say many things at once, their keys taken for new, as the talks' own does."""
    try:
        return _store(sayings)
    except IntegrityError:
        return [say(viewer=one.viewer, key=one.stream.partition("-")[2], client_key=one.client_key, text=one.text,
                    files=one.files) for one in sayings]  # fmt: skip


@transaction.atomic
def _store(sayings: Sequence[Saying]) -> list[Said | RuleBroken]:
    at, fresh = timezone.now(), []
    for one in sayings:
        text = clean_text(one.text, most=4000, least=1)
        by_id = one.viewer.person.pk if one.viewer.person else None
        fresh.append(
            Past(one.stream, "message.said", at, {"text": text}, by_id, one.viewer.key, one.client_key, digest_of(text))
        )
    return [(place.seq, at) for place in append_many(fresh)]
