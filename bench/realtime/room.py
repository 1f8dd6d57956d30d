"""A room of Openhall that everybody may follow and speak in, for the fan-out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.rules import RuleBroken, clean_text
from accounts.viewers import Viewer
from journal.actions import append_once, digest_of
from journal.history import Past, append_many
from journal.queries import Once, entries_of_keys
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


@transaction.atomic
def say_together(sayings: Sequence[Saying]) -> list[Said | RuleBroken]:
    """Say many things at once, as the talks' own does."""
    at = timezone.now()
    said: dict[Once, Any] = {}
    said.update(entries_of_keys((one.stream, one.viewer.key, one.client_key) for one in sayings))
    fresh = []
    for one in sayings:
        once = one.stream, one.viewer.key, one.client_key
        if once not in said:
            text = clean_text(one.text, most=4000, least=1)
            by_id = one.viewer.person.pk if one.viewer.person else None
            past = Past(one.stream, "message.said", at, {"text": text}, by_id, once[1], once[2], digest_of(text))
            said[once] = past
            fresh.append(past)
    places = {id(past): place for past, place in zip(fresh, append_many(fresh), strict=True)}
    found = [said[one.stream, one.viewer.key, one.client_key] for one in sayings]
    return [(places[id(past)].seq if id(past) in places else past.seq, past.at) for past in found]
