"""Keeping files: checked before, sealed on disk inside the transaction, gone again when it fails."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Count, Sum

from accounts.models import Person
from accounts.sealing import seal
from accounts.viewers import Viewer

from .. import rules
from ..models import Attachment, Case
from ..queries.files import open_file, path_of
from ..rules.files import CASE_BYTES, CASE_FILES, Checked, check_all
from .contacts import key_of
from .turns import turn

_written: ContextVar[list[Path] | None] = ContextVar("written", default=None)


@contextmanager
def keeping_files() -> Iterator[None]:
    """Remove from disk what was written inside, unless everything inside, its transaction too, went well."""
    if _written.get() is not None:
        yield
        return
    written: list[Path] = []
    mark = _written.set(written)
    try:
        yield
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    finally:
        _written.reset(mark)


def keep(
    case: Case, checked: Sequence[Checked], audience: str, by: Person | None, at: datetime
) -> list[dict[str, Any]]:
    """Seal the files and add their rows; returns what their entry says. Raises BadInput when the case is full.

    Call it inside `keeping_files` and the transaction.
    """
    if not checked:
        return []
    sums = Attachment.objects.filter(case=case).aggregate(size=Sum("size"), count=Count("pk"))
    size = (sums["size"] or 0) + sum(len(each.content) for each in checked)
    if size > CASE_BYTES or sums["count"] + len(checked) > CASE_FILES:
        raise rules.BadInput(rules.files_full(), field="files", code="too_large")
    key = key_of(case)
    return [_keep(case, each, audience, by, at, key) for each in checked]


def _keep(case: Case, each: Checked, audience: str, by: Person | None, at: datetime, key: bytes) -> dict[str, Any]:
    name = secrets.token_hex(16)
    write_sealed(path_of(name), seal(each.content, f"file-{name}", key))
    Attachment.objects.create(
        key=name,
        case=case,
        name=each.name,
        media_type=each.media_type,
        size=len(each.content),
        digest=hashlib.sha256(each.content).hexdigest(),
        audience=audience,
        added_by=by,
        added_at=at,
    )
    return {"key": name, "name": each.name, "size": len(each.content), "type": each.media_type}


def write_sealed(path: Path, sealed: bytes) -> None:
    """Write sealed bytes to the disk, for sure; inside `keeping_files`, which takes them away again on failure."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = _written.get()
    if written is None:
        raise RuntimeError("a file written outside keeping_files()")
    written.append(path)
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(sealed)
        file.flush()
        # The row must not be committed before the bytes are: after a power cut both are there, or only the bytes.
        os.fsync(file.fileno())


def add_file(
    *, case_id: int, by: Viewer, upload: Any, audience: str = Attachment.Audience.OFFICE, at: datetime | None = None
) -> Attachment:
    """Add one file to the case: the citizen's own for both sides, the office's for the audience it names.

    Raises BadInput for a file that may not be kept, NotYours, WrongStatus.
    """
    rules.check_choice(audience, Attachment.Audience.values, "audience")
    checked = check_all([upload])
    action = "add_file" if audience == Attachment.Audience.OFFICE or by.is_official else "add_to_case"
    with keeping_files(), turn(case_id=case_id, by=by, action=action, at=at) as current:
        kept = keep(current.case, checked, audience, current.person, current.at)
        if audience == Attachment.Audience.PARTIES:
            current.tell("case.added", {"text": "", "files": kept})
        else:
            current.note("file.attached", {"files": kept})
    return Attachment.objects.get(key=kept[0]["key"])


attach = add_file

__all__ = ["add_file", "attach", "keep", "keeping_files", "open_file", "write_sealed"]
