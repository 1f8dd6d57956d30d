"""How each server wants to be spoken to. The generator only counts: every text holds "m:<number>:" once."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

NUMBER = re.compile(rb"m:(\d+):")
ANSWER = re.compile(rb'\{"ref":(\d+),')
PADDING = "x" * 56
# The protocol asks for a `got` after so many entries.
CONFIRM_EVERY = 64


def text_of(number: int) -> str:
    """Return message `number`, about 64 characters."""
    return f"m:{number}:{PADDING}"


class Client(WSListener):  # type: ignore[misc]
    """One socket in one room; what arrives is handed to `on_texts`, an answer to `on_answer`."""

    # Whether the server answers the sender; otherwise the sender's own copy is the answer.
    answers = False
    path = "/{room}"

    def __init__(self, load: Any, room: str) -> None:
        self.load = load
        self.room = room
        self.transport: WSTransport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def open(self, port: int, headers: dict[str, str]) -> None:
        """Connect and join the room."""
        address = f"ws://127.0.0.1:{port}{self.path.format(room=self.room)}"
        # The kernel's own buffers, so that memory is the server's alone.
        await ws_connect(lambda: self, address, extra_headers=headers, use_aiofastnet=False)
        await self.ready

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.join()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.load.lost(self, transport)
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"closed with {transport.close_handshake}"))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.hear(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()

    def send(self, text: str | bytes) -> None:
        """Send one text frame."""
        assert self.transport is not None
        self.transport.send(WSMsgType.TEXT, text)

    def join(self) -> None:
        """Enter the room."""
        self.ready.set_result(None)

    def hear(self, payload: bytes) -> None:
        """Take a frame in."""
        self.load.heard(self, payload)

    def say(self, number: int) -> None:
        """Say message `number`."""
        self.send(text_of(number))


class Tutorial(Client):
    """The Channels tutorial."""

    path = "/ws/chat/{room}/"

    def say(self, number: int) -> None:
        self.send(json.dumps({"message": text_of(number)}))


class SocketIo(Client):
    """socket.io 4 over a WebSocket from the start."""

    answers = True
    path = "/socket.io/?EIO=4&transport=websocket"

    def join(self) -> None:
        self.send("40")

    def hear(self, payload: bytes) -> None:
        if payload.startswith(b"42"):
            self.load.heard(self, payload)
        elif payload.startswith(b"43"):
            number = int(payload[2 : payload.index(b"[")])
            if number:
                self.load.answered(number)
            else:
                self.ready.set_result(None)
        elif payload == b"2":
            self.send("3")
        elif payload.startswith(b"40"):
            self.send(f'420["join",{json.dumps(self.room)}]')

    def say(self, number: int) -> None:
        self.send(f'42{number}["say",{json.dumps(self.room)},"{text_of(number)}"]')


class Ours(Client):
    """Openhall's protocol, docs/protocol.md."""

    answers = True
    path = "/ws/"
    got = confirmed = 0

    def join(self) -> None:
        if self.room:
            self.send(json.dumps({"do": "follow", "ref": 0, "stream": self.room}))
        else:
            self.ready.set_result(None)

    def hear(self, payload: bytes) -> None:
        if payload.startswith((b'{"ref":', b'[{"ref":')):
            for number in map(int, ANSWER.findall(payload)):
                if b'"error"' in payload:
                    self.load.fail(payload.decode())
                elif number:
                    self.load.answered(number)
                elif not self.ready.done():
                    self.ready.set_result(None)
        if payload.startswith((b'{"stream"', b"[")):
            self.got += self.load.heard(self, payload)
            if self.got - self.confirmed >= CONFIRM_EVERY:
                self.confirmed = self.got
                self.send(b'{"do":"got","n":%d}' % self.got)

    def say(self, number: int) -> None:
        stream = self.load.spoken_in(self)
        text = text_of(number)
        # As the pages of ours make it: the time, then 80 random bits.
        key = f"{time.time_ns() // 1_000_000:012x}{random.getrandbits(80):020x}"
        self.send(f'{{"do":"say","ref":{number},"stream":"{stream}","key":"{key}","text":"{text}"}}')


DIALECTS: dict[str, type[Client]] = {"plain": Client, "tutorial": Tutorial, "socketio": SocketIo, "ours": Ours}
