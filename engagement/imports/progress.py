"""A bar on the terminal that says how far a run is and how fast; a line now and then where there is no terminal."""

from __future__ import annotations

import time
from typing import TextIO

WIDTH = 24
# Seconds between two lines in a log.
PATIENCE = 10.0


class Bar:
    """Shows progress on `stream`; `total` is None when the number of rows is not known."""

    def __init__(self, stream: TextIO, label: str, total: int | None) -> None:
        self._stream = stream
        self._label = label
        self._total = total
        self._started = self._shown = time.monotonic()
        self._live = stream.isatty()

    def show(self, done: int) -> None:
        """Say that `done` rows are done."""
        now = time.monotonic()
        if self._live:
            self._stream.write(f"\r\x1b[K{self.line(done, now)}")
            self._stream.flush()
        elif now - self._shown >= PATIENCE:
            self._shown = now
            self._stream.write(self.line(done, now) + "\n")

    def end(self, done: int) -> None:
        """Leave the last state standing."""
        self._stream.write(("\r\x1b[K" if self._live else "") + self.line(done, time.monotonic()) + "\n")

    def line(self, done: int, now: float) -> str:
        """Return the bar as text at the moment `now` (seconds of the monotonic clock)."""
        speed = f"{done / max(now - self._started, 1e-6):,.0f}/s"
        if not self._total:
            return f"{self._label}  {done:,} rows  {speed}"
        share = min(1.0, done / self._total)
        full = round(share * WIDTH)
        return f"{self._label}  {'█' * full}{'░' * (WIDTH - full)} {done:,}/{self._total:,}  {share:.0%}  {speed}"
