"""Makes a new sealing key, tells which key sealed what, and seals anew what an old one sealed."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions


class Command(BaseCommand):
    """`manage.py sealing new-key|status|reseal`."""

    help = "Change the sealing key while the house runs: docs/operations.md says in which order."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verb."""
        parser.add_argument("verb", choices=["new-key", "status", "reseal"])

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Do it."""
        if verb == "new-key":
            self.stdout.write(secrets.token_urlsafe(48))
        elif verb == "status":
            self._status()
        else:
            self._reseal()

    def _status(self) -> None:
        for (place, newest), count in sorted(actions.seals().items()):
            self.stdout.write(f"{place:<28} {'newest key' if newest else 'older key':<11} {count}")

    def _reseal(self) -> None:
        done, broken = actions.reseal(self.stderr.write)
        self.stdout.write(f"{done} sealed anew by the newest key")
        if broken:
            raise CommandError(f"{broken} rows cannot be opened by any configured key: keep every old key.")
