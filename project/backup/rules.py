"""What a backup may hold, which one fits this house, and what is said when it does not."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import IO

from django.conf import settings

FORMAT = 1
MANIFEST, DATABASE, FILES = "manifest.json", "database.gz", "files/"
PIECE = 1024 * 1024
# Below the files, by plain steps downwards: anything else in an archive was put there.
_NAME = re.compile(r"files(/[^/\\\x00-\x1f\x7f]{1,250}){1,12}")


class BackupRefused(Exception):
    """A backup cannot be made, trusted or brought back; `str()` says why and what to do."""


def check_name(name: str) -> None:
    """Raise BackupRefused for a member that would be written anywhere but among the files."""
    if name != DATABASE and (not _NAME.fullmatch(name) or {".", ".."} & set(name.split("/"))):
        raise BackupRefused(f"The archive has a part with the name {name!r}: it was not made by this house.")


def secrets() -> list[bytes]:
    """Return what must never stand in a backup: the sealing keys, the secret key and the audit key."""
    return [word.encode() for word in (*settings.SEALING_KEYS, settings.SECRET_KEY, settings.AUDIT_KEY)]


class Watched:
    """A file being read into the archive: its bytes are counted, and the house's secrets are looked for in them."""

    def __init__(self, file: IO[bytes], name: str, forbidden: Collection[bytes]) -> None:
        self._file, self._name, self._forbidden, self._tail = file, name, forbidden, b""
        self._overlap = max((len(word) for word in forbidden), default=1) - 1

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises BackupRefused where a secret of the house stands among them."""
        piece = self._file.read(size)
        looked_at = self._tail + piece
        if any(word in looked_at for word in self._forbidden):
            raise BackupRefused(
                f"A secret key of this house stands readable in {self._name}: whoever has the backup could open"
                " everything. Take it out there, change the key (docs/operations.md) and try again."
            )
        self._tail = looked_at[-self._overlap :] if self._overlap else b""
        return piece


def check_fits(vendor: str, migrations: Collection[str], house: str, known: Collection[str]) -> None:
    """Raise BackupRefused unless a copy of a `vendor` database fits the `house`'s, and its tables our `known` ones."""
    if vendor != house:
        raise BackupRefused(
            f"The backup was made from {vendor}, this house runs on {house}. Point OPENHALL_DATABASE_URL to {vendor}."
        )
    unknown = sorted(set(migrations) - set(known))
    if unknown:
        raise BackupRefused(
            f"The backup comes from a newer version of the house ({unknown[0]}): install that one first."
        )
