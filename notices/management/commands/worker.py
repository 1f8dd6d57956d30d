"""Runs the worker in the foreground: outbox, timers and other periodic work."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from accounts.closing import Turn
from notices import worker


class Command(BaseCommand):
    """`manage.py worker`."""

    help = "Send the outbox and do the periodic work until SIGTERM or SIGINT; several may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until a signal comes; what is in hand is finished first. While the house is closed, do nothing."""
        stop, turn = threading.Event(), Turn()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.end(stop))
        turn.start()
        if turn.closed:
            stop.wait()
        else:
            worker.run(stop)
        turn.follow()
