"""One hub per process: reads new entries once, encodes them once, and hands the same text to every follower."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import orjson

from accounts.rules import NotFound
from accounts.viewers import Viewer

from . import ring
from .paging import Page, encoded, read_pages
from .queries import NOTHING, Mark, check_cursor, mark_of, may_follow, pages_after
from .rules import PAGE, STREAMS_PER_SOCKET, TooManyStreams
from .sockets import Follow, Socket
from .threads import ASKING, READING, in_thread
from .voices import Writer
from .watched import Watched

log = logging.getLogger(__name__)

# Streams that are read in one trip to the database thread.
BATCH = 50


class Hub:
    """The process's one place where streams meet sockets. All methods run in its loop unless said otherwise."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.streams: dict[str, Watched] = {}
        self.sockets: set[Socket] = set()
        # How many sockets are open by address and by owner; nobody known is not counted.
        self.open_by: Counter[str] = Counter()
        self.channel = ""
        self.writer = Writer()
        # Who asks again for rights: the one who tends the hub.
        self.on_retracted: Callable[[str], None] = lambda _target: None
        self._dirty: set[Watched] = set()
        self._flush_due = False
        self._behind: set[Follow] = set()
        self._reading = False
        self._catching_up = False
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside, and keep it from being forgotten."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("the hub stumbled", exc_info=error)

    def cancel_tasks(self) -> None:
        """Stop everything that runs beside."""
        for task in tuple(self._tasks):
            task.cancel()

    # Sockets come, follow and go

    def add(self, socket: Socket) -> None:
        """Take the socket in."""
        socket.on_ready = self._socket_ready
        self.sockets.add(socket)
        self.open_by.update(filter(None, (socket.address, socket.owner)))

    def remove(self, socket: Socket) -> None:
        """Let the socket go, with all it follows."""
        if socket in self.sockets:
            self.sockets.remove(socket)
            for who in filter(None, (socket.address, socket.owner)):
                self.open_by[who] -= 1
                if not self.open_by[who]:
                    del self.open_by[who]
        for stream in tuple(socket.follows):
            self.unfollow(socket, stream)

    async def follow(self, socket: Socket, stream: str, after: int | None, epoch: str = "") -> dict[str, Any]:
        """Let the socket follow from the number `after` (from now on when None) and return the answer's content.

        With "reset" in it the cursor cannot be used and nothing is followed. Call `begin` once the answer is out.
        Raises NotFound without a right to the stream, TooManyStreams beyond the limit.
        """
        if stream not in socket.follows and len(socket.follows) >= STREAMS_PER_SOCKET:
            raise TooManyStreams()
        mark = await in_thread(ASKING, _ask, socket.viewer, stream)
        if mark is None or socket.closed:
            raise NotFound()
        answer: dict[str, Any] = {"stream": stream, "epoch": mark.epoch, "head": mark.head}
        if after is not None and not check_cursor(mark, after, epoch):
            self.unfollow(socket, stream)
            return {**answer, "reset": True}
        self.unfollow(socket, stream)
        watched = self._watch(stream, mark)
        follow = Follow(socket, stream, mark.head if after is None else after, watched.tally)
        socket.follows[stream] = follow
        watched.follows.add(follow)
        return answer

    async def begin(self, socket: Socket, stream: str) -> None:
        """Start pushing what the socket has asked for by `follow`."""
        follow, watched = socket.follows.get(stream), self.streams.get(stream)
        if follow is None or watched is None:
            return
        if not watched.joined:
            # Join before reading: an entry between the two would come late otherwise.
            await self.join(watched)
        self._catch_up([follow])

    def unfollow(self, socket: Socket, stream: str) -> None:
        """Stop following; nothing happens if the socket did not."""
        follow, watched = socket.follows.pop(stream, None), self.streams.get(stream)
        if follow is None:
            return
        follow.settle()
        self._behind.discard(follow)
        if watched is not None:
            watched.follows.discard(follow)
            watched.live.pop(follow, None)
            self._leave_if_idle(watched)

    async def wait_for(self, stream: str, after: int, seconds: float) -> None:
        """Return when the stream has gone beyond `after`, was reset, or after so many seconds."""
        watched = self._watch(stream, NOTHING._replace(head=after))
        waiter: asyncio.Future[bool] = self.loop.create_future()
        watched.waiters.add(waiter)
        try:
            await self.join(watched)
            # Looked up after joining, so that nothing falls between.
            mark = await in_thread(READING, mark_of, stream)
            if mark.head == after:
                await asyncio.wait([waiter], timeout=seconds)
        finally:
            watched.waiters.discard(waiter)
            self._leave_if_idle(watched)

    def _watch(self, stream: str, mark: Mark) -> Watched:
        watched = self.streams.get(stream)
        if watched is None:
            watched = self.streams[stream] = Watched(stream, mark)
        return watched

    async def join(self, watched: Watched) -> None:
        """Join the stream's group on the shared layer, once for all local followers."""
        layer = ring.shared_layer()
        if layer is None or watched.joined:
            watched.joined = True
            return
        if not self.channel:
            return
        try:
            await asyncio.wait_for(layer.group_add(f"journal.{watched.name}", self.channel), ring.BUDGET)
            watched.joined = True
        # Tried again each second; until then the comparison with the database carries it.
        except Exception as error:
            log.warning("could not join %s: %s", watched.name, type(error).__name__)

    def _leave_if_idle(self, watched: Watched) -> None:
        if watched.is_idle and self.streams.get(watched.name) is watched:
            del self.streams[watched.name]
            if watched.joined and ring.shared_layer() is not None:
                self.spawn(self._leave(watched.name))

    async def _leave(self, stream: str) -> None:
        try:
            await asyncio.wait_for(ring.shared_layer().group_discard(f"journal.{stream}", self.channel), ring.BUDGET)
        except Exception as error:
            log.info("could not leave %s: %s", stream, type(error).__name__)
        # Somebody may have come back while we were leaving.
        if stream in self.streams:
            self.streams[stream].joined = False
            await self.join(self.streams[stream])

    # What is heard from the ring

    def watches(self, stream: str) -> bool:
        """Return whether anybody here follows the stream. Safe from any thread."""
        return stream in self.streams

    def rung(self, stream: str, seq: int, payload: bytes | None = None) -> None:
        """Hear that the stream has reached `seq`; its entry comes along, encoded, if it was written in this process."""
        watched = self.streams.get(stream)
        if watched is None or seq <= watched.known:
            return
        watched.target = max(watched.target, seq)
        # Out of order (two commits raced to the bell) or from elsewhere: read from the database instead.
        if payload is not None and seq == watched.known + len(watched.fresh) + 1:
            watched.fresh.append(payload)
        self._dirty.add(watched)
        if not self._flush_due:
            self._flush_due = True
            # Everything rung in this turn of the loop leaves together.
            self.loop.call_soon(self._flush)

    def rung_together(self, fresh: Iterable[ring.Fresh]) -> None:
        """Hear of many entries that were written in this process."""
        for stream, seq, payload in fresh:
            self.rung(stream, seq, payload)

    def answer(self, socket: Socket, stream: str, frame: dict[str, Any]) -> None:
        """Answer what was said on the stream: together with the entry, when that is just about to leave."""
        watched = self.streams.get(stream)
        if watched is not None and watched.fresh:
            watched.answers.setdefault(socket, []).append(orjson.dumps(frame))
        else:
            socket.answer(frame)

    def whispered(self, stream: str, text: str) -> None:
        """Pass a lossy frame on to the stream's followers."""
        watched = self.streams.get(stream)
        payload = text.encode()
        for follow in tuple(watched.follows) if watched else ():
            follow.socket.send(payload)

    def retracted(self, target: str) -> None:
        """Hear that rights to a stream or of a person may have changed."""
        self.on_retracted(target)

    def reset(self, watched: Watched) -> None:
        """Tell every follower to load the page anew: the numbers they hold mean nothing any more."""
        payload = orjson.dumps({"reset": watched.name})
        for follow in tuple(watched.follows):
            follow.socket.send(payload)
            self.unfollow(follow.socket, watched.name)
        for waiter in watched.waiters:
            if not waiter.done():
                waiter.set_result(True)

    def _flush(self) -> None:
        self._flush_due = False
        dirty, self._dirty = self._dirty, set()
        unread = False
        for watched in dirty:
            fresh, watched.fresh = watched.fresh, []
            for start in range(0, len(fresh), PAGE):
                self._advance(watched, watched.known + 1, fresh[start : start + PAGE])
            watched.answer([])
            unread = unread or watched.target > watched.known
        if unread and not self._reading:
            self._reading = True
            self.spawn(self._read())

    def _advance(self, watched: Watched, first: int, frames: list[bytes]) -> None:
        """Hand frames numbered from `first` to every follower, encoded once."""
        last = first + len(frames) - 1
        if not frames or last <= watched.known:
            return
        watched.move(last)
        watched.hand_on(frames)
        for waiter in watched.waiters:
            if not waiter.done():
                waiter.set_result(True)

    async def _read(self) -> None:
        """Read what the ring has announced, many streams at a time, until nothing is announced that is not known."""
        try:
            while wanted := [watched for watched in self.streams.values() if watched.target > watched.known][:BATCH]:
                pages = await in_thread(READING, pages_after, [(watched.name, watched.known) for watched in wanted])
                for watched in wanted:
                    page = [entry for entry in pages[watched.name] if entry["seq"] > watched.known]
                    if page and page[0]["seq"] == watched.known + 1:
                        self._advance(watched, page[0]["seq"], encoded(page))
                    elif not page:
                        # Rung, but not to be seen: pruned, or a restore took it back. The next look decides.
                        watched.target = watched.known
                    else:
                        watched.move(page[0]["seq"] - 1)
        finally:
            self._reading = False

    # Bringing followers up to date

    def _socket_ready(self, socket: Socket) -> None:
        self._catch_up(follow for follow in socket.follows.values() if follow.behind)

    def _catch_up(self, follows: Iterable[Follow]) -> None:
        self._behind.update(follows)
        if self._behind and not self._catching_up:
            self._catching_up = True
            self.spawn(self._bring_up())

    async def _bring_up(self) -> None:
        """Read pages for followers behind; those at the same number of a stream share one reading."""
        try:
            while self._behind:
                ready = [follow for follow in self._behind if follow.socket.takes_entries]
                # The others come back by themselves when their socket takes something again.
                self._behind.intersection_update(ready)
                wanted = list({(follow.stream, follow.cursor) for follow in ready})[:BATCH]
                pages = await in_thread(READING, read_pages, wanted)
                for follow in ready:
                    if (page := pages.get((follow.stream, follow.cursor))) is not None:
                        self._deliver(follow, page)
        finally:
            self._catching_up = False

    def _deliver(self, follow: Follow, page: Page) -> None:
        last, count, payload, complete = page
        socket, watched = follow.socket, self.streams.get(follow.stream)
        if watched is None or socket.follows.get(follow.stream) is not follow:
            self._behind.discard(follow)
            return
        if count and not socket.push(payload, count):
            self._behind.discard(follow)
            return
        if count:
            follow.cursor = last
        if follow.cursor > watched.known:
            # The ring for these has not come here: everybody gets them now.
            self.rung(follow.stream, follow.cursor)
        if follow.cursor == watched.known and complete:
            self._behind.discard(follow)
            follow.go_live()
            watched.live[follow] = socket.wire.write


def _ask(viewer: Viewer, stream: str) -> Mark | None:
    return mark_of(stream) if may_follow(viewer, stream) else None
