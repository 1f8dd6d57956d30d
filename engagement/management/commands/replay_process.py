"""Replays last year's cases through the draft of a process and the routing rules, and prints what would change."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.rules import RuleBroken
from engagement.actions import replay_on, start_replay
from engagement.queries import replay_report


class Command(BaseCommand):
    """`manage.py replay_process letter --days 365 [--until 2019-12-31] --most 5000 [--json]`."""

    help = "Replay past cases through a changed process and the routing rules."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which process, how far back, how many cases."""
        parser.add_argument("key")
        parser.add_argument("--days", type=int, default=365)
        parser.add_argument("--until", type=date.fromisoformat, help="the last of these days; today unless given")
        parser.add_argument("--most", type=int, default=5_000)
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay in batches, with the progress on the error output."""
        try:
            wanted = {name: options[name] for name in ("key", "days", "most", "until")}
            started = start_replay(by=None, **wanted)
        except RuleBroken as broken:
            raise CommandError(str(broken)) from broken
        while started.finished_at is None:
            started = replay_on(replay_id=started.pk)
            self.stderr.write(f"{started.done} / {started.total}")
        report = replay_report(started)
        if options["json"]:
            self.stdout.write(json.dumps(started.result, ensure_ascii=False, indent=1))
            return
        for label, before, after in report.lines:
            self.stdout.write(f"{label}: {before} → {after}")
        for load in report.loads:
            self.stdout.write(f"{load.unit} · {load.role}: {load.before} → {load.after} ({load.change:+d})")
