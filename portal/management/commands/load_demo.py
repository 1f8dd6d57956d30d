"""Loads the invented Minghu City; in demo mode only."""

from __future__ import annotations

from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Person, Role, Unit
from portal.demo import city, desk, duty, joint, pages, past, people, present, talks, topics

# One password for every account of the demo; outside demo mode no account of this kind exists.
PASSWORD = "minghu-demo-2026"  # noqa: S105
SEED = 20261122


def is_loaded() -> bool:
    """Return whether the demo city's people live here."""
    return Person.objects.filter(username=people.OFFICIALS[0].username).exists()


class Command(BaseCommand):
    """`manage.py load_demo`."""

    help = "Load the invented Minghu City (demo mode only); run again, it only plans the coming shifts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the city once, all or nothing."""
        if not settings.DEMO:
            raise CommandError("This is for the demo only: set OPENHALL_DEMO=1.")
        at = timezone.now()
        if is_loaded():
            self.stdout.write(f"The demo city is there; {city.roster(at)} shifts planned.")
            return
        if Unit.objects.exists():
            raise CommandError("This house has units of its own; the demo city belongs into an empty one.")
        with transaction.atomic():
            self._load(at)
        self._accounts()

    def _load(self, at: Any) -> None:
        made = city.build(PASSWORD, at)
        finished = past.fill(made, Random(SEED), at)  # noqa: S311
        open_now = present.fill(made, Random(SEED + 1), at)  # noqa: S311
        desk.fill(made, at)
        joint.fill(made, at)
        talked = talks.fill(made, Random(SEED + 2), at)  # noqa: S311
        duty.fill(made, at)
        discussed = topics.fill(made, at)
        written = pages.fill(made, at)
        self.stdout.write(
            f"Minghu City: {len(made.units)} units, {len(made.people)} people, {finished + open_now} cases,"
            f" {talked} talks, {discussed} topics, {written} pages."
        )

    def _accounts(self) -> None:
        """Print one account for each role."""
        self.stdout.write(f"Password of every account: {PASSWORD}")
        self.stdout.write(f"  {people.CITIZENS[0].username:<18} citizen")
        for role in Role:
            held = next((one for one in people.OFFICIALS if any(post[0] == role for post in one.posts)), None)
            if held is not None:
                self.stdout.write(f"  {held.username:<18} {role.value.replace('_', ' ')}")
