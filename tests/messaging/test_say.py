"""Saying something, once."""

import uuid

import pytest

from accounts.models import Post
from accounts.rules import BadInput, Conflict, NotFound, WrongStatus
from accounts.viewers import Viewer, person_viewer
from messaging import actions
from messaging.models import Talk
from tests.messaging import cast

pytestmark = pytest.mark.django_db


def say(viewer, talk, text="Good morning", key=None):
    return actions.say(viewer=viewer, key=talk.number, client_key=key or uuid.uuid4().hex, text=text)


def test_both_sides_are_heard_in_one_order():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    first, _at = say(cast.visitor(), talk, "one")
    second, _at = say(dora, talk, "two")
    assert second == first + 1
    assert [entry.data["text"] for entry in cast.entries(talk.stream_name)[-2:]] == ["one", "two"]


def test_the_same_key_gives_the_same_answer():
    talk = cast.talk()
    key = uuid.uuid4().hex
    assert say(cast.visitor(), talk, "hello", key) == say(cast.visitor(), talk, "hello", key)
    assert cast.kinds(talk.stream_name).count("message.said") == 2


def test_the_same_key_with_other_words_is_a_conflict():
    talk = cast.talk()
    key = uuid.uuid4().hex
    say(cast.visitor(), talk, "hello", key)
    with pytest.raises(Conflict):
        say(cast.visitor(), talk, "goodbye", key)


def test_a_repeat_is_answered_even_after_the_end():
    talk = cast.open_talk()
    key = uuid.uuid4().hex
    acked = say(cast.visitor(), talk, "thanks", key)
    actions.end_talk(talk_id=talk.pk, by=cast.visitor())
    assert say(cast.visitor(), talk, "thanks", key) == acked
    with pytest.raises(WrongStatus):
        say(cast.visitor(), talk, "one more thing")


def test_both_sides_may_use_the_same_key():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    key = uuid.uuid4().hex
    assert say(cast.visitor(), talk, "hello", key)[0] != say(dora, talk, "hello", key)[0]


def test_an_opener_who_signs_in_keeps_one_voice():
    talk = cast.talk(by=cast.visitor("before"))
    key = uuid.uuid4().hex
    acked = say(cast.visitor("before"), talk, "hello", key)
    wang = cast.citizen("wang")
    signed_in = Viewer(wang.person, grants=frozenset({talk.stream_name}), visitor="before")
    assert say(signed_in, talk, "hello", key) == acked


def test_a_waiting_opener_may_already_write():
    talk = cast.talk()
    assert say(cast.visitor(), talk)[0] == 3


def test_nobody_else_is_heard():
    talk = cast.open_talk()
    for stranger in (cast.visitor("other"), cast.citizen("chen"), cast.on_duty("emil"), cast.visitor("")):
        with pytest.raises(NotFound):
            say(stranger, talk)


def test_an_officer_is_silent_before_taking_and_after_handing_back():
    dora = cast.on_duty()
    talk = cast.talk()
    with pytest.raises(NotFound):
        say(dora, talk)
    actions.take_talk(talk_id=talk.pk, by=dora)
    say(dora, talk)
    actions.hand_back(talk_id=talk.pk, by=dora)
    with pytest.raises(NotFound):
        say(dora, talk)


def test_an_officer_whose_post_has_ended_is_silent():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    Post.objects.filter(person=dora.person).delete()
    with pytest.raises(NotFound):
        say(person_viewer(dora.person), talk)


def test_the_first_human_reply_is_the_first_response():
    dora = cast.on_duty()
    talk = cast.open_talk(holder=dora)
    say(cast.visitor(), talk, "anybody there?")
    assert Talk.objects.get(pk=talk.pk).first_reply_at is None
    _seq, at = say(dora, talk, "yes")
    say(dora, talk, "how can I help?")
    assert Talk.objects.get(pk=talk.pk).first_reply_at == at


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001, "x" * 400_000, "\0", "\ud800", None, 5, ["a"]])
def test_it_refuses_words_that_cannot_be_kept(text):
    talk = cast.talk()
    with pytest.raises(BadInput):
        say(cast.visitor(), talk, text)
    assert len(cast.entries(talk.stream_name)) == 2


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with space", "\0" * 9, None, 7])
def test_it_refuses_a_key_that_is_none(key):
    talk = cast.talk()
    with pytest.raises(BadInput):
        actions.say(viewer=cast.visitor(), key=talk.number, client_key=key, text="hello")


def test_a_talk_that_is_not_there_looks_like_one_that_is_not_yours():
    talk = cast.talk()
    with pytest.raises(NotFound) as absent:
        actions.say(viewer=cast.visitor(), key="NOSUCHTALK00", client_key=uuid.uuid4().hex, text="x")
    with pytest.raises(NotFound) as foreign:
        say(cast.visitor("other"), talk)
    assert str(absent.value) == str(foreign.value)


class TestReading:
    def test_it_is_an_entry_that_the_other_side_sees(self):
        dora = cast.on_duty()
        talk = cast.open_talk(holder=dora)
        assert actions.mark_read(viewer=dora, key=talk.number, seq=3) == 2
        last = cast.entries(talk.stream_name)[-1]
        assert (last.kind, last.data) == ("talk.read", {"side": "officer", "seq": 2})

    def test_it_never_moves_back_and_repeats_write_nothing(self):
        dora = cast.on_duty()
        talk = cast.open_talk(holder=dora)
        actions.mark_read(viewer=dora, key=talk.number, seq=9)
        before = len(cast.entries(talk.stream_name))
        assert actions.mark_read(viewer=dora, key=talk.number, seq=1) == 2
        assert actions.mark_read(viewer=dora, key=talk.number, seq=9) == 2
        assert len(cast.entries(talk.stream_name)) == before

    def test_ones_own_words_need_no_reading(self):
        talk = cast.talk()
        assert actions.mark_read(viewer=cast.visitor(), key=talk.number, seq=2) == 0

    def test_nobody_else_reads(self):
        talk = cast.talk()
        with pytest.raises(NotFound):
            actions.mark_read(viewer=cast.on_duty(), key=talk.number, seq=2)

    @pytest.mark.parametrize("seq", [-1, 2**70, True, "1", None])
    def test_it_refuses_a_number_that_is_none(self, seq):
        talk = cast.talk()
        with pytest.raises(BadInput):
            actions.mark_read(viewer=cast.visitor(), key=talk.number, seq=seq)
