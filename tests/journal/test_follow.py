"""Following a stream over a real server."""

import time
from datetime import timedelta

import orjson
import pytest
from django.db import OperationalError, transaction
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from accounts import actions as people
from accounts.models import Post
from journal import actions, consumer, queries, tending
from journal.models import Stream
from journal.ring import whisper
from tests import make

from . import cast


def test_entries_arrive_in_order_without_gaps(hall):
    page = hall.page()
    assert page.ask(do="follow", stream="open-1", after=0)["ok"] == {"stream": "open-1", "epoch": "", "head": 0}
    cast.entries("open-1", 30)
    page.until(lambda frame: frame.get("seq") == 30)
    assert page.seqs("open-1") == list(range(1, 31))
    assert page.pushed[0]["data"] == {"text": "number 0"}


def test_it_starts_after_the_number_it_names(hall):
    cast.entries("open-1", 5)
    page = hall.page()
    assert page.ask(do="follow", stream="open-1", after=3)["ok"]["head"] == 5
    page.until(lambda frame: frame.get("seq") == 5)
    assert page.seqs("open-1") == [4, 5]


def test_without_a_number_it_starts_from_now(hall):
    cast.entries("open-1", 5)
    page = hall.page()
    page.ask(do="follow", stream="open-1")
    cast.entries("open-1", 1)
    assert page.until(lambda frame: "seq" in frame)["seq"] == 6


def test_a_dropped_connection_goes_on_where_it_was(hall):
    first = hall.page()
    epoch = first.ask(do="follow", stream="open-1", after=0)["ok"]["epoch"]
    cast.entries("open-1", 3)
    first.until(lambda frame: frame.get("seq") == 3)
    first.socket.close()
    cast.entries("open-1", 4)
    second = hall.page()
    assert second.ask(do="follow", stream="open-1", after=3, epoch=epoch)["ok"]["head"] == 7
    second.until(lambda frame: frame.get("seq") == 7)
    assert second.seqs("open-1") == [4, 5, 6, 7]


def test_entries_rung_in_the_same_turn_leave_as_one_frame(hall):
    page = hall.page()
    page.ask(do="follow", stream="open-1", after=0)
    page.ask(do="ping")
    [running] = [one for one in tending._hubs.values() if "open-1" in one.streams]
    # Together, so that the hub's own look finds none of them before they are rung.
    with transaction.atomic():
        for _ in range(5):
            cast.silent_entry("open-1")
        rung = [("open-1", one["seq"], orjson.dumps(one)) for one in queries.entries_after("open-1", 0)]
    running.loop.call_soon_threadsafe(running.rung_together, rung)
    page.until(lambda frame: frame.get("seq") == 5)
    assert [len(frame) for frame in page.frames if isinstance(frame, list)] == [5]


def test_an_entry_that_is_rung_and_read_in_the_same_turn_leaves_once(hall):
    page = hall.page()
    page.ask(do="follow", stream="open-1", after=0)
    [running] = [one for one in tending._hubs.values() if "open-1" in one.streams]
    with transaction.atomic():
        for _ in range(2):
            cast.silent_entry("open-1")
        first, second = [("open-1", one["seq"], orjson.dumps(one)) for one in queries.entries_after("open-1", 0)]

    def both():
        running.rung(*first)
        running._advance(running.streams["open-1"], 1, [first[2]])

    running.loop.call_soon_threadsafe(both)
    page.until(lambda frame: frame.get("seq") == 1)
    running.loop.call_soon_threadsafe(running.rung, *second)
    # It may have come in one frame with the first, if the page that follows a new follower was read so late.
    if page.seqs("open-1") == [1]:
        page.until(lambda frame: frame.get("seq") == 2)
    assert page.seqs("open-1") == [1, 2]


def test_every_follower_gets_the_same_and_a_stranger_nothing(hall):
    pages = [hall.page() for _ in range(5)]
    for page in pages:
        page.ask(do="follow", stream="open-1", after=0)
    other = hall.page()
    other.ask(do="follow", stream="open-2", after=0)
    cast.entries("open-1", 10)
    for page in pages:
        page.until(lambda frame: frame.get("seq") == 10)
    assert all(page.pushed == pages[0].pushed for page in pages)
    assert other.ask(do="ping")["ok"] == {}
    assert not other.pushed


def test_unfollowing_ends_the_pushes(hall):
    page = hall.page()
    page.ask(do="follow", stream="open-1", after=0)
    page.ask(do="unfollow", stream="open-1")
    cast.entries("open-1", 2)
    page.ask(do="ping")
    assert not page.pushed


def test_a_lost_ring_heals_by_comparing_with_the_database(hall):
    page = hall.page()
    page.ask(do="follow", stream="open-1", after=0)
    cast.entries("open-1", 1)
    cast.silent_entry("open-1")
    assert page.until(lambda frame: frame.get("seq") == 2)["data"] == {"text": "unheard"}


def test_heads_say_how_far_streams_have_come(hall, monkeypatch):
    monkeypatch.setattr(tending, "HEADS_EVERY", 0.5)
    cast.entries("open-1", 3)
    page = hall.page()
    page.ask(do="follow", stream="open-1")
    assert page.until(lambda frame: "head" in frame and "ref" not in frame)["head"] == {"open-1": 3}


@pytest.mark.parametrize("cursor", [{"after": 9}, {"after": 1, "epoch": "0" * 32}])
def test_a_cursor_that_does_not_fit_gets_a_reset(hall, cursor):
    cast.entries("open-1", 3)
    page = hall.page()
    answer = page.ask(do="follow", stream="open-1", **cursor)["ok"]
    assert answer["reset"] is True
    assert answer["head"] == 3
    assert page.until(lambda frame: "reset" in frame)["reset"] == "open-1"


def test_a_cursor_older_than_what_is_kept_gets_a_reset(hall):
    cast.entries("open-1", 5)
    actions.prune("open-1", up_to=3)
    page = hall.page()
    assert "reset" in page.ask(do="follow", stream="open-1", after=2)["ok"]
    assert "reset" not in page.ask(do="follow", stream="open-1", after=3)["ok"]


def test_a_restore_resets_open_pages(hall):
    cast.entries("open-1", 3)
    page = hall.page()
    page.ask(do="follow", stream="open-1", after=3)
    actions.renew_epochs()
    cast.silent_entry("open-1")
    assert page.until(lambda frame: "reset" in frame)["reset"] == "open-1"


def test_a_backlog_comes_in_pages_as_the_client_confirms(hall):
    with transaction.atomic():
        for _ in range(700):
            actions.append("open-1", "message.said", {})
    page = hall.page()
    page.ask(do="follow", stream="open-1", after=0)
    for seq in range(100, 701, 100):
        page.until(lambda frame, seq=seq: frame.get("seq") == seq)
        page.send(do="got", n=len(page.pushed))
    assert page.seqs("open-1") == list(range(1, 701))


def test_a_reader_who_confirms_nothing_is_stopped_and_closed(hall, monkeypatch):
    monkeypatch.setattr("journal.sockets.DEADLINE", 1.0)
    with transaction.atomic():
        for _ in range(700):
            actions.append("open-1", "message.said", {})
    slow, quick = hall.page(), hall.page()
    slow.ask(do="follow", stream="open-1", after=0)
    quick.ask(do="follow", stream="open-1", after=700)
    slow.until(lambda frame: frame.get("seq") == 300)
    cast.entries("open-1", 1)
    # Nobody waits for the slow one.
    quick.until(lambda frame: frame.get("seq") == 701)
    assert slow.closed_with() == 4408
    assert slow.seqs("open-1") == list(range(1, 301))


# Rights


def official(name="olga"):
    person = make.official(name)
    return person, cast.session_of(person)


def test_no_right_looks_like_absence(hall):
    person, session = official()
    _other, other_session = official("piet")
    stranger, mine = hall.page(other_session), hall.page(session)
    denied = stranger.ask(do="follow", stream=f"mine-{person.pk}", after=0)["error"]
    for stream in ("mine-999", "nothing-1", "mine-x", f"mine-{2**70}"):
        assert stranger.ask(do="follow", stream=stream, after=0)["error"] == denied
    assert "ok" in mine.ask(do="follow", stream=f"mine-{person.pk}", after=0)


def test_the_end_of_a_post_ends_what_it_opened_within_two_seconds(hall):
    person, session = official()
    page = hall.page(session)
    page.ask(do="follow", stream=f"mine-{person.pk}", after=0)
    people.end_post(post_id=Post.objects.get(person=person).pk)
    assert page.until(lambda frame: "gone" in frame, seconds=2)["gone"] == f"mine-{person.pk}"
    cast.entries(f"mine-{person.pk}", 1)
    page.ask(do="ping")
    assert not page.pushed


def test_a_post_that_runs_out_by_itself_does_too(hall):
    person, session = official()
    Post.objects.filter(person=person).update(until=timezone.now() + timedelta(seconds=1))
    page = hall.page(session)
    page.ask(do="follow", stream=f"mine-{person.pk}", after=0)
    assert page.until(lambda frame: "gone" in frame, seconds=4)


@pytest.mark.parametrize(
    "ending",
    [
        lambda person: people.change_password(person_id=person.pk, password="another-battery-staple"),
        lambda person: people.set_active(person_id=person.pk, active=False),
        lambda person: people.sign_out_everywhere(person_id=person.pk),
    ],
    ids=["password", "closed", "everywhere"],
)
def test_a_session_that_ended_closes_its_sockets_within_two_seconds(hall, ending):
    person, session = official()
    page, again = hall.page(session), hall.page(session)
    page.ask(do="follow", stream=f"mine-{person.pk}", after=0)
    ending(person)
    assert page.closed_with(seconds=2) == again.closed_with(seconds=2) == 4401


def test_signing_out_closes_the_sockets_of_that_session_only(hall, client):
    person = make.official()
    client.force_login(person, backend="accounts.backends.PersonBackend")
    page, other = hall.page(client.session.session_key), hall.page(cast.session_of(person))
    page.ask(do="ping")
    other.ask(do="ping")
    client.post("/sign-out/")
    assert page.closed_with(seconds=2) == 4401
    assert other.ask(do="ping")["ok"] == {}


def test_a_retraction_written_by_another_process_is_heard(hall):
    from journal.models import Retraction

    person, session = official()
    page = hall.page(session)
    page.ask(do="follow", stream=f"mine-{person.pk}", after=0)
    Post.objects.filter(person=person).update(until=timezone.now())
    Retraction.objects.create(target=f"mine-{person.pk}", at=timezone.now())
    assert page.until(lambda frame: "gone" in frame, seconds=2.5)


# At the door


@pytest.mark.parametrize(
    "origin",
    [
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:1",
        "http://evil.example:{port}",
        "null",
        "http://127.0.0.1",
        "x:y:z",
    ],
)
def test_a_page_of_another_origin_is_refused(hall, origin):
    with pytest.raises(InvalidStatus) as refused:
        hall.page(origin=origin.format(port=hall.port))
    assert refused.value.response.status_code in (400, 403)


def test_without_a_database_a_socket_is_turned_away_at_once(hall, monkeypatch):
    def lost(scope):
        raise OperationalError

    monkeypatch.setattr(consumer, "_who", lost)
    with pytest.raises(InvalidStatus) as refused:
        hall.page()
    # 500 is what daphne says, a second later, of an application that failed.
    assert refused.value.response.status_code == 403


def test_an_address_of_another_host_is_refused(hall):
    with pytest.raises(InvalidStatus):
        hall.page(origin="http://evil.example", host_header="evil.example")


def test_a_ticket_opens_one_socket(hall, client):
    person = make.official()
    client.force_login(person, backend="accounts.backends.PersonBackend")
    answer = client.post("/api/v1/ticket")
    assert answer.status_code == 201
    ticket = answer.json()["ticket"]
    page = hall.page(query=f"?ticket={ticket}")
    assert "ok" in page.ask(do="follow", stream=f"mine-{person.pk}", after=0)
    assert hall.page(query=f"?ticket={ticket}").closed_with() == 4401
    assert hall.page(query="?ticket=forged").closed_with() == 4401


def test_the_sixth_socket_of_a_person_is_sent_away(hall):
    person, session = official()
    pages = [hall.page(session) for _ in range(5)]
    assert all("ok" in page.ask(do="ping") for page in pages)
    assert hall.page(cast.session_of(person)).closed_with() == 4429
    pages[0].socket.close()
    time.sleep(0.3)
    assert "ok" in hall.page(session).ask(do="ping")


def test_an_address_has_its_limit_too(hall, settings):
    settings.SOCKETS_PER_ADDRESS = 3
    pages = [hall.page() for _ in range(3)]
    assert all("ok" in page.ask(do="ping") for page in pages)
    assert hall.page().closed_with() == 4429


# What may be lost


def test_typing_is_shown_to_the_others_and_kept_nowhere(hall):
    writer, reader = hall.page(cast.session_of(make.person("wang"))), hall.page()
    assert writer.ask(do="typing", stream="open-1")["error"]["code"] == "not_found"
    for page in (writer, reader):
        page.ask(do="follow", stream="open-1", after=0)
    writer.send(do="typing", stream="open-1")
    shown = reader.until(lambda frame: "typing" in frame)["typing"]
    assert shown["by"]["key"].startswith("person-")
    whisper("open-1", "presence", {"who": "x"})
    assert reader.until(lambda frame: "presence" in frame)["presence"] == {"stream": "open-1", "who": "x"}
    assert not Stream.objects.exists()


def test_streams_that_nobody_follows_are_forgotten(hall):
    page = hall.page()
    page.ask(do="follow", stream="open-77", after=0)
    [running] = [one for one in tending._hubs.values() if "open-77" in one.streams]
    page.socket.close()
    end = time.monotonic() + 3
    while "open-77" in running.streams and time.monotonic() < end:
        time.sleep(0.02)
    assert "open-77" not in running.streams
