"""Who talks while things are broken, and the web processes they talk through."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import websockets
from websockets.asyncio.client import connect

from scripts import test_servers

ROOT = Path(__file__).resolve().parent.parent
LOST_LINE = (OSError, websockets.WebSocketException, asyncio.TimeoutError, EOFError)


class Person:
    """One side of a talk: says things for ever, and keeps what it has been answered and shown."""

    def __init__(self, houses: Sequence[House], heads: Mapping[str, int], room: str, session: str, name: str) -> None:
        # `heads` says in the end how far each room has come.
        self.houses, self.heads = houses, heads
        self.room, self.session, self.name = room, session, name
        self.after = 0
        self.shown: dict[int, str] = {}
        self.acked: dict[str, int] = {}
        self.refused: dict[str, int] = {}
        self.again = self.gaps = 0
        self.slowest = 0.0
        self.talking = True
        self.unanswered = ""
        self.since = 0.0
        self.numbers = itertools.count()

    async def live(self) -> None:
        """Talk until told to stop and everything is answered."""
        while self.talking or self.unanswered:
            with contextlib.suppress(*LOST_LINE):
                await self.visit()
            await asyncio.sleep(random.uniform(0.05, 0.4))

    async def visit(self) -> None:
        """Open a line, follow on, talk until it breaks."""
        house = random.choice(self.houses)
        headers = {"Cookie": f"sessionid={self.session}"}
        async with connect(house.socket, additional_headers=headers, proxy=None, open_timeout=5) as line:
            await line.send(json.dumps({"do": "follow", "ref": 0, "stream": self.room, "after": self.after}))
            while self.talking or self.unanswered:
                if not self.unanswered:
                    self.unanswered, self.since = f"{self.name}-{next(self.numbers):06}", time.monotonic()
                key = self.unanswered
                await line.send(json.dumps({"do": "say", "ref": 1, "stream": self.room, "key": key, "text": key}))
                while self.unanswered == key:
                    self.take(json.loads(await asyncio.wait_for(line.recv(), 10)))
                await line.send(json.dumps({"do": "got", "n": 10**9}))
                await asyncio.sleep(0.05)
            while self.after < self.heads.get(self.room, 0):
                self.take(json.loads(await asyncio.wait_for(line.recv(), 40)))

    def take(self, frame: Any) -> None:
        """Take a frame in, as a page does."""
        for one in frame if isinstance(frame, list) else [frame]:
            if one.get("ref") == 1 and "ok" in one:
                self.slowest = max(self.slowest, time.monotonic() - self.since)
                self.acked[self.unanswered], self.unanswered = one["ok"]["seq"], ""
            elif one.get("ref") == 1:
                code = one["error"]["code"]
                self.refused[code] = self.refused.get(code, 0) + 1
                raise ConnectionResetError(code)
            elif "kind" in one and one["seq"] <= self.after:
                self.again += 1
            elif "kind" in one:
                self.gaps += one["seq"] != self.after + 1
                self.after = one["seq"]
                self.shown[self.after] = one["data"].get("key", "")


class House:
    """One web process."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = test_servers.free_port()
        self.socket = f"ws://127.0.0.1:{self.port}/ws/"
        self.environment = environment
        self.process: Any = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = [sys.executable, "-m", "bench.realtime.serve", "--no-worker", "--port", str(self.port)]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=quiet, stderr=quiet)
        test_servers.wait_for(self.port, self.process, 60)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()
