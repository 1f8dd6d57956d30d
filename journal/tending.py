"""What the hub does by the clock: hears other processes, compares with the database, shows heads, asks rights again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.viewers import Viewer

from . import ring
from .doors import viewer_of_session
from .hub import Hub
from .queries import marks, may_follow, newest_entry_id, retractions_since
from .rules import HEADS_EVERY
from .sockets import SIGNED_OUT, TOO_SLOW, Socket
from .threads import ASKING, READING, in_thread

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
# With more streams than this they are compared only with the heads, not each second.
COMPARED_EACH_SECOND = 500
# How far back retractions are looked for: longer than any transaction that writes one takes to commit.
RETRACTIONS_BACK = timedelta(seconds=60)
# Every session is looked at again after so many seconds, whatever was heard: it may have run out.
SESSIONS_EVERY = 300.0


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub_here() -> Hub:
    """Return the running loop's hub, started if need be."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        for closed in [known for known in _hubs if known.is_closed()]:
            ring.unlisten(_hubs.pop(closed))
        hub = _hubs[loop] = Hub(loop)
        hub.on_retracted = partial(_retracted, hub)
        ring.listen(hub)
        hub.spawn(tend(hub))
    return hub


async def tend(hub: Hub) -> None:
    """Run the hub's clock until cancelled."""
    hub.spawn(_hear_others(hub))
    keeper = Keeper(hub)
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            await keeper.look()
        except OperationalError as error:
            log.warning("the journal could not be read: %s", error)


class Keeper:
    """What the clock remembers from one look to the next."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.newest = -1
        self.started = timezone.now()
        self.seen: set[int] = set()
        self.heads_at = self.sessions_at = hub.loop.time()

    async def look(self) -> None:
        """Do what is due in this second."""
        hub, now = self.hub, self.hub.loop.time()
        if not hub.streams and not hub.sockets:
            return
        for socket in [socket for socket in hub.sockets if socket.is_stuck(now)]:
            hub.spawn(dismiss(hub, socket, TOO_SLOW))
        moment = timezone.now()
        retracted, newest = await in_thread(READING, _look, max(self.started, moment - RETRACTIONS_BACK))
        for target in {target for number, target in retracted if number not in self.seen}:
            hub.retracted(target)
        self.seen = {number for number, _target in retracted}
        await self._compare(now, newest)
        self._ask_ended(now, moment)

    async def _compare(self, now: float, newest: int) -> None:
        heads_due = now - self.heads_at >= HEADS_EVERY
        if heads_due or (newest != self.newest and len(self.hub.streams) <= COMPARED_EACH_SECOND):
            await compare(self.hub)
        self.newest = newest
        if heads_due:
            self.heads_at = now
            show_heads(self.hub)
            await tell_presence(self.hub)

    def _ask_ended(self, now: float, moment: datetime) -> None:
        """Ask again for officials whose post has run out by itself, and now and then for everybody."""
        due = [socket for socket in self.hub.sockets if _post_ended(socket.viewer, moment)]
        if now - self.sessions_at >= SESSIONS_EVERY:
            self.sessions_at, due = now, list(self.hub.sockets)
        self.hub.spawn(ask_again(self.hub, due))


def _look(since: datetime) -> tuple[list[tuple[int, str]], int]:
    return retractions_since(since), newest_entry_id()


def _post_ended(viewer: Viewer, moment: datetime) -> bool:
    return any(post.until is not None and post.until <= moment for post in viewer.posts)


async def compare(hub: Hub) -> None:
    """Compare what was handed on with the database: a lost ring heals here, a new epoch or a pruning resets."""
    for watched in list(hub.streams.values()):
        if not watched.joined:
            await hub.join(watched)
    found = await in_thread(READING, marks, list(hub.streams))
    for name, mark in found.items():
        if name not in hub.streams:
            continue
        watched = hub.streams[name]
        if not watched.epoch and watched.known == 0:
            watched.epoch = mark.epoch
        if (watched.epoch and watched.epoch != mark.epoch) or mark.floor > watched.known:
            hub.reset(watched)
        else:
            watched.epoch = mark.epoch
            hub.rung(name, mark.head)


def show_heads(hub: Hub) -> None:
    """Tell every socket how far its streams have come; a client that is behind asks again."""
    for socket in tuple(hub.sockets):
        heads = {name: hub.streams[name].known for name in socket.follows if name in hub.streams}
        socket.send(orjson.dumps({"head": heads}))


async def tell_presence(hub: Hub) -> None:
    """Tell the room that keeps duty (JOURNAL_PRESENCE) which officials have a page open."""
    officials = {socket.viewer.key: socket.viewer for socket in hub.sockets if socket.viewer.is_official}
    await in_thread(ASKING, beat, list(officials.values()))
    await in_thread(ASKING, note_readers, [socket.viewer for socket in hub.sockets])


def note_readers(viewers: Iterable[Viewer]) -> None:
    """Tell the room that asks people who is there (JOURNAL_READERS), all at once."""
    path, known = settings.JOURNAL_READERS, [viewer for viewer in viewers if viewer.person or viewer.grants]
    if path and known:
        import_string(path)(known)


def beat(viewers: Iterable[Viewer]) -> None:
    """Call JOURNAL_PRESENCE for each of the viewers."""
    path = getattr(settings, "JOURNAL_PRESENCE", "")
    for viewer in viewers:
        if path:
            import_string(path)(viewer=viewer)


# Rights


def concerned(hub: Hub, target: str) -> list[Socket]:
    """Return the sockets whose rights a retraction of `target` may have changed."""
    watched = hub.streams.get(target)
    found = {follow.socket for follow in watched.follows} if watched else set()
    return [*found, *(socket for socket in hub.sockets if socket.viewer.key == target and socket not in found)]


def _retracted(hub: Hub, target: str) -> None:
    hub.spawn(ask_again(hub, concerned(hub, target)))


async def ask_again(hub: Hub, sockets: Iterable[Socket]) -> None:
    """Look at the sockets' sessions and rights anew: close what is signed out, end what is gone."""
    for socket in sockets:
        viewer, lost = await in_thread(ASKING, _rights, socket.session_key, socket.viewer, list(socket.follows))
        if viewer is None:
            await dismiss(hub, socket, SIGNED_OUT)
            continue
        socket.viewer = viewer
        for stream in lost:
            hub.unfollow(socket, stream)
            socket.send(orjson.dumps({"gone": stream}))


def _rights(session_key: str, before: Viewer, streams: list[str]) -> tuple[Viewer | None, list[str]]:
    viewer = viewer_of_session(session_key, before.language)
    if before.person is not None and (viewer is None or viewer.person != before.person):
        return None, streams
    viewer = viewer or Viewer(language=before.language)
    return viewer, [stream for stream in streams if not may_follow(viewer, stream)]


async def dismiss(hub: Hub, socket: Socket, code: int) -> None:
    """Close a socket and forget it."""
    hub.remove(socket)
    await socket.close(code)


# Other processes


async def _hear_others(hub: Hub) -> None:
    """Listen on the shared layer; without one there is nothing to hear. Starts over whenever it breaks."""
    layer = ring.shared_layer()
    while layer is not None:
        try:
            hub.channel = await layer.new_channel("specific.hub.")
            await layer.group_add(ring.HOUSE, hub.channel)
            for watched in list(hub.streams.values()):
                watched.joined = False
                await hub.join(watched)
            while True:
                _heard(hub, await layer.receive(hub.channel))
        # A poisoned message or a lost Redis must not make the process deaf for ever.
        except Exception as error:
            log.warning("the layer broke: %s", type(error).__name__)
            await asyncio.sleep(LOOK_EVERY)


def _heard(hub: Hub, message: dict[str, Any]) -> None:
    match message:
        case {"type": "journal.ring", "stream": str(stream), "seq": int(seq)}:
            hub.rung(stream, seq)
        case {"type": "journal.whisper", "stream": str(stream), "text": str(text)}:
            hub.whispered(stream, text)
        case {"type": "journal.retract", "target": str(target)}:
            hub.retracted(target)
