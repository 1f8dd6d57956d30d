"""Files of talks: who may read which, and their content."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db.models import CharField

from accounts.prepared import Given, Prepared
from accounts.sealing import SealBroken, unseal
from accounts.viewers import Viewer
from engagement.queries import visible_to as cases_visible_to

from .. import rules
from ..models import TalkFile, TalkKey
from .rooms import rooms_visible_to
from .talks import seat_of

FOUND: Prepared[TalkFile] = Prepared(
    lambda: TalkFile.objects.filter(key=Given("key", CharField()), gone_at=None).select_related("talk")
)


def file_for(viewer: Viewer, key: str) -> TalkFile:
    """Return the file if the viewer may read it: who reads the talk or room, and who may read the case it became.

    A file that no message carries yet is its sender's alone. Raises NotFound.
    """
    if not key.isascii() or not key.isalnum() or len(key) > 32:
        raise rules.NotFound()
    found = FOUND.first(key=key)
    if found is None or not (_may_read(found, viewer) if found.seq is not None else _is_sender(found, viewer)):
        raise rules.NotFound()
    return found


def _may_read(found: TalkFile, viewer: Viewer) -> bool:
    if found.talk is None:
        return found.room_id is not None and rooms_visible_to(viewer).filter(pk=found.room_id).exists()
    with suppress(rules.NotYours):
        return bool(seat_of(found.talk, viewer))
    return found.talk.case_id is not None and cases_visible_to(viewer).filter(pk=found.talk.case_id).exists()


def _is_sender(found: TalkFile, viewer: Viewer) -> bool:
    if found.talk is None:
        return found.sender == viewer.key and _may_read(found, viewer)
    with suppress(rules.NotYours):
        return rules.voice_of(found.talk, viewer, seat_of(found.talk, viewer)) == found.sender
    return False


def file_path(key: str, *, small: bool = False) -> Path:
    """Return where the sealed content of a file lies, or of its small copy."""
    return Path(settings.MEDIA_ROOT) / "talks" / key[:2] / (f"{key}.small" if small else key)


def file_content(row: TalkFile, *, small: bool = False) -> bytes:
    """Return the content. Raises NotFound when the sealed bytes are gone or were changed."""
    try:
        kept = TalkKey.objects.select_related("talk").get(talk=row.talk_id, room=row.room_id)
        key = unseal(kept.key, kept.context)
        sealed = file_path(row.key, small=small).read_bytes()
        return unseal(sealed, f"{'small' if small else 'file'}-{row.key}", key)
    except (OSError, SealBroken, TalkKey.DoesNotExist):
        raise rules.NotFound() from None
