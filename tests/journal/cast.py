"""Rooms, clients and makers for the journal's tests."""

import http.client
import itertools
import json
import socket
import time
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accounts.models import Person
from accounts.rules import NotFound, clean_text
from accounts.viewers import Viewer
from journal.actions import append, append_once
from journal.models import Entry

ROOMS = {
    "JOURNAL_STREAMS": {
        "open": "tests.journal.cast.anybody",
        "mine": "tests.journal.cast.owner",
        "person": "tests.journal.cast.oneself",
    },
    "JOURNAL_VOICES": {"open": "tests.journal.cast.say", "mine": "tests.journal.cast.say_mine"},
    "JOURNAL_READS": {"open": "tests.journal.cast.mark_read"},
    "JOURNAL_PRESENCE": "",
    "SOCKETS_PER_PERSON": 5,
    "SOCKETS_PER_ADDRESS": 50,
}
SOON = 5.0


def anybody(viewer: Viewer, key: str) -> bool:
    """Let everybody follow."""
    return True


def owner(viewer: Viewer, key: str) -> bool:
    """Let the person whose id is the key follow, while they hold a post."""
    return viewer.person is not None and viewer.person.pk == int(key) and viewer.is_official


def oneself(viewer: Viewer, key: str) -> bool:
    """Let a person follow their own notices."""
    return viewer.person is not None and viewer.person.pk == int(key)


def say(*, viewer: Viewer, key: str, client_key: str, text: str, files: list | None) -> tuple[int, datetime]:
    """Say something on an open stream, as a room's voice does."""
    text = clean_text(text, most=4000, least=1)
    if text == "boom":
        raise RuntimeError("a room's mistake")
    with transaction.atomic():
        entry, _is_new = append_once(
            f"open-{key}", "message.said", {"text": text}, sender=viewer.key, by=viewer.person, key=client_key
        )
    return entry.seq, entry.at


def say_mine(*, viewer: Viewer, key: str, client_key: str, text: str, files: list | None) -> tuple[int, datetime]:
    """Refuse, as a room does without a right."""
    raise NotFound()


def mark_read(*, viewer: Viewer, key: str, seq: int) -> None:
    """Write down how far somebody has read."""
    with transaction.atomic():
        append(f"open-{key}", "message.read", {"seq": seq}, sender=viewer.key)


def entries(stream: str, count: int, text: str = "") -> None:
    """Append so many entries, each in a transaction of its own."""
    for number in range(count):
        with transaction.atomic():
            append(stream, "message.said", {"text": text or f"number {number}"})


def silent_entry(stream: str) -> None:
    """Append as a process whose ring got lost: the entry is there, nobody was told."""
    with transaction.atomic():
        entry = append(stream, "message.said", {"text": "unheard"})
        transaction.set_rollback(False)
        transaction.get_connection().run_on_commit.clear()
    assert Entry.objects.filter(pk=entry.pk).exists()


def session_of(person: Person | None) -> str:
    """Return the key of a fresh session, signed in as the person."""
    session = SessionStore()
    if person is not None:
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "accounts.backends.PersonBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


class Page:
    """A client of the protocol: asks, confirms, and keeps what was pushed."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.refs = itertools.count(1)
        self.pushed: list[dict[str, Any]] = []
        self.frames: list[Any] = []

    def send(self, **command: Any) -> None:
        """Send a command without waiting."""
        self.socket.send(json.dumps(command))

    def ask(self, **command: Any) -> dict[str, Any]:
        """Send a command and return its answer; pushes on the way are kept."""
        ref = next(self.refs)
        self.send(ref=ref, **command)
        return self.until(lambda frame: frame.get("ref") == ref)

    def until(self, wanted: Any, seconds: float = SOON) -> dict[str, Any]:
        """Return the first frame that is wanted."""
        end = time.monotonic() + seconds
        while True:
            frame = json.loads(self.socket.recv(timeout=max(0.01, end - time.monotonic())))
            self.frames.append(frame)
            together = frame if isinstance(frame, list) else [frame]
            self.pushed += [one for one in together if "seq" in one and "kind" in one]
            if found := next(filter(wanted, together), None):
                return found

    def seqs(self, stream: str) -> list[int]:
        """Return the numbers pushed so far for a stream."""
        return [entry["seq"] for entry in self.pushed if entry["stream"] == stream]

    def closed_with(self, seconds: float = SOON) -> int:
        """Read until the server closes and return its code."""
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                self.socket.recv(timeout=max(0.01, end - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError("still open")


class Hall:
    """The running server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"
        self.open = ExitStack()

    def page(
        self,
        session: str = "",
        *,
        origin: str | None = "",
        query: str = "",
        host_header: str = "",
        language: str = "en",
    ) -> Page:
        """Open a socket as a page of ours would, with the session's cookie."""
        headers = {"Accept-Language": language, **({"Cookie": f"sessionid={session}"} if session else {})}
        # The name in the address becomes the Host header, the socket goes to this machine all the same.
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        opening = connect(
            f"ws://{host_header or f'127.0.0.1:{self.port}'}/ws/{query}",
            additional_headers=headers,
            proxy=None,
            origin=self.origin if origin == "" else origin,
            open_timeout=10,
            close_timeout=1,
            sock=sock,
        )
        return Page(self.open.enter_context(opening))

    def get(self, path: str, session: str = "") -> tuple[int, Any]:
        """Return status and JSON of a GET."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Cookie": f"sessionid={session}"} if session else {})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, json.loads(body)

    def close(self) -> None:
        """Close every socket."""
        self.open.close()
