"""Founds a hall on an empty database: the city, its calendar, the processes, the handbook and an administrator."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts import actions as people
from accounts.models import Role, Unit
from accounts.queries import person_by_login
from accounts.rules import RuleBroken
from accounts.viewers import posts_of
from engagement.actions import load_criteria, load_grounds, load_ladder, load_processes, seed_calendar
from wiki.knowledge.actions import load_handbook

PASSWORD = "OPENHALL_ADMIN_PASSWORD"  # noqa: S105  the variable's name


class Command(BaseCommand):
    """Makes what a hall cannot be without; what is there already stays as it is."""

    help = "Make the city, its calendar, the processes, the handbook and a first administrator. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the administrator's user name and the city's names."""
        parser.add_argument("administrator", help="user name of the first administrator")
        parser.add_argument("--name", default=settings.CITY_NAME, help="the city's name")
        parser.add_argument("--name-en", default=settings.CITY_NAME_EN, help="the city's name in English")

    def handle(self, *args: Any, **options: Any) -> None:
        """Found the hall, or say what stands in the way."""
        try:
            with transaction.atomic():
                city = self._city(options["name"], options["name_en"])
                year = timezone.localdate().year
                seed_calendar("city", (year - 1, year, year + 1), unit=city)
                load_processes()
                load_grounds()
                load_ladder()
                load_criteria()
                load_handbook()
                self._administrator(options["administrator"], city)
        except RuleBroken as broken:
            raise CommandError(str(broken)) from broken
        self.stdout.write(
            f"{city.label}: the hall stands. Units, posts, mailboxes and desks: {settings.PUBLIC_URL}/admin/"
        )

    def _city(self, name: str, name_en: str) -> Unit:
        root = Unit.objects.filter(parent=None).order_by("pk").first()
        if root is not None:
            return root
        if not name:
            raise CommandError("Name the city: --name 明湖市 --name-en 'Minghu City', or set OPENHALL_CITY_NAME.")
        return people.place_unit(code="city", name=name, name_en=name_en, kind=Unit.Kind.CITY)

    def _administrator(self, username: str, city: Unit) -> None:
        person = person_by_login(username)
        if person is None:
            person = people.register_citizen(username=username, name=username, password=self._password())
        if not any(post.role == Role.ADMINISTRATOR for post in posts_of(person)):
            people.add_post(person_id=person.pk, unit_id=city.pk, role=Role.ADMINISTRATOR)

    def _password(self) -> str:
        """Return the password from the environment, or ask for it twice."""
        given = os.environ.get(PASSWORD, "")
        if given:
            return given
        first = getpass.getpass("Password of the administrator: ")
        if first != getpass.getpass("Once more: "):
            raise CommandError("The two passwords are not the same.")
        return first
