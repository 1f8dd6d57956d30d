"""Files of cases: who may read which, and their content."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from accounts.sealing import SealBroken, unseal
from accounts.viewers import Viewer

from .. import rules
from ..models import Attachment, Case
from ..rules import files as checking
from .rights import is_party, office_cases, reads_file, visible_to
from .sealed import case_key


def attachment_for(viewer: Viewer, key: str) -> Attachment:
    """Return the file if the viewer may read it. Raises NotFound."""
    if not key.isascii() or not key.isalnum() or len(key) > 32:
        raise rules.NotFound()
    found = Attachment.objects.filter(readable(viewer), key=key).select_related("case").first()
    if found is None:
        raise rules.NotFound()
    return found


def readable(viewer: Viewer) -> Q:
    """Return the condition on files the viewer may read: the office's own ones only for the office."""
    parties = Q(audience=Attachment.Audience.PARTIES, case__in=visible_to(viewer).values("pk"))
    return parties | Q(case__in=office_cases(viewer).values("pk"))


def attachments_of(viewer: Viewer, case: Case) -> list[Attachment]:
    """Return the files of a case in hand that the viewer may read, in the order they came; see `readable`."""
    found = Attachment.objects.filter(case=case).order_by("pk")
    if reads_file(viewer, case):
        return list(found)
    return list(found.filter(audience=Attachment.Audience.PARTIES)) if is_party(viewer, case) else []


def path_of(key: str) -> Path:
    """Return where the sealed content of a file lies."""
    return Path(settings.MEDIA_ROOT) / "cases" / key[:2] / key


def open_file(attachment: Attachment) -> bytes:
    """Return the content. Raises NotFound when the sealed bytes are gone or were changed."""
    try:
        sealed = path_of(attachment.key).read_bytes()
        return unseal(sealed, f"file-{attachment.key}", case_key(attachment.case))
    except (OSError, SealBroken):
        raise rules.NotFound() from None


attachment_content = open_file


def check_files(uploads: Iterable[Any]) -> None:
    """Check files before they are sent with a form. Raises BadInput as filing would."""
    checking.check_all(uploads)
