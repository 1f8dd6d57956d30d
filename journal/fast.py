"""WebSockets of the extra `fast`: uvicorn opens the door, picows reads and writes the frames."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from picows import WSAutoPingStrategy, WSFrame, WSListener, WSMsgType, WSTransport
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from .wires import TEXT, WIRE

# Above the protocol's own limit of 64 KiB, so that the journal answers with its error and not the library.
MESSAGE_BYTES = 256 * 1024
# Frames that one client may have waiting before no more is read from it.
MOST_WAITING = 32
PING_EVERY = 20.0
CLOSE_SECONDS = 5.0
RESTARTING = 1012

# Not a plain logger: of those picows makes a child per connection.
_log = logging.LoggerAdapter(logging.getLogger("picows"), {})


class PicowsWire(WSListener):
    """One open WebSocket: frames in become ASGI events, and the hub writes its frames without a coroutine."""

    def __init__(self, tell: Callable[[dict[str, Any]], None], is_waiting: Callable[[], bool]) -> None:
        self.tell = tell
        # Whether the application has heard everything and waits for more.
        self.is_waiting = is_waiting
        self.transport: WSTransport | None = None
        self.paused = False
        self.on_resumed: Callable[[], None] | None = None
        self.on_text: Callable[[bytes], bool] | None = None
        # Whether anything came since the last ping.
        self.heard = True
        self._parts: list[bytes] = []

    def write(self, opcode: Any, payload: bytes) -> None:
        """Send a text frame: nothing before the handshake, then `on_ws_connected` puts picows' own `send` here."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Hear that the handshake is done."""
        self.transport = transport
        # What the connection does not take at once is kept by it, and `paused` says so; after a close it does nothing.
        self.write = transport.send  # type: ignore[method-assign, assignment]
        _Pings.of_this_loop().wires.add(self)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Hear that the connection is gone."""
        self.transport = None
        _Pings.of_this_loop().wires.discard(self)
        closing = transport.close_handshake
        came: Any = closing.recv.code if closing is not None and closing.recv is not None else 1006
        self.tell({"type": "websocket.disconnect", "code": int(came)})

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take in a frame: whole texts go to the application."""
        self.heard = True
        kind = frame.msg_type
        if kind == WSMsgType.TEXT and frame.fin:
            self._hear(frame.get_payload_as_bytes())
        elif kind == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif kind in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION):
            self._gather(frame)

    def _hear(self, text: bytes) -> None:
        if self.on_text is not None and self.is_waiting() and self.on_text(text):
            return
        try:
            self.tell({"type": "websocket.receive", "text": text.decode()})
        except UnicodeDecodeError:
            self.close(1007)

    def _gather(self, frame: WSFrame) -> None:
        """Put a message together that came in parts; what is not text is passed on as bytes."""
        self._parts.append(frame.get_payload_as_bytes())
        if sum(map(len, self._parts)) > MESSAGE_BYTES:
            self.close(1009)
        elif frame.fin:
            whole, self._parts = b"".join(self._parts), []
            try:
                self.tell({"type": "websocket.receive", "text": whole.decode()})
            except UnicodeDecodeError:
                self.tell({"type": "websocket.receive", "bytes": whole})

    def pause_writing(self) -> None:
        """Hear that the client takes less than is written."""
        self.paused = True

    def resume_writing(self) -> None:
        """Hear that it has taken most of it."""
        self.paused = False
        if self.on_resumed is not None:
            self.on_resumed()

    def close(self, code: int, reason: str = "") -> None:
        """Say why, and hang up if the client does not."""
        transport = self.transport
        if transport is not None and not transport.is_close_frame_sent:
            transport.send_close(code, reason or None)  # type: ignore[arg-type]
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, transport.disconnect, False)

    def abandon(self) -> None:
        """Nothing to do: `close` hangs up in any case."""

    def ping(self) -> None:
        """Hang up on a client that was silent since the last ping, or ask again."""
        if self.transport is None:
            return
        if not self.heard:
            self.transport.disconnect(False)
        else:
            self.heard = False
            self.transport.send_ping()


class _Pings:
    """One clock for all sockets of a loop, instead of a task for each."""

    _of: tuple[asyncio.AbstractEventLoop, _Pings] | None = None

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.wires: set[PicowsWire] = set()
        loop.call_later(PING_EVERY, self._ping)

    @classmethod
    def of_this_loop(cls) -> _Pings:
        loop = asyncio.get_running_loop()
        if cls._of is None or cls._of[0] is not loop:
            cls._of = loop, cls(loop)
        return cls._of[1]

    def _ping(self) -> None:
        for wire in tuple(self.wires):
            wire.ping()
        self.loop.call_later(PING_EVERY, self._ping)


class Door(asyncio.Protocol):
    """uvicorn's `ws` class: lets the application decide about an upgrade, then leaves the connection to picows."""

    def __init__(self, config: Any, server_state: Any, app_state: dict[str, Any], _loop: Any = None) -> None:
        self.application = config.loaded_app
        self.server_state = server_state
        self.app_state = app_state
        self.loop = asyncio.get_running_loop()
        self.transport: Any = None
        self.request = self.early = b""
        self.wire = PicowsWire(self._tell, self._is_waiting)
        self.accepted = self.gone = False
        self.events: deque[dict[str, Any]] = deque()
        self.waiter: asyncio.Future[None] | None = None

    # What uvicorn and the connection say

    def connection_made(self, transport: Any) -> None:
        """Take the connection over from HTTP."""
        self.transport = transport
        self.server_state.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Hear the request, as uvicorn repeats it; later bytes came before the answer and wait for it."""
        if self.request:
            self.early += data
            if len(self.early) > MESSAGE_BYTES:
                self.transport.abort()
            return
        self.request = data
        self.events.append({"type": "websocket.connect"})
        task = self.loop.create_task(self._run(scope_of(data, self.transport, self.app_state)))
        self.server_state.tasks.add(task)
        task.add_done_callback(self.server_state.tasks.discard)

    def connection_lost(self, error: Exception | None) -> None:
        """Hear that the client left before it was answered."""
        self._tell({"type": "websocket.disconnect", "code": 1006})

    def shutdown(self) -> None:
        """Close because the server stops: clients come back to another process."""
        if self.accepted:
            self.wire.close(RESTARTING, "restarting")
            self._tell({"type": "websocket.disconnect", "code": RESTARTING})
        else:
            self.transport.close()

    def _tell(self, event: dict[str, Any]) -> None:
        if self.gone:
            return
        if event["type"] == "websocket.disconnect":
            self.gone = True
            self.server_state.connections.discard(self)
        self.events.append(event)
        if len(self.events) == MOST_WAITING:
            self.transport.pause_reading()
        if self.waiter is not None and self._is_waiting():
            self.waiter.set_result(None)

    def _is_waiting(self) -> bool:
        return self.waiter is not None and not self.waiter.done()

    # What the application says

    async def _run(self, scope: dict[str, Any]) -> None:
        scope["extensions"][WIRE] = self.wire
        try:
            await self.application(scope, self.receive, self.send)
        except Exception:
            logging.getLogger(__name__).exception("a socket's application failed")
        finally:
            if self.accepted:
                self.wire.close(1011 if not self.gone else 1000)
            else:
                self.transport.close()

    async def receive(self) -> dict[str, Any]:
        """Return the next ASGI event."""
        if not self.events:
            self.waiter = self.loop.create_future()
            await self.waiter
        event = self.events.popleft()
        if len(self.events) == MOST_WAITING - 1 and not self.gone:
            self.transport.resume_reading()
        return event

    async def send(self, message: dict[str, Any]) -> None:
        """Take an ASGI message. Raises OSError once the connection is gone."""
        if self.gone:
            raise ConnectionResetError("the socket is gone")
        match message["type"]:
            case "websocket.send":
                self.wire.write(TEXT, message["text"].encode())
            case "websocket.accept":
                self._accept()
            case "websocket.close" if self.accepted:
                self.wire.close(message.get("code", 1000), message.get("reason") or "")
            case "websocket.close":
                self.transport.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                self.transport.close()
                self._tell({"type": "websocket.disconnect", "code": 1006})

    def _accept(self) -> None:
        """Let picows answer the request, with 101 unless the request is none, and read from here on."""
        protocol = WSProtocol(
            None, None, False, lambda request: self.wire, _log, True, None, False, 0, 0,
            WSAutoPingStrategy.PING_WHEN_IDLE, True, MESSAGE_BYTES, None, 2048,
        )  # fmt: skip
        self.accepted = True
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        for data in (self.request, self.early):
            for start in range(0, len(data), 1024):
                part = data[start : start + 1024]
                protocol.get_buffer(-1)[: len(part)] = part
                protocol.buffer_updated(len(part))
        self.early = b""
        if self.wire.transport is None:
            raise ConnectionResetError("the upgrade was refused")


def scope_of(request: bytes, transport: Any, state: dict[str, Any]) -> dict[str, Any]:
    """Return the ASGI scope of an upgrade request as uvicorn writes it: lower-case names, no folded lines."""
    first, *lines = request.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    raw_path, _, query = first.split(b" ")[1].partition(b"?")
    secure = transport.get_extra_info("sslcontext") is not None
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if secure else "ws",
        "server": transport.get_extra_info("sockname"),
        "client": transport.get_extra_info("peername"),
        "root_path": "",
        "path": unquote(raw_path.decode("ascii", "replace")),
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(name, value) for name, _, value in (line.partition(b": ") for line in lines)],
        "subprotocols": [],
        "state": state.copy(),
        "extensions": {},
    }
