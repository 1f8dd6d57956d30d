"""Imports cases from the export of another system."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from engagement.imports import nyc311
from engagement.imports.command import ImportCommand, default_unit, units_by_name
from engagement.imports.incoming import Reader
from engagement.models import Category

FORMATS = ("nyc311",)


class Command(ImportCommand):
    """`import_cases FILE --format nyc311 [--unit CODE] [--agency NYPD=police,…]`."""

    help = (
        "Import cases from FILE (.csv or .xlsx) in the format of another system. Closed requests become concluded"
        " cases, open ones stay open, all with their true times. Run it again at any time: what is there stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        super().add_arguments(parser)
        parser.add_argument("--format", required=True, choices=FORMATS, help="which system the file comes from")
        parser.add_argument(
            "--unit", default="city", help="code of the unit for agencies that no unit here is named after"
        )
        parser.add_argument("--agency", default="", help="AGENCY=UNIT,…: which unit here answers for which agency")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file."""
        units = units_by_name()
        for pair in filter(None, options["agency"].split(",")):
            agency, _equals, code = pair.partition("=")
            units[agency.strip().casefold()] = default_unit(code.strip()).pk
        categories = {
            name.casefold(): one for one in Category.objects.all() for name in (one.name, one.name_en) if name
        }
        agencies = nyc311.Agencies(default_unit(options["unit"]).pk, units, categories)

        def reader_of(headers: list[str]) -> Reader:
            missing = [name for name in nyc311.NEEDED if name not in headers]
            if missing:
                raise CommandError(f"this is not an export of NYC 311: no column {', '.join(missing)}")
            return nyc311.reader(agencies)

        self.run_over(options, reader_of)
