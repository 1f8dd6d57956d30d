"""What the office does for somebody who asks for their data on paper: gives it out, or has it forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from accounts import actions
from accounts.exporting import write_export
from accounts.models import Person
from accounts.rules import RuleBroken


class Command(BaseCommand):
    """`manage.py person export USER FILE` and `manage.py person erase USER`."""

    help = "Write all that is held of a person to a ZIP, or erase the person; first make sure who is asking."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare verb, person and file."""
        parser.add_argument("verb", choices=["export", "erase"])
        parser.add_argument("username", help="user name of the person")
        parser.add_argument("file", nargs="?", type=Path, help="where the ZIP goes")
        parser.add_argument("--withdraw", action="store_true", help="take back the person's open cases first")
        parser.add_argument("--yes", action="store_true", help="do not ask again before erasing")

    def handle(self, *args: Any, verb: str, username: str, file: Path | None, **options: Any) -> None:
        """Do it, or say what stands in the way."""
        person = Person.objects.filter(username=username, erased_at=None).first()
        if person is None:
            raise CommandError(f"Nobody has the user name {username}.")
        with translation.override(person.language):
            if verb == "export":
                self._export(person, file)
            else:
                self._erase(person, withdraw=options["withdraw"], sure=options["yes"])

    def _export(self, person: Person, file: Path | None) -> None:
        if file is None:
            raise CommandError("Name the file: manage.py person export USER FILE.zip")
        try:
            with file.open("xb") as out:
                count = write_export(person, out)
        except FileExistsError:
            raise CommandError(f"{file} is there already.") from None
        file.chmod(0o600)
        actions.exported(person_id=person.pk, items=count)
        self.stdout.write(f"{file}: {count} things of {person.username}")

    def _erase(self, person: Person, *, withdraw: bool, sure: bool) -> None:
        question = f"Erase {person.username} ({person.name}) for good? Type the user name: "
        if not sure and input(question) != person.username:
            raise CommandError("Nothing was erased.")
        try:
            actions.erase_person(person_id=person.pk, end_matters=withdraw)
        except RuleBroken as broken:
            raise CommandError(str(broken)) from broken
        self.stdout.write(f"person-{person.pk} is erased.")
