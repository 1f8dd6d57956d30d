"""Closed for maintenance: a file in the data directory, which every process sees and which needs no database."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from django.conf import settings

# Seconds between two looks of a process at whether it should be what it is.
LOOK_EVERY = 1.0
CLOSED = "closed"


def _marker() -> Path:
    return Path(settings.DATA_DIR) / CLOSED


def is_closed() -> bool:
    """Return whether the house is closed; cheap enough for every request."""
    return os.path.exists(f"{settings.DATA_DIR}/{CLOSED}")


def close_house() -> bool:
    """Close the house in every process that shares the data directory; return whether it was open."""
    _marker().parent.mkdir(parents=True, exist_ok=True)
    try:
        _marker().touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def open_house() -> None:
    """Open the house again; nothing happens when it is open."""
    _marker().unlink(missing_ok=True)


class Turn(threading.Thread):
    """Ends the process in order when the house closes, or opens again, so that it can begin anew as what it then is.

    A closed process holds no connection and no lock, and one that opens remembers nothing of the database before.
    """

    def __init__(self) -> None:
        super().__init__(name="turn", daemon=True)
        self.closed = is_closed()
        self._came = False

    def run(self) -> None:
        """Look until the house is no longer as the process began in it."""
        while is_closed() == self.closed:
            time.sleep(LOOK_EVERY)
        self._came = True
        os.kill(os.getpid(), signal.SIGTERM)

    def follow(self) -> None:
        """Begin anew, under the same number and with the same words, if that is why the process ended."""
        if self._came:
            sys.stdout.flush()
            sys.stderr.flush()
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own words
