"""Serves the house: daphne and, unless told otherwise, the worker in one process."""

from __future__ import annotations

import contextlib
import fcntl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Person, Post, Role

# Above the protocol's own limit of 64 KiB, so that the journal answers with its error and not the library.
SOCKET_MESSAGE_BYTES = 256 * 1024
WORKER_STOP_SECONDS = 10.0
# RFC 6455's registry: "service restart"; clients come back after a moment of their own choosing.
RESTARTING = 1012


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
        parser.add_argument("--prepare", action="store_true", help="first migrate, collect files, load the demo")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare if asked, then serve."""
        if options["prepare"]:
            call_command("prepare", stdout=self.stdout)
        self.check(databases=["default"])
        stop = threading.Event()
        worker = None if options["no_worker"] else threading.Thread(target=_work, args=[stop], name="worker")
        server = _server(options["host"], options["port"], lambda: self._open(options, worker))
        with _alone():
            try:
                server.run()
            finally:
                stop.set()
                if worker is not None and worker.is_alive():
                    worker.join(WORKER_STOP_SECONDS)
        if not server.listening_addresses:
            raise CommandError(f"Port {options['port']} on {options['host']} is taken. Choose another: --port 8001")

    def _open(self, options: dict[str, Any], worker: threading.Thread | None) -> None:
        """Say where the house is, once it listens, and start the worker."""
        if worker is not None:
            worker.start()
        lines = [f"Openhall is open at http://{options['host']}:{options['port']}"]
        if settings.DEMO:
            lines += ["This is the demo: nothing is sent, everything may be tried.", *_demo_accounts()]
        self.stdout.write("\n".join([*lines, "Stop with Ctrl-C."]))
        self.stdout.flush()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Refuse a second process without Redis: it would never hear what the first one rings."""
    if settings.REDIS_URL:
        yield
        return
    with (Path(settings.DATA_DIR) / "house.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"Another process serves {settings.DATA_DIR}. Stop it, or set OPENHALL_REDIS_URL to run several."
            ) from None
        yield


def _work(stop: threading.Event) -> None:
    from notices import worker

    worker.run(stop)


def _server(host: str, port: int, on_open: Callable[[], None]) -> Any:
    """Return daphne's server, not yet running, that calls `on_open` when it listens."""
    from daphne.endpoints import build_endpoint_description_strings
    from daphne.server import Server

    from asgi import application

    class HouseServer(Server):
        def listen_success(self, listener: Any) -> None:
            super().listen_success(listener)
            on_open()

        def kill_all_applications(self) -> Any:
            """Tell sockets that we come back (1012) before their applications are cancelled."""
            for protocol, details in list(self.connections.items()):
                if "application_instance" not in details:
                    del self.connections[protocol]
                elif hasattr(protocol, "sendCloseFrame"):
                    with contextlib.suppress(Exception):
                        protocol.sendCloseFrame(code=RESTARTING, reasonUtf8=b"restarting", isReply=False)
            return super().kill_all_applications()

    return HouseServer(
        application=application,
        endpoints=build_endpoint_description_strings(host=host, port=port),
        application_close_timeout=5,
        websocket_max_message_size=SOCKET_MESSAGE_BYTES,
        websocket_max_frame_size=SOCKET_MESSAGE_BYTES,
        server_name="openhall",
    )


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
