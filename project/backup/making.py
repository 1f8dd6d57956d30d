"""Making a backup of the running house."""

from __future__ import annotations

import os
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from audit.actions import record

from . import databases
from .archive import Manifest, Writer, faults_of
from .rules import FILES, BackupRefused

# Files of forms that are still being filled in; nobody misses them after a restore.
PASSING = {"held"}


def make_backup(path: Path, *, at: datetime | None = None) -> Manifest:
    """Write the archive to `path`, readable by its owner alone, and read it again to see that all of it is there.

    Raises BackupRefused when something stands there already, when a secret of the house would be inside, or when
    the database cannot be copied.
    """
    if path.exists():
        raise BackupRefused(f"{path} is there already: choose another name.")
    if not path.parent.is_dir():
        raise BackupRefused(f"There is no folder {path.parent}.")
    part = path.with_name(f"{path.name}.part")
    try:
        manifest = _write(part, at or timezone.now())
        faults = faults_of(part, manifest)
        if faults:
            raise BackupRefused(f"What was written is not what was read: {faults[0]}")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    record("backup.made", facts={"files": len(manifest.parts) - 1, "proof": manifest.digest().hex()[:16]}, at=at)
    return manifest


def _write(part: Path, at: datetime) -> Manifest:
    manifest = Manifest(
        made_at=at.isoformat(),
        release=_release(),
        vendor=connection.vendor,
        server=databases.server(),
        migrations=databases.applied(),
    )
    with tempfile.TemporaryDirectory(dir=part.parent, prefix=".backup-") as folder:
        raw = Path(folder) / "database"
        # The database first: every file that its rows name has then been written.
        databases.copy_to(raw)
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                writer = Writer(tar, manifest)
                writer.add_database(raw)
                for found in _files(Path(settings.MEDIA_ROOT)):
                    writer.add_file(found, FILES + found.relative_to(settings.MEDIA_ROOT).as_posix())
                writer.close()
            file.flush()
            os.fsync(file.fileno())
    return manifest


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        if Path(folder) == root:
            folders[:] = [name for name in folders if name not in PASSING]
        folders.sort()
        yield from (Path(folder) / name for name in sorted(names))


def _release() -> str:
    """Return the version of the house itself."""
    told = tomllib.loads((settings.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(told["project"]["version"])
