"""A bulletin on paper: the same figures as a PDF with its font inside, and as a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from .queries.bulletin import Bulletin, Line
from .rules import RuleBroken

if TYPE_CHECKING:
    from fpdf import FPDF
    from openpyxl import Workbook

FONT = "vendor/fonts/NotoSansHans-Regular.otf"
# The column of the rate, which a spreadsheet is to reckon with.
RATE = 4
# A spreadsheet takes a text that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NoFont(RuleBroken):
    """The font that Chinese words are printed with was not fetched when the house was set up."""

    status = 503
    code = "no_font"

    def sentence(self) -> str:
        """Say what to do."""
        return _("The font for PDF files is missing; run scripts/setup, or print the page.")


def heads() -> list[str]:
    """Return the heads of the columns."""
    return [
        _("Unit"), _("Fell due"), _("On time"), _("On-time rate"), _("Answered"), _("Median days"), _("Satisfied"),
        _("Orders"), _("Orders answered in time"), _("Returned"), _("Extended"), _("Solved by callback"),
        _("Overdue now"),
    ]  # fmt: skip


def cells(line: Line) -> list[Any]:
    """Return one line; rates as numerator and denominator, "–" of nothing."""
    return [
        line.label, line.due, line.kept, f"{line.percent}%" if line.percent is not None else "–", line.answered,
        "–" if line.median is None else line.median, _of(line.satisfied, line.rated), line.orders,
        _of(line.orders_kept, line.orders_done), line.returned, line.extended, _of(line.solved, line.called),
        line.overdue_now,
    ]  # fmt: skip


def cells_said(line: Line) -> list[Any]:
    """Return one line for readers: large numbers grouped as their language does it."""
    return [intcomma(cell) if isinstance(cell, int) else cell for cell in cells(line)]


def _marked(bulletin: Bulletin) -> list[tuple[str, Line]]:
    """Return each line with its name, which says of those that are not ranked why; the sum comes last."""
    few = _("too few to rank")
    lines = [(line.label if line.ranked else f"{line.label} · {few}", line) for line in bulletin.lines]
    return [*lines, (bulletin.total.label, bulletin.total)]


def _of(part: int, whole: int) -> str:
    return f"{intcomma(part)}/{intcomma(whole)}" if whole else "–"


def title_of(bulletin: Bulletin) -> str:
    """Return the heading."""
    said = {"scope": bulletin.scope.label, "first": bulletin.first.isoformat(), "last": bulletin.last.isoformat()}
    return _("Supervision bulletin: %(scope)s, %(first)s to %(last)s") % said


def how_counted() -> str:
    """Return what the figures mean, in the words that stand below each bulletin."""
    return _(
        "On time: answered by the due time in force ÷ all whose due time fell into the period and has passed, open "
        "overdue ones included. Median: days from receipt to answer of rounds that are finished. Satisfied: ratings "
        "of 3 to 5 ÷ ratings given. Solved: callbacks with the answer “solved” ÷ those who were reached and said. "
        "Fewer than 5 cases are not ranked. Reports of wrongdoing are left out."
    )


def as_workbook(bulletin: Bulletin) -> bytes:
    """Return the bulletin as xlsx."""
    # Loaded when needed, like the library for PDF below: no start of the house waits for it.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("Bulletin")
    sheet.append([title_of(bulletin)])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([])
    sheet.append(heads())
    for cell in sheet[3]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="bottom")
    for label, line in _marked(bulletin):
        sheet.append([_safe(value) for value in (label, *cells(line)[1:])])
        if line.percent is not None:
            rate = sheet.cell(sheet.max_row, RATE, line.percent / 100)
            rate.number_format = "0.0%"
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    sheet.append([])
    sheet.append([how_counted()])
    note = sheet.max_row
    sheet.merge_cells(start_row=note, end_row=note, start_column=1, end_column=len(heads()))
    sheet.cell(note, 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[note].height = 48
    sheet.column_dimensions["A"].width = 44
    for number in range(2, len(heads()) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 13
    sheet.freeze_panes = "B4"
    oldest = [(case.number, case.title, case.unit, case.due_at) for case in bulletin.oldest]
    _sheet(book, _("Longest overdue"), _("Case"), oldest)
    broken = [(each.case.number, each.words, each.unit, each.due_at) for each in bulletin.broken]
    _sheet(book, _("Promises not kept"), _("What was promised"), broken)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _sheet(book: Workbook, title: str, what: str, rows: Iterable[tuple[str, str, Any, datetime | None]]) -> None:
    sheet = book.create_sheet(title)
    sheet.append([_("Number"), what, _("Unit"), _("Due")])
    for number, words, unit, due in rows:
        at = timezone.localtime(due).replace(tzinfo=None) if due else None
        sheet.append([number, _safe(words), _safe(str(unit or "")), at])
        sheet.cell(sheet.max_row, 4).number_format = "yyyy-mm-dd hh:mm"
    for column, width in (("A", 14), ("B", 60), ("C", 44), ("D", 18)):
        sheet.column_dimensions[column].width = width


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _moment(at: datetime | None) -> str:
    return str(formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")) if at else ""


def as_pdf(bulletin: Bulletin) -> bytes:
    """Return the bulletin as PDF; the characters it uses are embedded, so that it looks the same everywhere.

    Raises NoFont where the font was not fetched.
    """
    # Half a second of processor time, which a start of the house should not pay.
    from fpdf import FPDF

    font = next((path for folder in settings.STATICFILES_DIRS if (path := Path(folder, FONT)).exists()), None)
    if font is None:
        raise NoFont()
    page = FPDF(orientation="landscape", format="A4")
    page.set_title(title_of(bulletin))
    page.set_creation_date(bulletin.made_at)
    page.add_font("hall", fname=font)
    page.set_auto_page_break(True, margin=14)
    page.add_page()
    page.set_font("hall", size=16)
    page.multi_cell(0, 9, title_of(bulletin), new_x="LMARGIN", new_y="NEXT")
    page.set_font("hall", size=8)
    page.cell(0, 6, _("As of %(at)s") % {"at": _moment(bulletin.made_at)}, new_x="LMARGIN", new_y="NEXT")
    lines = [[label, *cells_said(line)[1:]] for label, line in _marked(bulletin)]
    _pdf_table(page, heads(), lines, (64, *[18] * 12), summed=True)
    if bulletin.oldest:
        _pdf_heading(page, _("Longest overdue"))
        rows = [[case.number, case.title, str(case.unit or "–"), _moment(case.due_at)] for case in bulletin.oldest]
        _pdf_table(page, [_("Number"), _("Case"), _("Unit"), _("Due")], rows, (30, 140, 60, 45))
    if bulletin.broken:
        _pdf_heading(page, _("Promises not kept"))
        rows = [[each.case.number, each.words[:120], str(each.unit), _moment(each.due_at)] for each in bulletin.broken]
        _pdf_table(page, [_("Number"), _("What was promised"), _("Unit"), _("Due")], rows, (30, 140, 60, 45))
    page.ln(4)
    page.multi_cell(0, 4.5, how_counted())
    return bytes(page.output())


def _pdf_heading(page: FPDF, words: str) -> None:
    page.ln(5)
    page.set_font("hall", size=11)
    page.cell(0, 8, words, new_x="LMARGIN", new_y="NEXT")
    page.set_font("hall", size=8)


def _pdf_table(
    page: FPDF, head: list[str], rows: list[list[Any]], widths: tuple[int, ...], summed: bool = False
) -> None:
    """Write a table; the last of its rows is the sum of the others where it is `summed`."""
    from fpdf.fonts import FontFace

    style = FontFace(emphasis="", fill_color=(233, 238, 243))
    with page.table(
        col_widths=widths, line_height=5, headings_style=style, borders_layout="HORIZONTAL_LINES",
        text_align=("LEFT", *["RIGHT"] * (len(head) - 1)) if len(head) > 4 else "LEFT",
    ) as table:  # fmt: skip
        for number, cells_of_row in enumerate([head, *rows]):
            row = table.row(style=style if summed and number == len(rows) else None)
            for value in cells_of_row:
                row.cell(str(value))
