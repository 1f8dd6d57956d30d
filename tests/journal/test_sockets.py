"""A socket under a server whose `send` waits: the hub never does."""

import asyncio

import pytest

from accounts.viewers import Viewer
from journal.rules import CREDIT_BYTES, CREDIT_ENTRIES
from journal.sockets import TOO_SLOW, Follow, Socket, Tally
from journal.wires import AsgiWire


class Line:
    """A server's `send` that blocks while the wire is full, as uvicorn's does."""

    def __init__(self):
        self.free = asyncio.Event()
        self.free.set()
        self.sent = []

    async def send(self, message):
        await self.free.wait()
        # A second wait: the shell around the started coroutine has to hand on more than one.
        if not self.free.is_set():
            await self.free.wait()
        await asyncio.sleep(0)
        self.sent.append(message.get("text") or message["code"])


@pytest.fixture
async def wire():
    return Line()


def socket_on(wire):
    return Socket(AsgiWire(wire.send), wire.send, Viewer(), "", "")


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_blocks_is_finished_apart_and_reported_ready(wire):
    socket, ready = socket_on(wire), []
    socket.on_ready = ready.append
    wire.free.clear()
    assert socket.send(b"a")
    assert not socket.takes_entries
    assert not socket.send(b"dropped")
    assert not socket.push(b"behind", 1)
    # The answer to a command is never dropped, and keeps its place.
    socket.answer({"ref": 1})
    wire.free.set()
    await settle()
    await settle()
    assert wire.sent == ["a", '{"ref":1}']
    assert ready == [socket]
    assert socket.takes_entries


async def test_one_that_stays_blocked_is_stuck_after_the_deadline_and_can_be_closed(wire):
    socket = socket_on(wire)
    wire.free.clear()
    socket.send(b"a")
    now = asyncio.get_running_loop().time()
    assert not socket.is_stuck(now + 9)
    assert socket.is_stuck(now + 11)
    closing = asyncio.ensure_future(socket.close(TOO_SLOW))
    await settle()
    wire.free.set()
    await closing
    assert wire.sent == [TOO_SLOW]


@pytest.mark.parametrize(
    ("text", "pushes"), [(b"x", CREDIT_ENTRIES), (b"x" * 1024, CREDIT_ENTRIES), (b"x" * 65536, CREDIT_BYTES // 65536)]
)
async def test_credit_ends_at_so_many_entries_or_bytes_and_comes_back(wire, text, pushes):
    async def at_once(message):
        wire.sent.append(message["text"])

    socket = Socket(AsgiWire(at_once), at_once, Viewer(), "", "")
    pushed = 0
    while socket.push(text, 1):
        pushed += 1
    assert pushed == pushes
    ready = []
    socket.on_ready = ready.append
    # Confirming more than was sent is no credit beyond it.
    socket.confirm(10**9)
    assert ready == [socket]
    assert socket.takes_entries
    assert socket.push(text, 1)


async def test_what_a_live_follower_was_written_counts_as_soon_as_it_is_looked_at(wire):
    socket = socket_on(wire)
    one, other = (Follow(socket, name, 0, Tally()) for name in ("open-1", "open-2"))
    socket.follows = {"open-1": one, "open-2": other}
    one.go_live()
    for follow, entries in ((one, CREDIT_ENTRIES - 1), (other, 9)):
        follow.tally.entries += entries
        follow.tally.size += entries
    socket.settle()
    assert socket.takes_entries
    one.tally.entries += 1
    socket.settle()
    assert not socket.takes_entries
    # What its stream hands on while it is behind is not its.
    one.fall_behind(CREDIT_ENTRIES)
    one.tally.entries += 1
    socket.confirm(CREDIT_ENTRIES)
    assert socket.takes_entries


async def test_a_broken_wire_is_no_error_of_the_hubs():
    async def broken(message):
        raise OSError

    socket = Socket(AsgiWire(broken), broken, Viewer(), "", "")
    assert not socket.send(b"a")
    assert socket.closed
