"""A stream that somebody follows: handing on what is new, once encoded, to all who are up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from .paging import together
from .queries import Mark
from .sockets import Follow, Socket, Tally
from .wires import TEXT

# How much a live follower may get before its credit is looked at again.
SETTLED_ENTRIES, SETTLED_BYTES = 16, 64 * 1024


class Watched:
    """A stream that somebody here follows: how far it has been handed on, and to whom."""

    __slots__ = (
        "answers",
        "epoch",
        "follows",
        "fresh",
        "joined",
        "known",
        "live",
        "name",
        "settled",
        "tally",
        "target",
        "waiters",
    )

    def __init__(self, name: str, mark: Mark) -> None:
        self.name = name
        self.epoch = mark.epoch
        self.known = self.target = mark.head
        self.follows: set[Follow] = set()
        # Those of them that have got everything up to `known`, and how to write what comes at once: looked up before,
        # and in the order in which they came, as memory likes it.
        self.live: dict[Follow, Callable[[Any, bytes], None]] = {}
        self.tally = Tally()
        # What the tally was when the live followers' credit was last looked at.
        self.settled = (0, 0)
        self.waiters: set[asyncio.Future[bool]] = set()
        # Frames of entries known + 1, known + 2, … that came with their ring in this turn of the loop.
        self.fresh: list[bytes] = []
        # Answers to those who said them, by socket: they leave in one frame with the entries.
        self.answers: dict[Socket, list[bytes]] = {}
        self.joined = False

    @property
    def is_idle(self) -> bool:
        """Whether nobody here needs it any more."""
        return not self.follows and not self.waiters

    def move(self, known: int) -> None:
        """Note that everything up to the entry `known` has been handed on."""
        self.known = known
        # Frames that came with a ring meanwhile counted on from where we were: the database has them, by their numbers.
        self.fresh = []

    def answer(self, frames: list[bytes]) -> set[Follow]:
        """Send the answers that wait, with these entries to sockets that take them; return whose entries those were."""
        answers, self.answers = self.answers, {}
        served = set()
        for socket, own in answers.items():
            follow = socket.follows.get(self.name)
            if frames and follow in self.live:
                served.add(follow)
                own += frames
            socket.reply(together(own))
        return served

    def hand_on(self, frames: list[bytes]) -> None:
        """Write the next entries to every live follower; to ask each socket for its credit would cost as much again."""
        payload = together(frames)
        answered = self.answer(frames)
        writes: Iterable[Callable[[Any, bytes], None]] = tuple(self.live.values())
        if answered:
            writes = [write for follow, write in self.live.items() if follow not in answered]
        for write in writes:
            try:
                write(TEXT, payload)
            # The connection is going away; the consumer hears of it by its disconnect.
            except OSError:
                pass
        self.tally.entries += len(frames)
        self.tally.size += len(payload)
        entries, size = self.settled
        if self.tally.entries - entries >= SETTLED_ENTRIES or self.tally.size - size >= SETTLED_BYTES:
            self._settle()

    def _settle(self) -> None:
        self.settled = self.tally.entries, self.tally.size
        for follow in tuple(self.live):
            follow.socket.settle()
            if not follow.socket.takes_entries:
                # It comes back by itself when its socket takes something again.
                del self.live[follow]
                follow.fall_behind(self.known)
