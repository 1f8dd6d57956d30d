"""Imports letters with their replies from an xlsx or csv file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from engagement.imports import letters
from engagement.imports.command import ImportCommand, default_unit, units_by_name
from engagement.imports.incoming import Reader
from engagement.models import Category, Mailbox


class Command(ImportCommand):
    """`import_letters FILE [--map HEADING=FIELD,…] [--unit CODE] [--mailbox SLUG] [--source NAME]`."""

    help = (
        "Import answered letters from FILE (.xlsx or .csv). Chinese headings such as 留言编号, 留言主题, 留言时间,"
        " 留言详情, 答复意见, 答复时间 are recognised; name others with --map. Run it again at any time: what is there"
        " stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        super().add_arguments(parser)
        parser.add_argument("--map", default="", help=f"HEADING=FIELD,…; fields: {', '.join(letters.HEADINGS)}")
        parser.add_argument("--unit", default="city", help="code of the unit that answered, where no column says so")
        parser.add_argument("--mailbox", default="", help="slug of the mailbox they came to, where no column says so")
        parser.add_argument("--source", default="letters_replied", help="name of the system the numbers come from")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file."""
        place = self._place(options)

        def reader_of(headers: list[str]) -> Reader:
            try:
                return letters.reader(letters.columns(headers, letters.parse_map(options["map"])), place)
            except letters.HeadingsError as error:
                raise CommandError(str(error)) from error

        self.run_over(options, reader_of)

    def _place(self, options: dict[str, Any]) -> letters.Place:
        mailboxes = {box.slug.casefold(): box for box in Mailbox.objects.all()}
        slug = options["mailbox"].casefold()
        if slug and slug not in mailboxes:
            raise CommandError(f"there is no mailbox {slug!r}; mailboxes: {', '.join(mailboxes) or '–'}")
        mailbox = mailboxes.get(slug)
        unit_id = mailbox.unit_id if mailbox and options["unit"] == "city" else default_unit(options["unit"]).pk
        categories = {
            name.casefold(): one for one in Category.objects.order_by("-level") for name in (one.code, one.name)
        }
        named = mailboxes | {box.title.casefold(): box for box in mailboxes.values()}
        return letters.Place(options["source"], unit_id, mailbox, units_by_name(), named, categories)
