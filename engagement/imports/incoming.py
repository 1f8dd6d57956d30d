"""What a row of any file becomes before it is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..models import Case, Category, Mailbox
from .sheets import Row


@dataclass(frozen=True)
class Incoming:
    """A checked case from elsewhere, with its true times; `reply` is "" while nobody has answered.

    `source` names the system and its key, "letters_replied:2549", and is what a second run recognises it by.
    `published` means that anybody may read it, with names masked, as it was where it comes from.
    """

    source: str
    kind: str
    channel: str
    title: str
    text: str
    received_at: datetime
    language: str
    status: str = Case.Status.CONCLUDED
    reply: str = ""
    answered_at: datetime | None = None
    concluded_at: datetime | None = None
    due_at: datetime | None = None
    unit_id: int | None = None
    mailbox: Mailbox | None = None
    category: Category | None = None
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    published: bool = False


# Turns one row into a case to be stored. Raises RuleBroken with a sentence that says what is wrong with the row.
Reader = Callable[[Row], Incoming]
