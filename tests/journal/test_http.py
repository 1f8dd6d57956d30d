"""The journal without a socket: the same entries, rights and keys."""

import threading
import time

import pytest

from accounts import actions as people
from accounts.models import Post
from journal.models import Entry
from tests import make

from . import cast

BACKEND = "accounts.backends.PersonBackend"


def test_it_gives_what_the_socket_gives(hall):
    cast.entries("open-1", 130)
    page = hall.page()
    page.ask(do="follow", stream="open-1", after=10)
    page.until(lambda frame: frame.get("seq") == 130)
    status, first = hall.get("/api/v1/streams/open-1/entries?after=10")
    _status, second = hall.get("/api/v1/streams/open-1/entries?after=110&limit=50")
    assert status == 200
    assert first["head"] == 130
    assert first["entries"] + second["entries"] == page.pushed


def test_waiting_ends_with_the_entry(hall):
    def ask():
        answers.append((hall.get("/api/v1/streams/open-1/entries?after=0&wait=20"), time.monotonic()))

    answers = []
    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.8)
    assert not answers
    cast.entries("open-1", 1)
    written = time.monotonic()
    thread.join(10)
    (status, answer), answered = answers[0]
    assert (status, [entry["seq"] for entry in answer["entries"]]) == (200, [1])
    assert answered - written < 5


def test_waiting_ends_by_itself_and_at_once_when_there_is_something(hall):
    begun = time.monotonic()
    assert hall.get("/api/v1/streams/open-1/entries?after=0&wait=1")[1]["entries"] == []
    assert time.monotonic() - begun >= 1
    cast.entries("open-1", 1)
    begun = time.monotonic()
    assert len(hall.get("/api/v1/streams/open-1/entries?after=0&wait=20")[1]["entries"]) == 1
    assert time.monotonic() - begun < 5


def test_fifty_waiting_pages_leave_the_house_answering(hall):
    threads = [
        threading.Thread(target=hall.get, args=[f"/api/v1/streams/open-{number}/entries?after=0&wait=4"])
        for number in range(50)
    ]
    [thread.start() for thread in threads]
    begun = time.monotonic()
    assert hall.get("/api/v1/streams/open-99/entries?after=0")[0] == 200
    assert time.monotonic() - begun < 4
    [thread.join(30) for thread in threads]


def test_no_right_and_absence_have_the_same_body_whether_or_not_one_waits(hall):
    person = make.official("olga")
    session = cast.session_of(make.official("piet"))
    bodies = {
        str(hall.get(f"/api/v1/streams/{stream}/entries?{query}", session))
        for stream in (f"mine-{person.pk}", "mine-999", "mine-x", "none-1", f"mine-{2**70}", "OPEN-1")
        for query in ("after=0", "after=0&wait=20")
    }
    assert len(bodies) == 1
    assert "404" in bodies.pop()
    mine = cast.session_of(person)
    assert hall.get(f"/api/v1/streams/mine-{person.pk}/entries", mine)[0] == 200
    people.end_post(post_id=Post.objects.get(person=person).pk)
    assert hall.get(f"/api/v1/streams/mine-{person.pk}/entries", mine)[0] == 404


@pytest.mark.parametrize(
    "query",
    ["after=x", "after=-1", "after=1.5", "after=9223372036854775808", "limit=0", "limit=101", "limit=10000", "after=²",
     "epoch=x", "after=0&wait=x&limit=x"],
)  # fmt: skip
def test_it_refuses_numbers_that_are_none(client, rooms, query):
    assert client.get(f"/api/v1/streams/open-1/entries?{query}").status_code == 400


def test_a_cursor_that_does_not_fit_gets_a_reset(client, rooms):
    cast.entries("open-1", 2)
    answer = client.get("/api/v1/streams/open-1/entries?after=9").json()
    assert (answer["reset"], answer["head"], answer["entries"]) == (True, 2, [])


@pytest.fixture
def wang(client, rooms):
    client.force_login(make.person("wang"), backend=BACKEND)
    return client


def post(client, body, stream="open-1", **more):
    return client.post(f"/api/v1/streams/{stream}/entries", body, content_type="application/json", **more)


def test_it_says_with_the_same_key_rule(wang):
    body = {"key": "key-00001", "text": "hello"}
    first = post(wang, body)
    assert (first.status_code, first.json()["seq"]) == (200, 1)
    assert post(wang, body).json() == first.json()
    assert post(wang, {**body, "text": "other"}).status_code == 409
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400), ("x", 400), ("[]", 400), ("{}", 400), ({"key": "x", "text": "a"}, 400),
        ({"key": "key-00001", "text": ""}, 400), ({"key": "key-00001", "text": "x" * 4001}, 400),
        ({"key": "key-00001", "text": "a\0b"}, 400), ({"key": "key-00001", "text": "x" * 400_000}, 400),
        ('{"key":"key-00001","text":"\\ud800"}', 400),
    ],
)  # fmt: skip
def test_it_refuses_what_cannot_be_said(wang, body, status):
    assert post(wang, body).status_code == status
    assert not Entry.objects.exists()


def test_it_refuses_strangers_to_the_stream_and_foreign_pages(wang, hall):
    assert post(wang, {"key": "key-00001", "text": "a"}, "mine-1").status_code == 404
    assert post(wang, {"key": "key-00001", "text": "a"}, "none-1").status_code == 404
    assert wang.delete("/api/v1/streams/open-1/entries").status_code == 405
    strict = type(wang)(enforce_csrf_checks=True)
    assert post(strict, {"key": "key-00001", "text": "a"}).status_code == 403


def test_the_socket_and_http_share_one_rate(wang):
    for number in range(20):
        assert post(wang, {"key": f"key-{number:05}", "text": "a"}).status_code == 200
    refused = post(wang, {"key": "key-99999", "text": "a"})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1


def test_reading_marks_go_to_the_room(wang):
    answer = wang.post("/api/v1/streams/open-1/read", {"seq": 2}, content_type="application/json")
    assert answer.status_code == 200
    assert Entry.objects.get().data == {"seq": 2}
    assert wang.post("/api/v1/streams/open-1/read", {"seq": -2}, content_type="application/json").status_code == 400
