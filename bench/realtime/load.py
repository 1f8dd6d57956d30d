"""The load generator, in a process of its own: opens sockets, keeps messages in flight, counts what arrives.

    python -m bench.realtime.load '{"do": "fanout", "dialect": "ours", "port": 8000, "pids": [1], …}'

prints one line of JSON. What counts is the server's processor time, so the generator may be slower than the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from typing import Any

import uvloop
from picows import WSError, WSTransport

from .dialects import DIALECTS, NUMBER, Client
from .processes import cpu_seconds, resident_bytes

WARM_UP = 1.0
# Sockets that are opened at the same time.
AT_ONCE = 50
SILENCE = 15.0


class Load:
    """Clients, and what became of the messages they said."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.dialect = DIALECTS[given["dialect"]]
        self.clients: list[Client] = []
        self.delivered = 0
        self.number = 0
        self.left: dict[int, int] = {}
        self.began: dict[int, float] = {}
        self.done = 0
        self.seconds: list[float] = []
        self.full: list[float] = []
        self.on_done: Any = None
        self.closing = False
        self.failure = ""

    # What clients tell

    def heard(self, client: Client, payload: bytes) -> int:
        """Count the messages in a frame."""
        raise NotImplementedError

    def answered(self, number: int) -> None:
        """Note how long the server's answer took."""
        self.seconds.append(time.perf_counter() - self.began[number])
        self.part(number)

    def part(self, number: int, parts: int = 1) -> None:
        """Note that parts of what belongs to the message have come."""
        left = self.left[number] = self.left[number] - parts
        if left:
            return
        del self.left[number]
        self.full.append(time.perf_counter() - self.began.pop(number))
        self.done += 1
        self.on_done()

    def lost(self, client: Client, transport: WSTransport) -> None:
        """A socket was closed."""
        if not self.closing:
            self.fail(f"the server closed a socket: {transport.close_handshake}")

    def fail(self, words: str) -> None:
        """End the run with these words at the next look."""
        self.failure = self.failure or words

    def check(self) -> None:
        """Raise what went wrong meanwhile."""
        if self.failure:
            raise RuntimeError(self.failure)

    def spoken_in(self, client: Client) -> str:
        """Return the stream that a client of ours speaks in."""
        return client.room or str(self.given["room"])

    # Acting

    async def open(self, rooms: list[str], sessions: list[str]) -> None:
        """Open a socket in each of the rooms."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(index: int, room: str) -> Client:
            client = self.dialect(self, room)
            headers = {"Cookie": f"sessionid={sessions[index]}"} if sessions else {}
            async with gate:
                await asyncio.wait_for(client.open(self.given["port"], headers), SILENCE)
            return client

        self.clients += await asyncio.gather(*(one(index, room) for index, room in enumerate(rooms)))

    def say(self, client: Client, parts: int) -> None:
        """Let the client say something that is done after so many deliveries and answers."""
        self.number += 1
        self.left[self.number] = parts
        self.began[self.number] = time.perf_counter()
        client.say(self.number)

    async def measure(self, seconds: float, per_message: float) -> dict[str, Any]:
        """Let it run warm, then count for so many seconds. `per_message` is how many deliveries a message makes."""
        await self._run(WARM_UP)
        self.seconds.clear()
        self.full.clear()
        pids, database = self.given["pids"], self.given.get("database_pids", [])
        done, cpu, stored, wall = self.done, cpu_seconds(pids), cpu_seconds(database), time.perf_counter()
        await self._run(seconds)
        done, wall = self.done - done, time.perf_counter() - wall
        cpu, stored = cpu_seconds(pids) - cpu, cpu_seconds(database) - stored
        return {
            "messages": done,
            "seconds": round(wall, 3),
            "server_cpu_seconds": round(cpu, 3),
            "database_cpu_seconds": round(stored, 3),
            "messages_per_second": round(done / wall, 1),
            "messages_per_cpu_second": round(done / (cpu + stored), 1),
            "deliveries_per_cpu_second": round(done * per_message / (cpu + stored), 1),
            "answer_ms": quantiles(self.seconds),
            "delivery_ms": quantiles(self.full),
        }

    async def _run(self, seconds: float) -> None:
        before, waited = self.done, 0.0
        await asyncio.sleep(seconds)
        while self.done == before and waited < SILENCE:
            await asyncio.sleep(0.1)
            waited += 0.1
        self.check()
        if self.done == before:
            raise RuntimeError(f"nothing arrived in {SILENCE} s")

    async def drain(self) -> None:
        """Stop saying things and wait until all that was said has arrived."""
        self.on_done = lambda: None
        end = time.monotonic() + SILENCE
        while self.left and time.monotonic() < end:
            await asyncio.sleep(0.02)
        self.check()
        if self.left:
            raise RuntimeError(f"{len(self.left)} messages did not arrive")

    async def close(self) -> None:
        """Close every socket."""
        self.closing = True
        for client in self.clients:
            if client.transport is not None:
                client.transport.disconnect(False)
        await asyncio.sleep(0.1)


class FanOut(Load):
    """One room, many followers; messages are said by one socket apart, so many at a time."""

    followers = 0
    sent = reached = 0

    def heard(self, client: Client, payload: bytes) -> int:
        count = payload.count(b"m:")
        self.delivered += count
        # Everybody hears everything: a message is done when all have heard it.
        if self.delivered >= (self.reached + 1) * self.followers:
            self.reached += 1
            self.full.append(time.perf_counter() - self.starts[self.reached - 1])
            self.done += 1
            self.on_done()
        return count

    def answered(self, number: int) -> None:
        self.seconds.append(time.perf_counter() - self.began.pop(number))
        self.left.pop(number)

    async def run(self) -> dict[str, Any]:
        given = self.given
        self.starts: list[float] = []
        rooms, sessions = [given["room"]] * given["followers"], given.get("sessions", [])
        first = given["followers"] // 5
        await self.open(rooms[:first], sessions[:first])
        await asyncio.sleep(1.0)
        before = resident_bytes(given["pids"])
        await self.open(rooms[first:], sessions[first:])
        await asyncio.sleep(1.0)
        idle = (resident_bytes(given["pids"]) - before) / (len(rooms) - first) / 1024
        speaker = self.dialect(self, "" if given["dialect"] == "ours" else given["room"])
        headers = {"Cookie": f"sessionid={sessions[-1]}"} if sessions else {}
        await speaker.open(given["port"], headers)
        # Where a speaker is a member, it hears itself.
        self.followers = len(rooms) + (given["dialect"] != "ours")
        found: dict[str, Any] = {"idle_kb": round(idle, 1), "loads": {}}
        for flight in given["in_flight"]:
            self.on_done = lambda: self.speak(speaker)
            for _ in range(flight):
                self.speak(speaker)
            found["loads"][str(flight)] = await self.measure(given["seconds"], self.followers)
            self.on_done = lambda: None
            lost = await self.settle()
            if lost:
                found["loads"][str(flight)]["lost"] = lost
        self.clients.append(speaker)
        await self.close()
        return found

    def speak(self, speaker: Client) -> None:
        self.sent += 1
        self.starts.append(time.perf_counter())
        self.say(speaker, 1)

    async def settle(self) -> int:
        """Wait until everybody has heard everything; return how many messages a peer has lost. Ours may lose none."""
        end = time.monotonic() + SILENCE
        while self.reached < self.sent and time.monotonic() < end:
            await asyncio.sleep(0.02)
        lost, self.reached = self.sent - self.reached, self.sent
        self.delivered = self.sent * self.followers
        if lost and self.given["dialect"] == "ours":
            raise RuntimeError(f"{lost} messages did not reach everybody")
        return lost


class Talks(Load):
    """Many rooms of two; both speak by turns, so many messages at a time in all, or so many a second."""

    def heard(self, client: Client, payload: bytes) -> int:
        numbers = NUMBER.findall(payload)
        for number in numbers:
            if not self.dialect.answers and client is self.speakers[int(number)]:
                self.seconds.append(time.perf_counter() - self.began[int(number)])
            self.part(int(number))
        return len(numbers)

    async def run(self) -> dict[str, Any]:
        given = self.given
        self.speakers: dict[int, Client] = {}
        self.turn = 0
        await self.open(given["rooms"], given.get("sessions", []))
        found: dict[str, Any] = {"loads": {}}
        if given.get("per_second"):
            found["loads"]["steady"] = await self.steadily()
        for flight in given["in_flight"]:
            self.on_done = self.speak
            for _ in range(flight):
                self.speak()
            found["loads"][str(flight)] = await self.measure(given["seconds"], 2)
            await self.drain()
        await self.close()
        return found

    def speak(self) -> None:
        # 7 is prime to the number of sockets, so every talk and both sides have their turn.
        self.turn = (self.turn + 7) % len(self.clients)
        client = self.clients[self.turn]
        if not self.dialect.answers:
            self.speakers[self.number + 1] = client
        self.say(client, 2 + self.dialect.answers)

    async def steadily(self) -> dict[str, Any]:
        self.on_done = lambda: None
        pause = 1 / self.given["per_second"]
        ticking = asyncio.ensure_future(self._tick(pause))
        found = await self.measure(self.given["seconds"], 2)
        ticking.cancel()
        await self.drain()
        return found

    async def _tick(self, pause: float) -> None:
        next_at = time.perf_counter()
        while True:
            self.speak()
            next_at += pause
            await asyncio.sleep(max(0.0, next_at - time.perf_counter()))


class Crowd(Load):
    """Sockets that are all dropped at once, and each comes back after a moment of its own, until it is let in."""

    jitter, patience = 5.0, 60.0

    def lost(self, client: Client, transport: WSTransport) -> None:
        """Closing is what this is about."""

    def heard(self, client: Client, payload: bytes) -> int:
        return 0

    async def run(self) -> dict[str, Any]:
        rooms = [self.given["room"]] * self.given["followers"]
        await self.open(rooms, [])
        print("dropped", flush=True)
        await self.close()
        began = time.monotonic()
        back = await asyncio.gather(*(self._return(room, began) for room in rooms))
        seconds = sorted(second for second in back if second is not None)
        await self.close()
        return {"back %": round(100 * len(seconds) / len(rooms), 1), "in s": round(seconds[-1], 1) if seconds else None}

    async def _return(self, room: str, began: float) -> float | None:
        """Come back; return how long it took since everybody was dropped, None if it took too long."""
        await asyncio.sleep(random.uniform(0, self.jitter))
        while (left := began + self.patience - time.monotonic()) > 0:
            client = self.dialect(self, room)
            self.clients.append(client)
            with contextlib.suppress(OSError, WSError, TimeoutError):
                await asyncio.wait_for(client.open(self.given["port"], {}), min(left, SILENCE))
                return time.monotonic() - began
            await asyncio.sleep(random.uniform(0.5, 2))
        return None


def quantiles(seconds: list[float]) -> dict[str, float]:
    """Return p50, p95, p99 and the worst in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 2) for name, share in at.items()
    }


LOADS: dict[str, type[Load]] = {"fanout": FanOut, "talks": Talks, "crowd": Crowd}


def main() -> None:
    """Do what is asked and print what was found."""
    given = json.loads(sys.argv[1])
    print(json.dumps(uvloop.run(LOADS[given["do"]](given).run())))  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
