"""Imports topics from a folder of Markdown files."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from forums.importing import import_folder, write_report


class Command(BaseCommand):
    """`import_topics FOLDER [--board SLUG] [--source NAME] [--report FILE]`."""

    help = (
        "Import topics from the *.md files below FOLDER. Each begins with a head between two lines of ---: board (a"
        " slug), title (or the first # heading), author (a user name here) or nickname, tags, date, language, closed."
        " Run it again at any time: what is there stays as it is, and one bad file never stops the rest."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument("--board", default="", help="slug of the board for files that name none")
        parser.add_argument("--source", default="markdown", help="name of the system they come from")
        parser.add_argument("--report", type=Path, help="where the report goes (default: import-report.csv in FOLDER)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the folder and write the report."""
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"there is no folder {folder}")
        lines = list(import_folder(folder, board=options["board"], source=options["source"]))
        path = self._report(options["report"] or folder / "import-report.csv", lines)
        counts = Counter(line.outcome for line in lines)
        told = {"new": counts["new"], "known": counts["known"], "bad": counts["refused"]}
        self.stdout.write(_("%(new)d new, %(known)d already there, %(bad)d refused.") % told)
        self.stdout.write(_("What became of each file: %(path)s") % {"path": path})

    def _report(self, path: Path, lines: list[Any]) -> Path:
        try:
            write_report(path, lines)
        except OSError:
            path = Path(tempfile.gettempdir()) / path.name
            write_report(path, lines)
        return path
