"""Opening the words of a talk that were changed or taken back: under an open supervision, for a reason, and logged."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.rules import clean_text
from accounts.viewers import Viewer
from journal.actions import append_once
from journal.rules import check_client_key

from .. import queries, rules
from .locks import lock_talk, record


@transaction.atomic
def open_kept(
    *, number: str, by: Viewer, reason: str, client_key: str, at: datetime | None = None
) -> list[queries.Kept]:
    """Return what the talk's messages said before; who asked and why is kept with them, and the talk shows it.

    The same `client_key` again is logged once. Raises NotYours for everybody without an open supervision of the talk,
    BadInput without a reason.
    """
    at = at or timezone.now()
    client_key = check_client_key(client_key)
    why = clean_text(reason, most=300, least=4, field="reason", newlines=False)
    talk = lock_talk(number=number)
    if by.person is None or queries.seat_of(talk, by) != rules.WATCHER:
        raise rules.NotYours()
    name, stream = str(by.person), talk.kept_name
    told = {"reason": why, "name": name}
    _entry, is_new = append_once(stream, "kept.opened", told, sender=by.key, key=client_key, by=by.person, at=at)
    if is_new:
        record(talk, "talk.kept_opened", {"name": name, "side": rules.WATCHER}, by=by, at=at)
    return queries.kept_words(talk)
