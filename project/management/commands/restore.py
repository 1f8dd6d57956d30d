"""Brings a backup back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.closing import is_closed
from project.backup import BackupRefused, restore


class Command(BaseCommand):
    """`manage.py restore FILE`; processes that run close meanwhile and come back by themselves."""

    help = "Put a backup in the place of database and files. The outbox starts paused; everybody signs in again."
    # An empty database is no reason not to fill it.
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the file, and for a word before anything living is replaced."""
        parser.add_argument("file", type=Path, help="an archive that `manage.py backup` wrote")
        parser.add_argument("--replace", action="store_true", help="replace the data that are in this house now")

        told = "how long processes may take to let go of the database (default 60)"
        parser.add_argument("--wait", type=float, default=60, metavar="SECONDS", help=told)

    def handle(self, *args: Any, file: Path, replace: bool, wait: float, **options: Any) -> None:
        """Do it, and say what is to be done next."""
        try:
            done = restore(file, replace=replace, wait=wait)
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        finally:
            if is_closed():
                self.stderr.write("The house is closed for maintenance. When all is well: `manage.py house open`.")
        self.stdout.write(
            f"The house is as it was on {done.manifest.made_at}. {done.streams} streams begin a new life: open pages"
            f" load anew. The outbox is paused; {done.doubted} messages that were waiting may have been sent since:"
            " look at `manage.py outbox status`, then `manage.py outbox resume`."
        )
        if done.old_files:
            self.stdout.write(f"The files that were here before lie in {done.old_files}; remove them when all is well.")
