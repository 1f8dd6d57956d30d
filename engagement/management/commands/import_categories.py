"""Imports a category tree of up to three levels from an xlsx or csv file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from engagement.imports import categories
from engagement.imports.command import ImportCommand, report_beside
from engagement.imports.runs import Report
from engagement.imports.sheets import FileError, opened


class Command(ImportCommand):
    """`import_categories FILE`."""

    help = (
        "Import categories from FILE (.xlsx or .csv): one path a row, headings 一级分类, 二级分类, 三级分类 or any"
        " three columns; blank cells repeat the row above. Categories that are there stay as they are."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file."""
        path: Path = options["file"]
        try:
            with opened(path) as sheet:
                report = Report(options["report"] or report_beside(path), sheet.headers)
                try:
                    counted = categories.store(sheet.rows, categories.columns(sheet.headers), report)
                finally:
                    report.close()
        except FileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{counted.read} rows read.")
        self.tell(counted.new, counted.known, counted.bad, report.path)
