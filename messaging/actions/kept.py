"""Opening words that were changed or taken back: by who supervises, for a reason, logged and shown where they stood."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.rules import clean_text
from accounts.viewers import Viewer
from audit import actions as audit
from journal.actions import append, append_once
from journal.rules import check_client_key

from .. import queries, rules
from ..models import Room, Talk
from .locks import lock_room, lock_talk, record


@transaction.atomic
def open_kept(
    *, number: str, by: Viewer, reason: str, client_key: str, at: datetime | None = None
) -> list[queries.Kept]:
    """Return what the talk's messages said before; who asked and why is kept with them, and the talk shows it.

    The same `client_key` again is logged once. Raises NotYours for everybody without an open supervision of the talk,
    BadInput without a reason.
    """
    at = at or timezone.now()
    talk = lock_talk(number=number)
    if by.person is None or queries.seat_of(talk, by) != rules.WATCHER:
        raise rules.NotYours()
    if _log(talk, by, reason, client_key, at):
        record(talk, "talk.kept_opened", {"name": str(by.person), "side": rules.WATCHER}, by=by, at=at)
    return queries.kept_words(queries.kept_of(talk))


@transaction.atomic
def open_kept_in_room(
    *, room_id: int, by: Viewer, reason: str, client_key: str, at: datetime | None = None
) -> list[queries.Kept]:
    """Return what officials whom the viewer supervises have changed or taken back in a room, as `open_kept` does.

    Raises NotFound where there is nothing that the viewer may open, BadInput without a reason.
    """
    at = at or timezone.now()
    room = lock_room(room_id)
    _room, kept = queries.kept_room(by, room.pk)
    if _log(room, by, reason, client_key, at):
        append(room.stream_name, "room.kept_opened", {"name": str(by.person)}, by=by.person, sender=by.key, at=at)
    return queries.kept_words(kept)


def _log(home: Talk | Room, by: Viewer, reason: str, client_key: str, at: datetime) -> bool:
    """Write down who opens the words and why; return False if it was written under this key before."""
    key = check_client_key(client_key)
    told = {"reason": clean_text(reason, most=300, least=4, field="reason", newlines=False), "name": str(by.person)}
    # Before the home's own stream: the order of the names.
    _entry, is_new = append_once(home.kept_name, "kept.opened", told, sender=by.key, key=key, by=by.person, at=at)
    if is_new and by.person is not None:
        audit.record("words.opened", subject=home.stream_name, by=by.person.pk, at=at)
    return is_new
