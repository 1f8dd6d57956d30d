"""Files of talks and rooms: checked by the rules of cases, sealed on disk, forgotten when nobody sends them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.sealing import new_key, seal, unseal
from accounts.viewers import Viewer
from engagement.actions.files import keeping_files, write_sealed
from engagement.rules.files import Checked, check_file, small_picture
from journal.rules import check_client_key

from .. import queries, rules
from ..models import Room, Talk, TalkFile, TalkKey
from .locks import lock_room, lock_talk, seat_in

# A file that no message carries by then was thought better of.
UNSENT = timedelta(hours=24)
BATCH = 200


def add_file(*, viewer: Viewer, key: str, client_key: str, upload: Any, at: datetime | None = None) -> TalkFile:
    """Add a file to the talk with the number `key`, for a message that will carry it.

    The same `client_key` again gives the same file. Raises NotYours, WrongStatus, BadInput for a file that may not
    be kept or a talk that is full, Conflict for the key with another file.
    """
    client_key = check_client_key(client_key)
    queries.seat_of(queries.talk_for(viewer, key), viewer)
    # Before the lock: looking at a large picture takes a while.
    checked = check_file(upload)
    small = small_picture(checked)
    with keeping_files(), transaction.atomic():
        talk = lock_talk(number=key)
        side = queries.seat_of(talk, viewer)
        voice = rules.voice_of(talk, viewer, side)
        known = _known(talk, voice, client_key, checked)
        if known is not None:
            return known
        rules.check_possible(talk, f"say_{side}")
        rules.check_space(*_sums(talk, checked))
        return _keep(talk, voice, client_key, checked, small, at or timezone.now())


def add_room_file(
    *, viewer: Viewer, room_id: int, client_key: str, upload: Any, at: datetime | None = None
) -> TalkFile:
    """Add a file to a room of officials, for a message that will carry it; the same `client_key` gives the same file.

    Raises NotYours, WrongStatus for an interview, whose readers get no files, BadInput, Conflict.
    """
    client_key = check_client_key(client_key)
    checked = check_file(upload)
    small = small_picture(checked)
    with keeping_files(), transaction.atomic():
        room = lock_room(room_id)
        seat_in(room, viewer)
        if room.kind == Room.Kind.INTERVIEW:
            raise rules.WrongStatus()
        known = _known(room, viewer.key, client_key, checked)
        if known is not None:
            return known
        rules.check_space(*_sums(room, checked), rules.ROOM_BYTES, rules.ROOM_FILES)
        return _keep(room, viewer.key, client_key, checked, small, at or timezone.now())


def unsent_files(home: Talk | Room, voice: str, keys: tuple[str, ...]) -> list[TalkFile]:
    """Return the sender's own files that no message carries yet, in the order asked. Raises BadInput."""
    found = TalkFile.objects.filter(**_of(home), sender=voice, key__in=keys, seq=None) if keys else []
    rows = {row.key: row for row in found}
    if len(rows) != len(keys):
        raise rules.no_such_file()
    return [rows[key] for key in keys]


def _of(home: Talk | Room) -> dict[str, Any]:
    return {"talk": home} if isinstance(home, Talk) else {"room": home}


def _known(home: Talk | Room, voice: str, client_key: str, checked: Checked) -> TalkFile | None:
    known = TalkFile.objects.filter(**_of(home), sender=voice, client_key=client_key).first()
    if known is not None:
        rules.check_repeat(hashlib.sha256(checked.content).hexdigest(), known.digest)
    return known


def _sums(home: Talk | Room, checked: Checked) -> tuple[int, int]:
    sums = TalkFile.objects.filter(**_of(home)).aggregate(size=Sum("size"), count=Count("pk"))
    return (sums["size"] or 0) + len(checked.content), sums["count"] + 1


def _keep(
    home: Talk | Room,
    voice: str,
    client_key: str,
    checked: Checked,
    small: tuple[bytes, int, int] | None,
    at: datetime,
) -> TalkFile:
    name, key = secrets.token_hex(16), _key_of(home)
    write_sealed(queries.file_path(name), seal(checked.content, f"file-{name}", key))
    if small:
        write_sealed(queries.file_path(name, small=True), seal(small[0], f"small-{name}", key))
    return TalkFile.objects.create(
        key=name,
        **_of(home),
        sender=voice,
        client_key=client_key,
        name=checked.name,
        media_type=checked.media_type,
        size=len(checked.content),
        digest=hashlib.sha256(checked.content).hexdigest(),
        width=small[1] if small else None,
        height=small[2] if small else None,
        added_at=at,
    )


def _key_of(home: Talk | Room) -> bytes:
    context = TalkKey(**_of(home)).context
    kept, _made = TalkKey.objects.get_or_create(**_of(home), defaults={"key": new_key(context)})
    return unseal(kept.key, context)


def drop_file(*, viewer: Viewer, key: str) -> None:
    """Take back a file of one's own that no message carries. Raises NotFound."""
    with transaction.atomic():
        row = queries.file_for(viewer, key)
        row = TalkFile.objects.select_for_update().get(pk=row.pk)
        if row.seq is not None:
            raise rules.NotFound()
        forget_rows([row])


def forget_unsent_files(at: datetime | None = None) -> int:
    """Remove files that were added a day ago and never sent, for the worker; return how many."""
    old = TalkFile.objects.filter(seq=None, added_at__lt=(at or timezone.now()) - UNSENT)
    if not old.exists():
        return 0
    with transaction.atomic():
        rows = list(old.select_for_update(skip_locked=True)[:BATCH])
        forget_rows(rows)
    return len(rows)


def forget_rows(rows: list[TalkFile]) -> None:
    """Remove the files' rows now, and their sealed contents from the disk once that is certain."""
    paths = [queries.file_path(row.key, small=small) for row in rows for small in (False, True)]
    TalkFile.objects.filter(pk__in=[row.pk for row in rows]).delete()

    def remove() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    # Only once the rows are gone for certain.
    transaction.on_commit(remove)
