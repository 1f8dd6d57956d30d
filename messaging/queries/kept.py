"""What messages of a talk said before they were changed or taken back."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from accounts.sealing import SealBroken, unseal
from journal.models import Entry

from ..models import Talk


@dataclass(frozen=True)
class Kept:
    """What the message with the number `seq` said before the time `at`, when its author changed or took it back."""

    seq: int
    at: datetime
    side: str
    name: str
    text: str
    files: tuple[str, ...]


def kept_count(talk: Talk) -> int:
    """Return how many messages of the talk were changed or taken back, each time counted."""
    return Entry.objects.filter(stream__name=talk.kept_name, kind="message.kept").count()


def kept_words(talk: Talk) -> list[Kept]:
    """Return what stood there before, in the order of the changes; only for who may open it (`open_kept`)."""
    entries = Entry.objects.filter(stream__name=talk.kept_name, kind="message.kept").order_by("seq")
    return [_opened(talk, entry) for entry in entries[:1000]]


def _opened(talk: Talk, entry: Entry) -> Kept:
    seq = int(entry.data["seq"])
    try:
        data = json.loads(unseal(base64.b64decode(entry.data["sealed"]), f"{talk.kept_name}-{seq}"))
    except SealBroken:
        # No key of this installation opens it any more.
        data = {}
    files = tuple(str(each.get("name", "")) for each in data.get("files", ()))
    return Kept(seq, entry.at, str(data.get("side", "")), str(data.get("name", "")), str(data.get("text", "")), files)
