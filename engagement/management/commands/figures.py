"""Prints how well the city answers."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement.figures import GROUPS, figures


class Command(BaseCommand):
    """`figures [--json] [--from DAY] [--to DAY] [--by unit|category|channel|mailbox]`."""

    help = "Print how long replies took and how many were in time, for cases received from one day to another."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="as JSON instead of sentences")
        parser.add_argument("--from", dest="since", default="", help="first day of receipt, 2026-01-31")
        parser.add_argument("--to", dest="until", default="", help="last day of receipt")
        parser.add_argument("--by", choices=sorted(GROUPS), help="one block for each group too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the figures."""
        found = figures(_day(options["since"]), _day(options["until"]), options["by"])
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{found['count']:,} replies to {found['received']:,} cases")
        for name, label in (("reply_calendar_days", "calendar days"), ("reply_working_days", "working days")):
            times = found[name]
            self.stdout.write(f"  {label}: median {times['median']}, mean {times['mean']}, 90 % within {times['p90']}")
        for group in found.get("groups", []):
            days = group["reply_calendar_days"]
            self.stdout.write(
                f"  {group['label']}: {group['count']:,}, median {days['median']}, 90 % within {days['p90']}"
            )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"{text!r} is not a day such as 2026-01-31") from None
