"""manage.py load_processes: publishes the processes that come with the software."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from engagement import actions


class Command(BaseCommand):
    """Publishes what is new; running cases stay with the version they began with."""

    help = "Publish the processes that come with the software, where they are new or changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish and list."""
        for process in actions.load_processes():
            self.stdout.write(str(process))
