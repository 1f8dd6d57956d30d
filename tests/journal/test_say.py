"""Saying and reading over the socket, and frames that are none."""

import asyncio
import contextlib
import json
import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed

from accounts.rules import NotFound
from journal import voices
from journal.models import Entry
from tests import make

from . import cast


@pytest.fixture
def page(hall):
    return hall.page(cast.session_of(make.person("wang")))


def said(page, key="key-00001", text="hello", **more):
    return page.ask(do="say", stream="open-1", key=key, text=text, **more)


def test_the_answer_comes_after_the_commit_and_the_entry_to_all(page, hall):
    reader = hall.page()
    reader.ask(do="follow", stream="open-1", after=0)
    answer = said(page)["ok"]
    entry = Entry.objects.get()
    assert answer == {"seq": 1, "at": entry.at.isoformat()}
    shown = reader.until(lambda frame: "seq" in frame)
    assert (shown["seq"], shown["data"], shown["by"]) == (1, {"text": "hello"}, {"key": entry.sender})


def test_the_same_key_again_gives_the_same_answer_and_another_body_a_conflict(page):
    assert said(page) == {**said(page), "ref": 1}
    assert said(page, text="other")["error"]["code"] == "key_used"
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"key": ""}, "bad_key"),
        ({"key": "short"}, "bad_key"), ({"key": "x" * 65}, "bad_key"), ({"key": 5}, "bad_key"),
        ({"key": "a b c d e f"}, "bad_key"), ({"text": ""}, "too_short"), ({"text": "x" * 4001}, "too_long"),
        ({"text": "a\0b"}, "bad_characters"), ({"text": ["x"]}, "not_text"), ({"text": None}, "not_text"),
        ({"files": "x"}, "bad_files"), ({"files": ["x"] * 21}, "bad_files"), ({"stream": "open"}, "bad_stream"),
        ({"stream": None}, "bad_stream"), ({"stream": "mine-1"}, "not_found"), ({"stream": "none-1"}, "not_found"),
    ],
)  # fmt: skip
def test_it_refuses_what_no_room_takes_and_goes_on(page, wrong, code):
    answer = page.ask(**{"do": "say", "stream": "open-1", "key": "key-00001", "text": "x", **wrong})
    assert answer["error"]["code"] == code
    assert answer["error"]["text"]
    assert page.ask(do="ping")["ok"] == {}
    assert not Entry.objects.exists()


def test_four_thousand_characters_are_taken(page):
    assert said(page, text="字" * 4000)["ok"]["seq"] == 1


def test_a_rooms_own_mistake_costs_one_message_only(page):
    assert said(page, text="boom")["error"]["code"] == "unavailable"
    assert said(page, key="key-00002")["ok"]["seq"] == 1


def test_the_twenty_first_message_in_ten_seconds_is_refused(page):
    for number in range(20):
        assert "ok" in said(page, key=f"key-{number:05}")
    refused = said(page, key="key-99999")["error"]
    assert refused["code"] == "too_many"
    assert refused["retry_after"] >= 1


def test_messages_of_many_at_once_are_all_stored_and_numbered_without_gaps(hall):
    def work(number):
        page = hall.page(sessions[number])
        for turn in range(10):
            answers.append(said(page, key=f"key-{number}-{turn:05}")["ok"]["seq"])

    answers = []
    # Made here: a thread that asks the database would leave its connection open.
    sessions = [cast.session_of(make.person(f"p{number}")) for number in range(6)]
    threads = [threading.Thread(target=work, args=[number]) for number in range(6)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert sorted(answers) == list(range(1, 61))


def saying(number, text="hello", key=""):
    viewer = make.viewer(make.person(f"p{number}"))
    return voices.Saying(viewer, "open-1", key or f"key-{number:05}", text, None, viewer.key)


def test_messages_gathered_during_a_commit_share_the_next_one(rooms, django_assert_num_queries):
    sayings = [saying(1), saying(2, "boom"), saying(3, ""), saying(1), saying(4)]
    results = voices.store(sayings)
    assert [result[0] for result in (results[0], results[3], results[4])] == [1, 1, 2]
    assert [result.code for result in (results[1], results[2])] == ["unavailable", "too_short"]
    assert [entry.seq for entry in Entry.objects.order_by("seq")] == [1, 2]


def test_how_far_somebody_has_read_goes_to_the_room(page):
    assert page.ask(do="read", stream="open-1", seq=3)["ok"] == {}
    assert Entry.objects.get().data == {"seq": 3}
    for wrong in ({"seq": -1}, {"seq": "3"}, {"seq": 2**63}, {"seq": True}, {"stream": "mine-1"}, {"stream": 7}):
        assert "error" in page.ask(**{"do": "read", "stream": "open-1", "seq": 3, **wrong})


# Frames

BAD_FRAMES = [
    "", "x", "[]", "null", "1", '"x"', "{", '{"do": 5}', '{"do": "dance"}', '{"do": ["ping"]}', "{}", "\ufffe",
    '{"do":"ping","ref":{"a":1}}', '{"do":"follow"}', '{"do":"follow","stream":5}',
    '{"do":"follow","stream":"open-1","after":-1}',
    '{"do":"follow","stream":"open-1","after":"1"}', '{"do":"follow","stream":"open-1","after":18446744073709551616}',
    '{"do":"follow","stream":"open-1","after":1.5}', '{"do":"follow","stream":"open-1","after":true}',
    '{"do":"follow","stream":"open-1","epoch":"x","after":0}', '{"do":"follow","stream":"open-1","epoch":7,"after":0}',
    '{"do":"ping","x":"\\ud800"}', '{"do":"ping","x":"\\u0000"}', '{"do":"ping","x":NaN}',
    '{"do":"ping","x":9223372036854775808}',
    '{"do":"got"}', '{"do":"got","n":-5}', '{"do":"typing"}', '{"do":"unfollow"}', '{"do":"read"}', '{"do":"say"}',
    '{"do":"ping","ref":1.5}', '{"do":"ping","ref":"' + "x" * 65 + '"}',
    '{"do":"ping","x":' + "[" * 20 + "]" * 20 + "}", '{"do":"ping","x":' + "[" * 2000 + "]" * 2000 + "}",
]  # fmt: skip


def test_nonsense_gets_an_error_frame_and_the_socket_goes_on(hall):
    page = hall.page()
    for frame in BAD_FRAMES:
        page.socket.send(frame)
        assert "error" in json.loads(page.socket.recv(timeout=5)), frame
    page.socket.send(b"\x00\xff")
    assert "error" in json.loads(page.socket.recv(timeout=5))
    assert page.ask(do="ping", x="[" * 19 + "]" * 19)["ok"] == {}
    assert not Entry.objects.exists()


def test_a_frame_over_sixty_four_kib_closes(hall):
    page = hall.page()
    filler = 64 * 1024 - len('{"do":"ping","ref":0,"x":""}')
    page.socket.send('{"do":"ping","ref":0,"x":"' + "x" * filler + '"}')
    assert json.loads(page.socket.recv(timeout=5)) == {"ref": 0, "ok": {}}
    page.socket.send('{"do":"ping","ref":0,"x":"' + "x" * (filler + 1) + '"}')
    assert page.closed_with() == 4009


def test_a_frame_a_hundred_times_as_long_does_too(hall):
    page = hall.page()
    with contextlib.suppress(ConnectionClosed):
        page.socket.send("x" * 6_400_000)
    with pytest.raises(ConnectionClosed):
        page.socket.recv(timeout=5)
    assert "ok" in hall.page().ask(do="ping")


def test_what_is_said_until_a_turn_brings_nothing_shares_a_commit_and_a_failing_answer_stops_nobody(monkeypatch):
    commits = []
    monkeypatch.setattr(voices, "_stored", lambda sayings: commits.append(list(sayings)) or [NotFound()] * len(sayings))

    async def play():
        loop, writer = asyncio.get_running_loop(), voices.Writer()
        heard = [loop.create_future() for _ in range(3)]
        writer.say("first", lambda _result: 1 / 0)
        writer.say("second", heard[0].set_result)
        await asyncio.sleep(0)
        # The turn brought more: it goes along.
        writer.say("third", heard[1].set_result)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        # They are on their way: this waits for the next commit.
        writer.say("fourth", heard[2].set_result)
        await asyncio.wait_for(asyncio.gather(*heard), 10)

    asyncio.run(play())
    assert commits == [["first", "second", "third"], ["fourth"]]


def test_a_socket_follows_fifty_streams_and_not_one_more(hall):
    page = hall.page()
    for number in range(50):
        assert "ok" in page.ask(do="follow", stream=f"open-{number}", after=0)
    assert page.ask(do="follow", stream="open-50", after=0)["error"]["code"] == "too_many_streams"
    assert "ok" in page.ask(do="follow", stream="open-7", after=0)


def test_a_flood_of_frames_closes(hall):
    page = hall.page()
    for _ in range(201):
        page.send(do="ping", ref=1)
    assert page.closed_with() == 4429


def test_errors_speak_the_readers_language(hall):
    texts = set()
    for language in ("en", "zh-hans"):
        page = hall.page(language=language)
        texts.add(page.ask(do="dance")["error"]["text"])
    assert len(texts) == 2
    time.sleep(0)
