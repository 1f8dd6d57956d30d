"""A channel layer that loses on purpose: of all rings 20 % are dropped, 20 % come late and 10 % twice.

`OPENHALL_TEST_LAYER=lossy make test` runs the suite on it: what people see in the end must be the same. It lies around
Redis or around the in-memory layer, and around the bell that a process rings for its own sockets.
"""

import asyncio
import random
from typing import Any

from channels.layers import InMemoryChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

DROPPED, LATE, TWICE = 0.2, 0.2, 0.1
LATEST_SECONDS = 0.7


class LossyLayer:
    """Hands everything to a layer that loses nothing, but what is sent to groups only as fate wants it."""

    extensions = ["groups"]

    def __init__(self, hosts: list[str] | None = None, prefix: str = "") -> None:
        from journal import ring

        self.inner: Any = RedisPubSubChannelLayer(hosts=hosts, prefix=prefix) if hosts else InMemoryChannelLayer()
        self.dice = random.Random()
        self.lost = 0
        if not hasattr(ring, "told_surely"):
            ring.told_surely = ring._call
            ring._call = self._tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def fates(self) -> list[float]:
        """Return after how many seconds each copy of a ring arrives: none, one or two of them."""
        if self.dice.random() < DROPPED:
            self.lost += 1
            return []
        copies = 2 if self.dice.random() < TWICE else 1
        return [self.dice.uniform(0, LATEST_SECONDS) if self.dice.random() < LATE else 0.0 for _ in range(copies)]

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        for late in self.fates():
            if late:
                asyncio.get_running_loop().call_later(late, lambda: asyncio.ensure_future(self._send(group, message)))
            else:
                await self._send(group, message)

    async def _send(self, group: str, message: dict[str, Any]) -> None:
        await self.inner.group_send(group, message)

    def _tell(self, hub: Any, what: Any, *args: Any) -> None:
        """Ring for the process's own hub, as it is done without a layer."""
        from journal import ring

        for late in self.fates():
            if late:
                ring.told_surely(hub, hub.loop.call_later, late, what, *args)
            else:
                ring.told_surely(hub, what, *args)
