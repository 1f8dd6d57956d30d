"""Shows and retries SMS that came in and could not be used."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sms import actions, queries


class Command(BaseCommand):
    """`manage.py inbound list|retry`."""

    help = "List what came in by SMS and could not be used (ids and reasons, no words), or process it again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verb and the rows."""
        parser.add_argument("verb", choices=["list", "retry"])
        parser.add_argument("ids", nargs="*", type=int, help="rows to retry; all of them if none is named")

    def handle(self, *args: Any, verb: str, ids: list[int], **options: Any) -> None:
        """Do it."""
        if verb == "retry":
            self.stdout.write(f"{actions.retry_inbound(ids=ids or None)} to be processed again")
            return
        for row in queries.parked()[:200]:
            self.stdout.write(f"{row.pk}\t{row.received_at:%Y-%m-%d %H:%M}\t{row.kind}\t{row.error}")
