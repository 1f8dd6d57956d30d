"""Pictures of posts: drawn anew without what a camera hid in them, made smaller, kept as files."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image

from accounts.models import Person
from accounts.rules import BadInput
from engagement.rules.files import IMAGES, check_file

from .. import rules
from ..models import Picture, Reply, Topic
from ..queries.pictures import path_of

# The longer side of what is shown, and of the small one in a post, in pixels.
LARGE, SMALL = 1600, 480
QUALITY = 80


@dataclass
class Drawn:
    """A picture on disk that no row names yet."""

    key: str
    width: int
    height: int
    kept: bool = False


@contextmanager
def drawn(uploads: Iterable[Any]) -> Iterator[list[Drawn]]:
    """Check the uploads and draw them anew before any row is locked; what no post has kept at the end goes again.

    Raises BadInput for what is no picture, too large or broken, and for too many.
    """
    made: list[Drawn] = []
    try:
        for upload in uploads:
            if len(made) == rules.MOST_PICTURES:
                most = rules.MOST_PICTURES
                told = ngettext("At most %(most)d picture, please.", "At most %(most)d pictures, please.", most)
                raise BadInput(told % {"most": most}, field="pictures", code="too_many")
            made.append(_drawn(upload))
        yield made
    except BaseException:
        _remove(made)
        raise
    _remove([one for one in made if not one.kept])


def keep_pictures(topic: Topic, reply: Reply | None, pictures: list[Drawn], by: Person, at: datetime) -> None:
    """Let the post have the pictures; a post keeps a copy of keys and sizes, so that pages ask no further."""
    if not pictures:
        return
    Picture.objects.bulk_create(
        [Picture(key=one.key, topic=topic, reply=reply, added_by=by, added_at=at) for one in pictures]
    )
    told = [{"key": one.key, "width": one.width, "height": one.height} for one in pictures]
    if reply is None:
        Topic.objects.filter(pk=topic.pk).update(pictures=told)
        topic.pictures = told
    else:
        Reply.objects.filter(pk=reply.pk).update(pictures=told)
        reply.pictures = told
    for one in pictures:
        one.kept = True


def _drawn(upload: Any) -> Drawn:
    if str(getattr(upload, "name", "")).rpartition(".")[2].lower() not in IMAGES:
        raise BadInput(_("Pictures are JPEG, PNG or WebP files."), field="pictures", code="bad_type")
    checked = check_file(upload)
    with Image.open(io.BytesIO(checked.content)) as opened:
        picture = opened.convert("RGBA" if opened.mode in ("RGBA", "LA", "PA") else "RGB")
    picture.thumbnail((LARGE, LARGE))
    found = Drawn(secrets.token_hex(16), picture.width, picture.height)
    _write(path_of(found.key), picture)
    picture.thumbnail((SMALL, SMALL))
    _write(path_of(found.key, small=True), picture)
    return found


def _write(path: Path, picture: Image.Image) -> None:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(out.getvalue())
        file.flush()
        # The row must not be committed before the bytes are.
        os.fsync(file.fileno())


def _remove(pictures: list[Drawn]) -> None:
    for one in pictures:
        path_of(one.key).unlink(missing_ok=True)
        path_of(one.key, small=True).unlink(missing_ok=True)
