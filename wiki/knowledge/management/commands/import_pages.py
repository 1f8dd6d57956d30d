"""manage.py import_pages FOLDER: lays pages of the handbook from Markdown files and reports what became of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.queries import person_by_login
from accounts.rules import NotFound
from accounts.viewers import person_viewer
from wiki.knowledge import rules
from wiki.knowledge.actions import import_pages
from wiki.knowledge.models import Page


class Command(BaseCommand):
    """Import pages."""

    help = "Lays or changes a page for every Markdown file in a folder; a second run changes only what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder, the place, and whose pages they are."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--by", required=True, help="user name of the official in whose name the pages stand")
        parser.add_argument("--below", default="zh/", help="path of the page below which they go (default: zh/)")
        parser.add_argument("--language", default="", choices=[*dict(settings.LANGUAGES), ""], help="default: by path")
        parser.add_argument("--audience", default="public", choices=Page.Audience.values)
        parser.add_argument("--dry-run", action="store_true", help="only report what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and report."""
        if not options["folder"].is_dir():
            raise CommandError(f"{options['folder']} is not a folder")
        person = person_by_login(options["by"])
        if person is None or not rules.may_write(person_viewer(person)):
            raise CommandError(f"{options['by']} is not an official here")
        language = options["language"] or ("en" if options["below"].startswith("en") else settings.LANGUAGE_CODE)
        try:
            report = import_pages(
                folder=options["folder"], below=options["below"], by=person_viewer(person), language=language,
                audience=options["audience"], dry=options["dry_run"],
            )  # fmt: skip
        except NotFound:
            raise CommandError(f"there is no page at {options['below']}") from None
        for line in report.lines():
            self.stdout.write(line)
        if report.refused:
            raise CommandError(f"{len(report.refused)} files were refused")
