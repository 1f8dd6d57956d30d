"""What the import commands share: the file, the report beside it, the bar and the last lines."""

from __future__ import annotations

import gc
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.actions import place_unit
from accounts.models import Unit

from .incoming import Reader
from .progress import Bar
from .runs import Report, Run
from .sheets import FileError, Sheet, opened

INTERRUPTED = 130


class ImportCommand(BaseCommand):
    """A command that takes FILE and --report."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare FILE and --report."""
        parser.add_argument("file", type=Path, metavar="FILE", help="an .xlsx or .csv file")
        parser.add_argument("--report", type=Path, help="where refused rows go (default: FILE.refused.csv beside it)")

    def run_over(self, options: dict[str, Any], reader_of: Any) -> None:
        """Open the file, make the reader for its headers and store what it gives. Raises CommandError."""
        path: Path = options["file"]
        try:
            with opened(path) as sheet:
                self._run(path, options["report"], sheet, reader_of(sheet.headers))
        except FileError as error:
            raise CommandError(str(error)) from error

    def _run(self, path: Path, report_path: Path | None, sheet: Sheet, read: Reader) -> None:
        # Django's own wrapper would end every state of the bar with a new line.
        bar = Bar(getattr(self.stderr, "_out", sys.stderr), path.name, sheet.length)
        report = Report(report_path or report_beside(path), sheet.headers)
        run = Run(read, report, bar.show)
        # A batch makes a hundred thousand objects that all live to its end: looking for garbage among them is in vain.
        gc.freeze()
        gc.disable()
        try:
            run.over(sheet.rows)
        except KeyboardInterrupt:
            bar.end(run.result.read)
            self.stderr.write(_("Stopped. What is stored stays; run the command again to go on."))
            raise SystemExit(INTERRUPTED) from None
        finally:
            gc.enable()
            gc.unfreeze()
            report.close()
        bar.end(run.result.read)
        self.tell(run.result.new, run.result.known, run.result.bad, report.path)

    def tell(self, new: int, known: int, bad: int, report: Path) -> None:
        """Say what was done."""
        self.stdout.write(
            _("%(new)d new, %(known)d already there, %(bad)d refused.") % {"new": new, "known": known, "bad": bad}
        )
        if bad:
            self.stdout.write(_("The refused rows with their reasons: %(path)s") % {"path": report})


def report_beside(path: Path) -> Path:
    """Return where refused rows go: beside the file, or in the temporary folder when nothing may be written there."""
    beside = path.with_name(f"{path.stem}.refused.csv")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return beside
    except OSError:
        return Path(tempfile.gettempdir()) / beside.name


def default_unit(code: str) -> Unit:
    """Return the unit with the code; "city" is the root of the tree, made if the house is still empty.

    Raises CommandError for any other unknown code.
    """
    found = Unit.objects.filter(code=code).first()
    if found is None and code == "city":
        found = Unit.objects.filter(parent=None).order_by("pk").first()
    if found is None and code == "city":
        name = settings.CITY_NAME or settings.CITY_NAME_EN or "Openhall"
        found = place_unit(code="city", name=name, name_en=settings.CITY_NAME_EN, kind=Unit.Kind.CITY)
    if found is None:
        codes = ", ".join(Unit.objects.values_list("code", flat=True)[:20]) or "–"
        raise CommandError(f"there is no unit {code!r}; units: {codes}")
    return found


def units_by_name() -> dict[str, int]:
    """Return the units by code and by both names, in lower case."""
    found: dict[str, int] = {}
    for unit in Unit.objects.all():
        for name in (unit.name_en, unit.name, unit.code):
            if name:
                found[name.casefold()] = unit.pk
    return found
