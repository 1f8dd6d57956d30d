"""One run over a file: in batches, past bad rows, and again from where it stopped."""

from __future__ import annotations

import csv
import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from django.db import DataError, IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from ..rules import RuleBroken
from .incoming import Incoming, Reader
from .sheets import Row
from .store import Store

BATCH = 500
# Spreadsheets run cells that begin so as formulas.
FORMULA = ("=", "+", "-", "@")


@dataclass
class Result:
    """What a run did: rows read, cases made, cases that were there already, rows refused."""

    read: int = 0
    new: int = 0
    known: int = 0
    bad: int = 0


class Report:
    """The refused rows with their reasons, as a csv file that is made when the first one comes."""

    def __init__(self, path: Path, headers: list[str]) -> None:
        self.path = path
        self._headers = [header for header in headers if header]
        self._file: TextIO | None = None

    def add(self, row: Row, reason: str) -> None:
        """Write one refused row."""
        if self._file is None:
            # With a byte-order mark, so that office programs read the Chinese in it.
            self._file = self.path.open("w", encoding="utf-8-sig", newline="", errors="backslashreplace")
            csv.writer(self._file).writerow([_("row"), _("reason"), *self._headers])
        cells = [_harmless(row.cells.get(header)) for header in self._headers]
        csv.writer(self._file).writerow([row.number, reason, *cells])
        self._file.flush()

    def close(self) -> None:
        """Finish the file, if there is one."""
        if self._file is not None:
            self._file.close()


def _harmless(cell: Any) -> str:
    text = "" if cell is None else str(cell).replace("\0", "\\0")
    return f"'{text}" if text.startswith(FORMULA) else text


@dataclass
class Run:
    """Reads rows with `read` and stores them; `tell` is called with the rows read after each batch."""

    read: Reader
    report: Report
    tell: Callable[[int], None]
    at: datetime = field(default_factory=timezone.now)
    result: Result = field(default_factory=Result)

    def __post_init__(self) -> None:
        self._store = Store()
        self._seen: set[str] = set()
        self._waiting: list[tuple[Row, Incoming]] = []

    def over(self, rows: Iterable[Row]) -> Result:
        """Store every row that can be stored; each batch is one transaction, so what is done stays done."""
        for row in rows:
            self.result.read += 1
            self._take(row)
            if len(self._waiting) >= BATCH:
                self._flush()
        self._flush()
        return self.result

    def _take(self, row: Row) -> None:
        try:
            incoming = self.read(row)
        except RuleBroken as broken:
            self._refuse(row, f"{getattr(broken, 'field', '')}: {broken}".removeprefix(": "))
            return
        if incoming.source in self._seen:
            self._refuse(row, _("The number %(number)s stands in an earlier row too.") % {"number": incoming.source})
            return
        self._seen.add(incoming.source)
        self._waiting.append((row, incoming))

    def _refuse(self, row: Row, reason: str) -> None:
        self.result.bad += 1
        self.report.add(row, reason)

    def _flush(self) -> None:
        known = self._store.known([incoming.source for _row, incoming in self._waiting])
        fresh = [(row, incoming) for row, incoming in self._waiting if incoming.source not in known]
        self.result.known += len(known)
        self._waiting = []
        if fresh:
            self._add(fresh)
        # The import command keeps the collector off between batches.
        gc.collect()
        self.tell(self.result.read)

    def _add(self, fresh: list[tuple[Row, Incoming]]) -> None:
        """Store a batch; when the database refuses it, store row by row to find the one it means."""
        try:
            self._store.add([incoming for _row, incoming in fresh], self.at)
        except (DataError, IntegrityError) as error:
            if len(fresh) == 1:
                self._refuse(fresh[0][0], str(error).splitlines()[0])
                return
            for pair in fresh:
                self._add([pair])
            return
        self.result.new += len(fresh)
