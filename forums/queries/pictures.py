"""Where the pictures of posts lie, and who may look at one."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from accounts.rules import NotFound
from accounts.viewers import Viewer

from ..models import Picture
from ..rules import is_moderator
from .topics import topic_for

KEY = re.compile(r"[0-9a-f]{32}")


def path_of(key: str, small: bool = False) -> Path:
    """Return where the picture with the key lies."""
    return Path(settings.MEDIA_ROOT) / "forums" / key[:2] / f"{key}{'-small' if small else ''}.webp"


def picture_for(viewer: Viewer, key: str, small: bool = False) -> Path:
    """Return the file of a picture whose post the viewer may read. Raises NotFound."""
    found = Picture.objects.select_related("reply").filter(key=key).first() if KEY.fullmatch(key) else None
    if found is None:
        raise NotFound()
    topic_for(viewer, found.topic_id)
    reply, person = found.reply, viewer.person
    if reply is not None and not is_moderator(viewer):
        own = person is not None and reply.user_id == person.pk
        if reply.is_removed or (reply.held and not own):
            raise NotFound()
    path = path_of(key, small)
    if not path.exists():
        raise NotFound()
    return path
