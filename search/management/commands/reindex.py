"""manage.py reindex: builds the index of one room or of all anew from their own rows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from search.actions import reindex


class Command(BaseCommand):
    """Rebuild the search index."""

    help = "Builds the search index anew from the rooms' own rows."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the rooms."""
        parser.add_argument("rooms", nargs="*", choices=[*sorted(settings.SEARCH_ROOMS), []], help="default: all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild and say how many texts each room has."""
        for room, count in reindex(options["rooms"]).items():
            self.stdout.write(f"{room}: {count}")
