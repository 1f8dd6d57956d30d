"""Breaks things on purpose under live talks, on a real PostgreSQL (fsync on) and Redis, and counts what came of it.

    make faults ARGS="kill redis memory postgres deaf backlog crowd"      without names: all of them, about 8 minutes

Two web processes serve 40 people in 20 talks, who never stop talking: each says something, waits for the answer,
repeats the same key until there is one, and comes back whenever the line is gone. In the end the database is the judge:
*lost* was answered but is not there, *doubled* is there or was shown twice, *phantoms* were shown but are not there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import redis as redis_client
from websockets.asyncio.client import connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.realtime.processes import resident_bytes  # noqa: E402
from scripts import test_servers  # noqa: E402
from scripts.talkers import LOST_LINE, House, Person  # noqa: E402

TALKS, KILLS = 20, 20
# Who load pages while the crowd comes back.
VISITORS = 4


class World:
    """Databases, houses, people."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.database = stack.enter_context(test_servers.postgresql(durable=True))
        self.redis = stack.enter_context(test_servers.redis())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="openhall-faults-"))
        self.environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "bench.realtime.settings", "OPENHALL_DATA_DIR": folder,
            "OPENHALL_DATABASE_URL": self.database, "OPENHALL_REDIS_URL": self.redis, "OPENHALL_LOG_LEVEL": "CRITICAL",
            "OPENHALL_DEMO": "0", "OPENHALL_DEBUG": "0", "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        made = subprocess.run(
            [sys.executable, "-m", "bench.realtime.city", str(TALKS)],
            cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        self.city = json.loads(made.stdout)
        self.heads: dict[str, int] = {}
        self.houses = [House(self.environment) for _ in range(2)]
        for house in self.houses:
            house.start()
            stack.callback(house.kill)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[arg-type]

    async def under_talk(self, breaking: Any) -> dict[str, Any]:
        """Let everybody talk, break things meanwhile, let all calm down, and judge."""
        mark = f"{time.time_ns() % 10**9}"
        pairs = zip(self.city["rooms"], self.city["sessions"], strict=True)
        people = [
            Person(self.houses, self.heads, room, session, f"p{n}-{mark}") for n, (room, session) in enumerate(pairs)
        ]
        for person in people:
            person.after = self.heads.get(person.room, 0)
        living = [asyncio.ensure_future(person.live()) for person in people]
        await asyncio.sleep(3)
        told = await breaking() or {}
        await asyncio.sleep(3)
        for person in people:
            person.talking = False
        await asyncio.wait_for(asyncio.gather(*living), 120)
        await self._read_to_the_end(people)
        return {**self._judge(people, mark), **told}

    async def _read_to_the_end(self, people: list[Person]) -> None:
        self.heads.update(self.query("SELECT name, head FROM journal_stream"))
        for person in people:
            for _try in range(5):
                with contextlib.suppress(*LOST_LINE):
                    await person.visit()
                if person.after >= self.heads[person.room]:
                    break

    def _judge(self, people: list[Person], mark: str) -> dict[str, Any]:
        rows = self.query(
            "SELECT s.name, e.seq, e.key FROM journal_entry e JOIN journal_stream s ON s.id = e.stream_id"
            f" WHERE e.key LIKE '%-{mark}-%'"
        )
        kept = {(room, key): seq for room, seq, key in rows}
        acked = {(person.room, key): seq for person in people for key, seq in person.acked.items()}
        shown = [(person.room, seq, key) for person in people for seq, key in person.shown.items()]
        refused: dict[str, int] = {}
        for person in people:
            for code, count in person.refused.items():
                refused[code] = refused.get(code, 0) + count
        return {
            "acked": len(acked),
            "lost": sum(kept.get(what) != seq for what, seq in acked.items()),
            "doubled": len(rows) - len(kept) + sum(len(p.shown) != len(set(p.shown.values())) for p in people),
            "phantoms": sum(bool(key) and kept.get((room, key)) != seq for room, seq, key in shown),
            "gaps": sum(person.gaps for person in people),
            "unread": sum(person.after != self.heads[person.room] for person in people),
            "refused": refused,
            "slowest answer s": round(max(person.slowest for person in people), 1),
        }

    # What is broken

    async def kill(self) -> dict[str, Any]:
        """Kill a web process in the middle of it, twenty times."""

        async def breaking() -> dict[str, Any]:
            for number in range(KILLS):
                house = self.houses[number % 2]
                house.kill()
                await asyncio.to_thread(house.start)
                await asyncio.sleep(random.uniform(0.3, 1.0))
            return {"kills": KILLS}

        return await self.under_talk(breaking)

    async def redis_lost(self) -> dict[str, Any]:
        """Flush Redis, stop it for 30 s, kill it and start it empty."""
        client = redis_client.Redis.from_url(self.redis)
        pid = int(client.info("server")["process_id"])  # type: ignore[index]
        port = self.redis.rpartition(":")[2].partition("/")[0]

        async def breaking() -> dict[str, Any]:
            client.flushall()
            await asyncio.sleep(4)
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(30)
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(4)
            os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(4)
            again = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", ""]
            self.redis_process = subprocess.Popen(again, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
            await asyncio.sleep(6)
            return {"done": "FLUSHALL, paused 30 s, killed"}

        try:
            return await self.under_talk(breaking)
        finally:
            self.redis_process.kill()
            self.redis_process.wait()

    async def redis_full(self) -> dict[str, Any]:
        """Let Redis refuse every write for want of memory, as with maxmemory and noeviction."""
        client = redis_client.Redis.from_url(self.redis)

        async def breaking() -> dict[str, Any]:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", "1mb")
            took = True
            try:
                client.set("x", "y")
            except redis_client.ResponseError:
                took = False
            await asyncio.sleep(12)
            client.config_set("maxmemory", "0")
            await asyncio.sleep(8)
            return {"Redis took writes": took}

        return await self.under_talk(breaking)

    async def postgres_stopped(self) -> dict[str, Any]:
        """Stop PostgreSQL at once (SIGQUIT), as after a fault of the machine, and start it again."""
        pid = int(self.query("SELECT pg_read_file('postmaster.pid')")[0][0].split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
        folder = Path(command[command.index("-D") + 1]).parent

        async def breaking() -> dict[str, Any]:
            os.kill(pid, signal.SIGQUIT)
            gone = time.monotonic()
            await asyncio.sleep(4)
            self.postgres_process = subprocess.Popen(
                command, user=test_servers.cluster_user(), cwd=folder,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            # It repairs itself first; how long that takes is the disk's affair, and no answer can be faster.
            await asyncio.to_thread(self._wait_for_postgres)
            down = time.monotonic() - gone
            await asyncio.sleep(10)
            return {"down s": round(down, 1)}

        return await self.under_talk(breaking)

    def _wait_for_postgres(self) -> None:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                self.query("SELECT 1")
                return
            time.sleep(0.1)

    async def deaf(self) -> dict[str, Any]:
        """Open 200 sockets that follow a talk and never read."""
        house, count = self.houses[0], 200
        before = resident_bytes([house.process.pid])
        room, session = self.city["rooms"][0], self.city["sessions"][0]
        lines = []
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port, limit=1024)
            writer.write(
                f"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                f"Cookie: sessionid={session}\r\n\r\n".encode()
            )
            await reader.readuntil(b"\r\n\r\n")
            follow = json.dumps({"do": "follow", "ref": 1, "stream": room, "after": 0}).encode()
            writer.write(b"\x81" + bytes([0x80 | len(follow)]) + bytes(4) + follow)
            writer.transport.pause_reading()
            lines.append(writer)

        async def breaking() -> dict[str, Any]:
            await asyncio.sleep(25)
            after = resident_bytes([house.process.pid])
            return {"deaf sockets": count, "memory MB before": before >> 20, "after": after >> 20}

        found = await self.under_talk(breaking)
        for writer in lines:
            writer.transport.abort()
        return found

    async def backlog(self) -> dict[str, Any]:
        """Come back to a talk after 100,000 entries."""
        room, session, count = self.city["rooms"][2], self.city["sessions"][2], 100_000
        self.query(
            "INSERT INTO journal_stream (name, epoch, head, floor)"
            f" VALUES ('{room}', gen_random_uuid(), 0, 0) ON CONFLICT DO NOTHING RETURNING 1"
        )
        self.query(
            "WITH more AS (INSERT INTO journal_entry (stream_id, seq, kind, at, sender, key, digest, data)"
            f" SELECT s.id, s.head + n, 'message.said', now(), 'x', '', '', '{{\"text\": \"again\"}}'"
            f" FROM journal_stream s, generate_series(1, {count}) n WHERE s.name = '{room}')"
            f" UPDATE journal_stream SET head = head + {count} WHERE name = '{room}' RETURNING head"
        )
        head = self.query(f"SELECT head FROM journal_stream WHERE name = '{room}'")[0][0]
        headers, began, got, first, largest = {"Cookie": f"sessionid={session}"}, time.monotonic(), 0, 0.0, 0
        async with connect(
            self.houses[0].socket, additional_headers=headers, proxy=None, max_size=None, compression=None
        ) as line:
            await line.send(json.dumps({"do": "follow", "ref": 0, "stream": room, "after": 0}))
            while got < head:
                frame = json.loads(await asyncio.wait_for(line.recv(), 30))
                entries = [one for one in (frame if isinstance(frame, list) else [frame]) if "kind" in one]
                assert [one["seq"] for one in entries] == list(range(got + 1, got + len(entries) + 1)), "a gap"
                got, largest = got + len(entries), max(largest, len(entries))
                first = first or (time.monotonic() - began if entries else 0.0)
                await line.send(json.dumps({"do": "got", "n": got}))
        self.heads[room] = head
        seconds = round(time.monotonic() - began, 1)
        return {"entries": got, "largest page": largest, "first page ms": round(first * 1000), "all in s": seconds}

    async def crowd(self) -> dict[str, Any]:
        """Drop 2,000 sockets at once; all come back after a moment of their own, while others load pages."""
        house, count = self.houses[0], 2000
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput"],
            cwd=ROOT, env=self.environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        house.kill()
        await asyncio.to_thread(house.start)
        load = {"do": "crowd", "dialect": "ours", "port": house.port, "pids": [house.process.pid], "followers": count}
        # In a process of its own, so that neither the crowd nor the pages wait for this one's loop.
        crowd = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.realtime.load", json.dumps({**load, "room": "open-1"}),
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert crowd.stdout is not None
        while (line := await crowd.stdout.readline()).strip() != b"dropped":
            assert line, "the crowd went away"
        answer = asyncio.ensure_future(crowd.stdout.readline())
        page = f"http://127.0.0.1:{house.port}/chat/"
        read = await asyncio.gather(*(_read_pages(page, answer.done) for _visitor in range(VISITORS)))
        await crowd.wait()
        pages = sorted(seconds for each in read for seconds in each)
        p95 = round(pages[int(len(pages) * 0.95)], 2)
        return {**json.loads(answer.result()), "pages": len(pages), "page p95 s": p95}


async def _read_pages(address: str, until: Callable[[], bool]) -> list[float]:
    """Load the page again and again, with a breath between; return how many seconds each took."""
    seconds = []
    while not until():
        start = time.monotonic()
        await asyncio.to_thread(_load_page, address)
        seconds.append(time.monotonic() - start)
        await asyncio.sleep(0.2)
    return seconds


def _load_page(address: str) -> None:
    with urllib.request.urlopen(address, timeout=30) as page:
        page.read()


FAULTS = {
    "kill": World.kill,
    "redis": World.redis_lost,
    "memory": World.redis_full,
    "postgres": World.postgres_stopped,
    "deaf": World.deaf,
    "backlog": World.backlog,
    "crowd": World.crowd,
}


def main() -> int:
    """Break what is asked for; print a line for each fault; return 1 if a promise was broken."""
    names = sys.argv[1:] or list(FAULTS)
    broken = 0
    for name in names:
        with contextlib.ExitStack() as stack:
            world = World(stack)
            found = asyncio.run(FAULTS[name](world))
        broken += sum(found.get(what, 0) for what in ("lost", "doubled", "phantoms", "gaps", "unread"))
        print(f"{name:<9}" + "  ".join(f"{what} {value}" for what, value in found.items()), flush=True)
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
