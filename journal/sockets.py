"""One follower's socket: sending without ever making the hub wait, and the credit that a slow reader runs out of."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

import orjson

from accounts.viewers import Viewer

from .rules import CREDIT_BYTES, CREDIT_ENTRIES, DEADLINE

Send = Callable[[dict[str, Any]], Awaitable[None]]

# Close codes of ours: daphne lets an application send 1000 and 3000 to 4999 only, so not even 1009 or 1012.
SIGNED_OUT = 4401
TOO_MANY = 4429
TOO_SLOW = 4408
TOO_BIG = 4009
RESTART = 4012


class Follow:
    """One socket following one stream: `cursor` is the last number that was handed to the socket."""

    __slots__ = ("behind", "cursor", "socket", "stream")

    def __init__(self, socket: Socket, stream: str, cursor: int) -> None:
        self.socket = socket
        self.stream = stream
        self.cursor = cursor
        # Waiting to be caught up from the database, by the hub.
        self.behind = True

    def push(self, first: int, last: int, text: str) -> bool:
        """Send entries `first` to `last`; False when they do not follow on or the socket takes nothing now."""
        if last <= self.cursor:
            return True
        if self.behind or first != self.cursor + 1 or not self.socket.takes_entries:
            self.behind = True
            return False
        self.cursor = last
        self.socket.push(text, last - first + 1)
        return True


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


class Socket:
    """What the hub and the consumer know of one open connection."""

    __slots__ = (
        "__weakref__",
        "_confirmed",
        "_pushed",
        "_send",
        "_sending",
        "_sizes",
        "_unconfirmed",
        "address",
        "closed",
        "closing",
        "follows",
        "on_ready",
        "session_key",
        "stalled_at",
        "viewer",
    )  # fmt: skip

    def __init__(self, send: Send, viewer: Viewer, session_key: str, address: str) -> None:
        self._send = send
        self.viewer = viewer
        self.session_key = session_key
        self.address = address
        self.follows: dict[str, Follow] = {}
        self.closed = False
        self.closing = 0
        # Called when a socket that could take nothing can again; the hub then catches its follows up.
        self.on_ready: Callable[[Socket], None] | None = None
        self.stalled_at: float | None = None
        self._sending: asyncio.Task[None] | None = None
        self._pushed = self._confirmed = self._unconfirmed = 0
        self._sizes: deque[tuple[int, int]] = deque()

    @property
    def takes_entries(self) -> bool:
        """Whether entries may be pushed now: nothing is stuck and the reader has credit."""
        if self.closed or self._sending is not None:
            return False
        if self._pushed - self._confirmed < CREDIT_ENTRIES and self._unconfirmed < CREDIT_BYTES:
            return True
        if self.stalled_at is None:
            self.stalled_at = asyncio.get_running_loop().time()
        return False

    def push(self, text: str, entries: int) -> None:
        """Send entries and count them against the reader's credit."""
        self._pushed += entries
        self._unconfirmed += len(text)
        self._sizes.append((self._pushed, len(text)))
        self.send(text)

    def confirm(self, pushed: int) -> None:
        """Hear that the client has received `pushed` entries in all."""
        self._confirmed = max(self._confirmed, min(pushed, self._pushed))
        while self._sizes and self._sizes[0][0] <= self._confirmed:
            self._unconfirmed -= self._sizes.popleft()[1]
        if self.stalled_at is not None:
            self.stalled_at = None
            self._ready()

    def is_stuck(self, now: float) -> bool:
        """Return whether the socket has taken nothing for longer than the deadline; `now` is the loop's time."""
        return self.stalled_at is not None and now - self.stalled_at > DEADLINE

    def send(self, text: str) -> bool:
        """Send one frame; False when an earlier one is still stuck, then this one is dropped.

        The server's coroutine is stepped by hand: as long as it takes the frame without waiting (always under
        daphne, mostly elsewhere) no task is made. One that waits is finished apart, so the hub never waits.
        """
        if self.closed or self._sending is not None:
            return False
        started: Any = self._send({"type": "websocket.send", "text": text})
        try:
            waits_for = started.send(None)
        except StopIteration:
            return True
        # The connection is going away; the consumer hears of it by its disconnect.
        except Exception:
            self.closed = True
            return False
        self.stalled_at = asyncio.get_running_loop().time()
        self._sending = asyncio.ensure_future(self._finish(started, waits_for))
        return True

    async def _finish(self, started: Coroutine[Any, Any, None], waits_for: Any) -> None:
        try:
            await _Rest(started, waits_for)
        except Exception:
            self.closed = True
            return
        self._sending = None
        self.stalled_at = None
        self._ready()

    def _ready(self) -> None:
        if self.on_ready is not None and not self.closed:
            self.on_ready(self)

    async def answer(self, frame: dict[str, Any]) -> None:
        """Send the answer to a command. A client that does not read holds up its own commands only."""
        while self._sending is not None and not self.closed:
            await asyncio.wait([self._sending])
        self.send(orjson.dumps(frame).decode())

    async def close(self, code: int) -> None:
        """Close with a code; the first one counts."""
        if self.closed:
            return
        self.closed, self.closing = True, code
        if self._sending is not None:
            self._sending.cancel()
        try:
            await asyncio.wait_for(self._send({"type": "websocket.close", "code": code}), DEADLINE)
        # Already gone.
        except Exception:
            return
