"""manage.py seed_calendar: writes holidays and make-up working days of some years into a calendar."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from engagement import actions
from engagement.working_time import FIRST_YEAR


class Command(BaseCommand):
    """Seeds a calendar; days entered by hand stay."""

    help = "Write the holidays and make-up working days of some years into a calendar."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the calendar's key and the years."""
        parser.add_argument("key", nargs="?", default="city")
        parser.add_argument("years", nargs="*", type=int, help="all years of the tables when none is given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed and say which years are not official yet."""
        last = timezone.localdate().year + 1
        years = options["years"] or range(FIRST_YEAR, last + 1)
        if not all(FIRST_YEAR <= year <= last + 5 for year in years):
            raise CommandError(f"years from {FIRST_YEAR} to {last + 5}, please")
        calendar = actions.seed_calendar(options["key"], years)
        unsure = calendar.days.filter(confirmed=False).dates("date", "year")
        self.stdout.write(f"{calendar.key}: {calendar.days.count()} special days")
        if unsure:
            self.stdout.write("not official yet: " + ", ".join(str(day.year) for day in unsure))
