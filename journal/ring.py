"""The doorbell: tells every process that a stream has reached a number. Lossy by design, never in anybody's way."""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future, wait
from itertools import islice
from typing import Any, Protocol

import orjson
from channels.layers import InMemoryChannelLayer, get_channel_layer

from .models import Entry
from .queries import frame

log = logging.getLogger(__name__)

# What sending to the other processes may cost in seconds; a lost ring heals by itself.
BUDGET = 0.5
# The group that every process joins, for what concerns more than one stream.
HOUSE = "journal.house"
# Rings to other processes that one change of many streams may cause.
RINGS = 200
# Beyond so many rings on their way (a paused Redis) further ones are dropped.
MOST_UNDERWAY = 5000


# A committed entry on its way to the followers in this process: stream, number, JSON text.
Fresh = tuple[str, int, bytes]


class Listener(Protocol):
    """What the ring knows of a hub."""

    loop: asyncio.AbstractEventLoop

    def watches(self, stream: str) -> bool:
        """Return whether anybody here follows the stream; asked from any thread."""

    def rung_together(self, fresh: list[Fresh]) -> None:
        """Hear of entries written in this process, encoded already."""

    def whispered(self, stream: str, text: str) -> None:
        """Pass a lossy frame on to the stream's followers."""

    def retracted(self, target: str) -> None:
        """Ask again who may follow."""


_listeners: list[Listener] = []
_underway: set[Future[None]] = set()


def listen(hub: Listener) -> None:
    """Let `hub` hear what is rung in this process."""
    _listeners.append(hub)


def unlisten(hub: Listener) -> None:
    """Let it be."""
    if hub in _listeners:
        _listeners.remove(hub)


def ring(stream: str, entry: Entry) -> None:
    """Ring for a committed entry: hubs of this process get it at once, other processes only its number."""
    fresh: list[Fresh] = []
    if is_heard(stream):
        payload = orjson.dumps(frame(stream, entry.seq, entry.kind, entry.at, entry.sender, entry.data))
        fresh = [(stream, entry.seq, payload)]
    ring_together(fresh, {stream: entry.seq})


def ring_together(fresh: list[Fresh], reached: Mapping[str, int]) -> None:
    """Ring for many committed entries: `fresh` for hubs of this process, what the streams have reached for others.

    Of very many streams other processes hear by their next look at the database.
    """
    for hub in list(_listeners) if fresh else ():
        _call(hub, hub.rung_together, fresh)
    for stream, seq in islice(reached.items(), RINGS):
        send_apart(f"journal.{stream}", {"type": "journal.ring", "stream": stream, "seq": seq})


def is_heard(stream: str) -> bool:
    """Return whether anybody in this process follows the stream."""
    return any(hub.watches(stream) for hub in list(_listeners))


def whisper(stream: str, kind: str, data: Mapping[str, Any]) -> None:
    """Tell followers something that may be lost: `kind` is "typing" or "presence". Nothing is kept."""
    text = orjson.dumps({kind: {"stream": stream, **data}}).decode()
    for hub in list(_listeners):
        if hub.watches(stream):
            _call(hub, hub.whispered, stream, text)
    send_apart(f"journal.{stream}", {"type": "journal.whisper", "stream": stream, "text": text})


def retract_here(target: str) -> None:
    """Tell this process at once and the others by the layer; they also read it from the database each second."""
    for hub in list(_listeners):
        _call(hub, hub.retracted, target)
    send_apart(HOUSE, {"type": "journal.retract", "target": target})


def _call(hub: Listener, what: Any, *args: Any) -> None:
    try:
        hub.loop.call_soon_threadsafe(what, *args)
    except RuntimeError:
        # The loop was closed under us: its followers are gone.
        unlisten(hub)


def shared_layer() -> Any:
    """Return the layer that reaches other processes, or None when there is but this one."""
    layer = get_channel_layer()
    return None if layer is None or isinstance(layer, InMemoryChannelLayer) else layer


def send_apart(group: str, message: dict[str, Any]) -> None:
    """Send to a group without waiting and without ever raising."""
    layer = shared_layer()
    if layer is None or len(_underway) > MOST_UNDERWAY:
        return
    try:
        loop = _listeners[0].loop if _listeners else _own_loop()
        sent = asyncio.run_coroutine_threadsafe(_send(layer, group, message), loop)
    except RuntimeError:
        log.warning("ring for %s was not sent: the loop is closed", group)
        return
    _underway.add(sent)
    sent.add_done_callback(_underway.discard)


async def _send(layer: Any, group: str, message: dict[str, Any]) -> None:
    try:
        await asyncio.wait_for(layer.group_send(group, message), BUDGET)
    # Whatever the layer raises: the entry is committed, and a lost ring heals.
    except Exception as error:
        log.warning("ring for %s was lost: %s", group, type(error).__name__)


_loop: asyncio.AbstractEventLoop | None = None
_loop_lock = threading.Lock()


def _own_loop() -> asyncio.AbstractEventLoop:
    """Return a loop in a thread of its own, for processes that serve no sockets (commands, the worker)."""
    global _loop
    with _loop_lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="journal-bell", daemon=True).start()
        return _loop


@atexit.register
def _last_rings() -> None:
    """Give the rings of a command that ends now their budget."""
    wait(list(_underway), timeout=BUDGET)
