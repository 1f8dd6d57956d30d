"""Shows, pauses, resumes and retries the outbox."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notices import actions, queries


class Command(BaseCommand):
    """`manage.py outbox pause|resume|status|retry`."""

    help = "pause, resume or show the outbox, or send parked deliveries again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verb and what goes with it."""
        parser.add_argument("verb", choices=["status", "pause", "resume", "retry"])
        parser.add_argument("ids", nargs="*", type=int, help="deliveries to retry; all parked ones if none is named")
        parser.add_argument("--reason", default="", help="why it is paused, shown by status")
        parser.add_argument("--json", action="store_true", help="print the status as JSON")

    def handle(self, *args: Any, verb: str, ids: list[int], reason: str, json: bool, **options: Any) -> None:
        """Do it, then show how the outbox stands."""
        if verb == "pause":
            actions.pause_outbox(reason=reason)
        elif verb == "resume":
            actions.resume_outbox()
        elif verb == "retry":
            self.stdout.write(f"{actions.retry_deliveries(ids=ids or None)} to be sent again")
        self._show(json)

    def _show(self, as_json: bool) -> None:
        stands = queries.outbox()
        if as_json:
            shown = {"paused": stands.paused, "reason": stands.reason, "lag_seconds": stands.lag.total_seconds()}
            self.stdout.write(json.dumps({**shown, **stands.states}))
            return
        why = f" ({stands.reason})" if stands.reason else ""
        self.stdout.write(f"{'paused' + why if stands.paused else 'running'}, lag {stands.lag.total_seconds():.0f} s")
        for state, count in stands.states.items():
            self.stdout.write(f"{state:>12} {count}")
