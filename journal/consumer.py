"""The WebSocket at /ws/: one per page, translating frames into questions to the hub and to the rooms."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import orjson
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.closing import is_closed
from accounts.rules import BadInput, NotFound, RuleBroken, TooMany
from accounts.viewers import Viewer

from . import doors
from .actions import use_ticket
from .hub import Hub
from .ring import whisper
from .rules import FRAMES, FRAMES_SECONDS, MESSAGE_BYTES, check_number, check_plain, split_stream
from .sockets import NOT_NOW, RESTART, SIGNED_OUT, TOO_BIG, TOO_MANY, Socket
from .tending import beat, hub_here
from .threads import ASKING, in_thread
from .voices import Said, Unavailable, mark_read, saying_of
from .wires import WIRE, AsgiWire, Send

log = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]


async def consumer(scope: doors.Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket from its handshake to its end."""
    await receive()
    if scope["path"] != "/ws/" or not doors.origin_fits(scope):
        # Before accepting, closing is a plain 403.
        await send({"type": "websocket.close", "code": 4403})
        return
    if is_closed():
        await send({"type": "websocket.close", "code": NOT_NOW})
        return
    hub = hub_here()
    try:
        session_key, viewer = await in_thread(ASKING, _who, scope)
    # A lost database. Told at once: that its application has failed daphne would notice a second later, and tell then.
    except DatabaseError as error:
        log.warning("a socket was turned away: %s", type(error).__name__)
        await send({"type": "websocket.close", "code": NOT_NOW})
        return
    await send({"type": "websocket.accept"})
    if viewer is None:
        await send({"type": "websocket.close", "code": SIGNED_OUT})
        return
    wire = scope.get("extensions", {}).get(WIRE) or AsgiWire(send)
    socket = Socket(wire, send, viewer, session_key, doors.address_of(scope))
    if crowded(hub, socket):
        await socket.close(TOO_MANY)
        return
    hub.add(socket)
    try:
        # Each connection is a task of its own, so its language stays in it.
        with translation.override(viewer.language):
            await Conversation(hub, socket).run(receive)
    except asyncio.CancelledError:
        # The server stops: clients come back to another process, after a jitter of theirs.
        await socket.close(RESTART)
        raise
    finally:
        hub.remove(socket)
        socket.closed = True


def _who(scope: doors.Scope) -> tuple[str, Viewer | None]:
    """Return the session's key and its viewer; None for a ticket that is not good."""
    language = doors.language_of(scope)
    ticket = doors.ticket_of(scope)
    key = use_ticket(ticket) if ticket else doors.session_key_of(scope)
    viewer = doors.viewer_of_session(key, language)
    if viewer is None:
        return "", None if ticket else Viewer(language=language)
    return key, viewer


def crowded(hub: Hub, socket: Socket) -> bool:
    """Return whether the person, the session or the address has as many sockets open as it may."""
    return (
        hub.open_by[socket.address] >= settings.SOCKETS_PER_ADDRESS
        or hub.open_by[socket.owner] >= settings.SOCKETS_PER_PERSON
    )


class Conversation:
    """What one client asks, command by command."""

    def __init__(self, hub: Hub, socket: Socket) -> None:
        self.hub = hub
        self.socket = socket
        self.window, self.frames = time.monotonic(), 0
        self.typed: dict[str, float] = {}

    async def run(self, receive: Receive) -> None:
        """Answer until the client leaves or is sent away."""
        if self.socket.viewer.is_official:
            self.hub.spawn(in_thread(ASKING, beat, [self.socket.viewer]))
        self.socket.wire.on_text = self.hear_at_once
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return
            if not self.socket.closed:
                await self._hear(event.get("text"))

    def hear_at_once(self, text: bytes) -> bool:
        """Obey a frame right where the server reads it, which spares waking a task; False when it is left to `run`."""
        if len(text) > MESSAGE_BYTES or self.frames >= FRAMES or self.socket.closed:
            return False
        try:
            asked = parsed(text)
            ref = ref_of(asked)
            check_plain(asked)
            if command := AT_ONCE.get(asked["do"]):
                command(self, ref, asked)
                self._too_fast()
        # Refused or gone wrong, before anything was done: `run` finds the same and tells it, in the reader's language.
        except Exception:
            return False
        return command is not None

    async def _hear(self, text: str | None) -> None:
        if text is not None and len(text) * 4 > MESSAGE_BYTES and len(text.encode()) > MESSAGE_BYTES:
            await self.socket.close(TOO_BIG)
            return
        if self._too_fast():
            await self.socket.close(TOO_MANY)
            return
        await self._obey(text)

    async def _obey(self, text: str | None) -> None:
        ref: Any = None
        try:
            asked = parsed(text)
            ref = ref_of(asked)
            check_plain(asked)
            if command := AT_ONCE.get(asked["do"]):
                command(self, ref, asked)
            elif waiting := WAITING.get(asked["do"]):
                await waiting(self, ref, asked)
            else:
                raise BadInput(_("There is no such command."), field="do", code="bad_command")
        except RuleBroken as broken:
            self.socket.answer({"ref": ref, "error": refusal(broken)})
        # A mistake of ours or a lost database: this command fails, the connection and everybody else go on.
        except Exception:
            log.exception("a command failed")
            self.socket.answer({"ref": ref, "error": refusal(Unavailable())})

    def _too_fast(self) -> bool:
        now = time.monotonic()
        if now - self.window > FRAMES_SECONDS:
            self.window, self.frames = now, 0
        self.frames += 1
        return self.frames > FRAMES

    def _ok(self, ref: Any, content: dict[str, Any]) -> None:
        self.socket.answer({"ref": ref, "ok": content})

    async def follow(self, ref: Any, asked: dict[str, Any]) -> None:
        """Start pushing a stream's entries after a number."""
        stream, after, epoch = asked.get("stream"), asked.get("after"), asked.get("epoch") or ""
        split_stream(stream)
        if after is not None:
            check_number(after, "after")
        if not isinstance(epoch, str):
            raise BadInput(field="epoch", code="bad_epoch")
        answer = await self.hub.follow(self.socket, str(stream), after, epoch)
        self._ok(ref, answer)
        if "reset" in answer:
            self.socket.answer({"reset": stream})
        else:
            await self.hub.begin(self.socket, str(stream))

    def unfollow(self, ref: Any, asked: dict[str, Any]) -> None:
        """Stop pushing a stream."""
        split_stream(asked.get("stream"))
        self.hub.unfollow(self.socket, asked["stream"])
        self._ok(ref, {})

    def say(self, ref: Any, asked: dict[str, Any]) -> None:
        """Store a message or a change of one; the answer follows the commit, other commands are heard meanwhile."""
        saying = saying_of(self.socket.viewer, self.socket.address, asked)
        self.hub.writer.say(saying, partial(self._said, ref, saying.stream))

    def _said(self, ref: Any, stream: str, result: Said | RuleBroken) -> None:
        if isinstance(result, RuleBroken):
            with translation.override(self.socket.viewer.language):
                self.socket.answer({"ref": ref, "error": refusal(result)})
        else:
            seq, at = result
            self.hub.answer(self.socket, stream, {"ref": ref, "ok": {"seq": seq, "at": at}})

    async def read(self, ref: Any, asked: dict[str, Any]) -> None:
        """Tell the room how far the viewer has read."""
        await in_thread(ASKING, mark_read, self.socket.viewer, asked)
        self._ok(ref, {})

    def typing(self, ref: Any, asked: dict[str, Any]) -> None:
        """Show the stream's other followers, at most once a second, that the viewer writes."""
        stream = asked.get("stream")
        if not isinstance(stream, str) or stream not in self.socket.follows:
            raise NotFound()
        now = time.monotonic()
        if now - self.typed.get(stream, 0.0) >= 1.0:
            self.typed[stream] = now
            whisper(stream, "typing", {"by": {"key": self.socket.viewer.key}})
        if ref is not None:
            self._ok(ref, {})

    def got(self, ref: Any, asked: dict[str, Any]) -> None:
        """Hear how many pushed entries have arrived in all."""
        self.socket.confirm(check_number(asked.get("n"), "n"))

    def ping(self, ref: Any, asked: dict[str, Any]) -> None:
        """Answer a sign of life."""
        self._ok(ref, {})


# Commands that nothing has to be waited for, and those that ask the database first; the next frame waits for these.
AT_ONCE: dict[Any, Callable[[Conversation, Any, dict[str, Any]], None]] = {
    "unfollow": Conversation.unfollow,
    "say": Conversation.say,
    "edit": Conversation.say,
    "delete": Conversation.say,
    "typing": Conversation.typing,
    "got": Conversation.got,
    "ping": Conversation.ping,
}
WAITING: dict[Any, Callable[[Conversation, Any, dict[str, Any]], Awaitable[None]]] = {
    "follow": Conversation.follow,
    "read": Conversation.read,
}


def parsed(text: str | bytes | None) -> dict[str, Any]:
    """Return a client's frame as a dict. Raises BadInput."""
    try:
        asked = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        raise BadInput(_("This is not JSON."), code="bad_json") from None
    if not isinstance(asked, dict):
        raise BadInput(_("A JSON object is expected."), code="bad_json")
    if not isinstance(asked.get("do"), str):
        asked["do"] = ""
    return asked


def ref_of(asked: dict[str, Any]) -> int | str | None:
    """Return what the client calls its question: a number or a short text. Raises BadInput."""
    ref = asked.get("ref")
    if ref is None or (isinstance(ref, int | str) and not isinstance(ref, bool) and len(str(ref)) <= 64):
        return ref
    raise BadInput(field="ref", code="bad_ref")


def refusal(broken: RuleBroken) -> dict[str, Any]:
    """Return what a client is told of a broken rule."""
    told: dict[str, Any] = {"code": broken.code, "text": str(broken)}
    if isinstance(broken, BadInput) and broken.field:
        told["field"] = broken.field
    if isinstance(broken, TooMany):
        told["retry_after"] = broken.retry_after
    return told
