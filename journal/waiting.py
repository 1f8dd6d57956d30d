"""The long poll: holds a question for new entries without a thread or a connection, then lets Django answer it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from accounts.closing import is_closed
from accounts.viewers import Viewer

from . import doors
from .consumer import Receive
from .queries import may_follow
from .rules import WAIT_MOST
from .tending import hub_here
from .threads import ASKING, in_thread
from .wires import Send

Application = Callable[[doors.Scope, Receive, Send], Awaitable[None]]

_ENTRIES = re.compile(r"/api/v1/streams/([^/]+)/entries", re.ASCII)
_waiting: Counter[str] = Counter()


def patient(application: Application) -> Application:
    """Return `application` with `wait=<seconds>` of /api/v1/streams/<stream>/entries done before it is called.

    Whoever has no right, asks nonsense or waits too often already is not held: the view says what is wrong.
    """

    async def hold(scope: doors.Scope, receive: Receive, send: Send) -> None:
        found = _ENTRIES.fullmatch(scope["path"]) if scope["method"] == "GET" else None
        after, seconds = _asked(scope) if found else (0, 0.0)
        if found and seconds > 0 and not is_closed():
            receive = await _held(scope, receive, found[1], after, seconds)
        await application(scope, receive, send)

    return hold


def _asked(scope: doors.Scope) -> tuple[int, float]:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    try:
        wait, after = query.get("wait", ["0"])[0], query.get("after", ["0"])[0]
        return int(after), min(float(wait), WAIT_MOST) if len(wait) < 9 and len(after) < 20 else 0.0
    except ValueError:
        return 0, 0.0


async def _held(scope: doors.Scope, receive: Receive, stream: str, after: int, seconds: float) -> Receive:
    address = doors.address_of(scope)
    if _waiting[address] >= settings.SOCKETS_PER_ADDRESS or not await in_thread(ASKING, _allowed, scope, stream):
        return receive
    request = await receive()
    # The next thing the server has to say is that the client left.
    leaving: asyncio.Task[dict[str, Any]] = asyncio.ensure_future(receive())
    arriving = asyncio.ensure_future(hub_here().wait_for(stream, after, seconds))
    _waiting[address] += 1
    try:
        await asyncio.wait([leaving, arriving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        arriving.cancel()
        _waiting[address] -= 1
        if not _waiting[address]:
            del _waiting[address]
    return _replayed(request, leaving)


def _allowed(scope: doors.Scope, stream: str) -> bool:
    language = doors.language_of(scope)
    viewer = doors.viewer_of_session(doors.session_key_of(scope), language) or Viewer(language=language)
    return may_follow(viewer, stream)


def _replayed(request: dict[str, Any], leaving: asyncio.Task[dict[str, Any]]) -> Receive:
    """Return a `receive` that gives what was taken off already, then what comes."""
    pending = [request]

    async def receive() -> dict[str, Any]:
        return pending.pop() if pending else await leaving

    return receive
