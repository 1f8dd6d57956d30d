"""The conversation over a real server: sockets that drop, pages that reload, a server that is killed."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from contextlib import ExitStack
from typing import Any

import pytest
import websockets.sync.client as sockets
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from accounts.viewers import GRANTS, VISITOR
from messaging import actions
from messaging.models import Talk
from tests import make
from tests.browsers import session_of
from tests.messaging import cast

pytestmark = [pytest.mark.house, pytest.mark.django_db(transaction=True)]


LOST = (OSError, ConnectionClosed, InvalidHandshake, TimeoutError, EOFError)


class Follower:
    """What a page does, in Python: follows from its cursor, keeps what it has seen by number, repeats its keys."""

    def __init__(self, house: Any, cookie: str, stream: str, after: int = 0) -> None:
        self.house, self.cookie, self.stream, self.after = house, cookie, stream, after
        self.seen: dict[int, dict[str, Any]] = {}
        self.answers: dict[int, dict[str, Any]] = {}
        self.ref = 0
        self.socket: Any = None
        self.held = ExitStack()

    def connect(self, seconds: float = 40.0) -> Follower:
        """Open a socket and follow on from the cursor, as often as it takes."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.socket = self.held.enter_context(
                    sockets.connect(
                        self.house.socket_url,
                        additional_headers={"Cookie": f"sessionid={self.cookie}"},
                        origin=self.house.url,
                        proxy=None,
                    )
                )
                self.ask(do="follow", stream=self.stream, after=self.after)
                return self
            except LOST as error:
                if time.monotonic() > deadline:
                    raise AssertionError("no server") from error
                time.sleep(0.1)

    def ask(self, **command: Any) -> dict[str, Any]:
        self.ref += 1
        self.socket.send(json.dumps({**command, "ref": self.ref}))
        return self.until(lambda: self.answers.get(self.ref))

    def say(self, text: str, key: str = "") -> dict[str, Any]:
        return self.ask(do="say", stream=self.stream, key=key or uuid.uuid4().hex, text=text)

    def until(self, found: Any, seconds: float = 10.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (result := found()):
            self.take(json.loads(self.socket.recv(timeout=max(0.01, deadline - time.monotonic()))))
        return result

    def take(self, frame: Any) -> None:
        for one in frame if isinstance(frame, list) else [frame]:
            if "ref" in one:
                self.answers[one["ref"]] = one
            elif "gone" in one:
                self.seen[-1] = one
            elif "kind" in one and one["seq"] > self.after:
                assert one["seq"] == self.after + 1, "a gap"
                self.after = one["seq"]
                self.seen[one["seq"]] = one

    def words(self) -> list[str]:
        return [one["data"]["text"] for one in self.seen.values() if one.get("kind") == "message.said"]

    def drop(self) -> None:
        """Lose the line, without a word to the server."""
        self.socket.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.held.close()


def visitor_session(key: str, *granted: str) -> str:
    client = Client()
    session = client.session
    session[VISITOR], session[GRANTS] = key, list(granted)
    session.save()
    return str(session.session_key)


@pytest.fixture
def parties(live_house):
    """An open talk with both of its sides on their sockets."""
    dora = cast.on_duty()
    talk = cast.open_talk(by=cast.visitor("visitor-key"), holder=dora)
    citizen = Follower(live_house, visitor_session("visitor-key", talk.stream_name), talk.stream_name).connect()
    officer = Follower(live_house, session_of(dora.person), talk.stream_name).connect()
    yield talk, citizen, officer
    for one in (citizen, officer):
        one.close()


def test_each_side_sees_the_other_live(parties):
    _talk, citizen, officer = parties
    citizen.say("Is anybody there?")
    officer.until(lambda: "Is anybody there?" in officer.words())
    officer.say("Yes, I am.")
    citizen.until(lambda: "Yes, I am." in citizen.words())
    officer.until(lambda: "Yes, I am." in officer.words())
    assert citizen.words() == officer.words() == ["The lift is stuck.", "Is anybody there?", "Yes, I am."]


def test_reading_and_typing_are_seen(parties):
    _talk, citizen, officer = parties
    seq = officer.say("Hello")["ok"]["seq"]
    citizen.until(lambda: "Hello" in citizen.words())
    citizen.ask(do="read", stream=citizen.stream, seq=seq)
    officer.until(
        lambda: any(one.get("kind") == "talk.read" and one["data"]["seq"] == seq for one in officer.seen.values())
    )
    citizen.ask(do="typing", stream=citizen.stream)
    frames = []
    while not any("typing" in frame for frame in frames):
        frames.append(json.loads(officer.socket.recv(timeout=5)))


def test_a_repeated_key_is_answered_alike_and_another_body_is_refused(parties):
    _talk, citizen, _officer = parties
    key = uuid.uuid4().hex
    first = citizen.say("once", key)["ok"]
    assert citizen.say("once", key)["ok"] == first
    assert citizen.say("twice", key)["error"]["code"] == "other_body"


def test_words_in_a_room_of_officials_change_and_go_live(live_house):
    hugo, olga = (make.official(name) for name in ("hugo", "olga"))
    room = actions.open_direct(by=make.viewer(hugo), person_id=olga.pk)
    with ExitStack() as both:
        mine, theirs = (
            Follower(live_house, session_of(one), room.stream_name, after=1).connect() for one in (hugo, olga)
        )
        both.callback(mine.close)
        both.callback(theirs.close)
        seq = mine.say("At ten")["ok"]["seq"]
        for act in ({"do": "edit", "text": "At eleven"}, {"do": "delete"}):
            told = mine.ask(stream=room.stream_name, key=uuid.uuid4().hex, seq=seq, **act)["ok"]["seq"]
            seen = theirs.until(lambda number=told: theirs.seen.get(number))
            assert (seen["kind"], seen["data"]["seq"]) == (
                "message.edited" if "text" in act else "message.deleted", seq,
            )  # fmt: skip
        refused = theirs.ask(do="delete", stream=room.stream_name, key=uuid.uuid4().hex, seq=seq)
        assert refused["error"]["code"] == "no_such_message"


def test_what_was_missed_while_the_line_was_down_comes_once_and_in_order(parties):
    _talk, citizen, officer = parties
    citizen.until(lambda: citizen.after >= 3)
    citizen.drop()
    for number in range(12):
        officer.say(f"while you were away {number}")
    citizen.connect()
    citizen.until(lambda: citizen.words()[-1:] == ["while you were away 11"])
    assert citizen.words()[1:] == [f"while you were away {number}" for number in range(12)]


def test_a_message_whose_answer_was_lost_is_stored_once(parties):
    talk, citizen, _officer = parties
    key = uuid.uuid4().hex
    citizen.socket.send(json.dumps({"do": "say", "stream": citizen.stream, "key": key, "text": "unsure", "ref": 99}))
    citizen.drop()
    citizen.connect()
    citizen.say("unsure", key)
    assert sum(entry.key == key for entry in cast.entries(talk.stream_name)) == 1


def test_handing_back_ends_the_officers_sight_within_two_seconds(parties):
    talk, _citizen, officer = parties
    started = time.monotonic()
    actions.hand_back(talk_id=talk.pk, by=cast.on_duty())
    officer.until(lambda: -1 in officer.seen, seconds=5)
    assert time.monotonic() - started < 3
    assert officer.say("still here?")["error"]["code"] == "not_found"


def test_a_stranger_is_told_what_somebody_is_told_of_nothing(parties, live_house):
    talk, _citizen, _officer = parties
    stranger = Follower(live_house, visitor_session("other"), "talk-NOSUCHTALK00")
    stranger.connect()
    absent = stranger.ask(do="follow", stream="talk-NOSUCHTALK00", after=0)["error"]
    assert stranger.ask(do="follow", stream=talk.stream_name, after=0)["error"] == absent
    stranger.stream = talk.stream_name
    assert stranger.say("hello")["error"]["code"] == "not_found"
    assert stranger.ask(do="read", stream=talk.stream_name, seq=1)["error"]["code"] == "not_found"
    stranger.close()


def test_a_colleague_at_the_desk_sees_the_queue_and_never_the_words(live_house):
    emil = cast.on_duty("emil")
    colleague = Follower(live_house, session_of(emil.person), cast.desk().stream_name).connect()
    talk = cast.talk(text="CANARY of the citizen")
    dora = cast.on_duty("dora")
    actions.take_talk(talk_id=talk.pk, by=dora)
    actions.say(viewer=dora, key=talk.number, client_key="canary-key", text="CANARY of the officer")
    actions.end_talk(talk_id=talk.pk, by=dora)
    colleague.until(
        lambda: [one["data"].get("what") for one in colleague.seen.values()] == ["opened", "taken", "ended"]
    )
    assert "CANARY" not in json.dumps(list(colleague.seen.values()))
    colleague.close()


def test_a_server_killed_in_the_middle_of_a_burst_loses_and_doubles_nothing(live_house):
    house = live_house
    dora = cast.on_duty()
    talk = cast.open_talk(by=cast.visitor("visitor-key"), holder=dora)
    reader = Follower(house, session_of(dora.person), talk.stream_name).connect()
    writer = Follower(house, visitor_session("visitor-key", talk.stream_name), talk.stream_name).connect()
    acked: dict[str, int] = {}
    done = threading.Event()

    def write() -> None:
        """Say one thing after the other, repeating each key until it is answered, as the page does."""
        for number in range(30):
            key = f"burst-number-{number}"
            while key not in acked:
                try:
                    answer = writer.say(str(number), key)
                    if "ok" in answer:
                        acked[key] = answer["ok"]["seq"]
                    else:
                        time.sleep(0.3)
                except LOST:
                    writer.connect()
        writer.close()
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    for enough in (5, 12):
        wait_for(lambda enough=enough: len(acked) >= enough)
        house.kill()
        house.start()
    while not done.is_set() or reader.after < max(acked.values()):
        try:
            reader.take(json.loads(reader.socket.recv(timeout=0.5)))
        except TimeoutError:
            continue
        except LOST:
            reader.connect()
    thread.join()
    said = [entry for entry in cast.entries(talk.stream_name) if entry.key.startswith("burst")]
    assert [entry.key for entry in said] == [f"burst-number-{number}" for number in range(30)]
    assert {entry.key: entry.seq for entry in said} == acked
    assert reader.words()[1:] == [str(number) for number in range(30)]
    reader.close()


def wait_for(true: Any, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_talk_outlives_a_restart(live_house):
    house = live_house
    talk = cast.talk(by=cast.visitor("visitor-key"))
    page = Follower(house, visitor_session("visitor-key", talk.stream_name), talk.stream_name).connect()
    page.say("before")
    house.stop()
    house.start()
    page.connect()
    page.say("after")
    page.until(lambda: page.words()[-1:] == ["after"])
    assert page.words() == ["The lift is stuck.", "before", "after"]
    assert Talk.objects.get().status == Talk.Status.WAITING
    page.close()
