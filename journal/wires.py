"""How frames leave: a wire takes text frames at once, and says when its client takes less than is written.

The servers of the house put a wire of their own into the scope (`extensions["openhall.wire"]`), which spares a
coroutine and an encoding per frame and shows a full connection; under any other ASGI server `AsgiWire` does the same
by `send`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Protocol

Send = Callable[[dict[str, Any]], Awaitable[None]]
WIRE = "openhall.wire"
# RFC 6455, 5.2: the opcode of a text frame, the only kind that is written.
TEXT = 1


class Wire(Protocol):
    """What the hub needs of a connection."""

    # Whether the client takes less than is written: nothing more should be, until `on_resumed` is called.
    paused: bool
    on_resumed: Callable[[], None] | None
    # Given each text frame first by a server that can, as long as no earlier one waits; False: it goes the usual way.
    on_text: Callable[[bytes], bool] | None

    def write(self, opcode: Any, payload: bytes) -> None:
        """Send a text frame without waiting; `opcode` is TEXT. Raises an OSError when the connection is going away.

        A server's own function may be put in its place, hence the opcode: it is called for every follower of every
        entry, where each further call in between is felt.
        """

    def abandon(self) -> None:
        """Give up what is stuck, for the connection is to be closed."""


class AsgiWire:
    """A wire over ASGI's `send`.

    The server's coroutine is stepped by hand: as long as it takes the frame without waiting no task is made. One that
    waits is finished apart, so the hub never waits.
    """

    __slots__ = ("_kept", "_send", "_sending", "on_resumed", "on_text", "paused")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sending: asyncio.Task[None] | None = None
        # What was written while an earlier frame was stuck.
        self._kept: list[bytes] = []
        self.paused = False
        self.on_resumed: Callable[[], None] | None = None
        self.on_text: Callable[[bytes], bool] | None = None

    def write(self, opcode: Any, payload: bytes) -> None:
        """Send a text frame."""
        if self.paused:
            self._kept.append(payload)
            return
        started: Any = self._send({"type": "websocket.send", "text": payload.decode()})
        try:
            waits_for = started.send(None)
        except StopIteration:
            return
        # Whatever the server raises of a connection that ends.
        except Exception as error:
            raise ConnectionResetError from error
        self.paused = True
        self._sending = asyncio.ensure_future(self._finish(started, waits_for))

    def abandon(self) -> None:
        """Give up what is stuck."""
        if self._sending is not None:
            self._sending.cancel()

    async def _finish(self, started: Coroutine[Any, Any, None], waits_for: Any) -> None:
        try:
            await _Rest(started, waits_for)
            while self._kept:
                await self._send({"type": "websocket.send", "text": self._kept.pop(0).decode()})
        # The connection is going away; the consumer hears of it by its disconnect.
        except Exception:
            return
        self.paused = False
        if self.on_resumed is not None:
            self.on_resumed()


class _Rest(Awaitable[None]):
    """The rest of a coroutine whose first step has been made by hand and ended in waiting for `waits_for`."""

    def __init__(self, started: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self.started = started
        self.waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        while True:
            try:
                try:
                    value = yield self.waits_for
                except BaseException as error:
                    # A cancellation belongs to the coroutine that waits, not to this shell around it.
                    self.waits_for = self.started.throw(error)
                else:
                    self.waits_for = self.started.send(value)
            except StopIteration:
                return


class DaphneWire:
    """A wire over the WebSocket protocol of daphne (autobahn on twisted).

    What all followers get is framed once. A frame goes to the connection at once when nothing waits before it: by way
    of twisted's buffer it would cost two more turns of the reactor's poll.
    """

    __slots__ = ("_protocol", "on_resumed", "on_text", "paused")
    _last: tuple[bytes, bytes] = (b"", b"")

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self.paused = False
        self.on_resumed: Callable[[], None] | None = None
        self.on_text: Callable[[bytes], bool] | None = None
        # Until now the HTTP channel was told when the client reads too slowly; it has nothing more to say here.
        protocol.transport.unregisterProducer()
        protocol.transport.registerProducer(self, True)

    def write(self, opcode: Any, payload: bytes) -> None:
        """Send a text frame."""
        protocol = self._protocol
        if protocol.state != protocol.STATE_OPEN or protocol.muted:
            raise ConnectionResetError
        last, frame = DaphneWire._last
        if payload is not last:
            frame = protocol.factory.prepareMessage(payload, isBinary=False).payloadHybi
            DaphneWire._last = payload, frame
        transport = protocol.transport
        if self.paused or transport.dataBuffer or transport._tempDataBuffer:
            transport.write(frame)
            return
        taken = transport.writeSomeData(frame)
        if not isinstance(taken, int):
            transport.loseConnection()
            raise ConnectionResetError
        if taken < len(frame):
            transport.write(frame[taken:])

    def abandon(self) -> None:
        """Nothing to do: autobahn drops a connection that does not answer its closing."""

    # What twisted tells a producer

    def pauseProducing(self) -> None:  # noqa: N802
        """Hear that the client takes less than is written."""
        self.paused = True

    def resumeProducing(self) -> None:  # noqa: N802
        """Hear that it has taken most of it."""
        self.paused = False
        if self.on_resumed is not None:
            self.on_resumed()

    def stopProducing(self) -> None:  # noqa: N802
        """Hear that the connection is gone; the application is told by its disconnect."""
