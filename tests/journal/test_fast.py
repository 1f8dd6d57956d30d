"""The extra `fast`: the same house on uvicorn and picows, seen from outside."""

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import urllib.request

import pytest
from django.db import transaction

from accounts import actions as people
from journal.actions import append
from tests import make
from tests.houses import ROOT

from . import cast

pytest.importorskip("picows", reason="the extra `fast` is not installed: scripts/setup --fast")
pytestmark = pytest.mark.house


@pytest.fixture
def fast(make_house):
    return make_house(worker=False, OPENHALL_SERVER="fast")


def notices(person, count, text=""):
    for number in range(count):
        with transaction.atomic():
            append(f"person-{person.pk}", "notice.made", {"number": number, "text": text})


def test_a_page_follows_falls_out_and_comes_back_on_it(fast):
    person = make.person("wang")
    session, stream = cast.session_of(person), f"person-{person.pk}"
    with urllib.request.urlopen(f"{fast.url}/", timeout=10) as page:
        assert page.status == 200
    hall = cast.Hall(fast.port)
    first = hall.page(session)
    assert first.ask(do="follow", stream=stream, after=0)["ok"]["head"] == 0
    notices(person, 20)
    first.until(lambda frame: frame.get("seq") == 20)
    assert first.seqs(stream) == list(range(1, 21))
    assert fast.stop() == 0
    assert first.closed_with() == 1012
    hall.close()
    notices(person, 5)
    fast.start()
    again = cast.Hall(fast.port)
    page = again.page(session)
    page.ask(do="follow", stream=stream, after=20)
    page.until(lambda frame: frame.get("seq") == 25)
    people.sign_out_everywhere(person_id=person.pk)
    assert page.closed_with(seconds=5) == 4401
    again.close()


def upgrade(port, **headers):
    """Return a raw connection after its handshake, and the answer's first line."""
    lines = {
        "Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": f"http://127.0.0.1:{port}", **headers,
    }  # fmt: skip
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(b"GET /ws/ HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items() if v).encode() + b"\r\n")
    return line, line.recv(4096).split(b"\r\n", 1)[0]


def masked(opcode, payload, fin=True):
    """Return a client's frame with a mask of zeros."""
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xff" + struct.pack("!Q", len(payload))
    return bytes([(0x80 if fin else 0) | opcode]) + size + bytes(4) + payload


def test_what_no_browser_of_ours_sends_is_refused_and_hurts_nobody(fast):
    for wrong in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        line, answer = upgrade(fast.port, **wrong)
        assert b"403" in answer
        line.close()
    line, answer = upgrade(fast.port, **{"Sec-WebSocket-Key": ""})
    assert b"400" in answer
    line.close()
    # Parts of one text are put together; bytes are no JSON; broken UTF-8 and a giant end the connection.
    line, answer = upgrade(fast.port)
    assert b"101" in answer
    line.sendall(
        masked(1, b'{"do":"pi', fin=False) + masked(9, b"x") + masked(0, b'ng","ref":1}') + masked(2, b"\x00\xff")
    )
    heard = b""
    while b"bad_json" not in heard:
        heard += line.recv(4096)
    assert b'{"ref":1,"ok":{}}' in heard
    line.sendall(masked(1, b"\xff\xfe"))
    while not heard.endswith(struct.pack("!H", 1007)):
        got = line.recv(4096)
        assert got, "closed without a word"
        heard += got
    line.close()
    line, _answer = upgrade(fast.port)
    line.sendall(masked(1, b"x" * 70_000))
    assert struct.pack("!H", 4009) in line.recv(4096)
    line.close()
    with urllib.request.urlopen(f"{fast.url}/healthz", timeout=10) as page:
        assert page.status == 200


def test_one_who_never_confirms_gets_no_more_and_the_others_hear_everything(fast):
    person = make.person("wang")
    session, stream = cast.session_of(person), f"person-{person.pk}"
    deaf, _answer = upgrade(fast.port, Cookie=f"sessionid={session}")
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sendall(masked(1, json.dumps({"do": "follow", "ref": 1, "stream": stream, "after": 0}).encode()))
    hall = cast.Hall(fast.port)
    page = hall.page(session)
    page.ask(do="follow", stream=stream, after=0)
    for turn in range(5):
        notices(person, 60, "x" * 10_000)
        page.until(lambda frame, turn=turn: frame.get("seq") == 60 * (turn + 1), 20)
        page.send(do="got", n=len(page.pushed))
    assert page.seqs(stream) == list(range(1, 301))
    # It got its credit of 1 MiB and what was under way, not the 3 MB, and nobody waits for it.
    deaf.settimeout(1.0)
    got = 0
    with contextlib.suppress(TimeoutError):
        while part := deaf.recv(1 << 20):
            got += len(part)
    assert 0 < got < 2_000_000
    assert page.ask(do="ping")["ok"] == {}
    deaf.close()
    hall.close()


def test_without_the_extra_the_command_says_how_to_install_it(tmp_path):
    # A folder before everything else, whose picows cannot be imported; nobody else serves from it.
    (tmp_path / "picows.py").write_text("raise ImportError('no picows')")
    own = {"PYTHONPATH": str(tmp_path), "OPENHALL_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--no-worker", "--server", "fast"],
        cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "scripts/setup --fast" in done.stderr


def test_pings_end_a_line_that_has_gone_dead():
    from journal.fast import PicowsWire

    class Transport:
        pings = closed = 0

        def send_ping(self):
            self.pings += 1

        def disconnect(self, graceful):
            self.closed += 1

    wire = PicowsWire(lambda event: None, lambda: True)
    wire.transport = Transport()
    wire.ping()
    assert (wire.transport.pings, wire.transport.closed) == (1, 0)
    wire.heard = True
    wire.ping()
    wire.ping()
    assert (wire.transport.pings, wire.transport.closed) == (2, 1)
