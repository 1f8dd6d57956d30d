"""Bringing a backup back, so that nothing is sent twice and every open page starts over."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

import audit.actions
import audit.queries
from accounts.closing import close_house, open_house
from accounts.models import Unit
from journal.actions import renew_epochs
from notices.actions import hold_outbox
from notices.models import Lease
from portal.servers import HouseTaken, alone

from . import databases, rules
from .archive import Manifest, faults_of, read_manifest, unpack
from .rules import BackupRefused


@dataclass(frozen=True)
class Restored:
    """What came back: the manifest, how many deliveries are doubtful and streams anew, where the old files lie."""

    manifest: Manifest
    doubted: int
    streams: int
    old_files: Path | None


def restore(path: Path, *, replace: bool = False, wait: float = 60, at: datetime | None = None) -> Restored:
    """Put the backup in the place of the house's database and files, and keep the house closed meanwhile.

    Everything that can be checked is checked before anything is touched. Running processes have `wait` seconds to let
    go of the database. Raises BackupRefused: for an archive that is damaged or does not fit, when processes do not let
    go, and over a house that has data unless `replace`.
    """
    moment = at or timezone.now()
    manifest = _checked(path)
    was_open, unsettled = close_house(), False
    try:
        with _alone_in_house(wait):
            if not replace and _is_living():
                raise BackupRefused(
                    "There are data in this house already. Restoring would replace all of them: if that is what you"
                    " want, make a backup of them first and add --replace."
                )
            old_files = _swap(path, moment)
            unsettled = True
            _bring_forward()
            doubted, streams = _settle(moment, manifest.digest().hex()[:16])
            unsettled = False
    finally:
        # Half-way it stays closed: nothing may be sent, and nobody served, from what is not settled.
        if was_open and not unsettled:
            open_house()
    return Restored(manifest, doubted, streams, old_files)


def _checked(path: Path) -> Manifest:
    manifest = read_manifest(path)
    manifest.check_proof()
    # What is in the code, not what the database has seen.
    known = MigrationLoader(None).disk_migrations or {}
    ours = [name for name in manifest.migrations if name.partition(".")[0] in {app for app, _name in known}]
    rules.check_fits(manifest.vendor, ours, connection.vendor, {f"{app}.{name}" for app, name in known})
    faults = faults_of(path, manifest)
    if faults:
        raise BackupRefused(f"The backup is damaged: {'; '.join(faults[:3])}. Nothing was changed.")
    return manifest


@contextlib.contextmanager
def _alone_in_house(wait: float) -> Iterator[None]:
    """Go on once nobody else uses the database, and keep others from starting meanwhile. Raises BackupRefused."""
    end = time.monotonic() + wait
    with contextlib.ExitStack() as held:
        while others := _others(held):
            if time.monotonic() >= end:
                raise BackupRefused(f"{others}: stop it first.")
            time.sleep(0.5)
        yield


def _others(held: contextlib.ExitStack) -> str:
    """Return who still uses the database; "" for nobody, and then the house's lock is among what is `held`."""
    with contextlib.ExitStack() as tried:
        try:
            tried.enter_context(alone())
        except HouseTaken:
            return f"A process serves {settings.DATA_DIR}"
        if _has_tables() and Lease.objects.filter(until__gt=timezone.now()).exists():
            return "A worker of this house is running, or ran seconds ago"
        if databases.others_connected():
            return "Another process is connected to the database"
        held.push(tried.pop_all())
    return ""


def _has_tables() -> bool:
    return Lease._meta.db_table in connection.introspection.table_names()


def _is_living() -> bool:
    root = Path(settings.MEDIA_ROOT)
    return (_has_tables() and Unit.objects.exists()) or (root.is_dir() and any(root.iterdir()))


def _swap(path: Path, at: datetime) -> Path | None:
    """Put files and database in place, both or neither; return where the files that were here before lie now."""
    root = Path(settings.MEDIA_ROOT)
    root.parent.mkdir(parents=True, exist_ok=True)
    old = root.with_name(f"{root.name}-before-{at:%Y%m%d-%H%M%S}")
    with tempfile.TemporaryDirectory(dir=root.parent, prefix=".restore-") as folder:
        unpack(path, Path(folder))
        (Path(folder) / "files").mkdir(exist_ok=True, mode=0o700)
        there_were = root.exists()
        if there_were:
            os.replace(root, old)
        # Unpacked as files/, whatever the folder is called here.
        os.replace(Path(folder) / "files", root)
        try:
            databases.replace_with(Path(folder) / "database")
        except BaseException:
            shutil.rmtree(root)
            if there_were:
                os.replace(old, root)
            raise
    return old if there_were else None


def _bring_forward() -> None:
    """Migrate an old copy to the tables of today."""
    connections.close_all()
    call_command("migrate", verbosity=0, interactive=False)


def _settle(at: datetime, proof: str) -> tuple[int, int]:
    """Hold what may have been sent already, give streams a new life, and have everybody sign in again."""
    with transaction.atomic():
        doubted = hold_outbox(at=at)
        streams = renew_epochs()
        # A sign-out or a new password after the copy was made must not be undone by it.
        Session.objects.all().delete()
        reached = audit.queries.standing().head
        audit.actions.record("backup.restored", facts={"reached": reached, "proof": proof}, at=at)
    cache.clear()
    return doubted, streams
