"""A room of Openhall that everybody may follow and speak in, for the fan-out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.rules import clean_text
from accounts.viewers import Viewer
from journal.actions import Words, append_once, append_together, digest_of
from journal.models import Entry
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
def say_together(sayings: Sequence[Saying]) -> list[Said | None]:
    """Say many things at once; keys that were used before are left to `say`."""
    at = timezone.now()
    keys = {saying.client_key for saying in sayings}
    used = set(Entry.objects.filter(stream__name__in={s.stream for s in sayings}, key__in=keys).values_list("key", flat=True))
    words = [
        Words(
            one.stream, "message.said", {"text": clean_text(one.text, most=4000, least=1)}, one.viewer.key,
            one.viewer.person.pk if one.viewer.person else None, at, one.client_key, digest_of(one.text),
        )
        for one in sayings
        if one.client_key not in used
    ]  # fmt: skip
    numbered = iter(append_together(words))
    return [None if one.client_key in used else (next(numbered), at) for one in sayings]
