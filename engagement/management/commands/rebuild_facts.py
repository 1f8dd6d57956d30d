"""manage.py rebuild_facts: writes the facts of statistics anew from the journal; the rows come out the same."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from engagement import actions, queries


class Command(BaseCommand):
    """Writes the facts anew, case by case, each in a transaction of its own, so that it may be stopped at any time."""

    help = "Write the facts of statistics anew from the journal."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take numbers of cases; without any it is every case."""
        parser.add_argument("numbers", nargs="*", help="case numbers; all cases when none is given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild and say how much."""
        facts = cases = 0
        for case_id in queries.case_ids(options["numbers"]):
            facts += actions.rebuild_case(case_id=case_id)
            cases += 1
        self.stdout.write(f"{facts} facts of {cases} cases")
