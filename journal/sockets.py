"""One follower's socket: sending without ever making the hub wait, and the credit that a slow reader runs out of."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import orjson

from accounts.viewers import Viewer

from .rules import CREDIT_BYTES, CREDIT_ENTRIES, DEADLINE
from .wires import TEXT, Send, Wire

# Close codes of ours: daphne lets an application send 1000 and 3000 to 4999 only, so not even 1009 or 1012.
SIGNED_OUT = 4401
TOO_MANY = 4429
TOO_SLOW = 4408
TOO_BIG = 4009
RESTART = 4012
# Before the handshake, so that clients see a plain refusal.
NOT_NOW = 4503


class Tally:
    """How much a stream has handed on to its live followers so far: they are counted from it now and then."""

    __slots__ = ("entries", "size")

    def __init__(self) -> None:
        self.entries = self.size = 0


class Follow:
    """One socket following one stream, from the number `cursor` on.

    While `behind`, the hub brings it up page by page from the database. Then it is live: what the stream hands on is
    written to it at once, and counted against its socket's credit by `settle`.
    """

    __slots__ = ("behind", "cursor", "entries", "size", "socket", "stream", "tally")

    def __init__(self, socket: Socket, stream: str, cursor: int, tally: Tally) -> None:
        self.socket = socket
        self.stream = stream
        self.cursor = cursor
        self.tally = tally
        self.behind = True
        self.entries = self.size = 0

    def go_live(self) -> None:
        """Take from now on what the stream hands on."""
        self.behind = False
        self.entries, self.size = self.tally.entries, self.tally.size

    def fall_behind(self, cursor: int) -> None:
        """Take nothing more at once; `cursor` is the last number that was written."""
        self.behind, self.cursor = True, cursor

    def settle(self) -> None:
        """Count what was written since the last time against the socket's credit."""
        if not self.behind and self.entries != self.tally.entries:
            self.socket.count(self.tally.entries - self.entries, self.tally.size - self.size)
            self.entries, self.size = self.tally.entries, self.tally.size


class Socket:
    """What the hub and the consumer know of one open connection."""

    __slots__ = (
        "__weakref__",
        "_confirmed",
        "_pushed",
        "_send",
        "_sizes",
        "_unconfirmed",
        "address",
        "closed",
        "closing",
        "follows",
        "on_ready",
        "owner",
        "session_key",
        "stalled_at",
        "viewer",
        "wire",
    )  # fmt: skip

    def __init__(self, wire: Wire, send: Send, viewer: Viewer, session_key: str, address: str) -> None:
        self.wire = wire
        wire.on_resumed = self._resumed
        self._send = send
        self.viewer = viewer
        self.session_key = session_key
        self.address = address
        # Who answers for it: the person, the session, or nobody that is known.
        self.owner = viewer.key if viewer.person else session_key and f"session-{session_key}"
        self.follows: dict[str, Follow] = {}
        self.closed = False
        self.closing = 0
        # Called when a socket that could take nothing can again; the hub then catches its follows up.
        self.on_ready: Callable[[Socket], None] | None = None
        self.stalled_at: float | None = None
        self._pushed = self._confirmed = self._unconfirmed = 0
        self._sizes: deque[tuple[int, int]] = deque()

    @property
    def takes_entries(self) -> bool:
        """Whether entries may be pushed now: nothing is stuck and the reader has credit."""
        if self.closed:
            return False
        if self._has_credit and not self.wire.paused:
            return True
        self._stall()
        return False

    @property
    def _has_credit(self) -> bool:
        return self._pushed - self._confirmed < CREDIT_ENTRIES and self._unconfirmed < CREDIT_BYTES

    def settle(self) -> None:
        """Count what its live follows were written since the last time."""
        for follow in self.follows.values():
            follow.settle()

    def count(self, entries: int, size: int) -> None:
        """Count entries of so many bytes against the reader's credit."""
        self._pushed += entries
        self._unconfirmed += size
        self._sizes.append((self._pushed, size))

    def push(self, payload: bytes, entries: int) -> bool:
        """Send a page of entries and count it; False when the socket takes none now."""
        if not self.takes_entries:
            return False
        self.count(entries, len(payload))
        try:
            self.wire.write(TEXT, payload)
        # The connection is going away; the consumer hears of it by its disconnect.
        except OSError:
            self.closed = True
        return True

    def confirm(self, pushed: int) -> None:
        """Hear that the client has received `pushed` entries in all."""
        self.settle()
        self._confirmed = max(self._confirmed, min(pushed, self._pushed))
        while self._sizes and self._sizes[0][0] <= self._confirmed:
            self._unconfirmed -= self._sizes.popleft()[1]
        self._resumed()

    def is_stuck(self, now: float) -> bool:
        """Return whether the socket has taken nothing for longer than the deadline; `now` is the loop's time."""
        return self.stalled_at is not None and now - self.stalled_at > DEADLINE

    def send(self, payload: bytes) -> bool:
        """Send one frame; False when an earlier one is still stuck, then this one is dropped."""
        if self.closed or self._is_stuck_now():
            return False
        try:
            self.wire.write(TEXT, payload)
        except OSError:
            self.closed = True
            return False
        self._is_stuck_now()
        return True

    def _is_stuck_now(self) -> bool:
        if self.wire.paused:
            self._stall()
        return self.wire.paused

    def _stall(self) -> None:
        if self.stalled_at is None:
            self.stalled_at = asyncio.get_running_loop().time()

    def _resumed(self) -> None:
        if self.stalled_at is None or self.wire.paused or not self._has_credit:
            return
        self.stalled_at = None
        if self.on_ready is not None and not self.closed:
            self.on_ready(self)

    def answer(self, frame: dict[str, Any]) -> None:
        """Send a command's answer, also to a client that does not read: commands are limited, and so is its time."""
        self.reply(orjson.dumps(frame))

    def reply(self, payload: bytes) -> None:
        """Send an answer that is encoded already, as `answer` does."""
        if self.closed:
            return
        try:
            self.wire.write(TEXT, payload)
        except OSError:
            self.closed = True

    async def close(self, code: int) -> None:
        """Close with a code; the first one counts."""
        if self.closed:
            return
        self.closed, self.closing = True, code
        self.wire.abandon()
        try:
            await asyncio.wait_for(self._send({"type": "websocket.close", "code": code}), DEADLINE)
        # Already gone.
        except Exception:
            return
