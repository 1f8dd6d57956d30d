"""Serves the house: the web server and, unless told otherwise, the worker in one process."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.closing import Turn
from accounts.models import Person, Post, Role
from notices import worker
from portal.servers import SERVERS, HouseTaken, NotInstalled, PortTaken, alone

WORKER_STOP_SECONDS = 10.0
# settings.PUBLIC_URL where nobody has said another.
HOME = "http://127.0.0.1:8000"
# Objects more than gone before the collector looks, and how many looks make a deeper one; Python's 700 are for scripts.
COLLECTED = (20_000, 20, 20)


class Command(BaseCommand):
    """Serve until SIGTERM or Ctrl-C."""

    help = "Serve the house over HTTP and WebSocket, with the worker in the same process."
    # Done in handle(), once there is a database to ask.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where to listen and what else to do."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
        parser.add_argument("--no-worker", action="store_true", help="serve only; `manage.py worker` runs elsewhere")
        parser.add_argument(
            "--server", choices=sorted(SERVERS), default=settings.SERVER, help="daphne, or fast: see docs/operations.md"
        )
        parser.add_argument("--prepare", action="store_true", help="first migrate, collect files, load the demo")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare if asked, then serve."""
        if settings.DEMO and settings.PUBLIC_URL == HOME:
            # Whoever tries the house on another port follows links of its letters too.
            settings.PUBLIC_URL = f"http://{options['host']}:{options['port']}"
        stop, turn, thread = threading.Event(), Turn(), None
        if not turn.closed:
            if options["prepare"]:
                call_command("prepare", stdout=self.stdout)
            self.check(databases=["default"])
            thread = None if options["no_worker"] else threading.Thread(target=worker.run, args=[stop], name="worker")
        with nullcontext() if turn.closed else _alone():
            try:
                SERVERS[options["server"]](options["host"], options["port"], lambda: self._open(options, thread, turn))
            except PortTaken:
                words = f"Port {options['port']} on {options['host']} is taken. Choose another: --port 8001"
                raise CommandError(words) from None
            except NotInstalled as error:
                raise CommandError(f"The extra `fast` is not installed ({error}). Run: scripts/setup --fast") from None
            finally:
                if thread is not None and thread.is_alive():
                    worker.end(stop)
                    thread.join(WORKER_STOP_SECONDS)
        turn.follow()
        _leave()

    def _open(self, options: dict[str, Any], thread: threading.Thread | None, turn: Turn) -> None:
        """Say where the house is, once it listens, and start the worker."""
        turn.start()
        address = f"http://{options['host']}:{options['port']}"
        if turn.closed:
            self.stdout.write(f"Openhall is closed for maintenance at {address}: `manage.py house open` opens it.")
            self.stdout.flush()
            return
        if thread is not None:
            thread.start()
        # What was loaded until now stays for ever: the collector need not walk through it again and again.
        gc.collect()
        gc.freeze()
        # Said again here: not everybody begins it by manage.py, as the benchmark does not.
        gc.set_threshold(*COLLECTED)
        lines = [f"Openhall is open at {address}"]
        if settings.DEMO:
            lines += ["This is the demo: nothing is sent, everything may be tried.", *_demo_accounts()]
        self.stdout.write("\n".join([*lines, "Stop with Ctrl-C."]))
        self.stdout.flush()


def _leave() -> None:
    """End the process here and now: Python would first join its threads, and one of them may wait for the loop.

    A page that was waiting when the server stopped does so in a thread, for what the stopped loop never gives.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Refuse a second process without Redis: it would never hear what the first one rings."""
    try:
        with nullcontext() if settings.REDIS_URL else alone():
            yield
    except HouseTaken:
        raise CommandError(
            f"Another process serves {settings.DATA_DIR}. Stop it, or set OPENHALL_REDIS_URL to run several."
        ) from None


def _demo_accounts() -> list[str]:
    """Return a line for one demo account of each role, and for a citizen."""
    from portal.management.commands.load_demo import PASSWORD

    now = timezone.now()
    held = Post.objects.filter(since__lte=now, until__isnull=True, person__is_active=True).order_by("pk")
    first: dict[str, Post] = {}
    for post in held.select_related("person", "unit"):
        first.setdefault(post.role, post)
    lines = [f"Sign in with one of these and the password {PASSWORD}"]
    citizen = Person.objects.filter(posts__isnull=True, is_active=True, is_superuser=False).order_by("pk").first()
    if citizen is not None:
        lines.append(f"  {citizen.username:<16} citizen")
    for role in Role:
        if role in first:
            post = first[role]
            lines.append(f"  {post.person.username:<16} {role.value.replace('_', ' ')}, {post.unit.label_in('en')}")
    return lines
