"""A chat on the library websockets with its broadcast(), as its documentation writes one; a room is a path.

    python websockets_broadcast.py PORT
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict

from websockets.asyncio.server import ServerConnection, broadcast, serve

rooms: dict[str, set[ServerConnection]] = defaultdict(set)


async def handler(socket: ServerConnection) -> None:
    """Pass every message on to the whole room."""
    assert socket.request is not None
    room = rooms[socket.request.path]
    room.add(socket)
    try:
        async for message in socket:
            broadcast(room, message)
    finally:
        room.discard(socket)


async def main() -> None:
    async with serve(handler, "127.0.0.1", int(sys.argv[1]), compression=None, ping_interval=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
