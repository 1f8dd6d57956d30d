"""Many plain messages in one commit: the same entries as one by one, and everything else left to the long way."""

import pytest
from django.db import connection

from accounts.rules import NotYours
from journal import voices
from journal.models import Entry
from messaging import actions
from messaging.models import Talk
from tests.messaging import cast

pytestmark = pytest.mark.django_db(transaction=True)


def saying(talk, viewer, key, text="Good morning."):
    asked = {"stream": talk.stream_name, "key": key, "text": text}
    return voices.saying_of(viewer, "127.0.0.1", asked)


def shown(talk):
    return [(e.kind, e.sender, e.by_id, e.key, e.digest, e.data) for e in cast.entries(talk.stream_name)]


@pytest.fixture
def dora():
    return cast.on_duty(at=cast.desk(limit=9))


def pair(name, dora):
    viewer = cast.visitor(name)
    return viewer, cast.open_talk(by=viewer, holder=dora)


def test_it_writes_what_say_writes(dora):
    alone, first = pair("anna", dora)
    _anna, second = pair("anna", dora)
    words = [(alone, "key-00001", "Hello?"), (dora, "key-00002", "我在。"), (alone, "key-00003", "Thanks!")]
    for viewer, key, text in words:
        actions.say(viewer=viewer, key=first.number, client_key=key, text=text)
    results = voices.store([saying(second, viewer, key, text) for viewer, key, text in words])
    assert shown(first)[-3:] == shown(second)[-3:]
    head = len(shown(second))
    assert [seq for seq, _at in results] == [head - 2, head - 1, head]
    assert Talk.objects.get(pk=second.pk).first_reply_at == results[1][1]


def test_a_hundred_messages_cost_no_more_statements_than_two(dora, django_assert_num_queries):
    anna, talk = pair("anna", dora)
    actions.say(viewer=dora, key=talk.number, client_key="key-first", text="Hello.")
    for count in (2, 20):
        sayings = [saying(talk, (anna, dora)[number % 2], f"key-{count}-{number:05}") for number in range(count)]
        # Begin, the talks, the streams' heads, the entries (and on SQLite the last one's id), commit.
        with django_assert_num_queries(5 + (connection.vendor == "sqlite")):
            assert len({seq for seq, _at in voices.store(sayings)}) == count
    assert len(cast.kinds(talk.stream_name)) == Entry.objects.filter(stream__name=talk.stream_name).last().seq


def test_each_is_answered_as_if_alone_and_nobodys_order_changes(dora):
    anna, talk = pair("anna", dora)
    _ben, other = pair("ben", dora)
    voices.store([saying(talk, anna, "key-00001", "one")])
    results = voices.store([
        saying(talk, anna, "key-00001", "one"),
        saying(talk, anna, "key-00002", "two"),
        saying(talk, anna, "key-00001", "something else"),
        saying(other, anna, "key-00003", "not mine"),
        saying(other, dora, "key-00004", "mine"),
        saying(talk, anna, "key-00005", " "),
        saying(talk, anna, "key-00006", "three"),
    ])  # fmt: skip
    assert results[0] == voices.store([saying(talk, anna, "key-00001", "one")])[0]
    assert results[2].code == "other_body"
    assert isinstance(results[3], NotYours)
    assert results[4][0] > 0
    assert results[5].code == "too_short"
    said = [e.data["text"] for e in cast.entries(talk.stream_name) if e.kind == "message.said"]
    assert said[-3:] == ["one", "two", "three"]


def test_a_mistake_of_a_room_costs_no_message(dora, settings):
    settings.JOURNAL_CHOIRS = {"talk": "tests.messaging.test_say_together.broken_choir"}
    anna, talk = pair("anna", dora)
    results = voices.store([saying(talk, anna, f"key-{number:05}") for number in range(3)])
    assert len({seq for seq, _at in results}) == 3
    assert cast.kinds(talk.stream_name).count("message.said") >= 3


def broken_choir(sayings):
    actions.say_together(sayings)
    raise RuntimeError("after the commit, even")
