"""Reading xlsx and csv files row by row, whatever the encoding."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

# Chinese offices export UTF-8 with a mark, or GB 18030 (the superset of GBK and GB 2312).
ENCODINGS = ("utf-8-sig", "gb18030")
# A spreadsheet that unpacks to more than this is an accident or an attack.
MOST_UNPACKED = 2 * 1024**3
LONGEST_FIELD = 1024 * 1024
DELIMITERS = ",;\t"


class FileError(Exception):
    """The file is missing, of another kind, or broken; the message says so in the reader's language."""


@dataclass(frozen=True)
class Row:
    """One row of data: its number in the file (the header is 1) and its cells by header."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """A table: the headers in order, how many rows follow (None when the file does not say), and the rows."""

    headers: list[str]
    length: int | None
    rows: Iterator[Row]


@contextmanager
def opened(path: Path) -> Iterator[Sheet]:
    """Open the first sheet of an .xlsx file, or a .csv file. Raises FileError."""
    reader = _xlsx if path.suffix.lower() in (".xlsx", ".xlsm") else _csv
    if not path.is_file():
        raise FileError(_("There is no file %(path)s.") % {"path": path})
    with reader(path) as (length, lines):
        headers = [_header(cell) for cell in next(lines, [])]
        if not any(headers):
            raise FileError(_("The first row of %(path)s holds no headings.") % {"path": path})
        yield Sheet(headers, length, _rows(headers, lines))


def _header(cell: Any) -> str:
    return "" if cell is None else str(cell).replace("\u3000", " ").strip()


def _rows(headers: list[str], lines: Iterator[list[Any]]) -> Iterator[Row]:
    """Yield rows that hold anything; cells without a header are left out."""
    for number, line in enumerate(lines, start=2):
        if any(cell not in (None, "") for cell in line):
            yield Row(number, {header: cell for header, cell in zip(headers, line, strict=False) if header})


@contextmanager
def _xlsx(path: Path) -> Iterator[tuple[int | None, Iterator[list[Any]]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise FileError(_("%(path)s is too large once unpacked.") % {"path": path})
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise FileError(_("%(path)s is not a readable xlsx file.") % {"path": path}) from error
    sheet = book.worksheets[0]
    lines = sheet.iter_rows(values_only=True)
    try:
        yield sheet.max_row - 1 if sheet.max_row else None, (list(line) for line in lines)
    finally:
        # An interrupted reader would hold the file open until it is collected.
        lines.close()
        book.close()


@contextmanager
def _csv(path: Path) -> Iterator[tuple[int | None, Iterator[list[Any]]]]:
    encoding = _encoding(path)
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = max(DELIMITERS, key=first.count)
        # strict=False lets a stray quote pass; NUL bytes come through and are refused with their row.
        yield _lines(path, encoding) - 1, _csv_lines(csv.reader(file, delimiter=delimiter))


def _csv_lines(reader: Iterator[list[str]]) -> Iterator[list[Any]]:
    """Yield the lines; one that the reader cannot take comes as a single cell saying why, so that the rest goes on."""
    while True:
        try:
            yield list(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield [f"\0{error}"]


def _encoding(path: Path) -> str:
    """Return the first encoding that reads the whole file. Raises FileError."""
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding) as file:
                while file.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileError(_("%(path)s is neither UTF-8 nor GB 18030 text.") % {"path": path})


def _lines(path: Path, encoding: str) -> int:
    """Return how many lines the file has: an upper bound of its rows, for the progress bar."""
    with path.open(encoding=encoding) as file:
        return sum(1 for _line in file)
