"""Files chosen in a form that is not sent yet: kept sealed for a day, so that the summary page need not ask again."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.sealing import SealBroken, seal, unseal
from engagement.rules.files import Checked

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Held:
    """One kept file: `key` names it within its form, `size` is in bytes."""

    key: str
    name: str
    size: int
    content: bytes

    def as_upload(self) -> SimpleUploadedFile:
        """Return the file as if it had just been uploaded."""
        return SimpleUploadedFile(self.name, self.content)


def hold(token: str, files: Iterable[Checked]) -> None:
    """Keep the checked `files` for the form with this token."""
    files = list(files)
    if not files:
        return
    _sweep()
    folder = _folder(token)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in files:
        head = json.dumps({"name": file.name, "size": len(file.content)}).encode()
        # Time first: the files come back in the order in which they were chosen.
        path = folder / f"{time.time_ns():020d}{secrets.token_hex(4)}"
        path.write_bytes(seal(head + b"\n" + file.content, folder.name))


def held(token: str) -> list[Held]:
    """Return the files kept for the form, in the order in which they came."""
    folder = _folder(token)
    found = []
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        try:
            head, _newline, content = unseal(path.read_bytes(), folder.name).partition(b"\n")
        except (OSError, SealBroken):
            continue
        about = json.loads(head)
        found.append(Held(path.name, about["name"], about["size"], content))
    return found


def let_go(token: str, keys: Iterable[str] | None = None) -> None:
    """Forget the files of the form, or only those with the keys."""
    folder = _folder(token)
    if keys is None:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for key in keys:
        if key.isalnum():
            (folder / key).unlink(missing_ok=True)


def _folder(token: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "held" / hashlib.sha256(token.encode()).hexdigest()[:40]


def _sweep() -> None:
    """Remove what was chosen a day ago and never sent."""
    too_old = time.time() - KEPT_SECONDS
    for folder in (Path(settings.MEDIA_ROOT) / "held").glob("*"):
        try:
            if folder.stat().st_mtime < too_old:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
