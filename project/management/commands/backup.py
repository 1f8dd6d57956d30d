"""Writes a backup of the house, or reads one and says whether it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from project.backup import BackupRefused, Manifest, faults_of, make_backup, read_manifest


class Command(BaseCommand):
    """`manage.py backup FILE`, while the house is running."""

    help = "Write database and files, without the keys, to one file; with --verify read such a file and check it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the file."""
        parser.add_argument("file", type=Path, help="the archive, for example /backup/hall-2026-11-22.tar")
        parser.add_argument("--verify", action="store_true", help="read the archive and compare every checksum")

    def handle(self, *args: Any, file: Path, verify: bool, **options: Any) -> None:
        """Do it and say what is in the archive."""
        try:
            manifest = _verified(file) if verify else make_backup(file)
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        size = sum(part for part, _digest in manifest.parts.values())
        self.stdout.write(
            f"{file}: {'whole' if verify else 'written and read again'}. {manifest.vendor} {manifest.server} of"
            f" {manifest.made_at}, {len(manifest.parts) - 1} files, {size / 1e6:.1f} MB."
        )
        if not verify:
            self._say_keys()

    def _say_keys(self) -> None:
        """Say what the backup cannot be opened without, and where it is."""
        self.stdout.write(
            "The sealing key and the secret key are NOT inside, and without them nobody can open what is. Keep copies"
            f" of them elsewhere: OPENHALL_SEALING_KEYS and OPENHALL_SECRET_KEY, or the files sealing-key and"
            f" secret-key in {settings.DATA_DIR}."
        )


def _verified(file: Path) -> Manifest:
    manifest = read_manifest(file)
    manifest.check_proof()
    faults = faults_of(file, manifest)
    if faults:
        raise BackupRefused("; ".join(faults[:5]))
    return manifest
