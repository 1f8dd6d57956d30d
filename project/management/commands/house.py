"""Closes the house for maintenance, and opens it again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.closing import close_house, is_closed, open_house


class Command(BaseCommand):
    """`manage.py house close|open|status`."""

    help = "Close the house for maintenance in every process (503, workers at rest), open it again, or say how it is."
    # It must be possible to close a house whose database is broken.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verb."""
        parser.add_argument("verb", choices=["close", "open", "status"])

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Do it, then say how the house is."""
        if verb == "close":
            close_house()
        elif verb == "open":
            open_house()
        self.stdout.write("closed" if is_closed() else "open")
