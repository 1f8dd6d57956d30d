"""The servers that the house can stand on: daphne, and uvicorn with picows as the extra `fast`."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import signal
import socket
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

from django.conf import settings

# Above the protocol's own limit of 64 KiB, so that the journal answers with its error and not the library.
SOCKET_MESSAGE_BYTES = 256 * 1024
# RFC 6455's registry: "service restart"; clients come back after a moment of their own choosing.
RESTARTING = 1012
STOP_SECONDS = 5


class HouseTaken(OSError):
    """Another process serves this data directory."""


class PortTaken(OSError):
    """Somebody else listens there."""


class NotInstalled(ImportError):
    """The extra is not installed."""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the lock of the data directory, which whoever serves without Redis holds. Raises HouseTaken."""
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    with (Path(settings.DATA_DIR) / "house.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HouseTaken from None
        yield


def daphne_server(endpoints: list[str], on_open: Callable[[], None], signals: bool = True) -> Any:
    """Return a daphne for the endpoints (twisted's descriptions), not yet running; `on_open` is called per endpoint."""
    from autobahn.twisted import websocket as over_twisted
    from autobahn.websocket import protocol as autobahn
    from daphne.server import Server

    from asgi import application
    from journal.wires import WIRE, DaphneWire

    class HouseServer(Server):
        def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
            if scope["type"] == "websocket":
                scope["extensions"] = {WIRE: DaphneWire(protocol)}
            return super().create_application(protocol, scope)

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

    # At each handshake autobahn formats all its settings, and whatever comes and goes, for a log that nobody keeps:
    # a third of what a socket costs.
    for module, name in product((autobahn, over_twisted), ("pformat", "hltype", "hlval")):
        setattr(module, name, lambda _what: "")
    return HouseServer(
        application=application,
        endpoints=endpoints,
        signal_handlers=signals,
        application_close_timeout=STOP_SECONDS,
        websocket_max_message_size=SOCKET_MESSAGE_BYTES,
        websocket_max_frame_size=SOCKET_MESSAGE_BYTES,
        server_name="openhall",
    )


def run_daphne(host: str, port: int, on_open: Callable[[], None]) -> None:
    """Serve on daphne until SIGTERM or Ctrl-C; `on_open` is called once it listens. Raises PortTaken."""
    from daphne.endpoints import build_endpoint_description_strings

    server = daphne_server(build_endpoint_description_strings(host=host, port=port), on_open)
    server.run()
    if not server.listening_addresses:
        raise PortTaken(port)


def run_fast(host: str, port: int, on_open: Callable[[], None]) -> None:
    """Serve on uvicorn (h11) with picows' WebSockets, as `run_daphne` does. Raises PortTaken, NotInstalled."""
    try:
        import uvicorn
        import uvloop

        from journal.fast import Door
    except ImportError as error:
        raise NotInstalled(str(error)) from None

    from asgi import application

    class HouseServer(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            on_open()

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Stop in order on a signal, and leave it at that: what started us has its own things to end."""
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.handle_exit, number, None)
            yield

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError:
        raise PortTaken(port) from None
    config = uvicorn.Config(
        application, http="h11", ws=Door, lifespan="off", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=STOP_SECONDS,
    )  # fmt: skip
    uvloop.run(HouseServer(config).serve(sockets=[listening]))


SERVERS: dict[str, Callable[[str, int, Callable[[], None]], None]] = {"daphne": run_daphne, "fast": run_fast}
